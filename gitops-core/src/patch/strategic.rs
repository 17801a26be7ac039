//! Strategic merge by the rules of kyaml's `merge2`, as kustomize v5.8.1 applies patches.
//!
//! The whole object is walked, not only what the patch names: a list that merges loses duplicate items, and a
//! field written without a value (`key:`) is dropped, even where the patch says nothing.

mod directive;
mod list;

use smol_str::SmolStr;

use super::{MergeSchemas, PatchError, Recorder};
use crate::kind::{Schema, Schemas};
use crate::object::{FieldPath, Step};
use crate::yaml::{Entry, Mapping, Node, Origin, Value};
use directive::Directive;

/// What became of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was changed in place.
    Merged,
    /// The patch says `$patch: delete`: the object is to be dropped. The target is left as it was.
    Deleted,
}

/// Merges `patch` into `target`. Lists merge where `schemas` say so, with the patch's items first.
///
/// A `$patch: replace` for the whole object does nothing, as in kustomize. Also changes kind, name and namespace if the
/// patch has others; kustomize restores them afterwards, and so must the caller. On an error the target is left as it
/// was.
pub fn strategic_merge<'a>(
    target: &mut Node,
    patch: &Node,
    schemas: impl Into<MergeSchemas<'a>>,
    recorder: Option<&mut Recorder<'_>>,
) -> Result<Outcome, PatchError> {
    let comments = schemas.into();
    let mut merger = Merger { schemas: comments.schemas, comments, recorder, path: vec![] };
    match merger.walk(Sources::Both(target.clone(), patch), None)? {
        Merged::Gone => Ok(Outcome::Deleted),
        Merged::Target(node) => {
            *target = node;
            Ok(Outcome::Merged)
        }
        // Kustomize merges into the object and forgets what the merge would put in its place.
        Merged::Patch(_) => Ok(Outcome::Merged),
    }
}

/// What there is to merge at one place.
enum Sources<'p> {
    /// The patch says nothing here.
    Target(Node),
    /// Both sides say something.
    Both(Node, &'p Node),
    /// The object has nothing here.
    Patch(&'p Node),
    /// A part of the patch that already stands in the object: it is merged with itself, which obeys and drops
    /// its directives and nulls.
    Inserted(Node),
    /// Neither side has anything.
    Neither,
}

/// What stands at a place after the merge.
enum Merged {
    /// Nothing.
    Gone,
    /// The object's own node, changed.
    Target(Node),
    /// A node of the patch in place of the object's.
    Patch(Node),
}

struct Merger<'a, 'm, 'r> {
    schemas: &'a Schemas,
    comments: MergeSchemas<'a>,
    recorder: Option<&'m mut Recorder<'r>>,
    path: Vec<Step>,
}

impl<'a> Merger<'a, '_, '_> {
    fn walk(&mut self, sources: Sources<'_>, schema: Option<Schema<'a>>) -> Result<Merged, PatchError> {
        let schema = schema.or_else(|| self.schema_by_kind(&sources));
        match sources {
            Sources::Neither => Ok(Merged::Gone),
            Sources::Target(node) => self.walk_target(node, schema),
            Sources::Patch(patch) => self.insert(patch, None, schema),
            Sources::Inserted(node) => self.walk_inserted(node, schema),
            Sources::Both(target, patch) => match (&target.value, &patch.value) {
                (Value::Scalar(_), _) if target.is_null() => self.insert(patch, Some(target.origin), schema),
                (_, Value::Scalar(_)) if patch.is_null() => Ok(self.gone(target, patch.origin)),
                (Value::Scalar(old), Value::Scalar(new)) => {
                    let mut node = self.adopt(patch, Some(target.origin));
                    node.value = Value::Scalar(new.clone().in_place_of(old));
                    Ok(Merged::Patch(node))
                }
                (Value::Mapping(_), Value::Mapping(_)) => self.merge_maps(target, patch, schema),
                (Value::Sequence(_), Value::Sequence(_)) => self.merge_lists(target, patch, schema),
                (Value::Scalar(_) | Value::Mapping(_) | Value::Sequence(_), _) => {
                    Err(PatchError::KindMismatch {
                        field: self.field(),
                        expected: shape(&target),
                        found: shape(patch),
                        origin: patch.origin,
                    })
                }
            },
        }
    }

