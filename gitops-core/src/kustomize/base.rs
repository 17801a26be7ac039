//! Accumulated bases, to be used again by renders that find the same files.
//!
//! What accumulating a directory leaves behind in a session is written down, and put into another session as if the
//! work had been done there: resources, configuration, vars, warnings, reads, and the tables of provenance, whose
//! indexes are shifted to where the other session stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

use super::LoadRestrictions;
use super::accumulate::{self, Accumulator, MAX_DEPTH};
use super::cache::Cache;
use super::configuration::Configuration;
use super::effort::{self, Share};
use super::error::RenderError;
use super::files::ParsedFile;
use super::helm;
use super::kustomization::KustomizationKind;
use super::metadata::Source;
use super::reads::Reads;
use super::remote;
use super::resource::Resource;
use super::resource_set::ResourceSet;
use super::session::{Session, Target};
use super::vars::Var;
use crate::diagnostic::{Diagnostic, Location};
use crate::kind::{BuiltIn, Schemas};
use crate::provenance::{DroppedObject, NodeOrigin, Place, Record, Removal};
use crate::tree::TreePath;
use crate::yaml::{Entry, Mapping, Node, Origin, Value};

/// What decides about an accumulation beside the files that it reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BaseKey {
    directory: TreePath,
    load_restrictions: LoadRestrictions,
    /// How the way to the directory is spelt, where `buildMetadata` shows it.
    origin: Option<Source>,
    /// The namespace that its Helm charts get from those that include it.
    chart_namespace: Option<SmolStr>,
    built_in_schemas: BuiltIn,
}

/// What accumulating a directory leaves behind. Indexes count in the tables of the session that did it.
#[derive(Debug)]
pub(crate) struct Base {
    resources: Vec<Resource>,
    configuration: Option<Arc<Configuration>>,
    vars: Vec<Var>,
    warnings: Vec<Diagnostic>,
    reads: Reads,
    /// The files that were asked for, in the order of the first time.
    files: Vec<(u32, ParsedFile)>,
    /// The index of the first of the records.
    first: usize,
    records: Vec<Record>,
    /// The bytes of the texts that they have written.
    written: usize,
    /// The objects that were dropped.
    dropped: Vec<DroppedObject>,
    share: Share,
    /// How much deeper than itself it includes others.
    depth: usize,
    /// The schemas that it has chosen.
    schemas: Option<Schemas>,
    built_in_schemas: BuiltIn,
    schemas_are_chosen: bool,
}

/// Accumulates the kustomization in `directory`, or takes what is known of it.
pub(crate) fn accumulate(
    session: &mut Session<'_>,
    directory: &TreePath,
    at: &Location,
    parent: Option<(&Target<'_>, &str)>,
) -> Result<Accumulator, RenderError> {
    let whole = |session: &mut Session<'_>| {
        let target = accumulate::load(session, directory, at, parent)?;
        accumulate::refuse_other_kinds(&target, KustomizationKind::Kustomization, at)?;
        accumulate::accumulate(session, &target, Accumulator::default())
    };
    // Schemas of an openapi document are part of no key, and neither are the entries that lead to a repository; what
    // the entries of a base did is not written down.
    let may_reuse =
        !session.schemas_are_chosen && !session.effects.is_on() && remote::mount_of(directory).is_none();
    let Some(cache) = session.files.parsed.cache().filter(|_| may_reuse) else {
        return whole(session);
    };
    let key = BaseKey {
        directory: directory.clone(),
        load_restrictions: session.files.load_restrictions(),
        origin: parent.filter(|_| session.tracks).map(|(parent, entry)| parent.origin.append(entry)),
        chart_namespace: inherited_namespace(session, parent.map(|(parent, _)| parent)),
        built_in_schemas: session.built_in_schemas,
    };
    let parent = parent.map(|(parent, _)| parent);
    if let Some(known) = find(session, cache, &key, parent) {
        return Ok(known.put_into(session, depth_of(parent)));
    }
    let mark = Mark::set(session, depth_of(parent));
    let result = whole(session);
    if let Some(base) = mark.take(session, result.as_ref().ok()) {
        session.learned.insert(key, Arc::new(base));
    }
    result
}

/// The namespace that charts get from `parent`, where charts are rendered.
fn inherited_namespace(session: &Session<'_>, parent: Option<&Target<'_>>) -> Option<SmolStr> {
    session.files.helm().and_then(|_| helm::namespace_of(parent?)).map(|namespace| namespace.value)
}

