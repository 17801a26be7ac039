//! What a sync asks for, and what it is told.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::options::ApplyMode;
use super::plan::Propagation;
use crate::api::application::SyncPhase;
use crate::health::Health;
use crate::object::{Object, ObjectKey};

/// Which task of which try: what an outcome is filed under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskId {
    /// The object.
    pub key: ObjectKey,
    /// The phase in which it is handled.
    pub phase: SyncPhase,
    /// The try of the operation, from 0.
    pub attempt: i64,
}

/// What the driver does for a sync, in order.
#[derive(Clone, Debug)]
pub enum SyncAction {
    /// Try every task without writing; the answer goes into [`SyncObserved::dry_run`].
    DryRun {
        /// The try of the operation.
        attempt: i64,
        /// The objects with how they would be written; a missing kind is no failure where the flag says so.
        objects: Vec<DryRunObject>,
    },
    /// Write an object; the outcome goes into [`SyncObserved::outcomes`].
    Apply {
        /// What the outcome is filed under.
        task: TaskId,
        /// The object as it is wanted.
        target: Box<Object>,
        /// How it is written.
        mode: ApplyMode,
    },
    /// Delete an object that left the source; the outcome goes into [`SyncObserved::outcomes`].
    Prune {
        /// What the outcome is filed under.
        task: TaskId,
        /// The object's identity, as a precondition.
        uid: SmolStr,
        /// What becomes of its dependents.
        propagation: Propagation,
    },
    /// Delete a hook whose time is over. That it is gone already is no failure.
    DeleteHook {
        /// The hook.
        key: ObjectKey,
        /// Its identity, as a precondition.
        uid: SmolStr,
    },
    /// Take the finalizer off a hook whose end was seen. That it is gone already is no failure.
    RemoveHookFinalizer {
        /// The hook.
        key: ObjectKey,
    },
}

/// One object of a dry run.
#[derive(Clone, Debug)]
pub struct DryRunObject {
    /// The object as it is wanted.
    pub target: Object,
    /// How it would be written.
    pub mode: ApplyMode,
    /// Whether a kind that the cluster does not know is no failure.
    pub may_lack_kind: bool,
}

/// What a dry run found.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DryRunReport {
    /// The try of the operation that it was made for.
    pub attempt: i64,
    /// The objects that would be refused, with what the API server said.
    pub failures: Vec<(ObjectKey, String)>,
}

/// How one action went: what the API server said, either way.
pub type Outcome = Result<String, String>;

/// A live object, as far as a sync looks at it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct LiveFact {
    /// Its identity.
    pub uid: SmolStr,
    /// Its health; `None` for a kind without health.
    pub health: Option<Health>,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// The finalizers that keep it.
    pub finalizers: Vec<SmolStr>,
    /// Whether it carries the finalizer of hooks.
    pub has_hook_finalizer: bool,
    /// The try of the sync that made it, where it is a hook ([`super::HOOK_RUN`]).
    pub hook_run: Option<SmolStr>,
}

/// What was observed before a step, after every outcome that it lists.
#[derive(Clone, Debug, Default)]
pub struct SyncObserved {
    /// The objects of the plan that are in the cluster.
    pub live: BTreeMap<ObjectKey, LiveFact>,
    /// The outcomes of actions; those of other tries are passed over.
    pub outcomes: BTreeMap<TaskId, Outcome>,
    /// What the dry run found, once it was made.
    pub dry_run: Option<DryRunReport>,
    /// Why the sync may not go on now (a sync window), if it may not.
    pub blocked: Option<String>,
}