    /// A node without a schema that names its own `apiVersion` and kind is merged by the schema of that kind.
    fn schema_by_kind(&self, sources: &Sources<'_>) -> Option<Schema<'a>> {
        let of = |node: &Node| {
            let api_version = node.get("apiVersion").and_then(Node::text).filter(|text| !text.is_empty())?;
            let kind = node.get("kind").and_then(Node::text).filter(|text| !text.is_empty())?;
            self.schemas.of_kind(api_version, kind)
        };
        match sources {
            Sources::Target(node) | Sources::Inserted(node) => of(node),
            Sources::Patch(patch) => of(patch),
            Sources::Both(target, patch) => of(target).or_else(|| of(patch)),
            Sources::Neither => None,
        }
    }

    /// The object's own node, of which the patch says nothing.
    fn walk_target(&mut self, node: Node, schema: Option<Schema<'a>>) -> Result<Merged, PatchError> {
        match &node.value {
            // `key:` is dropped, `key: null` is kept.
            Value::Scalar(scalar) if scalar.is_blank() => Ok(self.gone(node, Origin::UNKNOWN)),
            Value::Scalar(_) => Ok(Merged::Target(node)),
            Value::Mapping(_)
                if !self.comments.has_target_comments() && list::is_settled(&node, schema, self.schemas) =>
            {
                Ok(Merged::Target(node))
            }
            Value::Mapping(_) => self.merge_fields(node, None, schema).map(Merged::Target),
            Value::Sequence(_) => match schema.filter(|schema| schema.merges()) {
                Some(schema) => self.pair_items(node, None, schema).map(Merged::Target),
                None => Ok(Merged::Target(node)),
            },
        }
    }

    /// Puts `patch` where the object has nothing, or null.
    fn insert(
        &mut self,
        patch: &Node,
        previous: Option<Origin>,
        schema: Option<Schema<'a>>,
    ) -> Result<Merged, PatchError> {
        match &patch.value {
            Value::Scalar(_) if patch.is_null() => Ok(Merged::Gone),
            Value::Scalar(_) => Ok(Merged::Patch(self.adopt(patch, previous))),
            Value::Mapping(_) => {
                let mut node = self.adopt(patch, previous);
                // An unknown directive is refused only where there is something to merge with.
                match directive::of_map(patch) {
                    Ok(Directive::Delete) => return Ok(Merged::Gone),
                    Ok(Directive::Replace | Directive::Merge) => directive::strip_map(&mut node),
                    Ok(Directive::None) | Err(_) => {}
                }
                self.settle_map(node, schema).map(Merged::Patch)
            }
            Value::Sequence(_) => {
                let node = self.adopt(patch, previous);
                self.settle_list(node, schema).map(Merged::Patch)
            }
        }
    }

    fn walk_inserted(&mut self, mut node: Node, schema: Option<Schema<'a>>) -> Result<Merged, PatchError> {
        match &node.value {
            Value::Scalar(_) if node.is_null() => Ok(Merged::Gone),
            Value::Scalar(_) => Ok(Merged::Target(node)),
            Value::Mapping(_) => {
                match self.map_directive(&node)? {
                    Directive::Delete => return Ok(Merged::Gone),
                    Directive::Replace | Directive::Merge => directive::strip_map(&mut node),
                    Directive::None => {}
                }
                self.settle_map(node, schema).map(Merged::Target)
            }
            Value::Sequence(_) => {
                if schema.is_some_and(Schema::merges) {
                    match self.list_directive(&node)? {
                        Directive::Delete => return Ok(Merged::Gone),
                        Directive::Replace | Directive::Merge => directive::strip_list(&mut node),
                        Directive::None => {}
                    }
                }
                self.settle_list(node, schema).map(Merged::Target)
            }
        }
    }

    fn merge_maps(
        &mut self,
        target: Node,
        patch: &Node,
        schema: Option<Schema<'a>>,
    ) -> Result<Merged, PatchError> {
        match self.map_directive(patch)? {
            Directive::None => self.merge_fields(target, Some(patch), schema).map(Merged::Target),
            Directive::Delete => Ok(self.gone(target, directive::origin_of(patch))),
            Directive::Replace => {
                let mut node = self.replace(target, patch);
                directive::strip_map(&mut node);
                self.settle_map(node, schema).map(Merged::Patch)
            }
            Directive::Merge => {
                let mut patch = patch.clone();
                directive::strip_map(&mut patch);
                self.merge_fields(target, Some(&patch), schema).map(Merged::Target)
            }
        }
    }

    fn merge_lists(
        &mut self,
        target: Node,
        patch: &Node,
        schema: Option<Schema<'a>>,
    ) -> Result<Merged, PatchError> {
        let Some(schema) = schema.filter(|schema| schema.merges()) else {
            return Ok(Merged::Patch(self.replace(target, patch)));
        };
        let mut stripped = patch.clone();
        match self.list_directive(patch)? {
            Directive::None => {}
            Directive::Delete => return Ok(self.gone(target, directive::origin_of(patch))),
            Directive::Replace => {
                let mut node = self.replace(target, patch);
                directive::strip_list(&mut node);
                return self.settle_list(node, Some(schema)).map(Merged::Patch);
            }
            Directive::Merge => directive::strip_list(&mut stripped),
        }
        self.pair_items(target, Some(&stripped), schema).map(Merged::Target)
    }

    /// Merges every field of a map: those that the patch names, and the others with nothing.
    fn merge_fields(
        &mut self,
        mut target: Node,
        patch: Option<&Node>,
        schema: Option<Schema<'a>>,
    ) -> Result<Node, PatchError> {
        let Some(mapping) = target.as_mapping_mut() else { return Ok(target) };
        let mut pending = Pending::new(patch);
        let mut merged = Mapping::default();
        for entry in std::mem::take(mapping.entries_mut()) {
            // A duplicate key is refused when the object is printed: its second value is not touched.
            if merged.position(entry.key.text()).is_some() {
                merged.push(entry);
                continue;
            }
            let named = pending.take(entry.key.text());
            let own = (Some(entry.key_origin), named.map(|entry| entry.key_origin));
            let schema = self.field_schema(entry.key.text(), own, schema);
            let sources = match named {
                Some(patch) => Sources::Both(entry.value, &patch.value),
                None => Sources::Target(entry.value),
            };
            if let Some(value) = self.field_value(entry.key.shared_text(), sources, schema)? {
                merged.push(Entry { value, ..entry });
            }
        }
        for entry in pending.rest() {
            let schema = self.field_schema(entry.key.text(), (None, Some(entry.key_origin)), schema);
            let sources = Sources::Patch(&entry.value);
            if let Some(value) = self.field_value(entry.key.shared_text(), sources, schema)? {
                let key_origin = value.origin;
                merged.push(Entry { key: entry.key.clone(), key_origin, value });
            }
        }
        target.value = Value::Mapping(merged.into());
        Ok(target)
    }

    /// The schema of a field: what a comment behind its key says, or what the schema of the object says.
    fn field_schema(
        &self,
        name: &str,
        (target, patch): (Option<Origin>, Option<Origin>),
        schema: Option<Schema<'a>>,
    ) -> Option<Schema<'a>> {
        let commented = self.comments.commented(target, patch).and_then(|node| self.schemas.of_node(node));
        commented.or_else(|| schema.and_then(|schema| schema.field(name)))
    }

