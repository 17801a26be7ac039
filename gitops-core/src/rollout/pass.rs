//! One pass: what it looks at, what it collects, and the order of its parts.

use smol_str::SmolStr;

use crate::api::rollout::{Rollout, RolloutStatus, StepKind, pause_reason};
use crate::decision::{Decision, Event};
use crate::time::Timestamp;

use super::conditions::{self, INVALID_SPEC};
use super::hash::{pod_template_hash, step_hash};
use super::replica_set::ReplicaSet;
use super::situation::{Roles, Situation};
use super::templates::same_template;
use super::validation::validate_spec;
use super::{RolloutAction, RolloutObserved, Stage};

/// One pass over a Rollout.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    pub(super) rollout: &'a Rollout,
    /// Specification and stored status.
    pub(super) situation: Situation<'a>,
    pub(super) seen: &'a RolloutObserved,
    pub(super) now: Timestamp,
    pub(super) roles: Roles<'a>,
    /// ReplicaSets that are neither new nor stable, oldest first.
    pub(super) others: Vec<&'a ReplicaSet>,
    /// What the specification amounts to, or why it does not hold.
    pub(super) wanted: Result<Hashes, String>,
    pub(super) control: ControlChange,
    /// The status to be.
    pub(super) next: RolloutStatus,
    actions: Vec<RolloutAction>,
    events: Vec<Event>,
    wake_at: Option<Timestamp>,
}

/// The hashes of the wanted pod template and of the steps.
#[derive(Clone, Debug, Default)]
pub(super) struct Hashes {
    pub(super) pod: SmolStr,
    pub(super) steps: SmolStr,
}

/// What a pass finds out about pausing and aborting.
#[derive(Clone, Debug, Default)]
pub(super) struct ControlChange {
    /// A reason to pause.
    pub(super) pause: Option<&'static str>,
    /// The pause step is over.
    pub(super) end_step_pause: bool,
    /// No pause holds any more.
    pub(super) clear_pauses: bool,
    /// A reason to abort.
    pub(super) abort: Option<String>,
    /// No abort holds any more.
    pub(super) clear_abort: bool,
}

impl<'a> Pass<'a> {
    pub(super) fn new(
        rollout: &'a Rollout,
        situation: Situation<'a>,
        seen: &'a RolloutObserved,
        now: Timestamp,
    ) -> Self {
        let wanted = hashes(rollout, situation);
        let mut sets: Vec<&ReplicaSet> = seen.replica_sets.iter().collect();
        sets.sort_by(|a, b| a.created.cmp(&b.created).then_with(|| a.name.cmp(&b.name)));
        let new = wanted.as_ref().ok().and_then(|hashes| find_new(situation, &sets, &hashes.pod));
        let stable_hash = &situation.status.revisions.stable_rs;
        let is_stable = |set: &&&ReplicaSet| !stable_hash.is_empty() && set.hash == *stable_hash;
        let stable =
            new.filter(|new| is_stable(&new)).or_else(|| sets.iter().copied().find(|set| is_stable(&set)));
        let is_role = |set: &&ReplicaSet| {
            new.is_some_and(|one| one.name == set.name) || stable.is_some_and(|one| one.name == set.name)
        };
        let others = sets.iter().copied().filter(|set| !is_role(set)).collect();
        Self {
            rollout,
            situation,
            seen,
            now,
            roles: Roles { new, stable },
            others,
            wanted,
            control: ControlChange::default(),
            next: situation.status.clone(),
            actions: vec![],
            events: vec![],
            wake_at: None,
        }
    }

