//! ConfigMap and Secret generators.

mod key_values;

use std::sync::Arc;

use base64::Engine as _;
use smol_str::SmolStr;

use super::error::RenderError;
use super::faults::Faults;
use super::kustomization::{GeneratorArguments, GeneratorKind, GeneratorOptions, Text};
use super::metadata::Tracking;
use super::resource::{Behavior, Resource};
use super::resource_set::ResourceSet;
use super::session::{Session, Stamp, Target};
use super::suggest;
use crate::yaml::{Entry, Node, Scalar, Tag, Value};

/// Base64 in a manifest is broken after so many characters.
const LINE_LENGTH: usize = 70;

/// Runs the generators of `target` and merges what they make into `set`.
pub(crate) fn run(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
) -> Result<(), RenderError> {
    let generators = &target.kustomization.generators;
    let mut faults = Faults::default();
    for arguments in generators.config_maps.iter().chain(&generators.secrets) {
        let options = merge_options(arguments.options.as_ref(), generators.options.as_ref());
        let made = faults.take(generate(session, target, arguments, options.as_ref()))?;
        let Some(mut resource) = made else { continue };
        if session.tracks {
            resource.tracking = Some(Tracking::from(target.source(match arguments.kind {
                GeneratorKind::ConfigMap => "ConfigMapGenerator",
                GeneratorKind::Secret => "SecretGenerator",
            })));
        }
        faults.take(absorb(session, target, set, resource, arguments))?;
    }
    faults.finish()
}

/// Looks for what the generators of `target` read, without making anything.
pub(crate) fn check_files(session: &mut Session<'_>, target: &Target<'_>) -> Result<(), RenderError> {
    let generators = &target.kustomization.generators;
    let mut faults = Faults::default();
    for arguments in generators.config_maps.iter().chain(&generators.secrets) {
        faults.take(key_values::load(session, target, arguments))?;
    }
    faults.finish()
}

/// The options of a generator, completed by those of the kustomization.
fn merge_options(
    own: Option<&GeneratorOptions>,
    shared: Option<&GeneratorOptions>,
) -> Option<GeneratorOptions> {
    let Some(shared) = shared else { return own.cloned() };
    let mut merged = own.cloned().unwrap_or_default();
    let complete = |own: &mut Vec<(SmolStr, Text)>, shared: &[(SmolStr, Text)]| {
        for (key, value) in shared {
            if !own.iter().any(|(known, _)| known == key) {
                own.push((key.clone(), value.clone()));
            }
        }
    };
    complete(&mut merged.labels, &shared.labels);
    complete(&mut merged.annotations, &shared.annotations);
    merged.disable_name_suffix_hash |= shared.disable_name_suffix_hash;
    merged.immutable |= shared.immutable;
    Some(merged)
}

/// Makes one ConfigMap or Secret.
pub(crate) fn generate(
    session: &mut Session<'_>,
    target: &Target<'_>,
    arguments: &GeneratorArguments,
    options: Option<&GeneratorOptions>,
) -> Result<Resource, RenderError> {
    let (kind, field) = match arguments.kind {
        GeneratorKind::ConfigMap => ("ConfigMap", "configMapGenerator"),
        GeneratorKind::Secret => ("Secret", "secretGenerator"),
    };
    if arguments.name.is_empty() {
        let error = target.invalid(arguments.origin, "the generator has no `name`");
        return Err(error.advise("add `name`"));
    }
    let mut metadata = vec![("name", Node::string(arguments.name.value.clone()))];
    if !arguments.namespace.is_empty() {
        metadata.push(("namespace", Node::string(arguments.namespace.value.clone())));
    }
    let mut root = Node::mapping([
        ("apiVersion", Node::string("v1")),
        ("kind", Node::string(kind)),
        ("metadata", Node::mapping(metadata)),
    ]);
    let pairs = key_values::load(session, target, arguments)?;
    match arguments.kind {
        GeneratorKind::ConfigMap => fill_config_map(&mut root, pairs),
        GeneratorKind::Secret => {
            let secret_type =
                if arguments.secret_type.is_empty() { "Opaque" } else { arguments.secret_type.as_str() };
            root.set("type", Node::string(secret_type));
            let data = pairs.into_iter().map(|pair| (pair.key, Node::string(encode_base64(&pair.value))));
            root.set("data", mapping_of(data.collect()));
        }
    }
    if let Some(options) = options {
        set_pairs(&mut root, "labels", &options.labels);
        set_pairs(&mut root, "annotations", &options.annotations);
        if options.immutable {
            root.set("immutable", Node::scalar(Scalar::tagged("true", Tag::Bool)));
        }
    }
    let cause = target.place(arguments.origin);
    let mut stamp =
        Stamp { provenance: &mut session.files.provenance, cause, place: Some(cause), transformer: field };
    let marked = stamp.mark(&mut root, target.file.index);
    marked.map_err(|problem| target.invalid(arguments.origin, problem.to_string()))?;
    let made = root.origin;
    super::manifest::map_origins(&mut root, &mut |_| made);
    let mut resource = Resource::new(root, cause);
    resource.needs_hash = !options.is_some_and(|options| options.disable_name_suffix_hash);
    resource.behavior = match arguments.behavior.as_str() {
        "create" => Behavior::Create,
        "replace" => Behavior::Replace,
        "merge" => Behavior::Merge,
        _ => Behavior::Unspecified,
    };
    Ok(resource)
}

