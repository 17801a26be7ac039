//! Services and weights: where traffic goes.

use smol_str::SmolStr;

use super::alb::{action_service, weight_annotations};
use super::pass::Pass;
use super::replica_set::ReplicaSet;
use super::weight::{
    can_stable_bear, desired_weight, previous_hash_of_dynamic_rollback, weight_message, weights_for,
};
use super::{IngressSeen, RolloutAction};

impl Pass<'_> {
    /// Points the stable and the canary Service at their pods (`reconcileStableAndCanaryService`).
    pub(super) fn reconcile_services(&mut self) {
        let Some(canary) = self.situation.canary() else { return };
        let (stable_service, canary_service) = (&canary.stable_service, &canary.canary_service);
        self.point(stable_service, self.roles.stable, true);
        if self.is_aborted() && !self.situation.has_traffic_routing() {
            self.point(canary_service, self.roles.stable, true);
        } else if previous_hash_of_dynamic_rollback(self.situation, self.roles).is_none()
            && !self.is_aborted()
        {
            self.point(canary_service, self.roles.new, true);
        }
    }

    /// Points a Service at a ReplicaSet. On its first adoption all pods must be available, later one suffices.
    fn point(&mut self, service: &SmolStr, set: Option<&ReplicaSet>, check_availability: bool) {
        let (Some(set), Some(seen)) = (set, self.seen.services.get(service)) else { return };
        let is_ready = if seen.is_managed { set.counts.available > 0 } else { set.is_available() };
        if seen.hash == set.hash || check_availability && !is_ready {
            return;
        }
        self.normal(
            "SwitchService",
            format!("Switched selector for service '{service}' from '{}' to '{}'", seen.hash, set.hash),
        );
        self.act(RolloutAction::SetServiceSelector { service: service.clone(), hash: set.hash.clone() });
    }

    /// Writes the weight of this pass to the router (`reconcileTrafficRouting`). Says whether the pass may go on.
    pub(super) fn reconcile_weight(&mut self) -> bool {
        let routing = self.situation.canary().and_then(|canary| canary.traffic_routing.as_ref());
        let Some(alb) = routing.and_then(|routing| routing.alb.as_ref()) else {
            self.next.canary.weights = None;
            return true;
        };
        let weight = desired_weight(self.situation, self.roles, &self.others);
        if self.is_aborted() && weight == 0 {
            // After an abort the stable pods hold all traffic, whatever their availability.
            let service =
                self.situation.canary().map(|canary| canary.canary_service.clone()).unwrap_or_default();
            self.point(&service, self.roles.stable, false);
        }
        if !can_stable_bear(self.situation, self.roles.stable, weight) {
            return true;
        }
        for ingress in alb.all_ingresses() {
            let annotations = match self.annotations_for(ingress, weight) {
                Ok(annotations) => annotations,
                Err(message) => {
                    self.warning("TrafficRoutingError", message);
                    return false;
                }
            };
            if let Some(annotations) = annotations {
                self.normal(
                    "PatchingALBIngress",
                    format!("Updating Ingress `{ingress}` to desiredWeight '{weight}'"),
                );
                self.act(RolloutAction::SetWeight { ingress: ingress.clone(), weight, annotations });
            }
        }
        let weights = weights_for(self.situation, self.roles, weight);
        let stored = self.situation.status.canary.weights.as_ref();
        if stored != Some(&weights) {
            if stored.is_none_or(|stored| stored.canary.weight != weight) {
                self.normal("TrafficWeightUpdated", weight_message(stored, &weights));
            }
            self.next.canary.weights = Some(weights);
        }
        true
    }

    /// The annotations that an Ingress is to have; `None` where it has them.
    fn annotations_for(
        &self,
        ingress: &SmolStr,
        weight: i32,
    ) -> Result<Option<super::alb::Annotations>, String> {
        let seen: &IngressSeen =
            self.seen.ingresses.get(ingress).ok_or_else(|| format!("ingress `{ingress}` not found"))?;
        let service = action_service(self.rollout).map_err(|error| error.to_string())?;
        if !seen.services.contains(&service) {
            return Err(super::alb::AlbError::NoRule { service }.to_string());
        }
        let annotations = weight_annotations(self.rollout, &seen.annotations, weight, &[]);
        let annotations = annotations.map_err(|error| error.to_string())?;
        Ok(Some(annotations).filter(|annotations| *annotations != seen.annotations))
    }
}
