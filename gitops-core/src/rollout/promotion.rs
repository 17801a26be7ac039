//! The step index: advancing, promoting and going back.

use smol_str::SmolStr;

use crate::api::rollout::ProgressThreshold;

use super::conditions::is_completed;
use super::pass::Pass;
use super::replicas::progress_threshold_met;
use super::situation::step_text;

impl Pass<'_> {
    /// Moves the step index: at most one step a pass, to the end on a promotion, to the start on an abort
    /// (`syncRolloutStatusCanary`).
    pub(super) fn advance(&mut self) {
        let count = self.situation.step_count();
        let mut index = self.situation.current_step_index();
        if self.situation.status.control.promote_full || self.is_rollback_within_window() {
            self.control.clear_pauses = true;
            self.control.clear_abort = true;
            if count > 0 {
                index = Some(count);
            }
        }
        if let Some(reason) = self.promotion_reason() {
            self.promote(&reason);
            return;
        }
        if self.is_aborted() {
            if count > 0 {
                let at_end = self.next.revisions.stable_rs == self.next.revisions.current_pod_hash;
                self.next.revisions.current_step_index = Some(if at_end { count } else { 0 });
            }
            return;
        }
        if self.is_step_completed()
            && let (Some(step), Some(at)) = self.situation.current_step()
        {
            index = Some(at + 1);
            self.next.canary.step_analysis = None;
            self.normal(
                "RolloutStepCompleted",
                format!("Rollout step {}/{count} completed ({})", at + 1, step_text(step)),
            );
            self.control.end_step_pause = true;
        }
        self.next.revisions.current_step_index = index;
    }

    /// Why the wanted pod template becomes the stable one now, if it does (`shouldFullPromote`).
    fn promotion_reason(&self) -> Option<String> {
        if self.roles.stable.is_none() {
            return Some("Initial deploy".to_owned());
        }
        let new = self.roles.new.filter(|_| !self.is_aborted())?;
        let replicas = self.situation.spec.replicas();
        if new.counts.available < replicas && !progress_threshold_met(self.threshold(), Some(new), replicas) {
            return None;
        }
        if self.situation.status.control.promote_full {
            return Some("Full promotion requested".to_owned());
        }
        if self.is_rollback_within_window() {
            return Some("Rollback within window".to_owned());
        }
        if self.situation.status.revisions.stable_rs == new.hash {
            return Some("Fast rollback".to_owned());
        }
        let count = self.situation.step_count();
        let done = self.situation.current_step_index().is_none_or(|index| index == count);
        done.then(|| format!("Completed all {count} canary steps"))
    }

    fn threshold(&self) -> Option<ProgressThreshold> {
        self.situation.canary().and_then(|canary| canary.scaling.replica_progress_threshold)
    }

    /// Makes the wanted pod template the stable one.
    fn promote(&mut self, reason: &str) {
        self.control.clear_pauses = true;
        self.control.clear_abort = true;
        self.next.control.promote_full = false;
        let count = self.situation.step_count();
        self.next.revisions.current_step_index = (count > 0).then_some(count);
        if is_completed(&self.next) {
            return;
        }
        if self.situation.canary().is_some_and(|canary| canary.ping_pong.is_some()) {
            let other = if self.next.canary.stable_ping_pong == "ping" { "pong" } else { "ping" };
            self.next.canary.stable_ping_pong = SmolStr::new_static(other);
        }
        let hash = self.next.revisions.current_pod_hash.clone();
        let message = format!("Rollout completed update to revision {} ({hash}): {reason}", self.revision());
        self.normal("RolloutCompleted", message);
        self.next.revisions.stable_rs = hash;
    }

    /// The revision of the wanted pod template.
    pub(super) fn revision(&self) -> i64 {
        self.roles.new.and_then(|new| new.revision).or(self.rollout.revision).unwrap_or(0)
    }

    /// Whether the wanted pod template is an older one within `rollbackWindow` (`isRollbackWithinWindow`).
    pub(super) fn is_rollback_within_window(&self) -> bool {
        let (Some(new), Some(stable), Some(window)) =
            (self.roles.new, self.roles.stable, self.situation.spec.rollback_window)
        else {
            return false;
        };
        if new.created >= stable.created || window <= 0 {
            return false;
        }
        let between = self
            .all()
            .filter(|set| !set.is_experiment && set.created < stable.created && new.created < set.created);
        i32::try_from(between.count()).is_ok_and(|count| count < window)
    }

    /// Whether the wanted pod template is one that needs no steps (`isFastRollback`).
    pub(super) fn is_fast_rollback(&self) -> bool {
        let is_stable = |hash: &SmolStr| self.situation.status.revisions.stable_rs == *hash;
        self.roles.stable.is_some() && self.roles.new.is_some_and(|new| is_stable(&new.hash))
            || self.is_rollback_within_window()
    }
}
