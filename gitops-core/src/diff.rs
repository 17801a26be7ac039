//! What a sync would change in one object: desired against live, field by field.
//!
//! Compares as Argo CD does on the client: three-way where the live object says what was applied before,
//! two-way otherwise, after both sides are brought into the form that the API server writes. Fields that only
//! the cluster has are no difference. Never talks to a cluster, and never shows a Secret's value: the changes
//! of a Secret carry masks.

use smol_str::SmolStr;

use crate::kind::{Schema, Schemas};
use crate::object::{FieldPath, Object, ObjectKey, Step, group_and_version};
use crate::yaml::Node;

mod field;
mod field_set;
mod hash;
mod ignore;
mod jq;
mod known_type;
mod merge;
mod normalize;
mod owner;
mod prediction;
mod secret;
mod server_side;
mod structured;

pub use field::FieldChange;
pub use field_set::FieldSet;
pub use hash::ContentHash;
pub use ignore::IgnoreRules;
pub use normalize::LAST_APPLIED;
pub use owner::{Owner, owners, owners_of};
pub use prediction::{DiffStrategy, Prediction, diff_by};
pub use secret::mask_secret;

/// Why objects cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// A jq expression cannot be read, or uses what this engine's jq does not have.
    #[error("`jqPathExpressions`: `{text}`: {message}")]
    Expression {
        /// The expression.
        text: SmolStr,
        /// What is wrong with it.
        message: String,
    },
    /// The answer of a dry run does not tell what the manager owns, so that nothing can be told from a mutation.
    #[error("the dry run owns no field as manager `{manager}`")]
    NotOwned {
        /// The manager.
        manager: SmolStr,
    },
    /// `knownTypeFields` names a type that is not known.
    #[error("`{name}` is not a known type")]
    UnknownType {
        /// The name.
        name: SmolStr,
    },
}

impl DiffError {
    /// What the user can do about it, if that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotOwned { .. } => Some("run the dry run with the same field manager as the comparison"),
            Self::Expression { .. } | Self::UnknownType { .. } => None,
        }
    }
}

/// How one object differs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObjectDiff {
    /// What a sync would change, and what makes the object out of sync.
    pub changes: Vec<FieldChange>,
    /// What differs too, and is ignored.
    pub ignored: Vec<FieldChange>,
}

impl ObjectDiff {
    /// Whether nothing that counts differs.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// How `live` would change if `desired` were applied.
pub fn diff(desired: &Object, live: &Object, schemas: &Schemas, ignore: &IgnoreRules) -> ObjectDiff {
    let sides = Sides::new(desired, live, schemas);
    let all = sides.changes(schemas);
    if all.is_empty() || !ignore.concerns(&desired.key) {
        return ObjectDiff { changes: sides.masked(all, schemas), ignored: vec![] };
    }
    let mut counted = sides.clone();
    counted.remove_ignored(&desired.key, ignore);
    let changes = counted.changes(schemas);
    let ignored = all.into_iter().filter(|change| !changes.contains(change)).collect();
    ObjectDiff { changes: counted.masked(changes, schemas), ignored: sides.masked(ignored, schemas) }
}

/// The live object as an apply of `desired` would leave it, in normal form.
pub fn predict(desired: &Object, live: &Object, schemas: &Schemas) -> Node {
    Sides::new(desired, live, schemas).predicted(schemas)
}

/// An object in the form in which it is compared, without its ignored fields.
pub fn normalized(object: &Object, schemas: &Schemas, ignore: &IgnoreRules) -> Node {
    let mut object = object.clone();
    let built_in = is_built_in(&object, schemas);
    normalize::normalize(&mut object, built_in);
    ignore.remove_ignored(&object.key, &mut object.root);
    object.root
}

/// Writes the values below `field` (a path with dots, which walks lists) as the Kubernetes type `type_name`
/// writes them: Argo CD's `knownTypeFields`.
pub fn rewrite_known_type(root: &mut Node, field: &str, type_name: &str) -> Result<(), DiffError> {
    let of = known_type::named(type_name).ok_or_else(|| DiffError::UnknownType { name: type_name.into() })?;
    let path: Vec<&str> = field.split('.').collect();
    for_each_field(root, &path, &mut |node| known_type::canonicalize(node, of));
    Ok(())
}

fn for_each_field(node: &mut Node, path: &[&str], visit: &mut dyn FnMut(&mut Node)) {
    if node.is_sequence() {
        for item in node.items_mut().into_iter().flatten() {
            for_each_field(item, path, visit);
        }
        return;
    }
    match path.split_first() {
        None => visit(node),
        Some((key, rest)) => {
            if node.get(key).is_some()
                && let Some(child) = node.get_mut(key)
            {
                for_each_field(child, rest, visit);
            }
        }
    }
}

/// Both sides of a comparison in normal form, and what was applied before.
#[derive(Clone, Debug)]
struct Sides {
    desired: Object,
    live: Object,
    last: Option<Node>,
}

impl Sides {
    fn new(desired: &Object, live: &Object, schemas: &Schemas) -> Self {
        let last = last_applied(live);
        let mut sides = Self { desired: desired.clone(), live: live.clone(), last: None };
        let built_in = is_built_in(desired, schemas);
        normalize::normalize(&mut sides.desired, built_in);
        normalize::normalize(&mut sides.live, built_in);
        if live.key.namespace.is_empty()
            && let Some(metadata) = sides.desired.root.get_mut("metadata")
        {
            // A namespace on a cluster-scoped object means nothing.
            metadata.remove("namespace");
        }
        sides.last = last.map(|mut last| {
            normalize::normalize(&mut last, built_in);
            last.root
        });
        sides.level_metadata();
        sides
    }

