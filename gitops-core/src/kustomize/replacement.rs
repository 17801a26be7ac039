//! `replacements`: copies a value from one field of a resource into fields of others.

pub(super) mod field_path;
mod read;
mod structured;

use smol_str::SmolStr;

use super::decode::{Unknown, type_name};
use super::effort::Supply;
use super::error::RenderError;
use super::faults::Faults;
use super::files::Files;
use super::kustomization::{Gvk, Text};
use super::resource::{Resource, ResourceId};
use super::resource_set::ResourceSet;
use super::session::{Session, Target};
use crate::diagnostic::Location;
use crate::patch::Recorder;
use crate::provenance::Place;
use crate::selector::{AnchoredPattern, LabelSelector};
use crate::yaml::{Limits, Node, Scalar, Value};
use field_path::{Found, PathFault, Shape};

/// One replacement.
#[derive(Debug)]
struct Replacement {
    at: Location,
    cause: Place,
    source: Source,
    targets: Vec<TargetSelector>,
}

/// Where the value comes from.
#[derive(Debug)]
enum Source {
    /// `sourceValue`: the text itself.
    Value(Text),
    /// `source`: a field of a resource.
    Field(SourceSelector),
}

#[derive(Debug)]
struct SourceSelector {
    gvk: Gvk,
    name: SmolStr,
    namespace: SmolStr,
    field_path: SmolStr,
    options: FieldOptions,
}

#[derive(Debug)]
struct TargetSelector {
    place: Place,
    select: Selector,
    reject: Vec<Selector>,
    field_paths: Vec<SmolStr>,
    options: FieldOptions,
}

/// Which resources a target takes, or refuses.
#[derive(Debug)]
struct Selector {
    group: AnchoredPattern,
    version: AnchoredPattern,
    kind: AnchoredPattern,
    name: AnchoredPattern,
    namespace: AnchoredPattern,
    labels: Option<LabelSelector>,
    annotations: Option<LabelSelector>,
}

/// How a part of a field is taken or set.
#[derive(Clone, Debug, Default)]
struct FieldOptions {
    delimiter: SmolStr,
    index: i64,
    create: bool,
}

/// The value to copy, and the file to which its places belong.
struct SourceValue {
    node: Node,
    file: u32,
}

/// Runs the replacements of a kustomization in their order, each on what the ones before left.
pub(crate) fn run(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
) -> Result<(), RenderError> {
    run_entries(session, target, set, (&target.kustomization.transforms.replacements, Unknown::Refused))
}

/// Runs replacements that stand in the file of `target`, of which fields that are not known are refused or not.
pub(crate) fn run_entries(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    (entries, unknown): (&[Node], Unknown),
) -> Result<(), RenderError> {
    if entries.is_empty() {
        return Ok(());
    }
    let replacements = read::read(session, target, (entries, unknown))?;
    let mut faults = Faults::default();
    for replacement in &replacements {
        for selector in &replacement.targets {
            session.effects.entry(target, (selector.place, "replacements"), String::new);
        }
        faults.take(apply(session, replacement, set))?;
    }
    faults.finish()
}

fn apply(
    session: &mut Session<'_>,
    replacement: &Replacement,
    set: &mut ResourceSet,
) -> Result<(), RenderError> {
    let refuse = |PathFault(message)| {
        RenderError::Invalid { at: replacement.at.clone(), message }
            .advise("the source must be one resource with that field; a target needs `options.create` for a new field")
    };
    let value = match &replacement.source {
        Source::Value(text) => SourceValue {
            node: Node::scalar(Scalar::plain(text.value.clone())).with_origin(text.origin),
            file: replacement.cause.file,
        },
        Source::Field(source) => source_value(&session.files, source, set.resources()).map_err(refuse)?,
    };
    let mut supply = session.effort.supply(&value.node);
    for target in &replacement.targets {
        let entry = (target.place, "replacements");
        for resource in set.resources_mut() {
            if !target.takes(resource) {
                continue;
            }
            let before = session.effects.before(Some(resource));
            let mut recorder = Recorder {
                provenance: &mut session.files.provenance,
                patch_file: value.file,
                target_file: resource.place.file,
                cause: Some(replacement.cause),
                transformer: "replacements",
                removals: vec![],
            };
            copy(&mut resource.root, target, (&value.node, &mut supply), &mut recorder).map_err(
                |PathFault(message)| refuse(PathFault(format!("{}: {message}", resource.current_id()))),
            )?;
            resource.settle_twins();
            session.effects.selected(entry, before, Some(resource));
        }
    }
    Ok(())
}

