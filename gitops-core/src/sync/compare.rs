//! What a sync would do to every object of an application.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::hook::{is_hook, is_in_sync, is_skipped, sync_phases};
use super::options::{COMPARE_OPTIONS, has_annotation_value};
use super::prediction::Predictions;
use super::tracking::Tracking;
use crate::api::application::SyncStatusCode;
use crate::diff::{
    ContentHash, DiffStrategy, FieldChange, IgnoreRules, LAST_APPLIED, ObjectDiff, diff, diff_by, normalized,
    owners,
};
use crate::kind::Schemas;
use crate::object::{Object, ObjectKey};

/// The name under which the engine owns fields: Argo CD's, so that a takeover changes no owner.
pub const FIELD_MANAGER: &str = "argocd-controller";

/// What the cluster holds: the objects with the application's mark, and those that it wants.
#[derive(Clone, Debug, Default)]
pub struct LiveState {
    objects: BTreeMap<ObjectKey, Object>,
}

impl LiveState {
    /// The state that holds these objects.
    pub fn new(objects: impl IntoIterator<Item = Object>) -> Self {
        Self { objects: objects.into_iter().map(|object| (object.key.clone(), object)).collect() }
    }

    /// The object with this key.
    pub fn get(&self, key: &ObjectKey) -> Option<&Object> {
        self.objects.get(key)
    }

    /// The objects in the order of their keys.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    /// Sets an object, and returns what stood there.
    pub fn insert(&mut self, object: Object) -> Option<Object> {
        self.objects.insert(object.key.clone(), object)
    }

    /// Removes an object.
    pub fn remove(&mut self, key: &ObjectKey) -> Option<Object> {
        self.objects.remove(key)
    }
}

/// How objects are compared.
#[derive(Clone, Copy, Debug)]
pub struct CompareRules<'a> {
    /// What is known about kinds.
    pub schemas: &'a Schemas,
    /// The differences that do not count.
    pub ignore: &'a IgnoreRules,
    /// How the application marks its objects.
    pub tracking: &'a Tracking,
    /// What the API server said that an apply would make of objects.
    pub predictions: Option<&'a Predictions>,
}

/// What a sync would do to an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It is not there: make it.
    Create,
    /// It differs in these fields.
    Update(Vec<FieldChange>),
    /// It left the source: delete it.
    Prune,
    /// Nothing.
    Unchanged,
}

/// One object of an application, wanted, live or both.
#[derive(Clone, Debug)]
pub struct ObjectComparison {
    /// Which object.
    pub key: ObjectKey,
    /// The object as it is wanted.
    pub desired: Option<Object>,
    /// The object as it is.
    pub live: Option<Object>,
    /// What a sync would do to it.
    pub change: Change,
    /// What differs too, and does not count.
    pub ignored: Vec<FieldChange>,
    /// Whether the change leaves the application in sync (`IgnoreExtraneous`).
    pub extraneous: bool,
    /// The other application whose mark the live object carries.
    pub shared_with: Option<SmolStr>,
}

impl ObjectComparison {
    /// Whether the object left the source and is on its way out already.
    pub fn is_going(&self) -> bool {
        let deleted = |live: &Object| live.root.at(&["metadata", "deletionTimestamp"]).is_some();
        self.change == Change::Prune && self.live.as_ref().is_some_and(deleted)
    }

    /// Whether this object is in sync.
    pub fn status(&self) -> SyncStatusCode {
        match self.change {
            Change::Unchanged => SyncStatusCode::Synced,
            Change::Create | Change::Update(_) | Change::Prune => SyncStatusCode::OutOfSync,
        }
    }
}

/// What a sync would do to every object of an application.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// The objects: wanted ones in their order, then those to prune in the order of their keys.
    pub objects: Vec<ObjectComparison>,
    /// The hooks that a sync would run, in their order.
    pub hooks: Vec<Object>,
    /// Whatever else the cluster was seen to hold, so that hooks and namespaces find their live objects.
    pub live: LiveState,
}

impl Comparison {
    /// Whether the cluster holds what is wanted.
    pub fn status(&self) -> SyncStatusCode {
        let drifted = |object: &ObjectComparison| object.change != Change::Unchanged && !object.extraneous;
        if self.objects.iter().any(drifted) { SyncStatusCode::OutOfSync } else { SyncStatusCode::Synced }
    }

    /// SHA-256 of what is wanted: the same for two renders that want the same, whatever their order.
    pub fn desired_hash(&self) -> String {
        hash_of(self.objects.iter().filter_map(|object| object.desired.as_ref()).chain(&self.hooks).collect())
    }

    /// SHA-256 of what a sync would change, which an approval stands for: it alters when the wanted objects, or
    /// the live fields that would change, alter.
    pub fn changes_hash(&self) -> String {
        let mut drifted: Vec<_> =
            self.objects.iter().filter(|object| object.change != Change::Unchanged).collect();
        drifted.sort_by(|a, b| a.key.cmp(&b.key));
        let mut hash = ContentHash::new();
        for object in drifted {
            hash.key(&object.key);
            match &object.change {
                Change::Create => hash.text("create"),
                Change::Prune => hash.text("prune"),
                Change::Unchanged => {}
                Change::Update(changes) => {
                    hash.text("update");
                    for change in changes {
                        hash.change(change);
                    }
                }
            }
            // The changes of a Secret are masked: its wanted values are told apart here.
            hash.optional(object.desired.as_ref().map(|desired| &desired.root));
        }
        for hook in &self.hooks {
            hash.key(&hook.key);
            hash.node(&hook.root);
        }
        hash.finish()
    }
}