    /// A namespace is never taken away, and labels and annotations go one by one: the live object has some that
    /// nobody applied.
    fn level_metadata(&mut self) {
        let Some(metadata) = self.last.as_mut().and_then(|last| last.get_mut("metadata")) else { return };
        metadata.remove("namespace");
        for map in ["labels", "annotations"] {
            let path = ["metadata", map];
            let is_live = self.live.root.at(&path).is_some_and(Node::is_mapping);
            if metadata.get(map).is_some() && is_live && self.desired.root.at(&path).is_none() {
                self.desired.root.set_at(&path, Node::mapping::<SmolStr>([]));
            }
        }
    }

    fn predicted(&self, schemas: &Schemas) -> Node {
        let schema = schema_of(&self.desired, schemas);
        let mut live = self.live.root.clone();
        if group_and_version(self.live.api_version()).0 == group_and_version(self.desired.api_version()).0
            && let Some(version) = self.desired.root.get("apiVersion")
        {
            // The API server serves one object under every version of its group.
            live.set("apiVersion", version.clone());
        }
        merge::merge(self.last.as_ref(), &self.desired.root, &live, schema)
    }

    fn changes(&self, schemas: &Schemas) -> Vec<FieldChange> {
        let predicted = self.predicted(schemas);
        changes_between(&self.live.root, &predicted, &self.desired, schemas)
    }

    fn remove_ignored(&mut self, key: &ObjectKey, ignore: &IgnoreRules) {
        let owners = owners(&self.live.root);
        ignore.remove_managed(key, &owners, &mut self.desired.root, &mut self.live.root);
        ignore.remove_ignored(key, &mut self.desired.root);
        ignore.remove_ignored(key, &mut self.live.root);
        if let Some(last) = &mut self.last {
            ignore.remove_ignored(key, last);
        }
    }