/// The value of a source's field, or the part of it that the options name.
fn source_value(
    files: &Files<'_>,
    source: &SourceSelector,
    resources: &[Resource],
) -> Result<SourceValue, PathFault> {
    let resource = source.select(files, resources)?;
    let path = field_path::split(&source.field_path);
    let missing =
        || PathFault(format!("the source {} has no field `{}`", resource.current_id(), source.field_path));
    let found = field_path::look_up(&resource.root, &path)?.ok_or_else(missing)?;
    let is_empty = found.is_null()
        || found.is_mapping() && found.entries().is_empty()
        || found.is_sequence() && found.items().is_empty();
    if is_empty {
        return Err(missing());
    }
    let mut node = found.clone();
    if !source.options.delimiter.is_empty() {
        let Value::Scalar(scalar) = &node.value else {
            return Err(PathFault(format!("a delimiter needs a scalar at `{}`", source.field_path)));
        };
        let piece = usize::try_from(source.options.index)
            .ok()
            .and_then(|index| scalar.text().split(source.options.delimiter.as_str()).nth(index))
            .ok_or_else(|| {
                let index = source.options.index;
                PathFault(format!("index {index} is outside of the parts of `{}`", source.field_path))
            })?;
        node.value = Value::Scalar(Scalar::tagged(piece, scalar.tag()));
    }
    Ok(SourceValue { node, file: resource.place.file })
}

impl SourceSelector {
    /// The one resource that the source names, by its present identity or a former one.
    fn select<'r>(&self, files: &Files<'_>, resources: &'r [Resource]) -> Result<&'r Resource, PathFault> {
        let mut matching =
            resources.iter().filter(|resource| identities(resource).any(|identity| self.names(&identity)));
        let Some(first) = matching.next() else {
            return Err(PathFault(format!("no resource matches the source {}", self.describe())));
        };
        match matching.next() {
            None => Ok(first),
            Some(second) => Err(PathFault(format!(
                "several resources match the source {}: those at {} and {}",
                self.describe(),
                files.location(first.place),
                files.location(second.place),
            ))),
        }
    }

    fn names(&self, identity: &ResourceId) -> bool {
        let namespace = |text: &SmolStr| if text.is_empty() { "default".into() } else { text.clone() };
        (self.name.is_empty() || self.name == identity.name)
            && (self.namespace.is_empty() || namespace(&self.namespace) == namespace(&identity.namespace))
            && identity.is_selected_by(&self.gvk)
    }

    fn describe(&self) -> String {
        let parts = [&self.gvk.group, &self.gvk.version, &self.gvk.kind, &self.namespace, &self.name];
        let parts: Vec<&str> =
            parts.into_iter().map(SmolStr::as_str).filter(|part| !part.is_empty()).collect();
        format!("`{}`", parts.join("/"))
    }
}

/// What a resource is called now, with its namespace as written, and what it was called before.
fn identities(resource: &Resource) -> impl Iterator<Item = ResourceId> {
    let current = ResourceId { namespace: resource.namespace().into(), ..resource.current_id() };
    std::iter::once(current).chain(resource.previous_ids())
}

impl TargetSelector {
    fn takes(&self, resource: &Resource) -> bool {
        let by_labels = |selector: &Selector| selector.has_label_part() && selector.matches_labels(resource);
        let by_identity = |selector: &Selector| {
            selector.has_identity_part() && identities(resource).any(|identity| selector.matches(&identity))
        };
        self.select.matches_labels(resource)
            && !self.reject.iter().any(by_labels)
            && !self.reject.iter().any(by_identity)
            && identities(resource).any(|identity| self.select.matches(&identity))
    }
}

impl Selector {
    fn matches(&self, identity: &ResourceId) -> bool {
        self.kind.matches(&identity.kind)
            && self.name.matches(&identity.name)
            && self.namespace.matches(&identity.namespace)
            && self.group.matches(&identity.group)
            && self.version.matches(&identity.version)
    }

