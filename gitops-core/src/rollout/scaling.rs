//! ReplicaSets: creating, scaling and clearing away.

use smol_str::{SmolStr, format_smolstr};

use crate::api::rollout::{ConditionStatus, pause_reason};
use crate::time::Timestamp;

use super::RolloutAction;
use super::conditions::{NEW_REPLICA_SET, PROGRESSING, condition, set_condition};
use super::pass::{Pass, after_seconds};
use super::replica_set::ReplicaSet;
use super::replicas::{desired_replicas, max_unavailable};
use super::templates::replica_set_manifest;

impl<'a> Pass<'a> {
    /// Creates the ReplicaSet of the wanted pod template where it is not there, and says whether it did.
    pub(super) fn ensure_new_replica_set(&mut self) -> bool {
        let (None, Ok(hashes)) = (self.roles.new, &self.wanted) else { return false };
        let hash = hashes.pod.clone();
        let name = format_smolstr!("{}-{hash}", self.rollout.key.name);
        let revision = self.latest_old_revision() + 1;
        let manifest = replica_set_manifest(self.rollout, &name, &hash, revision);
        self.act(RolloutAction::CreateReplicaSet { name: name.clone(), hash, manifest });
        self.act(RolloutAction::SetRevision { replica_set: name.clone(), revision });
        self.normal(NEW_REPLICA_SET, format!("Created ReplicaSet {name} (revision {revision})"));
        self.normal("RolloutUpdated", format!("Rollout updated to revision {revision}"));
        let message = format!("Created new replica set \"{name}\"");
        set_condition(
            &mut self.next,
            condition(PROGRESSING, ConditionStatus::True, NEW_REPLICA_SET, message, self.now),
        );
        true
    }

    fn latest_old_revision(&self) -> i64 {
        let new = self.roles.new.map(|set| &set.name);
        let old = self.all().filter(|set| new != Some(&set.name));
        old.filter_map(|set| set.revision).max().unwrap_or(0)
    }

    /// Makes the wanted ReplicaSet the latest revision, as after a rollback to an old one.
    pub(super) fn reconcile_revision(&mut self) {
        let Some(new) = self.roles.new else { return };
        let wanted = (self.latest_old_revision() + 1).max(new.revision.unwrap_or(0));
        if new.revision != Some(wanted) || self.rollout.revision != Some(wanted) {
            self.act(RolloutAction::SetRevision { replica_set: new.name.clone(), revision: wanted });
        }
    }

    /// Scales the stable, the new and the old ReplicaSets, one kind a pass (`reconcileCanaryReplicaSets`). Says
    /// whether something was scaled.
    pub(super) fn reconcile_replica_sets(&mut self) -> bool {
        let status = self.situation.status;
        if self.situation.spec.paused || status.pause_condition(pause_reason::INCONCLUSIVE_ANALYSIS).is_some()
        {
            return false;
        }
        self.remove_deadlines();
        self.scale_stable() || self.scale_new() || self.scale_others()
    }

    /// Removes the deadlines of ReplicaSets that are wanted again.
    fn remove_deadlines(&mut self) {
        let new = self.roles.new.filter(|_| !self.delays_scale_down_on_abort());
        let stable = self.roles.stable.filter(|stable| new.is_none_or(|new| new.name != stable.name));
        for set in new.into_iter().chain(stable).filter(|set| set.has_scale_down_deadline()) {
            self.act(RolloutAction::SetScaleDownDeadline { name: set.name.clone(), deadline: None });
        }
    }

    fn scale_stable(&mut self) -> bool {
        let Some(stable) = self.roles.other_stable() else { return false };
        // The stored weights, not those of this pass: the stable ReplicaSet shrinks after its traffic has moved.
        let weights = self.situation.status.canary.weights.as_ref();
        let split = desired_replicas(self.situation, self.roles, &self.others, weights);
        self.scale(stable, split.stable)
    }

    fn scale_new(&mut self) -> bool {
        let Some(new) = self.roles.new else { return false };
        let weights = self.next.canary.weights.clone();
        let split = desired_replicas(self.situation, self.roles, &self.others, weights.as_ref());
        let delay = self.situation.abort_scale_down_delay_seconds();
        let (true, Some(seconds)) = (self.delays_scale_down_on_abort(), delay) else {
            return self.scale(new, split.canary);
        };
        match new.deadline() {
            Some(deadline) if deadline > self.now => {
                self.wake(deadline);
                self.note_desired(new);
                false
            }
            Some(_) => self.scale(new, 0),
            None => {
                self.note_desired(new);
                let available = self.roles.stable.map_or(0, |stable| stable.counts.available);
                if available >= self.situation.spec.replicas() && new.is_active() {
                    self.set_deadline(new, seconds);
                }
                false
            }
        }
    }

    /// Whether the canary of an aborted update stays up for a while (`shouldDelayScaleDownOnAbort`).
    fn delays_scale_down_on_abort(&self) -> bool {
        // Where the stable pods are those of the wanted template, there is no canary to scale down.
        self.is_aborted()
            && self.roles.other_stable().is_some()
            && self.situation.has_traffic_routing()
            && self.situation.abort_scale_down_delay_seconds().is_some()
            && (!self.situation.has_dynamic_stable_scale() || self.situation.keeps_canary_after_abort())
    }