    /// The merged value of the field `name`, of which `schema` is the schema; `None` where the field goes.
    fn field_value(
        &mut self,
        name: SmolStr,
        sources: Sources<'_>,
        schema: Option<Schema<'a>>,
    ) -> Result<Option<Node>, PatchError> {
        self.path.push(Step::Key(name));
        let merged = self.walk(sources, schema)?;
        self.path.pop();
        Ok(match merged {
            Merged::Gone => None,
            Merged::Target(node) | Merged::Patch(node) => Some(node),
        })
    }

    /// Obeys the directives inside a map of the patch that now stands in the object.
    fn settle_map(&mut self, mut node: Node, schema: Option<Schema<'a>>) -> Result<Node, PatchError> {
        let Some(mapping) = node.as_mapping_mut() else { return Ok(node) };
        let mut settled = Mapping::default();
        for entry in std::mem::take(mapping.entries_mut()) {
            if settled.position(entry.key.text()).is_some() {
                settled.push(entry);
                continue;
            }
            let schema = self.field_schema(entry.key.text(), (None, None), schema);
            let sources = Sources::Inserted(entry.value);
            if let Some(value) = self.field_value(entry.key.shared_text(), sources, schema)? {
                settled.push(Entry { value, ..entry });
            }
        }
        node.value = Value::Mapping(settled.into());
        Ok(node)
    }

