//! The machine that carries a plan out: dry run, waves, hooks, prunes, failure, retry and termination.
//!
//! It is level-triggered. Its state is Argo CD's `operationState`; each step takes the whole plan and what was
//! observed, and may be repeated: an action whose outcome was not recorded is asked for again.

use smol_str::{SmolStr, format_smolstr};

use super::action::{DryRunObject, LiveFact, SyncAction, SyncObserved, TaskId};
use super::hook::DeletePolicy;
use super::options::PruneDecision;
use super::plan::{HOOK_RUN, SyncPlan, Task, Wave, Work};
use super::release::images_of;
use super::retry::{may_retry, retry_delay};
use crate::api::application::{OperationPhase, OperationState, ResourceResult, ResultCode, SyncResult};
use crate::decision::Decision;
use crate::health::HealthStatus;
use crate::object::{Object, ObjectKey};
use crate::time::Timestamp;
use crate::yaml::Node;

/// One step of a sync.
pub fn sync_step(
    plan: &SyncPlan,
    state: OperationState,
    seen: &SyncObserved,
    now: Timestamp,
) -> Decision<OperationState, SyncAction> {
    let mut machine = Machine { plan, seen, now, decision: Decision::settled(state) };
    match machine.state().phase {
        OperationPhase::Succeeded | OperationPhase::Failed | OperationPhase::Error => {}
        OperationPhase::Terminating => machine.terminate(),
        OperationPhase::Running => machine.run(),
    }
    machine.decision
}

struct Machine<'a> {
    plan: &'a SyncPlan,
    seen: &'a SyncObserved,
    now: Timestamp,
    decision: Decision<OperationState, SyncAction>,
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Pending,
    Running,
    Done,
    Failed,
}

