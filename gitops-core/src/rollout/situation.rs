//! What a Rollout asks for together with what is stored of it, and the questions about steps and weights that
//! follow from the two alone.

use crate::api::rollout::{CanaryStrategy, Rollout, RolloutSpec, RolloutStatus, SetCanaryScale, Step};

use super::replica_set::ReplicaSet;
use super::replicas::traffic_weight_to_replicas;

/// A specification and the status that belongs to it.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// What is asked for.
    pub spec: &'a RolloutSpec,
    /// What is stored.
    pub status: &'a RolloutStatus,
}

/// The two ReplicaSets that traffic can go to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Roles<'a> {
    /// The one of the wanted pod template.
    pub new: Option<&'a ReplicaSet>,
    /// The one that is known to be good; may be the same.
    pub stable: Option<&'a ReplicaSet>,
}

impl<'a> Roles<'a> {
    /// The stable ReplicaSet, where it is there and another than the new one.
    pub fn other_stable(&self) -> Option<&'a ReplicaSet> {
        self.stable.filter(|stable| self.new.is_none_or(|new| new.name != stable.name))
    }
}

impl<'a> From<&'a Rollout> for Situation<'a> {
    fn from(rollout: &'a Rollout) -> Self {
        Self { spec: &rollout.spec, status: &rollout.status }
    }
}

impl<'a> Situation<'a> {
    /// The canary strategy, where that is the strategy.
    pub fn canary(self) -> Option<&'a CanaryStrategy> {
        self.spec.canary.as_ref()
    }

    /// The steps of the canary.
    pub fn steps(self) -> &'a [Step] {
        self.canary().map_or(&[], |canary| &canary.steps)
    }

    /// How many steps there are.
    pub fn step_count(self) -> i32 {
        i32::try_from(self.steps().len()).unwrap_or(i32::MAX)
    }

    /// Whether traffic is split by a router; an empty `trafficRouting` counts.
    pub fn has_traffic_routing(self) -> bool {
        self.canary().is_some_and(|canary| canary.traffic_routing.is_some())
    }

    /// Whether the stable ReplicaSet shrinks as the canary grows.
    pub fn has_dynamic_stable_scale(self) -> bool {
        self.canary().is_some_and(|canary| canary.scaling.dynamic_stable_scale)
    }

    /// The weight that stands for all traffic: 100, unless `maxTrafficWeight` says another.
    pub fn max_traffic_weight(self) -> i32 {
        let routing = self.canary().and_then(|canary| canary.traffic_routing.as_ref());
        routing.and_then(|routing| routing.max_traffic_weight).unwrap_or(100)
    }

    /// The index of the current step; `None` without steps.
    pub fn current_step_index(self) -> Option<i32> {
        (!self.steps().is_empty()).then(|| self.status.revisions.current_step_index.unwrap_or(0))
    }

    /// The current step, and its index; no step where all are done, no index where there are none
    /// (`GetCurrentCanaryStep`).
    pub fn current_step(self) -> (Option<&'a Step>, Option<i32>) {
        let index = self.current_step_index();
        let step = index.and_then(|index| usize::try_from(index).ok()).and_then(|at| self.steps().get(at));
        (step, index)
    }

    /// The steps from the current one back to the first; none where all are done.
    fn steps_back(self) -> impl Iterator<Item = &'a Step> {
        let (step, index) = self.current_step();
        let count =
            step.and(index).and_then(|index| usize::try_from(index).ok()).map_or(0, |index| index + 1);
        self.steps().iter().take(count).rev()
    }

    /// The weight of the steps so far: that of the last `setWeight` up to the current step, 0 before the first
    /// and after an abort, all where every step is done (`GetCurrentSetWeight`).
    pub fn current_set_weight(self) -> i32 {
        if self.status.control.abort {
            return 0;
        }
        if self.current_step().0.is_none() {
            return self.max_traffic_weight();
        }
        self.steps_back().find_map(|step| step.set_weight).unwrap_or(0)
    }

    /// The weight of the last `setWeight` before the current step; 0 where there is none.
    pub fn previous_set_weight(self) -> i32 {
        let before = self.current_step_index().and_then(|index| usize::try_from(index).ok()).unwrap_or(0);
        self.steps().iter().take(before).rev().find_map(|step| step.set_weight).unwrap_or(0)
    }

    /// The `setCanaryScale` that is in force: the last one up to the current step, unless it says
    /// `matchTrafficWeight`; after an abort only where the canary is to stay up (`UseSetCanaryScale`).
    pub fn set_canary_scale(self) -> Option<&'a SetCanaryScale> {
        if !self.has_traffic_routing()
            || self.status.control.abort && self.abort_scale_down_delay_seconds().is_some()
        {
            return None;
        }
        let scale = self.steps_back().find_map(|step| step.set_canary_scale.as_ref());
        scale.filter(|scale| !scale.match_traffic_weight)
    }

    /// Either a fixed count of canary pods, or the weight to scale by (`GetCanaryReplicasOrWeight`).
    pub fn canary_replicas_or_weight(self, roles: Roles<'_>) -> (Option<i32>, i32) {
        let revisions = &self.status.revisions;
        if self.status.control.promote_full
            || revisions.stable_rs.is_empty()
            || self.status.is_fully_promoted()
        {
            return (None, self.max_traffic_weight());
        }
        match self.set_canary_scale() {
            Some(SetCanaryScale { replicas: Some(replicas), .. }) => (Some(*replicas), 0),
            Some(SetCanaryScale { weight: Some(weight), .. }) => (None, *weight),
            Some(SetCanaryScale { .. }) | None => (None, self.desired_canary_weight(roles)),
        }
    }

    /// The weight to scale by. After an abort with `dynamicStableScale` it goes down the list of `setWeight`
    /// steps as the stable ReplicaSet grows again; else it is that of the steps (`GetDesiredCanaryWeight`).
    pub fn desired_canary_weight(self, roles: Roles<'_>) -> i32 {
        let (true, true, Some(new), Some(stable)) =
            (self.status.control.abort, self.has_dynamic_stable_scale(), roles.new, roles.stable)
        else {
            return self.current_set_weight();
        };
        let replicas = self.spec.replicas();
        let expected = replicas.saturating_sub(stable.counts.available);
        // Where the canary is kept up for a while, its size must not hold the weight up, or neither would move.
        let canary =
            if self.keeps_canary_after_abort() { expected } else { expected.max(new.counts.available) };
        let weights = self.steps().iter().rev().filter_map(|step| step.set_weight);
        let maximum = self.max_traffic_weight();
        weights
            .into_iter()
            .find(|weight| traffic_weight_to_replicas(replicas, *weight, maximum) < canary)
            .unwrap_or(0)
    }

    /// Whether the background analysis is still to start (`BeforeStartingStep`).
    pub fn is_before_starting_step(self) -> bool {
        let start = self.canary().and_then(|canary| canary.analysis.as_ref()?.starting_step);
        matches!((start, self.current_step_index()), (Some(start), Some(index)) if index < start)
    }

    /// How long the canary stays up after an abort; `None` where it stays for ever, which
    /// `abortScaleDownDelaySeconds: 0` asks for.
    pub fn abort_scale_down_delay_seconds(self) -> Option<i32> {
        if !self.has_traffic_routing() {
            return Some(0);
        }
        match self.canary().and_then(|canary| canary.scaling.abort_scale_down_delay_seconds) {
            None => Some(30),
            Some(0) => None,
            Some(seconds) => Some(seconds),
        }
    }

    /// Whether the Rollout itself says how long the canary stays up after an abort.
    pub fn keeps_canary_after_abort(self) -> bool {
        let said = self.canary().and_then(|canary| canary.scaling.abort_scale_down_delay_seconds);
        self.has_traffic_routing() && said.is_some_and(|seconds| seconds != 0)
    }

    /// Whether the load balancer is to be asked for its weights (`ShouldVerifyWeight`).
    pub fn should_verify_weight(self, desired_weight: i32) -> bool {
        let updating = !self.status.revisions.stable_rs.is_empty() && !self.status.is_fully_promoted();
        let at_step = match self.current_step().0 {
            Some(step) => step.set_weight.is_some(),
            None => desired_weight == self.max_traffic_weight(),
        };
        updating && at_step
    }
}

