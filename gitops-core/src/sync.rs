//! Syncs: what an application wants against what the cluster holds, the plan that closes the gap, and the
//! machine that carries the plan out.
//!
//! Follows Argo CD: hooks, waves, options, prune rules, retries, tracking marks. Never talks to a cluster.

mod action;
mod app_health;
mod automated;
mod compare;
mod history;
mod hook;
mod options;
mod order;
mod orphan;
mod plan;
mod prediction;
mod refresh;
mod release;
mod retry;
mod step;
mod target;
mod tracking;

pub use action::{DryRunObject, DryRunReport, LiveFact, Outcome, SyncAction, SyncObserved, TaskId};
pub use app_health::{IGNORE_HEALTHCHECK, ResourceHealth, application_health};
pub use automated::{
    AutomatedFacts, AutomatedSync, LastOperation, ResourceFact, SelfHealBackoff, automated_sync,
};
pub use compare::{
    Change, CompareRules, Comparison, FIELD_MANAGER, LiveState, ObjectComparison, compare, desired_hash,
    respect_ignored, same_intent,
};
pub use history::{RollbackError, record, rollback};
pub use hook::{
    DeletePolicy, HOOK, HOOK_DELETE_POLICY, HOOK_FINALIZER, HookType, delete_policies, hook_types, is_hook,
    is_in_sync, is_post_delete, is_pre_delete, is_skipped, sync_phases,
};
pub use options::{
    ApplyMode, COMPARE_OPTIONS, PruneDecision, SYNC_OPTIONS, SyncOptions, Verb, annotation_option,
    annotation_values, apply_mode, has_annotation_value, prune_decision, requires_deletion_confirmation,
};
pub use order::{SYNC_WAVE, Step, arrange, kind_order, sort, sync_wave};
pub use orphan::{is_default_object, is_orphan_ignored, orphans};
pub use plan::{HOOK_RUN, PlanError, Propagation, SyncPlan, SyncPolicy, Task, Wave, Work, plan};
pub use prediction::Predictions;
pub use refresh::{MANIFEST_GENERATE_PATHS, files_changed, refresh_paths};
pub use release::{ReleaseDecision, images_of, judge_release};
pub use retry::{AUTOMATED_RETRY_LIMIT, BackoffError, may_retry, retry_delay};
pub use step::sync_step;
pub use target::{Targets, in_namespace, is_namespaced, prepare};
pub use tracking::{
    INSTALLATION_ID, INSTANCE_LABEL, TRACKING_ID, Tracking, TrackingError, TrackingId, TrackingMethod,
    truncate_label,
};

#[cfg(test)]
mod tests;