fn fill_config_map(root: &mut Node, pairs: Vec<key_values::KeyValue>) {
    let (mut data, mut binary) = (vec![], vec![]);
    for pair in pairs {
        match String::from_utf8(pair.value) {
            Ok(text) => data.push((pair.key, Node::string(text))),
            Err(error) => binary.push((pair.key, Node::string(encode_base64(error.as_bytes())))),
        }
    }
    if !data.is_empty() {
        root.set("data", mapping_of(data));
    }
    if !binary.is_empty() {
        root.set("binaryData", mapping_of(binary));
    }
}

/// A mapping whose keys are read as if they were written without quotes: `1` makes an integer, as in kustomize.
fn mapping_of(pairs: Vec<(SmolStr, Node)>) -> Node {
    let entries = pairs.into_iter().map(|(key, value)| Entry {
        key: Scalar::plain(key),
        key_origin: value.origin,
        value,
    });
    Node::new(Value::Mapping(Arc::new(entries.collect())))
}

fn set_pairs(root: &mut Node, field: &str, pairs: &[(SmolStr, Text)]) {
    for (key, value) in pairs {
        root.set_at(&["metadata", field, key], Node::string(value.value.clone()));
    }
}

/// Base64, broken into lines where it is long.
fn encode_base64(bytes: &[u8]) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
    if encoded.len() < LINE_LENGTH {
        return encoded;
    }
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / LINE_LENGTH + 1);
    for (at, character) in encoded.chars().enumerate() {
        if at > 0 && at % LINE_LENGTH == 0 {
            lines.push('\n');
        }
        lines.push(character);
    }
    lines.push('\n');
    lines
}

/// Adds a generated resource, or merges it into the one that is there, as its behaviour says.
pub(crate) fn absorb(
    session: &Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    resource: Resource,
    arguments: &GeneratorArguments,
) -> Result<(), RenderError> {
    let id = resource.current_id();
    let at = || target.at(arguments.origin);
    let found = set.find_any(&id);
    let merges = match resource.behavior {
        Behavior::Merge | Behavior::Replace => true,
        Behavior::Unspecified | Behavior::Create => false,
    };
    match (found.as_slice(), merges) {
        ([], true) => {
            let error = RenderError::NoTarget { at: at(), target: id.to_string() };
            Err(suggest::target(error, &id, set.resources()))
        }
        ([], false) => set.append(resource, &session.files),
        ([index], true) => {
            set.modify(*index, |old| replace(old, resource));
            Ok(())
        }
        ([index], false) => Err(RenderError::DuplicateResource {
            at: at(),
            other: set.get(*index).map(|old| session.files.location(old.place)).unwrap_or_default(),
            resource: id.to_string(),
        }),
        (many, _) => Err(RenderError::ManyTargets { at: at(), target: id.to_string(), count: many.len() }),
    }
}

/// Puts `new` in the place of `old`: metadata and, for a merge, data of the old one stay below.
fn replace(old: &mut Resource, mut new: Resource) {
    for field in ["labels", "annotations"] {
        merge_strings(&mut new.root, &old.root, &["metadata", field]);
    }
    new.root.set_at(&["metadata", "name"], Node::string(old.name()));
    if old.namespace().is_empty() {
        if let Some(metadata) = new.root.get_mut("metadata") {
            metadata.remove("namespace");
        }
    } else {
        new.root.set_at(&["metadata", "namespace"], Node::string(old.namespace()));
    }
    if new.behavior == Behavior::Merge {
        merge_strings(&mut new.root, &old.root, &["data"]);
        merge_strings(&mut new.root, &old.root, &["binaryData"]);
    }
    if let (Some(old), Some(new), Behavior::Replace) = (&mut old.tracking, new.tracking, new.behavior) {
        old.origin = new.origin;
    }
    old.needs_hash &= new.needs_hash;
    old.root = new.root;
}

/// Completes the mapping of strings at `path` by the pairs of `below` that it has not.
fn merge_strings(root: &mut Node, below: &Node, path: &[&str]) {
    let Some(old) = below.at(path) else { return };
    let mut merged = root.at(path).cloned().unwrap_or_else(|| Node::mapping::<SmolStr>([]));
    for entry in old.entries() {
        if merged.get(entry.key.text()).is_none() {
            let mut value = entry.value.clone();
            if let Some(scalar) = value.as_scalar().filter(|scalar| scalar.tag() != Tag::Str) {
                value = Node::string(scalar.text()).with_origin(value.origin);
            }
            merged.set(entry.key.shared_text(), value);
        }
    }
    if !merged.entries().is_empty() {
        merged.forget_folding();
        root.set_at(path, merged);
    }
}