    /// The ReplicaSets of every role.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a ReplicaSet> + use<'a> {
        self.seen.replica_sets.iter()
    }

    /// What this pass has to do.
    pub(super) fn stage(&self) -> Stage {
        let Ok(hashes) = &self.wanted else { return Stage::Refuse };
        if self.has_control_to_note() {
            return Stage::NoteControl;
        }
        if self.is_changed(hashes) {
            return Stage::Reset;
        }
        let replicas = self.situation.spec.replicas();
        let mut roles = self.roles.new.into_iter().chain(self.roles.stable).filter(|set| set.is_active());
        if roles.any(|set| set.desired_replicas.is_some_and(|desired| desired != replicas)) {
            return Stage::Scale;
        }
        Stage::Reconcile
    }

    /// Whether the pod template or the steps are others than the status tells of (`PodTemplateOrStepsChanged`).
    fn is_changed(&self, hashes: &Hashes) -> bool {
        let revisions = &self.situation.status.revisions;
        let pod = self.roles.new.map_or(&hashes.pod, |new| &new.hash);
        revisions.current_step_hash.is_empty()
            || revisions.current_step_hash != hashes.steps
            || !revisions.current_pod_hash.is_empty() && revisions.current_pod_hash != *pod
    }

    /// Says why nothing is done.
    pub(super) fn refuse(&mut self) {
        let message = self.wanted.clone().err().unwrap_or_default();
        self.invalid(message);
    }

    /// Marks the specification as one that does not hold.
    pub(super) fn invalid(&mut self, message: String) {
        let known = self.next.condition(INVALID_SPEC).is_some_and(|condition| condition.message == message);
        if !known {
            conditions::remove_condition(&mut self.next, INVALID_SPEC);
            let status = crate::api::rollout::ConditionStatus::True;
            let condition =
                conditions::condition(INVALID_SPEC, status, INVALID_SPEC, message.clone(), self.now);
            self.next.conditions.push(condition);
            self.warning(INVALID_SPEC, message);
        }
        self.finish_status();
    }

    /// Begins an update at its first step; back on the stable template, or on a recent one within the rollback
    /// window, all steps are skipped.
    pub(super) fn reset(&mut self) {
        self.ensure_new_replica_set();
        self.control.clear_pauses = true;
        self.control.clear_abort = true;
        self.count_pods();
        self.next.restarted_at = self.situation.spec.restart_at;
        self.next.control.promote_full = false;
        self.next.canary.step_analysis = None;
        self.next.canary.background_analysis = None;
        self.next.canary.rest.retain(|(key, _)| key != "stepPluginStatuses");
        let count = self.situation.step_count();
        self.next.revisions.current_step_index = (count > 0).then_some(0);
        if let Some(new) = self.roles.new.filter(|_| count > 0) {
            if new.hash == self.situation.status.revisions.stable_rs {
                self.next.revisions.current_step_index = Some(count);
                self.normal("SkipSteps", "Rollback to stable ReplicaSets");
            } else if self.is_rollback_within_window() && new.is_active() {
                self.next.revisions.current_step_index = Some(count);
                self.normal("SkipSteps", "Rollback to active ReplicaSets within RollbackWindow");
            }
        }
        self.record();
    }

    /// Carries out a new number of replicas, and nothing else.
    pub(super) fn scale_only(&mut self) {
        self.reconcile_replica_sets();
        self.count_pods();
        self.record();
    }

    /// The whole pass.
    pub(super) fn reconcile(&mut self) {
        if self.ensure_new_replica_set() {
            self.count_pods();
            self.record();
            return;
        }
        self.reconcile_revision();
        self.reconcile_services();
        let routed = self.reconcile_weight();
        self.reconcile_analysis_runs();
        let waits = self.control.pause.is_some() || self.control.abort.is_some() || !routed;
        if !waits && !self.reconcile_replica_sets() {
            self.reconcile_pause();
        }
        self.reconcile_history();
        self.count_pods();
        self.advance();
        self.record();
    }

    /// Pauses at a pause step, and wakes up at its end.
    fn reconcile_pause(&mut self) {
        let status = self.situation.status;
        let (Some(step), false, false) =
            (self.situation.current_step().0, self.situation.spec.paused, status.control.promote_full)
        else {
            return;
        };
        let StepKind::Pause(pause) = step.kind() else { return };
        match status.pause_condition(pause_reason::CANARY_PAUSE_STEP) {
            None if !status.control.controller_pause => {
                self.control.pause = Some(pause_reason::CANARY_PAUSE_STEP);
            }
            Some(condition) if pause.duration.is_some() => {
                if let Some(start) = condition.start_time {
                    self.wake(after_seconds(start, pause.seconds()));
                }
            }
            Some(_) | None => {}
        }
    }

    /// Whether the current step is over (`completedCurrentCanaryStep`).
    pub(super) fn is_step_completed(&self) -> bool {
        let Some(step) = self.situation.current_step().0.filter(|_| !self.situation.spec.paused) else {
            return false;
        };
        let weights = self.next.canary.weights.as_ref();
        let at_desired =
            || super::replicas::at_desired_replicas(self.situation, self.roles, &self.others, weights);
        match step.kind() {
            StepKind::Pause(pause) => self.is_pause_over(pause),
            StepKind::SetCanaryScale(_) => at_desired(),
            StepKind::SetWeight(_) => {
                at_desired() && weights.is_none_or(|weights| weights.verified != Some(false))
            }
            StepKind::Analysis(_) => self.is_step_analysis_successful(),
            StepKind::SetHeaderRoute(_) | StepKind::SetMirrorRoute(_) => true,
            // The two that this engine does not run were refused before.
            StepKind::Experiment(_) | StepKind::Plugin(_) | StepKind::Empty => false,
        }
    }

    fn is_pause_over(&self, pause: &crate::api::rollout::Pause) -> bool {
        let status = self.situation.status;
        match status.pause_condition(pause_reason::CANARY_PAUSE_STEP) {
            None => status.control.controller_pause,
            Some(condition) => {
                pause.duration.is_some()
                    && condition
                        .start_time
                        .is_some_and(|start| self.now >= after_seconds(start, pause.seconds()))
            }
        }
    }

    /// Whether the update is aborted, as far as this pass knows.
    pub(super) fn is_aborted(&self) -> bool {
        !self.control.clear_abort && (self.control.abort.is_some() || self.situation.status.control.abort)
    }

    pub(super) fn act(&mut self, action: RolloutAction) {
        self.actions.push(action);
    }

    pub(super) fn normal(&mut self, reason: &'static str, message: impl Into<String>) {
        self.events.push(Event::normal(self.rollout.key.clone(), SmolStr::new_static(reason), message));
    }

    pub(super) fn warning(&mut self, reason: &'static str, message: impl Into<String>) {
        self.events.push(Event::warning(self.rollout.key.clone(), SmolStr::new_static(reason), message));
    }

    pub(super) fn wake(&mut self, at: Timestamp) {
        self.wake_at = Some(self.wake_at.map_or(at, |earlier| earlier.min(at)));
    }

    /// The decision: the actions, and the status after them where it is another than the stored one.
    pub(super) fn decide(mut self) -> Decision<RolloutStatus, RolloutAction> {
        if self.next != *self.situation.status {
            self.actions.push(RolloutAction::SetStatus { status: Box::new(self.next.clone()) });
        }
        Decision { next: self.next, actions: self.actions, wake_at: self.wake_at, events: self.events }
    }
}