/// SHA-256 of what a sync of these prepared objects wants: that of [`Comparison::desired_hash`], whatever is live.
pub fn desired_hash(desired: &[Object]) -> String {
    hash_of(desired.iter().filter(|object| role(object) != Role::Ignored).collect())
}

fn hash_of(mut wanted: Vec<&Object>) -> String {
    wanted.sort_by(|a, b| a.key.cmp(&b.key));
    let mut hash = ContentHash::new();
    for object in wanted {
        hash.key(&object.key);
        hash.node(&object.root);
    }
    hash.finish()
}

/// What a wanted object is to a sync.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It is kept in place.
    Kept,
    /// It runs.
    Hook,
    /// It is left alone.
    Ignored,
}

fn role(object: &Object) -> Role {
    if is_hook(object) {
        let runs = is_in_sync(object) && !sync_phases(object).is_empty();
        return if runs { Role::Hook } else { Role::Ignored };
    }
    if is_skipped(object) { Role::Ignored } else { Role::Kept }
}

/// Compares what is wanted with what is live.
///
/// Objects are paired by group, kind, namespace and name. Live objects that are not wanted are to be pruned only
/// if they carry the application's mark and the mark was written for them. Hooks, and objects that ask to be
/// skipped, are not compared.
pub fn compare(desired: &[Object], live: &LiveState, rules: &CompareRules<'_>) -> Comparison {
    let mut comparison = Comparison { live: live.clone(), ..Comparison::default() };
    let mut wanted = BTreeSet::new();
    for object in desired {
        wanted.insert(object.key.clone());
        match role(object) {
            Role::Kept => comparison.objects.push(compare_one(object, live.get(&object.key), rules)),
            Role::Hook => comparison.hooks.push(object.clone()),
            Role::Ignored => {}
        }
    }
    for object in live.objects().filter(|object| !wanted.contains(&object.key)) {
        if rules.tracking.owns(object) && !is_hook(object) && !is_skipped(object) && !is_owned(object) {
            comparison.objects.push(extra(object));
        }
    }
    comparison
}

fn compare_one(desired: &Object, live: Option<&Object>, rules: &CompareRules<'_>) -> ObjectComparison {
    let found = live.map_or_else(ObjectDiff::default, |live| difference(desired, live, rules));
    let change = match live {
        None => Change::Create,
        Some(_) if found.changes.is_empty() => Change::Unchanged,
        Some(_) => Change::Update(found.changes),
    };
    let marked = live.and_then(|live| rules.tracking.application_of(live));
    ObjectComparison {
        key: desired.key.clone(),
        desired: Some(desired.clone()),
        live: live.cloned(),
        change,
        ignored: found.ignored,
        extraneous: false,
        shared_with: marked.filter(|application| *application != rules.tracking.application),
    }
}

/// By what a dry run said, where one was asked; by the owners of the fields, where this engine applied the object and
/// left no record of what it applied; else three-way.
fn difference(desired: &Object, live: &Object, rules: &CompareRules<'_>) -> ObjectDiff {
    let predicted = rules.predictions.and_then(|predictions| predictions.get(desired, live));
    let strategy = match predicted {
        Some(predicted) => {
            DiffStrategy::ServerSide { manager: FIELD_MANAGER, predicted, ignore_mutations: true }
        }
        None if is_applied_without_record(live) => DiffStrategy::StructuredMerge { manager: FIELD_MANAGER },
        None => DiffStrategy::ClientSide,
    };
    let found = diff_by(desired, live, strategy, rules.schemas, rules.ignore);
    found.unwrap_or_else(|_| diff(desired, live, rules.schemas, rules.ignore))
}

fn is_applied_without_record(live: &Object) -> bool {
    live.annotation(LAST_APPLIED).is_none()
        && owners(&live.root).iter().any(|owner| owner.is_apply_of(FIELD_MANAGER))
}

fn extra(live: &Object) -> ObjectComparison {
    ObjectComparison {
        key: live.key.clone(),
        desired: None,
        live: Some(live.clone()),
        change: Change::Prune,
        ignored: vec![],
        extraneous: has_annotation_value(live, COMPARE_OPTIONS, "IgnoreExtraneous"),
        shared_with: None,
    }
}

/// Whether another object made this one and will remove it; its marks are copies.
fn is_owned(live: &Object) -> bool {
    live.root.at(&["metadata", "ownerReferences"]).is_some_and(|owners| !owners.items().is_empty())
}

/// Copies the ignored fields of the live object into the target, so that an apply leaves them alone:
/// `RespectIgnoreDifferences=true`.
pub fn respect_ignored(target: &Object, live: &Object, rules: &CompareRules<'_>) -> Object {
    let mut object = target.clone();
    if !rules.ignore.concerns(&target.key) {
        return object;
    }
    rules.ignore.copy_ignored(&target.key, &live.root, &mut object.root);
    object
}

/// Whether two objects want the same, ignored fields aside.
pub fn same_intent(a: &Object, b: &Object, rules: &CompareRules<'_>) -> bool {
    normalized(a, rules.schemas, rules.ignore) == normalized(b, rules.schemas, rules.ignore)
}
