//! Whether a refresh starts a sync without anyone asking.

use std::time::Duration;

use smol_str::SmolStr;

use crate::api::application::{
    Automated, Operation, OperationInitiator, OperationPhase, OperationResource, RetryStrategy,
    SyncOperation, SyncStatusCode,
};
use crate::object::ObjectKey;
use crate::sync::retry::AUTOMATED_RETRY_LIMIT;
use crate::time::Timestamp;

/// What the decision depends on.
#[derive(Clone, Debug)]
pub struct AutomatedFacts<'a> {
    /// `spec.syncPolicy.automated`.
    pub automated: Option<Automated>,
    /// Whether an operation is under way.
    pub operation_in_progress: bool,
    /// Whether the application is being deleted.
    pub deleting: bool,
    /// Whether the cluster holds what is wanted.
    pub sync_status: SyncStatusCode,
    /// The revision that is wanted.
    pub revision: &'a str,
    /// The last operation.
    pub last: Option<LastOperation>,
    /// The objects, in sync or not.
    pub resources: &'a [ResourceFact],
}

/// What the last operation tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastOperation {
    /// The revision that it tried.
    pub revision: SmolStr,
    /// How it ended.
    pub phase: OperationPhase,
    /// Whether its sources had the same parameters as now.
    pub same_source: bool,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How often drift was undone at this revision.
    pub self_heal_attempts: i64,
}

/// One object of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceFact {
    /// Which object.
    pub key: ObjectKey,
    /// Whether it is in sync.
    pub status: SyncStatusCode,
    /// Whether it left the source.
    pub requires_pruning: bool,
    /// Whether it is on its way out already: another delete would change nothing.
    pub going: bool,
    /// Whether it is a hook.
    pub hook: bool,
}

/// What a refresh does about an application that is out of sync.
#[derive(Clone, Debug, PartialEq)]
pub enum AutomatedSync {
    /// Nothing, for this reason.
    Skip(&'static str),
    /// Nothing, and the application carries a `SyncError` that says why.
    Refuse(String),
    /// Nothing before this instant.
    Wait(Timestamp),
    /// It syncs.
    Start(Box<Operation>),
}

/// How long the undoing of drift waits: growing, so that two controllers that fight over a field do so slowly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelfHealBackoff {
    /// The first wait.
    pub duration: Duration,
    /// What each wait is multiplied by.
    pub factor: u32,
    /// The longest wait.
    pub max: Duration,
}

/// The flags of Argo CD's controller.
impl Default for SelfHealBackoff {
    fn default() -> Self {
        Self { duration: Duration::from_secs(2), factor: 3, max: Duration::from_mins(5) }
    }
}

impl SelfHealBackoff {
    fn delay(&self, attempts: i64) -> Duration {
        let attempts = u32::try_from(attempts).unwrap_or(0).min(32);
        let factor = self.factor.checked_pow(attempts).unwrap_or(u32::MAX);
        self.duration.checked_mul(factor).map_or(self.max, |delay| delay.min(self.max))
    }
}

/// Decides whether a refresh starts a sync, by Argo CD's rules: each revision is tried once; drift is undone
/// by a sync of the drifted objects alone; a failed revision is never tried again; a sync that would delete
/// every object needs `allowEmpty`.
pub fn automated_sync(
    facts: &AutomatedFacts<'_>,
    retry: Option<&RetryStrategy>,
    backoff: SelfHealBackoff,
    now: Timestamp,
) -> AutomatedSync {
    let Some(automated) = facts.automated.filter(Automated::is_enabled) else {
        return AutomatedSync::Skip("automated sync is off");
    };
    let prune = automated.prune == Some(true);
    if facts.operation_in_progress {
        return AutomatedSync::Skip("another operation is in progress");
    }
    if facts.deleting {
        return AutomatedSync::Skip("the application is being deleted");
    }
    if facts.sync_status != SyncStatusCode::OutOfSync {
        return AutomatedSync::Skip("the application is not out of sync");
    }
    if !prune && only(facts.resources, |resource| resource.requires_pruning) {
        return AutomatedSync::Skip("only objects to prune are out of sync, and pruning is off");
    }
    if only(facts.resources, |resource| resource.going) {
        return AutomatedSync::Skip("only objects that are being deleted are out of sync");
    }
    let mut sync = SyncOperation { revision: facts.revision.into(), prune, ..SyncOperation::default() };
    if let Some(last) = facts.last.as_ref().filter(|last| last.revision == facts.revision && last.same_source)
    {
        match self_heal(automated, last, backoff, now) {
            Ok(attempts) => {
                sync.self_heal_attempts = attempts;
                sync.resources = Some(drifted(facts.resources));
            }
            Err(other) => return other,
        }
    }
    if prune && automated.allow_empty != Some(true) && wipes_everything(facts.resources) {
        return AutomatedSync::Refuse(
            "the sync would delete every object of the application; set `allowEmpty: true` if that is meant"
                .into(),
        );
    }
    AutomatedSync::Start(Box::new(Operation {
        sync,
        initiated_by: OperationInitiator { username: SmolStr::default(), automated: true },
        retry: retry
            .cloned()
            .unwrap_or(RetryStrategy { limit: AUTOMATED_RETRY_LIMIT, ..RetryStrategy::default() }),
        info: vec![],
    }))
}

/// The number of this attempt, or why there is none.
fn self_heal(
    automated: Automated,
    last: &LastOperation,
    backoff: SelfHealBackoff,
    now: Timestamp,
) -> Result<i64, AutomatedSync> {
    if last.phase != OperationPhase::Succeeded {
        return Err(AutomatedSync::Refuse(format!(
            "the sync of `{}` failed before: it is not tried again",
            last.revision
        )));
    }
    if automated.self_heal != Some(true) {
        return Err(AutomatedSync::Skip("this revision was synced before, and self-heal is off"));
    }
    if let Some(at) = last.finished_at.map(|end| end.after(backoff.delay(last.self_heal_attempts)))
        && at > now
    {
        return Err(AutomatedSync::Wait(at));
    }
    Ok(last.self_heal_attempts.saturating_add(1))
}

/// Whether everything that is out of sync is of this sort.
fn only(resources: &[ResourceFact], sort: impl Fn(&ResourceFact) -> bool) -> bool {
    resources.iter().filter(|resource| resource.status != SyncStatusCode::Synced).all(sort)
}

fn wipes_everything(resources: &[ResourceFact]) -> bool {
    resources.iter().filter(|resource| !resource.hook).all(|resource| resource.requires_pruning)
}

fn drifted(resources: &[ResourceFact]) -> Vec<OperationResource> {
    resources
        .iter()
        .filter(|resource| resource.status != SyncStatusCode::Synced && !resource.hook && !resource.going)
        .map(|resource| OperationResource::of(&resource.key))
        .collect()
}