    fn matches_labels(&self, resource: &Resource) -> bool {
        let holds = |selector: &Option<LabelSelector>, field: &str| {
            let mapping = || resource.root.at(&["metadata", field]);
            selector.as_ref().is_none_or(|selector| selector.matches_mapping(mapping()))
        };
        holds(&self.labels, "labels") && holds(&self.annotations, "annotations")
    }

    fn has_label_part(&self) -> bool {
        self.labels.is_some() || self.annotations.is_some()
    }

    fn has_identity_part(&self) -> bool {
        [&self.group, &self.version, &self.kind, &self.name, &self.namespace]
            .into_iter()
            .any(|pattern| !pattern.is_empty())
    }
}

/// Sets every field of a resource that the target names.
fn copy(
    root: &mut Node,
    target: &TargetSelector,
    (value, supply): (&Node, &mut Supply<'_>),
    recorder: &mut Recorder<'_>,
) -> Result<(), PathFault> {
    let create = target.options.create.then(|| Shape::of(value));
    for field_path in &target.field_paths {
        let path = field_path::split(field_path);
        if path.len() > Limits::DEFAULT.depth {
            return Err(PathFault(format!("a field path has more than {} parts", Limits::DEFAULT.depth)));
        }
        if let Ok(place) = structured::set(root, &path, (value, &mut *supply), create) {
            place.origin = recorder.stamp_copy(value.origin, Some(place.origin));
            continue;
        }
        let mut change = |node: &mut Node, found: Found| {
            take(supply)?;
            set_field(node, found, &target.options, (value, &mut *recorder))
        };
        let count = field_path::visit(root, &path, create, &mut change)
            .map_err(|PathFault(message)| PathFault(format!("`{field_path}`: {message}")))?;
        if count == 0 {
            return Err(PathFault(format!("there is no field `{field_path}`")));
        }
        if create.is_some() {
            recorder.adopt_made(root);
        }
    }
    Ok(())
}

/// Takes one more copy of the value.
fn take(supply: &mut Supply<'_>) -> Result<(), PathFault> {
    supply.take().ok_or_else(|| PathFault("the replacements of this build copy too much".to_owned()))
}

/// The most bytes of a text that a replacement puts together.
const MOST_TEXT: usize = 1 << 20;

/// Sets one field. A scalar keeps its type, so that text can become a number and the other way round.
fn set_field(
    node: &mut Node,
    found: Found,
    options: &FieldOptions,
    (value, recorder): (&Node, &mut Recorder<'_>),
) -> Result<(), PathFault> {
    let made = found == Found::Made;
    let previous = (!made).then_some(node.origin);
    let Value::Scalar(scalar) = &mut node.value else {
        if !options.delimiter.is_empty() {
            return Err(PathFault("a delimiter needs a scalar".to_owned()));
        }
        *node = value.clone();
        recorder.adopt_copy(node, previous);
        return Ok(());
    };
    let text = match value.text().filter(|_| !value.is_null()) {
        text if !options.delimiter.is_empty() => {
            let text = joined(if made { "" } else { scalar.text() }, text.unwrap_or_default(), options);
            if text.len() > MOST_TEXT {
                return Err(PathFault(format!("the field grows to more than {MOST_TEXT} bytes")));
            }
            text
        }
        Some(text) => text.to_owned(),
        None => value.text().unwrap_or_default().to_owned(),
    };
    if made {
        *scalar = Scalar::plain(text);
    } else if found == Found::Lost || structured::fits(scalar.tag(), &text) {
        *scalar = Scalar::tagged(text, scalar.tag()).folded_as(scalar);
    } else {
        // Neither text is shown: one of them may be of a Secret.
        let message = format!("the value does not fit the field, which holds {}", type_name(node));
        return Err(PathFault(message));
    }
    node.origin = recorder.stamp_copy(value.origin, previous);
    Ok(())
}

/// The text with the part at the index replaced: before the first part for a negative index, behind the last
/// one for an index past the end.
fn joined(text: &str, value: &str, options: &FieldOptions) -> String {
    let mut parts: Vec<&str> = text.split(options.delimiter.as_str()).collect();
    match usize::try_from(options.index) {
        Err(_) => parts.insert(0, value),
        Ok(index) => match parts.get_mut(index) {
            Some(part) => *part = value,
            None => parts.push(value),
        },
    }
    parts.join(&options.delimiter)
}