/// The instant a number of seconds later.
pub(super) fn after_seconds(start: Timestamp, seconds: i32) -> Timestamp {
    Timestamp::from_millis(start.as_millis().saturating_add(i64::from(seconds).saturating_mul(1000)))
}

/// The hashes of the specification, or why it cannot be driven.
fn hashes(rollout: &Rollout, situation: Situation<'_>) -> Result<Hashes, String> {
    if let Some(reason) = unsupported(situation) {
        return Err(reason);
    }
    if let Some(error) = validate_spec(rollout, "spec").first() {
        return Err(format!("The Rollout \"{}\" is invalid: {error}", rollout.key.name));
    }
    let collisions = situation.status.revisions.collision_count;
    let pod = pod_template_hash(&situation.spec.template, collisions)
        .map_err(|error| format!("spec.template: {error}"))?;
    let steps = step_hash(situation.spec).map_err(|error| format!("spec.strategy.canary.steps: {error}"))?;
    Ok(Hashes { pod, steps })
}

/// The parts of `trafficRouting` that this engine does not drive.
const ROUTERS: [&str; 9] =
    ["istio", "nginx", "smi", "ambassador", "appMesh", "traefik", "apisix", "plugins", "managedRoutes"];

/// What this engine does not drive, in one sentence.
fn unsupported(situation: Situation<'_>) -> Option<String> {
    let Some(canary) = situation.canary() else {
        return Some("spec.strategy: only the canary strategy is driven by this engine".to_owned());
    };
    if situation.spec.workload_ref.is_some() {
        return Some(
            "spec.workloadRef: not driven by this engine; write the pod template into the rollout".to_owned(),
        );
    }
    let step = canary.steps.iter().position(|step| {
        matches!(step.kind(), StepKind::Experiment(_) | StepKind::Plugin(_) | StepKind::Empty)
            || step.set_mirror_route.is_some()
            || step.set_header_route.is_some()
    });
    if let Some(at) = step {
        return Some(format!(
            "spec.strategy.canary.steps[{at}]: this kind of step is not driven by this engine"
        ));
    }
    let routing = canary.traffic_routing.as_ref()?;
    let router = ROUTERS.into_iter().find(|router| routing.has(router))?;
    Some(format!("spec.strategy.canary.trafficRouting.{router}: not driven by this engine"))
}

/// The ReplicaSet of the wanted pod template: by its hash, else by the template itself, so that another release
/// of a controller, which may compute another hash, starts no update (`FindNewReplicaSet`).
fn find_new<'a>(situation: Situation<'_>, sets: &[&'a ReplicaSet], hash: &str) -> Option<&'a ReplicaSet> {
    let by_hash = sets.iter().copied().find(|set| set.hash == hash);
    by_hash
        .or_else(|| sets.iter().copied().find(|set| same_template(&set.template, &situation.spec.template)))
}
