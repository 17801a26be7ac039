//! The order of a sync: phases, waves, kinds and names, and what must come before what.

use super::options::{SYNC_OPTIONS, has_annotation_value};
use crate::api::application::SyncPhase;
use crate::object::Object;

/// The annotation that holds an object's wave.
pub const SYNC_WAVE: &str = "argocd.argoproj.io/sync-wave";
const HELM_WEIGHT: &str = "helm.sh/hook-weight";

/// The order in which kinds are applied; kinds that are not listed come last.
const KIND_ORDER: [&str; 35] = [
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
];

/// The place of a kind in the order of a sync; kinds that are not listed share the last place.
pub fn kind_order(kind: &str) -> usize {
    KIND_ORDER.iter().position(|known| *known == kind).unwrap_or(KIND_ORDER.len())
}

/// The wave of an object: the first of its annotation and Helm's weight that is a whole number, else 0.
pub fn sync_wave(object: &Object) -> i64 {
    [SYNC_WAVE, HELM_WEIGHT]
        .into_iter()
        .find_map(|annotation| object.annotation(annotation)?.parse().ok())
        .unwrap_or(0)
}

/// One step of a sync: an object that is applied, or pruned where there is no target.
#[derive(Clone, Debug)]
pub struct Step {
    /// The phase in which it runs.
    pub phase: SyncPhase,
    /// The wave in which it runs.
    pub wave: i64,
    /// The object as it is wanted.
    pub target: Option<Object>,
    /// The object as it is.
    pub live: Option<Object>,
}

impl Step {
    /// A step in the wave that the object itself names; `None` where there is no object.
    pub fn new(phase: SyncPhase, target: Option<Object>, live: Option<Object>) -> Option<Self> {
        let wave = sync_wave(target.as_ref().or(live.as_ref())?);
        Some(Self { phase, wave, target, live })
    }

    /// The object, wanted or else live.
    pub fn object(&self) -> Option<&Object> {
        self.target.as_ref().or(self.live.as_ref())
    }

    /// Whether the object left the source.
    pub fn is_prune(&self) -> bool {
        self.target.is_none()
    }
}

/// Sets the waves of prunes and puts the steps in order.
///
/// The waves of prunes are mirrored, so that what came last goes first. `PruneLast` then moves prunes behind
/// every wave of the `Sync` phase.
pub fn arrange(mut steps: Vec<Step>, prune_last: bool) -> Vec<Step> {
    mirror_prune_waves(&mut steps);
    move_prunes_last(&mut steps, prune_last);
    sort(steps)
}

fn mirror_prune_waves(steps: &mut [Step]) {
    let mut waves: Vec<i64> = steps.iter().filter(|step| step.is_prune()).map(|step| step.wave).collect();
    waves.sort_unstable();
    waves.dedup();
    for step in steps.iter_mut().filter(|step| step.is_prune()) {
        let mirrored = waves.iter().zip(waves.iter().rev()).find(|(wave, _)| **wave == step.wave);
        step.wave = mirrored.map_or(step.wave, |(_, wave)| *wave);
    }
}

fn move_prunes_last(steps: &mut [Step], prune_last: bool) {
    let in_sync = steps.iter().filter(|step| step.phase == SyncPhase::Sync).map(|step| step.wave);
    let last = in_sync.max().unwrap_or(0).max(0).saturating_add(1);
    let moves = |step: &Step| {
        step.is_prune()
            && (prune_last
                || step
                    .live
                    .as_ref()
                    .is_some_and(|live| has_annotation_value(live, SYNC_OPTIONS, "PruneLast=true")))
    };
    for step in steps.iter_mut().filter(|step| moves(step)) {
        step.wave = last;
    }
}

/// Puts the steps in order: phase, wave, kind, name; then a Namespace before its first inhabitant and a
/// definition before the first object of its kind, in that object's phase and wave.
pub fn sort(mut steps: Vec<Step>) -> Vec<Step> {
    steps.sort_by(|a, b| {
        let place =
            |step: &Step| (step.phase, step.wave, step.object().map_or(0, |o| kind_order(&o.key.kind)));
        let name = |step: &Step| step.object().map(|object| object.key.name.clone());
        place(a).cmp(&place(b)).then_with(|| name(a).cmp(&name(b)))
    });
    move_forward(&mut steps, namespace_name, |object| object.key.namespace.to_string());
    move_forward(&mut steps, defined_kind, |object| format!("{}/{}", object.key.group, object.key.kind));
    steps
}

/// The name of a Namespace.
fn namespace_name(object: &Object) -> Option<String> {
    (object.key.kind == "Namespace" && object.key.group.is_empty()).then(|| object.key.name.to_string())
}

/// The `group/kind` that a definition brings.
fn defined_kind(object: &Object) -> Option<String> {
    let is_definition =
        object.key.kind == "CustomResourceDefinition" && object.key.group == "apiextensions.k8s.io";
    let spec = object.root.get("spec").filter(|_| is_definition)?;
    Some(format!("{}/{}", spec.str_at(&["group"])?, spec.str_at(&["names", "kind"])?))
}

/// Moves each target that `provides` something before the first target that `needs` it.
fn move_forward(
    steps: &mut [Step],
    provides: impl Fn(&Object) -> Option<String>,
    needs: impl Fn(&Object) -> String,
) {
    for at in 0..steps.len() {
        let Some(name) = steps.get(at).and_then(|step| provides(step.target.as_ref()?)) else { continue };
        let first = steps.iter().take(at).position(|step| {
            step.target.as_ref().is_some_and(|target| provides(target).is_none() && needs(target) == name)
        });
        let Some(first) = first else { continue };
        let place = steps.get(first).map(|step| (step.phase, step.wave));
        if let (Some((phase, wave)), Some(step)) = (place, steps.get_mut(at)) {
            (step.phase, step.wave) = (phase, wave);
        }
        if let Some(range) = steps.get_mut(first..=at) {
            range.rotate_right(1);
        }
    }
}
