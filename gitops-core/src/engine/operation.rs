//! The part of a pass that starts syncs and carries them on.

use super::{
    ApplicationAction, Assessment, Pass, Target, assess, check_gate, check_restoration, initiator,
    needs_approval, succeeded,
};
use crate::api::application::{
    Condition, Operation, OperationPhase, OperationState, SyncResult, SyncStrategy,
};
use crate::health;
use crate::object::Object;
use crate::sync::{
    self, AutomatedFacts, AutomatedSync, LastOperation, LiveFact, ResourceFact, SelfHealBackoff,
    SyncObserved, SyncOptions, SyncPlan, SyncPolicy,
};
use crate::yaml::Node;

impl Pass<'_> {
    /// Takes up the operation that was asked for, if the gate lets it pass.
    pub(super) fn begin(&mut self, head: &Assessment) {
        let Some(operation) = self.app.operation.clone() else { return };
        self.decision.actions.push(ApplicationAction::TakeOperation);
        match self.target_of(&operation, head) {
            Err(error) => self.refuse(operation, error),
            Ok(target) => {
                let target = target.unwrap_or_else(|| head.clone());
                if let Some(refusal) = self.refusal(&operation, &target) {
                    return self.refuse(operation, refusal);
                }
                self.start(operation, &target);
            }
        }
    }

    /// The assessment of the revision that an operation names; `None` where that is the head's.
    fn target_of(&self, operation: &Operation, head: &Assessment) -> Result<Option<Assessment>, String> {
        if operation.sync.revision.is_empty() || operation.sync.revision == head.revision {
            return Ok(None);
        }
        let target: Target<'_> = match &self.seen.operation_target {
            Some(Ok(target)) if target.revision == operation.sync.revision => *target,
            Some(Err(error)) => return Err(error.clone()),
            Some(Ok(_)) | None => {
                return Err(format!("revision `{}` is not rendered", operation.sync.revision));
            }
        };
        assess(self.app, target, self.seen).map(Some).map_err(|error| error.to_string())
    }

    /// Why this operation may not start, if it may not.
    fn refusal(&self, operation: &Operation, target: &Assessment) -> Option<String> {
        if !target.refusals.is_empty() {
            return Some(target.refusals.join("; "));
        }
        let gated = needs_approval(self.app) && !operation.initiated_by.automated && !operation.sync.dry_run;
        if !gated {
            return None;
        }
        let restores = operation.sync.strategy == SyncStrategy::Apply && !operation.sync.sources.is_empty();
        let check = if restores { check_restoration } else { check_gate };
        check(self.app, target, self.seen.approvals)
            .err()
            .map(|refusal| format!("{refusal}: {}", refusal.hint()))
    }

    fn refuse(&mut self, operation: Operation, message: String) {
        self.warning("OperationCompleted", format!("Sync refused: {message}"));
        self.decision.next.operation_state = Some(OperationState {
            operation,
            phase: OperationPhase::Error,
            message,
            sync_result: None,
            started_at: self.now,
            finished_at: Some(self.now),
            retry_count: 0,
        });
    }

    fn start(&mut self, mut operation: Operation, target: &Assessment) {
        operation.sync.revision = target.revision.clone();
        let by = initiator(&operation.initiated_by);
        let short: String = target.revision.chars().take(7).collect();
        self.normal("OperationStarted", format!("{by} initiated sync to {short}"));
        let sources = if operation.sync.sources.is_empty() {
            self.app.spec.sources.clone()
        } else {
            operation.sync.sources.clone()
        };
        self.decision.next.operation_state = Some(OperationState {
            operation,
            phase: OperationPhase::Running,
            message: String::new(),
            sync_result: Some(SyncResult {
                revision: target.revision.clone(),
                sources,
                ..SyncResult::default()
            }),
            started_at: self.now,
            finished_at: None,
            retry_count: 0,
        });
    }

    /// Carries the running operation on.
    pub(super) fn operate(&mut self, head: &Assessment) {
        if self.app.operation.is_some() && self.is_taken() {
            self.decision.actions.push(ApplicationAction::TakeOperation);
        }
        let Some(state) = self.decision.next.operation_state.clone() else { return };
        let other = match self.target_of(&state.operation, head) {
            Ok(other) => other,
            Err(error) => return self.fail(state, error),
        };
        let target = other.as_ref().unwrap_or(head);
        match self.plan(target, &state) {
            Err(error) => self.fail(state, error),
            Ok(plan) => self.advance(&plan, state, target),
        }
    }

    /// Whether the operation that is asked for is the one that runs: it was taken up, and then the pass ended.
    fn is_taken(&self) -> bool {
        let running = self.app.status.operation_state.as_ref().map(|state| &state.operation);
        self.app.operation.as_ref().zip(running).is_some_and(|(asked, running)| {
            asked.initiated_by == running.initiated_by
                && (asked.sync.revision.is_empty() || asked.sync.revision == running.sync.revision)
        })
    }

    fn plan(&self, target: &Assessment, state: &OperationState) -> Result<SyncPlan, String> {
        let policy = &self.app.spec.sync_policy;
        let operation = &state.operation.sync;
        let policy = SyncPolicy {
            operation,
            options: SyncOptions::new(&policy.sync_options, &operation.sync_options),
            namespace: self.app.spec.destination.namespace.clone(),
            namespace_metadata: policy.managed_namespace_metadata.as_ref(),
            revision: &target.revision,
            started_at: state.started_at,
            prune_confirmed: false,
            rules: target.rules(self.seen),
        };
        sync::plan(&target.comparison, &policy).map_err(|error| error.to_string())
    }

    fn advance(&mut self, plan: &SyncPlan, mut state: OperationState, target: &Assessment) {
        let observed = self.observed(plan, target);
        let end = self.seen.sync_timeout.map(|timeout| state.started_at.after(timeout));
        let late = end.is_some_and(|end| end <= self.now) && state.phase == OperationPhase::Running;
        let waited_for = state.message.clone();
        if late {
            state.phase = OperationPhase::Terminating;
        } else if let Some(end) = end {
            self.decision.wake(end);
        }
        let decision = sync::sync_step(plan, state, &observed, self.now);
        self.decision.actions.extend(decision.actions.into_iter().map(ApplicationAction::Sync));
        self.decision.events.extend(decision.events);
        if let Some(at) = decision.wake_at {
            self.decision.wake(at);
        }
        let mut next = decision.next;
        if late {
            next.message = format!("the sync took too long: {waited_for}");
        }
        self.finish(next);
    }

    fn observed(&self, plan: &SyncPlan, target: &Assessment) -> SyncObserved {
        let keys = plan.tasks().chain(&plan.on_failure).map(|task| &task.key);
        let live =
            keys.filter_map(|key| Some((key.clone(), live_fact(target.comparison.live.get(key)?)))).collect();
        SyncObserved {
            live,
            outcomes: self.seen.outcomes.clone(),
            dry_run: self.seen.dry_run.cloned(),
            blocked: None,
        }
    }

    fn fail(&mut self, mut state: OperationState, message: String) {
        state.phase = OperationPhase::Error;
        state.message = message;
        state.finished_at = Some(self.now);
        self.finish(state);
    }

    /// Notes the state of the operation; where it has just ended, the history and the event.
    fn finish(&mut self, state: OperationState) {
        if state.phase.is_completed() {
            let revision =
                state.sync_result.as_ref().map(|result| result.revision.clone()).unwrap_or_default();
            let short: String = revision.chars().take(7).collect();
            let message = format!("Sync operation to {short} {}: {}", phase_word(state.phase), state.message);
            if succeeded(state.phase) {
                self.decision.next.history =
                    sync::record(&self.app.spec, &self.decision.next.history, &state, self.now);
                self.normal("OperationCompleted", message);
            } else {
                self.warning("OperationCompleted", message);
            }
        }
        self.decision.next.operation_state = Some(state);
    }

    /// Starts a sync where the Application syncs by itself and differs.
    pub(super) fn settle(&mut self, head: &Assessment) {
        if !head.refusals.is_empty() {
            return;
        }
        let resources: Vec<ResourceFact> = head
            .comparison
            .objects
            .iter()
            .map(|object| ResourceFact {
                key: object.key.clone(),
                status: object.status(),
                requires_pruning: object.change == sync::Change::Prune,
                going: object.is_going(),
                hook: false,
            })
            .collect();
        let facts = AutomatedFacts {
            automated: self.app.spec.sync_policy.automated,
            operation_in_progress: false,
            deleting: self.app.metadata.deletion_timestamp.is_some(),
            sync_status: head.comparison.status(),
            revision: &head.revision,
            last: self.last_operation(),
            resources: &resources,
        };
        let retry = self.app.spec.sync_policy.retry.as_ref();
        match sync::automated_sync(&facts, retry, SelfHealBackoff::default(), self.now) {
            AutomatedSync::Skip(_) => self.set_sync_error(None),
            AutomatedSync::Refuse(reason) => self.set_sync_error(Some(reason)),
            AutomatedSync::Wait(at) => self.decision.wake(at),
            AutomatedSync::Start(operation) => {
                self.set_sync_error(None);
                self.start(*operation, head);
            }
        }
    }

    fn last_operation(&self) -> Option<LastOperation> {
        let state = self.app.status.operation_state.as_ref()?;
        let result = state.sync_result.as_ref()?;
        Some(LastOperation {
            revision: result.revision.clone(),
            phase: state.phase,
            same_source: result.sources == self.app.spec.sources,
            finished_at: state.finished_at,
            self_heal_attempts: state.operation.sync.self_heal_attempts,
        })
    }

    fn set_sync_error(&mut self, reason: Option<String>) {
        const SYNC_ERROR: &str = "SyncError";
        let conditions = &mut self.decision.next.conditions;
        let same = |condition: &Condition| {
            condition.condition_type == SYNC_ERROR && Some(&condition.message) == reason.as_ref()
        };
        if reason.is_some() && conditions.iter().any(same) {
            return;
        }
        conditions.retain(|condition| condition.condition_type != SYNC_ERROR);
        if let Some(message) = reason {
            conditions.push(Condition {
                condition_type: SYNC_ERROR.into(),
                message: message.clone(),
                last_transition_time: Some(self.now),
            });
            self.warning("SyncError", message);
        }
    }
}

/// A live object as far as a sync looks at it.
fn live_fact(object: &Object) -> LiveFact {
    let finalizers = object.root.at(&["metadata", "finalizers"]).map_or(&[][..], Node::items);
    LiveFact {
        uid: object.root.str_at(&["metadata", "uid"]).unwrap_or_default().into(),
        health: health::health(object),
        deleting: object.root.at(&["metadata", "deletionTimestamp"]).is_some(),
        finalizers: finalizers.iter().filter_map(Node::as_str).map(Into::into).collect(),
        has_hook_finalizer: finalizers
            .iter()
            .any(|finalizer| finalizer.as_str() == Some(sync::HOOK_FINALIZER)),
        hook_run: object.annotation(sync::HOOK_RUN).map(Into::into),
    }
}

fn phase_word(phase: OperationPhase) -> &'static str {
    match phase {
        OperationPhase::Succeeded => "succeeded",
        OperationPhase::Failed => "failed",
        OperationPhase::Error => "ended in an error",
        OperationPhase::Running => "runs",
        OperationPhase::Terminating => "is being terminated",
    }
}