    fn set_deadline(&mut self, set: &ReplicaSet, seconds: i32) {
        let deadline = whole_second(after_seconds(self.now, seconds));
        self.act(RolloutAction::SetScaleDownDeadline { name: set.name.clone(), deadline: Some(deadline) });
        self.wake(deadline);
    }

    /// Scales the ReplicaSets that are neither new nor stable down (`scaleDownOldReplicaSetsForCanary`).
    fn scale_others(&mut self) -> bool {
        let mut active: Vec<&'a ReplicaSet> =
            self.others.iter().copied().filter(|set| set.is_active()).collect();
        if active.is_empty() {
            return false;
        }
        let mut scaled = false;
        let mut wanted: Vec<(&'a ReplicaSet, i32)> = vec![];
        active.sort_by_key(|set| std::cmp::Reverse((set.revision, set.created)));
        for set in active {
            // Pods that never became available go first: they serve nobody.
            let available = set.counts.available.min(set.counts.wanted);
            if available < set.counts.wanted {
                scaled |= self.scale(set, available);
            }
            wanted.push((set, available));
        }
        let available: i32 = self.all().map(|set| set.counts.available).sum();
        let mut most = available - (self.situation.spec.replicas() - max_unavailable(self.situation));
        let mut kept = 0;
        for (set, count) in wanted.into_iter().filter(|(_, count)| *count > 0) {
            let routed = self.situation.has_traffic_routing();
            if most <= 0 {
                break;
            }
            if routed && self.is_referenced(set) {
                continue;
            }
            let target =
                if routed { self.target_of_old(set, count, &mut kept) } else { (count - most).max(0) };
            if target != count {
                scaled |= self.scale(set, target);
                most -= count - target;
            }
        }
        scaled
    }

    /// The pods of an old ReplicaSet beside a router: the previous stable one stays up for a while after the
    /// promotion, one of an update that was replaced goes at once.
    fn target_of_old(&mut self, set: &ReplicaSet, count: i32, kept: &mut i32) -> i32 {
        let scaling = self.situation.canary().map(|canary| canary.scaling.clone()).unwrap_or_default();
        let is_previous = self.situation.status.is_fully_promoted() || set.has_scale_down_deadline();
        if !is_previous || scaling.dynamic_stable_scale {
            return 0;
        }
        let limit = scaling.scale_down_delay_revision_limit.unwrap_or(i32::MAX);
        if *kept >= limit {
            return 0;
        }
        *kept += 1;
        let seconds = scaling.scale_down_delay_seconds.unwrap_or(30);
        match set.deadline() {
            Some(deadline) if deadline > self.now => {
                self.wake(deadline);
                count
            }
            Some(_) => 0,
            None if set.has_scale_down_deadline() || seconds == 0 => 0,
            None => {
                self.set_deadline(set, seconds);
                count
            }
        }
    }

    /// Whether traffic may still reach a ReplicaSet (`isReplicaSetReferenced`).
    fn is_referenced(&self, set: &ReplicaSet) -> bool {
        let status = self.situation.status;
        let weights = status.canary.weights.as_ref();
        let weights = weights.map(|w| [&w.canary.pod_template_hash, &w.stable.pod_template_hash]);
        let recorded = [&status.revisions.stable_rs, &status.revisions.current_pod_hash];
        let canary = self.situation.canary();
        let services = canary.map(|canary| [&canary.canary_service, &canary.stable_service]);
        let selected = services.into_iter().flatten().filter_map(|name| self.seen.services.get(name));
        let mut hashes = recorded.into_iter().chain(weights.into_iter().flatten());
        !set.hash.is_empty()
            && (hashes.any(|hash| *hash == set.hash) || { selected }.any(|service| service.hash == set.hash))
    }

    fn note_desired(&mut self, set: &ReplicaSet) {
        self.scale(set, set.counts.wanted);
    }

    /// Scales a ReplicaSet where it needs it, and says whether its number of pods changes.
    fn scale(&mut self, set: &ReplicaSet, replicas: i32) -> bool {
        let desired = self.situation.spec.replicas();
        let before = set.counts.wanted;
        if before == replicas && set.desired_replicas == Some(desired) {
            return false;
        }
        self.act(RolloutAction::ScaleReplicaSet { name: set.name.clone(), replicas, desired });
        if before == replicas {
            return false;
        }
        let direction = if before < replicas { "up" } else { "down" };
        let revision = set.revision.unwrap_or(0);
        let message = format!(
            "Scaled {direction} ReplicaSet {} (revision {revision}) from {before} to {replicas}",
            set.name
        );
        self.normal("ScalingReplicaSet", message);
        true
    }

    /// Deletes the oldest ReplicaSets beyond `revisionHistoryLimit`; one with pods stays.
    pub(super) fn reconcile_history(&mut self) {
        let limit = self.situation.spec.history.revisions.unwrap_or(10);
        let limit = usize::try_from(limit).unwrap_or(0);
        let alive: Vec<&ReplicaSet> = self.others.iter().copied().filter(|set| !set.is_deleting).collect();
        let surplus = alive.len().saturating_sub(limit);
        let empty = |set: &&&ReplicaSet| set.counts.wanted == 0 && set.counts.created == 0;
        let names: Vec<SmolStr> =
            alive.iter().take(surplus).filter(empty).map(|set| set.name.clone()).collect();
        for name in names {
            self.act(RolloutAction::DeleteReplicaSet { name });
        }
    }
}

/// The instant without its fraction, as Kubernetes stores it.
fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_seconds(at.as_seconds())
}
