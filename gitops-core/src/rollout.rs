//! The canary of Argo Rollouts as one pure machine: what is asked for, what is stored and what is seen go in, the
//! next status and the actions come out.
//!
//! Never talks to a cluster, a load balancer or a metrics store, and keeps nothing between two calls: all that it
//! knows stands in `status`, where Argo stores it too.

pub mod alb;
pub mod analysis;
mod analysis_runs;
pub mod conditions;
pub mod gateway_api;
mod go_json;
mod go_types;
pub mod hash;
pub mod nginx;
mod pass;
pub mod phase;
pub mod pod_template;
mod promotion;
mod replica_set;
pub mod replicas;
mod routing;
mod scaling;
mod situation;
mod status;
pub mod templates;
pub mod validation;
mod verdict;
pub mod weight;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use smol_str::SmolStr;

pub use analysis_runs::{ROLLOUT_TYPE_LABEL, STEP_INDEX_LABEL, runs_to_delete};
pub use replica_set::{
    DESIRED_REPLICAS_ANNOTATION, EPHEMERAL_METADATA_ANNOTATION, ReplicaCounts, ReplicaSet,
    SCALE_DOWN_DEADLINE_ANNOTATION,
};
pub use situation::{Roles, Situation, step_text};
pub use verdict::verdict;

use crate::api::analysis::{AnalysisRun, AnalysisTemplate};
use crate::api::rollout::{Rollout, RolloutStatus};
use crate::decision::Decision;
use crate::time::Timestamp;
use crate::yaml::Node;

use pass::Pass;

/// What is seen of a Rollout's surroundings: everything, not what changed.
#[derive(Clone, Debug, Default)]
pub struct RolloutObserved {
    /// Its ReplicaSets.
    pub replica_sets: Vec<ReplicaSet>,
    /// The Services that it names.
    pub services: BTreeMap<SmolStr, ServiceSeen>,
    /// The Ingresses that it names.
    pub ingresses: BTreeMap<SmolStr, IngressSeen>,
    /// Its AnalysisRuns.
    pub runs: Vec<AnalysisRun>,
    /// The templates that it names, and those that they name.
    pub templates: Vec<AnalysisTemplate>,
}

/// A Service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceSeen {
    /// The hash in its selector; empty where there is none.
    pub hash: SmolStr,
    /// Whether it carries the annotation of a Service that a Rollout manages.
    pub is_managed: bool,
}

/// An Ingress.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IngressSeen {
    /// Its annotations.
    pub annotations: alb::Annotations,
    /// The Services that its rules name.
    pub services: Vec<SmolStr>,
}

/// What the driver is to do. Each action can be done twice without harm.
#[derive(Clone, Debug, PartialEq)]
pub enum RolloutAction {
    /// Creates the ReplicaSet, without pods; one of this name that is there already is left as it is.
    CreateReplicaSet {
        /// Its name.
        name: SmolStr,
        /// The hash of its pod template.
        hash: SmolStr,
        /// The whole object.
        manifest: Node,
    },
    /// Sets the revision of a ReplicaSet and of the Rollout.
    SetRevision {
        /// The ReplicaSet.
        replica_set: SmolStr,
        /// The revision.
        revision: i64,
    },
    /// Sets the pods of a ReplicaSet, and notes the replicas of the Rollout on it.
    ScaleReplicaSet {
        /// The ReplicaSet.
        name: SmolStr,
        /// Its pods.
        replicas: i32,
        /// The replicas of the Rollout.
        desired: i32,
    },
    /// Sets or removes the instant until which a ReplicaSet stays up.
    SetScaleDownDeadline {
        /// The ReplicaSet.
        name: SmolStr,
        /// The instant; `None` removes it.
        deadline: Option<Timestamp>,
    },
    /// Deletes a ReplicaSet that has no pods.
    DeleteReplicaSet {
        /// The ReplicaSet.
        name: SmolStr,
    },
    /// Points a Service at the pods of a hash.
    SetServiceSelector {
        /// The Service.
        service: SmolStr,
        /// The hash.
        hash: SmolStr,
    },
    /// Sends a share of traffic to the canary: these are all annotations of the Ingress.
    SetWeight {
        /// The Ingress.
        ingress: SmolStr,
        /// The share.
        weight: i32,
        /// The annotations that it is to have.
        annotations: alb::Annotations,
    },
    /// Creates an AnalysisRun.
    CreateAnalysisRun {
        /// Its name.
        name: SmolStr,
        /// The whole object.
        manifest: Node,
    },
    /// Asks an AnalysisRun to end (`spec.terminate`).
    TerminateAnalysisRun {
        /// The run.
        name: SmolStr,
    },
    /// Deletes an AnalysisRun.
    DeleteAnalysisRun {
        /// The run.
        name: SmolStr,
    },
    /// Writes the status.
    SetStatus {
        /// All of it.
        status: Box<RolloutStatus>,
    },
}

/// What a pass has to do first; later kinds wait for the next pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The strategy is none that this engine drives, or the specification does not hold.
    Refuse,
    /// A person has paused, resumed or retried: it is noted first.
    NoteControl,
    /// The pod template or the steps are new: the update begins at its first step.
    Reset,
    /// The number of replicas is new: only that is carried out.
    Scale,
    /// Everything else.
    Reconcile,
}

/// One pass over a Rollout.
///
/// The driver carries the actions out in order, observes again and calls again, until there are none. At
/// `wake_at` it calls even if nothing changed. The order within a pass is Argo's: Services, weights, analysis,
/// ReplicaSets, pause, step, status; an abort is recorded in one pass and traffic moves in the next.
pub fn step(
    rollout: &Rollout,
    status: &RolloutStatus,
    seen: &RolloutObserved,
    now: Timestamp,
) -> Decision<RolloutStatus, RolloutAction> {
    let situation = Situation { spec: &rollout.spec, status };
    let mut pass = Pass::new(rollout, situation, seen, now);
    match pass.stage() {
        Stage::Refuse => pass.refuse(),
        Stage::NoteControl => pass.note_control(),
        Stage::Reset => pass.reset(),
        Stage::Scale => pass.scale_only(),
        Stage::Reconcile => pass.reconcile(),
    }
    pass.decide()
}