impl Machine<'_> {
    fn state(&self) -> &OperationState {
        &self.decision.next
    }

    fn results(&mut self) -> &mut Vec<ResourceResult> {
        &mut self.decision.next.sync_result.get_or_insert_with(SyncResult::default).resources
    }

    fn run(&mut self) {
        if self.waits_for_retry() {
            return;
        }
        if let Some(reason) = &self.seen.blocked {
            return self.say(reason.clone());
        }
        if self.awaits_confirmation() || !self.dry_run() {
            return;
        }
        self.record_outcomes();
        self.observe_running();
        self.release_finished_hooks();
        let plan = self.plan;
        if plan.tasks().any(|task| self.progress(task) == Progress::Failed) {
            // A hook that runs is waited for, so that its end decides over its deletion.
            return match plan.waves.iter().find(|wave| self.has_running_hook(wave)) {
                Some(wave) => self.say_what_is_awaited(wave),
                None => self.fail("one or more synchronization tasks completed unsuccessfully"),
            };
        }
        for wave in &plan.waves {
            if !self.is_finished(wave) {
                self.advance(wave);
            }
            if !self.is_finished(wave) {
                return;
            }
        }
        self.succeed();
    }

    fn has_running_hook(&self, wave: &Wave) -> bool {
        wave.tasks.iter().any(|task| task.is_hook() && self.progress(task) == Progress::Running)
    }

    /// Whether the last try failed and the next one is not due; starts it when it is.
    fn waits_for_retry(&mut self) -> bool {
        let Some(failed_at) = self.state().finished_at else { return false };
        let attempt = self.state().retry_count.saturating_sub(1);
        match retry_delay(&self.state().operation.retry, attempt) {
            Ok(delay) if failed_at.after(delay) > self.now => {
                self.decision.wake(failed_at.after(delay));
                true
            }
            Ok(_) => {
                self.decision.next.finished_at = None;
                self.results().clear();
                false
            }
            Err(error) => {
                self.finish(OperationPhase::Error, error.to_string());
                true
            }
        }
    }

    fn awaits_confirmation(&mut self) -> bool {
        let waiting = |task: &&Task| matches!(task.work, Work::Prune(PruneDecision::WaitConfirmation));
        let keys: Vec<String> = self.plan.tasks().filter(waiting).map(|task| task.key.to_string()).collect();
        if let Some(first) = keys.first() {
            let others = if keys.len() > 1 { format!(" and {} more", keys.len() - 1) } else { String::new() };
            self.say(format!("waiting for the confirmation to prune {first}{others}"));
        }
        !keys.is_empty()
    }

    /// Whether the dry run is behind us. It is made once per try, before the first write.
    fn dry_run(&mut self) -> bool {
        let started = self.state().sync_result.as_ref().is_some_and(|result| !result.resources.is_empty());
        if started {
            return true;
        }
        let attempt = self.state().retry_count;
        let report = self.seen.dry_run.as_ref().filter(|report| report.attempt == attempt);
        let Some(report) = report else {
            let objects = self.plan.tasks().chain(&self.plan.on_failure).filter_map(dry_run_object).collect();
            self.decision.actions.push(SyncAction::DryRun { attempt, objects });
            self.say("one or more tasks are running");
            return false;
        };
        if !report.failures.is_empty() {
            self.record_refusals(&report.failures);
            self.give_up("one or more objects failed to apply (dry run)".to_owned());
            return false;
        }
        if self.plan.dry_run {
            self.finish(OperationPhase::Succeeded, "successfully synced (dry run)".to_owned());
            return false;
        }
        true
    }

    fn record_refusals(&mut self, failures: &[(ObjectKey, String)]) {
        let tasks: Vec<&Task> = self.plan.tasks().collect();
        for task in tasks {
            if let Some((_, message)) = failures.iter().find(|(key, _)| *key == task.key) {
                self.record(task, Some(ResultCode::SyncFailed), OperationPhase::Failed, message.clone());
            }
        }
    }

    fn record_outcomes(&mut self) {
        let tasks: Vec<&Task> = self.plan.tasks().chain(&self.plan.on_failure).collect();
        for task in tasks {
            if self.result(task).is_some() {
                continue;
            }
            let adopted =
                task.is_hook() && self.live(task).is_some_and(|live| live.hook_run == Some(self.run_mark()));
            match self.seen.outcomes.get(&self.id(task)).cloned() {
                Some(Ok(message)) => {
                    let (code, phase) = match task.work {
                        Work::Apply { .. } => (ResultCode::Synced, OperationPhase::Running),
                        Work::Prune(_) => (ResultCode::Pruned, OperationPhase::Succeeded),
                    };
                    self.record(task, Some(code), phase, message);
                }
                Some(Err(message)) => {
                    self.record(task, Some(ResultCode::SyncFailed), OperationPhase::Failed, message);
                }
                // The hook was made, and the outcome was lost.
                None if adopted => {
                    self.record(task, Some(ResultCode::Synced), OperationPhase::Running, String::new());
                }
                None => {}
            }
        }
    }

    /// Reads from the live objects how the tasks that run are doing.
    fn observe_running(&mut self) {
        let tasks: Vec<&Task> = self.plan.tasks().chain(&self.plan.on_failure).collect();
        for task in tasks {
            if self.progress(task) != Progress::Running {
                continue;
            }
            let Some(live) = self.live(task) else { continue };
            let phase = live
                .health
                .as_ref()
                .map_or(OperationPhase::Succeeded, |health| phase_of(health.status, task.is_hook()));
            let message =
                live.health.as_ref().map(|health| health.message.clone()).filter(|text| !text.is_empty());
            let mut results = self.results().iter_mut();
            if let Some(result) =
                results.find(|result| result.key == task.key && result.sync_phase == task.phase)
            {
                result.hook_phase = phase;
                result.message = message.unwrap_or_else(|| result.message.clone());
            }
        }
    }

    /// Lets go of the hooks whose end was seen.
    fn release_finished_hooks(&mut self) {
        let tasks: Vec<&Task> = self.plan.tasks().chain(&self.plan.on_failure).collect();
        for task in tasks.into_iter().filter(|task| task.is_hook()) {
            let ended = matches!(self.progress(task), Progress::Done | Progress::Failed);
            if ended && self.live(task).is_some_and(|live| live.has_hook_finalizer) {
                self.decision.actions.push(SyncAction::RemoveHookFinalizer { key: task.key.clone() });
            }
        }
    }

    /// Whether a wave needs nothing more.
    ///
    /// Hooks are waited for, and objects where something comes after them. A sync ends when its last objects are
    /// applied, whatever their health is then.
    fn is_finished(&self, wave: &Wave) -> bool {
        let several = self.plan.waves.len() > 1;
        let is_last =
            self.plan.waves.last().is_some_and(|last| (last.phase, last.number) == (wave.phase, wave.number));
        let ends_at_apply = is_last && !wave.tasks.iter().any(Task::is_hook);
        wave.tasks.iter().all(|task| match self.progress(task) {
            Progress::Pending | Progress::Failed => false,
            Progress::Running => !task.is_hook() && (ends_at_apply || !several),
            Progress::Done => ends_at_apply || !self.is_going(task),
        })
    }

    fn is_going(&self, task: &Task) -> bool {
        matches!(task.work, Work::Prune(PruneDecision::Prune)) && self.live(task).is_some()
    }

    /// Asks for what a wave still needs.
    fn advance(&mut self, wave: &Wave) {
        let prunes_first = |task: &&Task| matches!(task.work, Work::Prune(_));
        let (prunes, applies): (Vec<&Task>, Vec<&Task>) = wave.tasks.iter().partition(prunes_first);
        for task in prunes.into_iter().chain(applies) {
            if self.progress(task) == Progress::Pending {
                self.start(task);
            }
        }
        self.say_what_is_awaited(wave);
    }

    fn start(&mut self, task: &Task) {
        let id = self.id(task);
        match &task.work {
            Work::Apply { target, mode } => {
                let outdated =
                    self.live(task).filter(|_| task.has_policy(DeletePolicy::BeforeHookCreation)).cloned();
                match outdated {
                    Some(hook) if hook.deleting && !hook.has_hook_finalizer => {}
                    Some(hook) => self.delete_hook(&task.key, &hook),
                    None => {
                        let target =
                            Box::new(if task.is_hook() { self.marked(target) } else { (**target).clone() });
                        self.decision.actions.push(SyncAction::Apply { task: id, target, mode: *mode });
                    }
                }
            }
            Work::Prune(PruneDecision::Prune) => match self.live(task).cloned() {
                Some(live) if !live.deleting => {
                    let propagation = self.plan.propagation;
                    self.decision.actions.push(SyncAction::Prune { task: id, uid: live.uid, propagation });
                }
                Some(_) | None => {
                    let message = "pruned".to_owned();
                    self.record(task, Some(ResultCode::Pruned), OperationPhase::Succeeded, message);
                }
            },
            Work::Prune(PruneDecision::Skip | PruneDecision::WaitConfirmation) => {
                let reason = if self.state().operation.sync.prune {
                    "ignored (no prune)"
                } else {
                    "ignored (requires pruning)"
                };
                self.record(
                    task,
                    Some(ResultCode::PruneSkipped),
                    OperationPhase::Succeeded,
                    reason.to_owned(),
                );
            }
        }
    }

    fn delete_hook(&mut self, key: &ObjectKey, hook: &LiveFact) {
        if hook.has_hook_finalizer {
            self.decision.actions.push(SyncAction::RemoveHookFinalizer { key: key.clone() });
        }
        if !hook.deleting {
            self.decision.actions.push(SyncAction::DeleteHook { key: key.clone(), uid: hook.uid.clone() });
        }
    }

    fn say_what_is_awaited(&mut self, wave: &Wave) {
        let waiting: Vec<&Task> = wave
            .tasks
            .iter()
            .filter(|task| self.progress(task) == Progress::Running || self.is_going(task))
            .collect();
        let Some(first) = waiting.first() else { return self.say("one or more tasks are running") };
        let (what, others) = match (&first.work, first.is_hook()) {
            (Work::Prune(_), _) => ("deletion of", "resources"),
            (Work::Apply { .. }, true) => ("completion of hook", "hooks"),
            (Work::Apply { .. }, false) => ("healthy state of", "resources"),
        };
        let more = waiting.len() - 1;
        let more = if more > 0 { format!(" and {more} more {others}") } else { String::new() };
        let key = &first.key;
        let kept = self.live(first).filter(|live| live.deleting && !live.finalizers.is_empty());
        let kept = kept.map(|live| format!(" (kept by {})", live.finalizers.join(", "))).unwrap_or_default();
        self.say(format!("waiting for {what} {}/{}/{}{kept}{more}", key.group, key.kind, key.name));
    }

    fn succeed(&mut self) {
        self.delete_finished_hooks(DeletePolicy::HookSucceeded);
        let message = if self.plan.is_empty() { "no more tasks" } else { "all tasks run" };
        self.finish(OperationPhase::Succeeded, format!("successfully synced ({message})"));
    }

    /// Runs the hooks of a failure, then gives the try up.
    fn fail(&mut self, message: &str) {
        let failed = self.plan.tasks().filter_map(|task| self.result(task));
        let reasons: Vec<String> = failed
            .filter(|result| result.status == Some(ResultCode::SyncFailed) && !result.message.is_empty())
            .map(|result| result.message.clone())
            .collect();
        let message = if reasons.is_empty() {
            message.to_owned()
        } else {
            format!("{message}, reason: {}", reasons.join(","))
        };
        let hooks: Vec<&Task> = self.plan.on_failure.iter().collect();
        let unfinished = |machine: &Self, task: &Task| {
            matches!(machine.progress(task), Progress::Pending | Progress::Running)
        };
        if hooks.iter().any(|task| unfinished(self, task)) {
            for task in
                hooks.into_iter().filter(|task| self.progress(task) == Progress::Pending).collect::<Vec<_>>()
            {
                self.start(task);
            }
            return self.say(message);
        }
        self.delete_finished_hooks(DeletePolicy::HookFailed);
        self.give_up(message);
    }

    /// Ends this try; the next one is due later, if one is allowed.
    fn give_up(&mut self, message: String) {
        let attempt = self.state().retry_count;
        let retry = &self.state().operation.retry;
        match retry_delay(retry, attempt) {
            Ok(delay) if may_retry(retry, attempt) => {
                let at = self.now.after(delay);
                self.decision.next.retry_count = attempt.saturating_add(1);
                self.decision.next.finished_at = Some(self.now);
                self.decision.wake(at);
                self.say(format!("{message}. Retrying attempt #{} at {at}.", attempt.saturating_add(1)));
            }
            Ok(_) | Err(_) => self.finish(OperationPhase::Failed, message),
        }
    }

    fn delete_finished_hooks(&mut self, policy: DeletePolicy) {
        let hooks: Vec<&Task> = self.plan.tasks().filter(|task| task.has_policy(policy)).collect();
        for task in hooks {
            if let Some(live) = self.live(task).filter(|live| !live.deleting) {
                let (key, uid) = (task.key.clone(), live.uid.clone());
                self.decision.actions.push(SyncAction::DeleteHook { key, uid });
            }
        }
    }

    /// Stops the hooks that run, and ends the operation.
    fn terminate(&mut self) {
        let hooks: Vec<&Task> =
            self.plan.tasks().chain(&self.plan.on_failure).filter(|task| task.is_hook()).collect();
        for task in hooks {
            let Some(live) = self.live(task).filter(|live| live.hook_run == Some(self.run_mark())).cloned()
            else {
                continue;
            };
            let phase = live
                .health
                .as_ref()
                .map_or(OperationPhase::Succeeded, |health| phase_of(health.status, true));
            if phase == OperationPhase::Running {
                self.delete_hook(&task.key, &live);
                self.record(task, None, OperationPhase::Succeeded, "Deleted".to_owned());
            } else if live.has_hook_finalizer {
                self.decision.actions.push(SyncAction::RemoveHookFinalizer { key: task.key.clone() });
            }
        }
        self.finish(OperationPhase::Failed, "Operation terminated".to_owned());
    }

    fn finish(&mut self, phase: OperationPhase, message: String) {
        self.decision.next.phase = phase;
        self.decision.next.finished_at = Some(self.now);
        self.say(message);
    }

    fn say(&mut self, message: impl Into<String>) {
        self.decision.next.message = message.into();
    }

    fn id(&self, task: &Task) -> TaskId {
        TaskId { key: task.key.clone(), phase: task.phase, attempt: self.state().retry_count }
    }

    fn live(&self, task: &Task) -> Option<&LiveFact> {
        self.seen.live.get(&task.key)
    }

    fn result(&self, task: &Task) -> Option<&ResourceResult> {
        let result = self.state().sync_result.as_ref()?;
        result.resources.iter().find(|result| result.key == task.key && result.sync_phase == task.phase)
    }

    fn progress(&self, task: &Task) -> Progress {
        match self.result(task).map(|result| result.hook_phase) {
            None => Progress::Pending,
            Some(OperationPhase::Running | OperationPhase::Terminating) => Progress::Running,
            Some(OperationPhase::Succeeded) => Progress::Done,
            Some(OperationPhase::Failed | OperationPhase::Error) => Progress::Failed,
        }
    }

    fn record(&mut self, task: &Task, status: Option<ResultCode>, phase: OperationPhase, message: String) {
        let target = match &task.work {
            Work::Apply { target, .. } => Some(target),
            Work::Prune(_) => None,
        };
        let result = ResourceResult {
            key: task.key.clone(),
            version: task.version.clone(),
            status,
            message,
            hook_type: if task.is_hook() { task.phase.as_str().into() } else { SmolStr::default() },
            hook_phase: phase,
            sync_phase: task.phase,
            images: target.map(|target| images_of(&target.root)).unwrap_or_default(),
        };
        let results = self.results();
        results.retain(|other| other.key != task.key || other.sync_phase != task.phase);
        results.push(result);
    }

    /// What ties a hook to this try of this operation.
    fn run_mark(&self) -> SmolStr {
        format_smolstr!("{}-{}", self.state().started_at.as_millis(), self.state().retry_count)
    }

    fn marked(&self, target: &Object) -> Object {
        let mut target = target.clone();
        target.root.set_at(&["metadata", "annotations", HOOK_RUN], Node::string(self.run_mark()));
        target
    }
}

fn dry_run_object(task: &Task) -> Option<DryRunObject> {
    match &task.work {
        Work::Apply { target, mode } => {
            Some(DryRunObject { target: (**target).clone(), mode: *mode, may_lack_kind: task.may_lack_kind })
        }
        Work::Prune(_) => None,
    }
}

/// What the health of a live object says about its task.
fn phase_of(health: HealthStatus, is_hook: bool) -> OperationPhase {
    match health {
        HealthStatus::Healthy => OperationPhase::Succeeded,
        HealthStatus::Degraded => OperationPhase::Failed,
        HealthStatus::Unknown if is_hook => OperationPhase::Failed,
        HealthStatus::Progressing
        | HealthStatus::Suspended
        | HealthStatus::Missing
        | HealthStatus::Unknown => OperationPhase::Running,
    }
}