/// One step in a few words, as it stands in the events of Argo (`CanaryStepString`).
pub fn step_text(step: &Step) -> String {
    if let Some(weight) = step.set_weight {
        return format!("setWeight: {weight}");
    }
    if let Some(pause) = &step.pause {
        return pause.duration.as_ref().map_or("pause".to_owned(), |duration| format!("pause: {duration}"));
    }
    if step.experiment.is_some() {
        return "experiment".to_owned();
    }
    if step.analysis.is_some() {
        return "analysis".to_owned();
    }
    match step.set_canary_scale {
        Some(SetCanaryScale { weight: Some(weight), .. }) => {
            return format!("setCanaryScale{{weight: {weight}}}");
        }
        Some(SetCanaryScale { match_traffic_weight: true, .. }) => {
            return "setCanaryScale{matchTrafficWeight: true}".to_owned();
        }
        Some(SetCanaryScale { replicas: Some(replicas), .. }) => {
            return format!("setCanaryScale{{replicas: {replicas}}}");
        }
        Some(SetCanaryScale { .. }) | None => {}
    }
    let name = |node: &crate::yaml::Node| node.str_at(&["name"]).unwrap_or_default().to_owned();
    if let Some(plugin) = &step.plugin {
        return format!("plugin: {}", name(plugin));
    }
    if let Some(route) = &step.set_header_route {
        return format!("setHeaderRoute: {}", route.name);
    }
    step.set_mirror_route
        .as_ref()
        .map_or_else(|| "invalid".to_owned(), |route| format!("setMirrorRoute: {}", name(route)))
}
