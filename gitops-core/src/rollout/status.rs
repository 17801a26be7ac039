//! The status at the end of a pass: counts, pauses, the abort, conditions and the phase.

use smol_str::format_smolstr;

use crate::api::rollout::{Condition, ConditionStatus, PauseCondition, pause_reason};

use super::conditions::{
    ABORTED, AVAILABLE, COMPLETED, HEALTHY, INVALID_SPEC, NEW_REPLICA_SET_AVAILABLE, PAUSED, PROGRESSING,
    REPLICA_FAILURE, REPLICA_SET_NOT_AVAILABLE, REPLICA_SET_UPDATED, ROLLOUT_PAUSED, ROLLOUT_RESUMED,
    ROLLOUT_RETRY, TIMED_OUT, condition, is_completed, is_healthy, is_progressing, is_timed_out,
    progress_deadline, remove_condition, set_condition,
};
use super::pass::Pass;
use super::phase::phase;
use super::situation::Situation;

impl Pass<'_> {
    /// Writes the counts of pods and the hashes into the next status.
    pub(super) fn count_pods(&mut self) {
        let Ok(hashes) = self.wanted.clone() else { return };
        let sum = |count: fn(&super::ReplicaSet) -> i32| self.all().map(count).sum::<i32>();
        let counts = crate::api::rollout::ReplicaTotals {
            total: sum(|set| set.counts.created),
            updated: self.roles.new.map_or(0, |new| new.counts.created),
            ready: sum(|set| set.counts.ready),
            available: sum(|set| set.counts.available),
            hpa: sum(|set| set.counts.created),
        };
        self.next.replicas = counts;
        self.next.revisions.current_pod_hash = self.roles.new.map_or(hashes.pod, |new| new.hash.clone());
        self.next.revisions.current_step_hash = hashes.steps;
        self.next.selector = super::templates::selector_text(self.situation.spec.selector.as_ref()).into();
        if is_completed(&self.next) {
            self.next.control.promote_full = false;
        }
        remove_condition(&mut self.next, INVALID_SPEC);
    }

    /// Whether a person has paused, resumed or retried since the last pass (`checkPausedConditions`).
    pub(super) fn has_control_to_note(&self) -> bool {
        let observed =
            self.situation.status.observed_generation == format_smolstr!("{}", self.rollout.generation);
        observed && !self.control_conditions().is_empty()
    }

    fn control_conditions(&self) -> Vec<Condition> {
        let status = self.situation.status;
        let make = |kind, holds, reason, message: &str| condition(kind, holds, reason, message, self.now);
        let progressing = status.condition(PROGRESSING).map(|condition| condition.reason.as_str());
        let is_paused = !status.control.pause_conditions.is_empty() || self.situation.spec.paused;
        let was_aborted = progressing == Some(ABORTED);
        let mut list = vec![];
        if is_paused != (progressing == Some(ROLLOUT_PAUSED)) && !was_aborted && !is_completed(status) {
            let (reason, message) = if is_paused {
                (ROLLOUT_PAUSED, "Rollout is paused")
            } else {
                (ROLLOUT_RESUMED, "Rollout is resumed")
            };
            list.push(make(PROGRESSING, ConditionStatus::Unknown, reason, message));
        }
        if !status.control.abort && was_aborted {
            list.push(make(
                PROGRESSING,
                ConditionStatus::Unknown,
                ROLLOUT_RETRY,
                "Retrying Rollout after abort",
            ));
        }
        let was_paused =
            status.condition(PAUSED).is_some_and(|condition| condition.status == ConditionStatus::True);
        if is_paused != was_paused && !was_aborted {
            let holds = if is_paused { ConditionStatus::True } else { ConditionStatus::False };
            list.push(make(PAUSED, holds, ROLLOUT_PAUSED, "Rollout is paused"));
        }
        list
    }

    /// Notes it, and nothing else.
    pub(super) fn note_control(&mut self) {
        for condition in self.control_conditions() {
            set_condition(&mut self.next, condition);
        }
        self.finish_status();
    }

    /// Completes the next status: abort and pauses, then conditions, then the phase (`persistRolloutStatus`).
    pub(super) fn record(&mut self) {
        self.check_progress_deadline();
        self.record_abort_and_pauses();
        self.record_conditions();
        self.finish_status();
        self.announce_pause();
    }

    /// The generation that was seen and the phase.
    pub(super) fn finish_status(&mut self) {
        self.next.observed_generation = format_smolstr!("{}", self.rollout.generation);
        let next = Situation { spec: self.situation.spec, status: &self.next };
        let (word, message) = phase(next);
        self.next.phase = word;
        self.next.message = message;
    }

    /// Aborts an update that made no progress for too long, where that is asked for.
    fn check_progress_deadline(&mut self) {
        let applies = self.situation.spec.progress_deadline.abort
            && !self.is_aborted()
            && !is_completed(&self.next)
            && !is_progressing(self.situation, &self.next)
            && !self.is_indefinite()
            && is_timed_out(self.situation, self.situation.status, self.now);
        if applies {
            self.control.abort = Some(self.about_new_replica_set("has timed out progressing."));
        }
    }

    /// Whether the current step may last as long as it likes, or an old ReplicaSet waits for its deadline.
    fn is_indefinite(&self) -> bool {
        let step = self.situation.current_step().0;
        let at_step = step
            .is_some_and(|step| step.experiment.is_some() || step.analysis.is_some() || step.pause.is_some());
        let paused = self.situation.status.condition(PAUSED);
        at_step
            || paused.is_some_and(|condition| condition.status == ConditionStatus::True)
            || self.others.iter().any(|set| set.has_scale_down_deadline())
    }

    fn about_new_replica_set(&self, what: &str) -> String {
        self.roles.new.map_or_else(
            || format!("Rollout \"{}\" {what}", self.rollout.key.name),
            |new| format!("ReplicaSet \"{}\" {what}", new.name),
        )
    }

    fn record_abort_and_pauses(&mut self) {
        let stored = &self.situation.status.control;
        let control = &mut self.next.control;
        control.pause_conditions = vec![];
        control.controller_pause = false;
        let aborted = !self.control.clear_abort && (self.control.abort.is_some() || stored.abort);
        control.abort = aborted;
        control.aborted_at = aborted.then(|| stored.aborted_at.unwrap_or(self.now));
        if aborted || self.control.clear_pauses {
            return;
        }
        let is_over = |pause: &&PauseCondition| {
            !(self.control.end_step_pause && pause.reason == pause_reason::CANARY_PAUSE_STEP)
        };
        let mut pauses: Vec<_> = stored.pause_conditions.iter().filter(is_over).cloned().collect();
        let mut controller_pause = stored.controller_pause;
        if let Some(reason) = self.control.pause
            && stored.pause_conditions.iter().all(|pause| pause.reason != reason)
        {
            pauses.push(PauseCondition { reason: reason.into(), start_time: Some(self.now) });
            controller_pause = true;
        }
        control.controller_pause = controller_pause && !pauses.is_empty();
        control.pause_conditions = pauses;
    }

    /// Sets every condition from the next status (`calculateRolloutConditions`).
    fn record_conditions(&mut self) {
        let is_paused = !self.next.control.pause_conditions.is_empty() || self.situation.spec.paused;
        let healthy = is_healthy(self.situation, self.rollout.generation, &self.next);
        let became_unhealthy = self.record_healthy(healthy && !is_paused);
        if self.is_aborted() {
            self.record_abort();
        } else {
            self.record_progress(healthy, became_unhealthy);
        }
        let enough = self.next.replicas.available >= self.situation.spec.replicas();
        let (holds, message) = if enough {
            (ConditionStatus::True, "Rollout has minimum availability")
        } else {
            (ConditionStatus::False, "Rollout does not have minimum availability")
        };
        self.set(AVAILABLE, holds, "AvailableReason", message);
        let mut failures = self.roles.new.into_iter().chain(self.all()).filter_map(|set| set.failure.clone());
        match failures.next() {
            Some(failure) => {
                set_condition(&mut self.next, failure);
            }
            None => remove_condition(&mut self.next, REPLICA_FAILURE),
        }
        if is_completed(&self.next) {
            self.set(COMPLETED, ConditionStatus::True, "RolloutCompleted", "RolloutCompleted");
        } else if self.set(COMPLETED, ConditionStatus::False, "RolloutCompleted", "RolloutCompleted") {
            let (revision, hash) = (self.revision(), self.next.revisions.current_pod_hash.clone());
            self.normal(
                "RolloutNotCompleted",
                format!("Rollout not completed, started update to revision {revision} ({hash})"),
            );
        }
    }

    fn set(
        &mut self,
        kind: &'static str,
        holds: ConditionStatus,
        reason: &'static str,
        message: &str,
    ) -> bool {
        set_condition(&mut self.next, condition(kind, holds, reason, message, self.now))
    }

    /// Sets Healthy, and says whether it was lost.
    fn record_healthy(&mut self, healthy: bool) -> bool {
        if healthy {
            self.set(HEALTHY, ConditionStatus::True, "RolloutHealthy", "Rollout is healthy");
            return false;
        }
        self.situation.status.condition(HEALTHY).is_some()
            && self.set(HEALTHY, ConditionStatus::False, "RolloutHealthy", "Rollout is not healthy")
    }

    fn record_abort(&mut self) {
        let reason = self.control.abort.clone().filter(|reason| !reason.is_empty());
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let message = format!("Rollout aborted update to revision {}{reason}", self.revision());
        if self.set(PROGRESSING, ConditionStatus::False, ABORTED, &message) {
            self.warning(ABORTED, message);
        }
    }

    fn record_progress(&mut self, healthy: bool, became_unhealthy: bool) {
        if healthy {
            let name = self.roles.new.map(|new| new.name.as_str()).unwrap_or_default();
            let message = format!("ReplicaSet \"{name}\" has successfully progressed.");
            self.set(PROGRESSING, ConditionStatus::True, NEW_REPLICA_SET_AVAILABLE, &message);
        } else if is_progressing(self.situation, &self.next) || became_unhealthy {
            self.record_movement(became_unhealthy);
        } else if !self.is_indefinite() && is_timed_out(self.situation, &self.next, self.now) {
            let message = self.about_new_replica_set("has timed out progressing.");
            self.set(PROGRESSING, ConditionStatus::False, TIMED_OUT, &message);
        } else {
            self.watch_deadline();
        }
    }

    fn record_movement(&mut self, became_unhealthy: bool) {
        let (reason, message) = if self.next.is_fully_promoted() && became_unhealthy {
            (REPLICA_SET_NOT_AVAILABLE, "Rollout does not have minimum availability".to_owned())
        } else {
            (REPLICA_SET_UPDATED, self.about_new_replica_set("is progressing."))
        };
        let mut condition = condition(PROGRESSING, ConditionStatus::True, reason, message, self.now);
        let current = self.situation.status.condition(PROGRESSING);
        if let Some(current) = current.filter(|current| current.status == ConditionStatus::True) {
            condition.last_transition_time = current.last_transition_time;
        }
        // Each movement counts for the deadline, so that the condition is written even with the same reason.
        remove_condition(&mut self.next, PROGRESSING);
        self.next.conditions.push(condition);
        self.watch_deadline();
    }

    /// Wakes up when the progress deadline passes (`requeueStuckRollout`).
    fn watch_deadline(&mut self) {
        let waits = !self.next.control.pause_conditions.is_empty()
            || self.situation.spec.paused
            || self.is_indefinite()
            || is_healthy(self.situation, self.rollout.generation, &self.next);
        let since = self.next.condition(PROGRESSING).filter(|condition| condition.reason != TIMED_OUT);
        if let (false, Some(since)) = (waits, since.and_then(|condition| condition.last_update_time)) {
            let deadline = progress_deadline(self.situation, since);
            self.wake(deadline.after(std::time::Duration::from_millis(1)));
        }
    }

    fn announce_pause(&mut self) {
        let was = !self.situation.status.control.pause_conditions.is_empty();
        match self.next.control.pause_conditions.first().cloned() {
            Some(pause) if !was => {
                self.normal("RolloutPaused", format!("Rollout is paused ({})", pause.reason));
            }
            None if was && self.next.control.aborted_at.is_none() => {
                self.normal(ROLLOUT_RESUMED, "Rollout is resumed");
            }
            Some(_) | None => {}
        }
    }
}