/// A base under `key` that fits the tree and the session, the effort for it being counted.
fn find(
    session: &mut Session<'_>,
    cache: &Cache,
    key: &BaseKey,
    parent: Option<&Target<'_>>,
) -> Option<Arc<Base>> {
    let known = session.learned.get(key).into_iter().chain(cache.bases(key));
    let fits = |base: &&Arc<Base>| {
        base.reads.hold_in(session.files.tree(), session.files.completeness())
            && base.leaves_room_for(parent)
            && !effort::would_make_too_much(&session.files.provenance, base.records.len(), base.written)
    };
    let found = known.into_iter().find(fits).cloned()?;
    // Where it is too much, the work itself says what is.
    session.effort.take_share(&found.share).then_some(found)
}

/// How many kustomizations include what `parent` includes.
fn depth_of(parent: Option<&Target<'_>>) -> usize {
    std::iter::successors(parent, |target| target.parent).count()
}

/// Where a session stood when an accumulation began.
struct Mark {
    reads: Reads,
    asked: usize,
    first: usize,
    written: usize,
    dropped: usize,
    warnings: usize,
    effort: (usize, Share),
    deepest: usize,
    depth: usize,
}

impl Mark {
    fn set(session: &mut Session<'_>, depth: usize) -> Self {
        Self {
            reads: std::mem::take(&mut session.files.reads),
            asked: session.files.asked.len(),
            first: session.files.provenance.len(),
            written: session.files.provenance.written(),
            dropped: session.files.provenance.dropped().len(),
            warnings: session.warnings.len(),
            effort: session.effort.mark(),
            deepest: std::mem::replace(&mut session.deepest, depth),
            depth,
        }
    }

    /// What was left behind since, if the accumulation was a success.
    fn take(mut self, session: &mut Session<'_>, done: Option<&Accumulator>) -> Option<Base> {
        let reads = std::mem::take(&mut session.files.reads);
        self.reads.extend(&reads);
        session.files.reads = self.reads;
        let depth = session.deepest.saturating_sub(self.depth);
        session.deepest = session.deepest.max(self.deepest);
        let accumulator = done?;
        let mut files: Vec<(u32, ParsedFile)> = vec![];
        let mut seen = BTreeSet::new();
        for index in session.files.asked.get(self.asked..).unwrap_or_default() {
            if seen.insert(*index) {
                files.push((*index, session.files.parsed.get(*index)?.clone()));
            }
        }
        Some(Base {
            resources: accumulator.set.resources().to_vec(),
            configuration: accumulator.configuration.clone(),
            vars: accumulator.vars.clone(),
            warnings: session.warnings.get(self.warnings..).unwrap_or_default().to_vec(),
            reads,
            files,
            first: self.first,
            records: session.files.provenance.records_from(self.first).to_vec(),
            written: session.files.provenance.written().saturating_sub(self.written),
            dropped: session.files.provenance.dropped().get(self.dropped..).unwrap_or_default().to_vec(),
            share: session.effort.since(&self.effort),
            depth,
            schemas: session.schemas_are_chosen.then(|| session.schemas.clone()),
            built_in_schemas: session.built_in_schemas,
            schemas_are_chosen: session.schemas_are_chosen,
        })
    }
}

impl Base {
    /// Whether it may be included by `parent`: not too deep, and none of what it includes includes it.
    fn leaves_room_for(&self, parent: Option<&Target<'_>>) -> bool {
        let mut ancestors = std::iter::successors(parent, |target| target.parent);
        let is_included = |target: &Target<'_>| {
            self.share.inclusions.iter().any(|directory| target.directory.is_within(directory))
        };
        depth_of(parent) + self.depth <= MAX_DEPTH && !ancestors.any(is_included)
    }

    /// Leaves behind in `session` what the accumulation would.
    fn put_into(&self, session: &mut Session<'_>, depth: usize) -> Accumulator {
        let files: BTreeMap<u32, u32> =
            self.files.iter().map(|(index, file)| (*index, session.files.open(file.clone()).index)).collect();
        let shift = Shift { files, from: self.first, to: session.files.provenance.len() };
        for record in &self.records {
            session.files.provenance.add(shift.record(record));
        }
        session.files.provenance.count_written(self.written);
        for object in &self.dropped {
            session.files.provenance.drop_object(shift.dropped(object));
        }
        session.files.reads.extend(&self.reads);
        session.warnings.extend(self.warnings.iter().cloned());
        session.deepest = session.deepest.max(depth + self.depth);
        if let Some(schemas) = &self.schemas {
            session.schemas.clone_from(schemas);
        }
        session.built_in_schemas = self.built_in_schemas;
        session.schemas_are_chosen = self.schemas_are_chosen;
        let resources = self.resources.iter().map(|resource| shift.resource(resource));
        let mut vars = self.vars.clone();
        for var in &mut vars {
            var.cause = shift.place(var.cause);
        }
        Accumulator {
            set: ResourceSet::of(resources.collect()),
            configuration: self.configuration.clone(),
            vars,
        }
    }
}

