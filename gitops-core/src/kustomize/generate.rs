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
use crate::object::FieldPath;
use crate::provenance::{NodeOrigin, Place, Provenance, Record, Removal};
use crate::yaml::{Entry, Node, Origin, Scalar, Tag, Value};
use key_values::KeyValue;

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
    let pairs = key_values::load(session, target, arguments)?;
    let cause = target.place(arguments.origin);
    let mut maker = Maker {
        stamp: Stamp {
            provenance: &mut session.files.provenance,
            cause,
            place: Some(cause),
            transformer: field,
        },
        target,
    };
    let mut metadata = vec![("name", maker.text(&arguments.name))];
    if !arguments.namespace.is_empty() {
        metadata.push(("namespace", maker.text(&arguments.namespace)));
    }
    let mut root = Node::mapping([
        ("apiVersion", Node::string("v1")),
        ("kind", Node::string(kind)),
        ("metadata", Node::mapping(metadata)),
    ]);
    match arguments.kind {
        GeneratorKind::ConfigMap => fill_config_map(&mut root, pairs, &mut maker),
        GeneratorKind::Secret => {
            let secret_type = match arguments.secret_type.as_str() {
                "" => Node::string("Opaque"),
                _ => maker.text(&arguments.secret_type),
            };
            root.set("type", secret_type);
            let data = pairs.into_iter().map(|pair| {
                let value = maker.data(&pair, encode_base64(&pair.value));
                (pair.key, value)
            });
            root.set("data", mapping_of(data.collect()));
        }
    }
    if let Some(options) = options {
        set_pairs(&mut root, "labels", &options.labels, &mut maker);
        set_pairs(&mut root, "annotations", &options.annotations, &mut maker);
        if options.immutable {
            root.set("immutable", Node::scalar(Scalar::tagged("true", Tag::Bool)));
        }
    }
    let marked = maker.stamp.mark_rest(&mut root);
    marked.map_err(|problem| target.invalid(arguments.origin, problem.to_string()))?;
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

/// Makes the nodes of a generated resource, each with the place at which its value was written.
struct Maker<'a> {
    stamp: Stamp<'a>,
    target: &'a Target<'a>,
}

impl Maker<'_> {
    /// A string of the kustomization.
    fn text(&mut self, text: &Text) -> Node {
        self.made(text.as_str(), self.target.place(text.origin), self.stamp.cause)
    }

    /// The value of a key, as `text`.
    fn data(&mut self, pair: &KeyValue, text: impl Into<SmolStr>) -> Node {
        self.made(text, pair.place, pair.entry)
    }

    fn made(&mut self, text: impl Into<SmolStr>, place: Place, cause: Place) -> Node {
        let mut node = Node::string(text);
        let mut stamp =
            Stamp { provenance: &mut *self.stamp.provenance, cause, place: Some(place), ..self.stamp };
        // What is too much is refused once for the whole resource, when the rest of it is marked.
        let _ = stamp.mark(&mut node, place.file);
        node
    }
}

fn fill_config_map(root: &mut Node, pairs: Vec<KeyValue>, maker: &mut Maker<'_>) {
    let (mut data, mut binary) = (vec![], vec![]);
    for pair in pairs {
        match std::str::from_utf8(&pair.value) {
            Ok(text) => data.push((pair.key.clone(), maker.data(&pair, text))),
            Err(_) => binary.push((pair.key.clone(), maker.data(&pair, encode_base64(&pair.value)))),
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

fn set_pairs(root: &mut Node, field: &str, pairs: &[(SmolStr, Text)], maker: &mut Maker<'_>) {
    for (key, value) in pairs {
        root.set_at(&["metadata", field, key], maker.text(value));
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
    session: &mut Session<'_>,
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
            let provenance = &mut session.files.provenance;
            set.modify(*index, |old| replace(old, resource, provenance));
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
fn replace(old: &mut Resource, mut new: Resource, provenance: &mut Provenance) {
    let file = old.place.file;
    let mut merge = |new: &mut Resource, path: &[&str]| {
        merge_strings(&mut new.root, (&old.root, file), path, provenance);
    };
    for field in ["labels", "annotations"] {
        merge(&mut new, &["metadata", field]);
    }
    if new.behavior == Behavior::Merge {
        merge(&mut new, &["data"]);
        merge(&mut new, &["binaryData"]);
    } else {
        note_replaced(old, &new, provenance);
    }
    let kept = |path: &[&str], text: &str| {
        Node::string(text).with_origin(old.root.at(path).map_or(Origin::UNKNOWN, |node| node.origin))
    };
    new.root.set_at(&["metadata", "name"], kept(&["metadata", "name"], old.name()));
    if old.namespace().is_empty() {
        if let Some(metadata) = new.root.get_mut("metadata") {
            metadata.remove("namespace");
        }
    } else {
        new.root.set_at(&["metadata", "namespace"], kept(&["metadata", "namespace"], old.namespace()));
    }
    if let (Some(old), Some(new), Behavior::Replace) = (&mut old.tracking, new.tracking, new.behavior) {
        old.origin = new.origin;
    }
    old.needs_hash &= new.needs_hash;
    old.root = new.root;
}

/// Keeps what of the data of `old` the generator of `new` takes away.
fn note_replaced(old: &mut Resource, new: &Resource, provenance: &Provenance) {
    let Some(by) = provenance.record(new.root.origin).copied() else { return };
    for field in ["data", "binaryData"] {
        let entries = old.root.get(field).map_or(&[][..], Node::entries);
        let gone = entries.iter().filter(|entry| new.root.at(&[field, entry.key.text()]).is_none());
        old.removals.extend(gone.map(|entry| Removal {
            path: FieldPath::of(&[field, entry.key.text()]),
            node: entry.value.clone(),
            by: Record {
                previous: Some(NodeOrigin { origin: entry.value.origin, file: old.place.file }),
                ..by
            },
        }));
    }
}

/// Completes the mapping of strings at `path` by the pairs of `below`, read from `file`, that it has not.
fn merge_strings(root: &mut Node, (below, file): (&Node, u32), path: &[&str], provenance: &mut Provenance) {
    let Some(old) = below.at(path) else { return };
    let mut merged = root.at(path).cloned().unwrap_or_else(|| Node::mapping::<SmolStr>([]));
    for entry in old.entries() {
        if let Some(own) = merged.get_mut(entry.key.text()) {
            let previous = Some(NodeOrigin { origin: entry.value.origin, file });
            if let Some(record) = provenance.record(own.origin).copied() {
                own.origin = provenance.add(Record { previous, ..record });
            }
        } else {
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