    /// The changes as they may be shown: those of a Secret with masks in place of values.
    fn masked(&self, changes: Vec<FieldChange>, schemas: &Schemas) -> Vec<FieldChange> {
        if changes.is_empty() || !is_secret(&self.desired.key) {
            return changes;
        }
        mask_changes(changes, &self.live.root, &self.predicted(schemas))
    }
}

/// The changes of a Secret with masks in place of values.
fn mask_changes(changes: Vec<FieldChange>, live: &Node, predicted: &Node) -> Vec<FieldChange> {
    match mask_secret(Some(predicted), Some(live), &[]) {
        (Some(desired), Some(live)) => changes
            .into_iter()
            .map(|mut change| {
                change.live = change.live.and_then(|_| node_at(&live, &change.path).cloned());
                change.desired = change.desired.and_then(|_| node_at(&desired, &change.path).cloned());
                change
            })
            .collect(),
        (_, _) => vec![],
    }
}

fn changes_between(live: &Node, predicted: &Node, object: &Object, schemas: &Schemas) -> Vec<FieldChange> {
    // The API server alone decides under which version it shows an object.
    let version = FieldPath::of(&["apiVersion"]);
    let changes = fields_between(live, predicted, object, schemas);
    changes.into_iter().filter(|change| change.path != version).collect()
}

/// The fields in which two nodes differ; items of lists are paired as the schema of `object` says.
fn fields_between(from: &Node, to: &Node, object: &Object, schemas: &Schemas) -> Vec<FieldChange> {
    let schema = schema_of(object, schemas);
    field::changes(from, to, &|path, item| {
        let schema = schema_at(schema?, path)?;
        schema.merges().then(|| merge::item_name(item, &schema.merge_keys())).flatten()
    })
}

/// Two versions of one manifest as they may be shown, and the fields in which they differ: nothing that the cluster
/// would add, default or keep counts, and the values of a Secret are masked.
#[derive(Clone, Debug)]
pub struct ManifestDiff {
    /// The manifest before; `None` where there was none.
    pub before: Option<Node>,
    /// The manifest after; `None` where there is none.
    pub after: Option<Node>,
    /// The fields that differ; none where one of the manifests is absent. `live` is the value before.
    pub changes: Vec<FieldChange>,
}

/// How a manifest differs from an earlier version of it.
pub fn compare_manifests(before: Option<&Object>, after: Option<&Object>, schemas: &Schemas) -> ManifestDiff {
    let any = after.or(before);
    let roots = (after.map(|object| &object.root), before.map(|object| &object.root));
    let (after_root, before_root) = match any {
        Some(object) if is_secret(&object.key) => mask_secret(roots.0, roots.1, &[]),
        Some(_) | None => (roots.0.cloned(), roots.1.cloned()),
    };
    let changes = match (&before_root, &after_root, any) {
        (Some(before), Some(after), Some(object)) => fields_between(before, after, object, schemas),
        (_, _, _) => vec![],
    };
    ManifestDiff { before: before_root, after: after_root, changes }
}

/// The schema of a kind; that of another version of it where the schemas do not have the version.
fn schema_of<'a>(object: &Object, schemas: &'a Schemas) -> Option<Schema<'a>> {
    let kind = object.key.kind.as_str();
    let (group, _) = group_and_version(object.api_version());
    let groups = if group == "extensions" { vec![group, "apps", "networking.k8s.io"] } else { vec![group] };
    let others = groups
        .into_iter()
        .filter(|group| !group.is_empty())
        .flat_map(|group| ["v1", "v2", "v1beta1"].map(|version| format!("{group}/{version}")));
    schemas
        .of_kind(object.api_version(), kind)
        .or_else(|| others.into_iter().find_map(|version| schemas.of_kind(&version, kind)))
}

fn schema_at<'a>(schema: Schema<'a>, path: &FieldPath) -> Option<Schema<'a>> {
    path.steps().iter().try_fold(schema, |schema, step| match step {
        Step::Key(key) => schema.field(key),
        Step::Index(_) | Step::Item(_) => schema.items(),
    })
}

fn node_at<'a>(root: &'a Node, path: &FieldPath) -> Option<&'a Node> {
    path.steps().iter().try_fold(root, |node, step| match step {
        Step::Key(key) => node.get(key),
        Step::Index(index) => node.items().get(*index),
        // A Secret has no list that merges by keys but those of its metadata, which is not masked.
        Step::Item(_) => Some(node),
    })
}

/// Whether the object is a Secret of the core group.
pub fn is_secret(key: &ObjectKey) -> bool {
    key.kind == "Secret" && key.group.is_empty()
}

fn is_built_in(object: &Object, schemas: &Schemas) -> bool {
    schemas.is_built_in(object.api_version(), &object.key.kind)
}

/// What `kubectl apply` says it applied; `None` where nothing is said, or nothing that can be read.
fn last_applied(live: &Object) -> Option<Object> {
    let json = serde_json::from_str(live.annotation(normalize::LAST_APPLIED)?).ok()?;
    let root = Node::from_json(&json);
    root.is_mapping().then(|| Object { key: live.key.clone(), root, at: live.at.clone() })
}

#[cfg(test)]
mod tests;