/// From the indexes of one session to those of another.
struct Shift {
    files: BTreeMap<u32, u32>,
    /// The index of the first record, there.
    from: usize,
    /// The index of the first record, here.
    to: usize,
}

impl Shift {
    fn file(&self, index: u32) -> u32 {
        self.files.get(&index).copied().unwrap_or(index)
    }

    fn place(&self, place: Place) -> Place {
        Place { file: self.file(place.file), offset: place.offset }
    }

    fn origin(&self, origin: Origin) -> Origin {
        let shifted = origin.as_entry().and_then(|index| index.checked_sub(self.from));
        shifted.map_or(origin, |index| Origin::entry(index + self.to))
    }

    fn record(&self, record: &Record) -> Record {
        Record {
            place: record.place.map(|place| self.place(place)),
            cause: record.cause.map(|place| self.place(place)),
            transformer: record.transformer,
            previous: record.previous.map(|node| self.node_origin(node)),
            source: record.source.map(|node| self.node_origin(node)),
        }
    }

    fn node_origin(&self, node: NodeOrigin) -> NodeOrigin {
        NodeOrigin { origin: self.origin(node.origin), file: self.file(node.file) }
    }

    fn removal(&self, removal: &Removal) -> Removal {
        Removal {
            path: removal.path.clone(),
            node: self.node(&removal.node).unwrap_or_else(|| removal.node.clone()),
            by: self.record(&removal.by),
        }
    }

    fn dropped(&self, object: &DroppedObject) -> DroppedObject {
        DroppedObject {
            key: object.key.clone(),
            former_names: object.former_names.clone(),
            file: self.file(object.file),
            removal: self.removal(&object.removal),
            removals: object.removals.iter().map(|removal| self.removal(removal)).collect(),
        }
    }

    fn resource(&self, resource: &Resource) -> Resource {
        let mut resource = resource.clone();
        resource.place = self.place(resource.place);
        resource.removals = resource.removals.iter().map(|removal| self.removal(removal)).collect();
        if self.from != self.to
            && let Some(root) = self.node(&resource.root)
        {
            resource.root = root;
        }
        resource
    }

    /// The node with its entries shifted; nothing where there is none in or below it, so that it stays shared.
    fn node(&self, node: &Node) -> Option<Node> {
        let value = match &node.value {
            Value::Scalar(_) => None,
            Value::Sequence(items) => self.sequence(items).map(|items| Value::Sequence(Arc::new(items))),
            Value::Mapping(mapping) => self.mapping(mapping).map(|mapping| Value::Mapping(Arc::new(mapping))),
        };
        if value.is_none() && node.origin.as_entry().is_none() {
            return None;
        }
        Some(Node { value: value.unwrap_or_else(|| node.value.clone()), origin: self.origin(node.origin) })
    }

    fn sequence(&self, items: &[Node]) -> Option<Vec<Node>> {
        let shifted: Vec<Option<Node>> = items.iter().map(|item| self.node(item)).collect();
        shifted.iter().any(Option::is_some).then(|| {
            shifted.into_iter().zip(items).map(|(new, old)| new.unwrap_or_else(|| old.clone())).collect()
        })
    }

    fn mapping(&self, mapping: &Mapping) -> Option<Mapping> {
        let entries = mapping.entries();
        let shifted: Vec<Option<Node>> = entries.iter().map(|entry| self.node(&entry.value)).collect();
        let is_shifted =
            |(new, old): (&Option<Node>, &Entry)| new.is_some() || old.key_origin.as_entry().is_some();
        shifted.iter().zip(entries).any(is_shifted).then(|| {
            let entry = |(new, old): (Option<Node>, &Entry)| Entry {
                key: old.key.clone(),
                key_origin: self.origin(old.key_origin),
                value: new.unwrap_or_else(|| old.value.clone()),
            };
            shifted.into_iter().zip(entries).map(entry).collect()
        })
    }
}