    /// Obeys the directives inside a list of the patch that now stands in the object. Lists that do not merge
    /// are left as they are, nulls and directives included.
    fn settle_list(&mut self, node: Node, schema: Option<Schema<'a>>) -> Result<Node, PatchError> {
        match schema.filter(|schema| schema.merges()) {
            Some(schema) => self.pair_inserted(node, schema),
            None => Ok(node),
        }
    }

    fn map_directive(&self, patch: &Node) -> Result<Directive, PatchError> {
        directive::of_map(patch).map_err(|unknown| self.unknown_directive(unknown, patch))
    }

    fn list_directive(&self, patch: &Node) -> Result<Directive, PatchError> {
        directive::of_list(patch).map_err(|unknown| self.unknown_directive(unknown, patch))
    }

    fn unknown_directive(&self, directive: SmolStr, patch: &Node) -> PatchError {
        PatchError::UnknownDirective {
            field: self.field(),
            directive: directive.into(),
            origin: patch.origin,
        }
    }

    /// A copy of a part of the patch, stamped for its place in the object.
    fn adopt(&mut self, patch: &Node, previous: Option<Origin>) -> Node {
        let mut node = patch.clone();
        if let Some(recorder) = self.recorder.as_deref_mut() {
            recorder.adopt(&mut node, previous);
        }
        node
    }

    /// Part of the patch in the place of a map or list of the object.
    fn replace(&mut self, target: Node, patch: &Node) -> Node {
        let node = self.adopt(patch, Some(target.origin));
        self.gone(target, patch.origin);
        node
    }

    /// What of the object goes because of what is `written` in the patch.
    fn gone(&mut self, target: Node, written: Origin) -> Merged {
        if let Some(recorder) = self.recorder.as_deref_mut() {
            recorder.remove(|| FieldPath::from(self.path.clone()), target, written);
        }
        Merged::Gone
    }

    fn field(&self) -> String {
        FieldPath::from(self.path.clone()).to_string()
    }
}

/// The fields of a patch that are still to be merged. Of a key that is there twice, the first one counts.
struct Pending<'p> {
    patch: Option<&'p Mapping>,
    /// Which of the fields, by position, were taken.
    taken: Vec<bool>,
}

impl<'p> Pending<'p> {
    fn new(patch: Option<&'p Node>) -> Self {
        let patch = patch.and_then(Node::as_mapping);
        Self { patch, taken: vec![false; patch.map_or(0, Mapping::len)] }
    }

    /// The field `name`, once.
    fn take(&mut self, name: &str) -> Option<&'p Entry> {
        let patch = self.patch?;
        let at = patch.position(name)?;
        let taken = self.taken.get_mut(at)?;
        if std::mem::replace(taken, true) { None } else { patch.entries().get(at) }
    }

    /// The fields that were not taken, in order.
    fn rest(self) -> impl Iterator<Item = &'p Entry> {
        let Self { patch, taken } = self;
        let entries = patch.map_or(&[][..], Mapping::entries).iter().enumerate().zip(taken);
        let left = entries.filter(|(_, taken)| !taken).map(|(entry, _)| entry);
        left.filter(move |(at, entry)| {
            patch.is_some_and(|patch| patch.position(entry.key.text()) == Some(*at))
        })
        .map(|(_, entry)| entry)
    }
}

fn shape(node: &Node) -> &'static str {
    match node.value {
        Value::Scalar(_) => "a scalar",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a map",
    }
}

#[cfg(test)]
mod tests;
