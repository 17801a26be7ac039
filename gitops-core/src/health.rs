//! Health of one object as Argo CD names it.
//!
//! Each kind has a row in a table: a function for those whose health takes reasoning. Never talks to a cluster: it
//! judges what was observed.

mod argo;
mod custom;
mod general;
mod kubernetes;
mod pod;
mod view;
mod word;
mod workload;

use std::fmt;

use crate::object::Object;
use view::View;

/// How well an object does, from best to worst: the order in which Argo CD's `health.IsWorse` compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HealthStatus {
    /// It does its work.
    Healthy,
    /// It waits for someone to resume it.
    Suspended,
    /// It is on its way, and may get there.
    Progressing,
    /// It is not in the cluster.
    Missing,
    /// It failed, or did not get there in time.
    Degraded,
    /// Its health could not be found out.
    Unknown,
}

impl HealthStatus {
    /// Every status, from best to worst.
    pub const ALL: [Self; 6] =
        [Self::Healthy, Self::Suspended, Self::Progressing, Self::Missing, Self::Degraded, Self::Unknown];

    /// The word that Argo CD writes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::Suspended => "Suspended",
            Self::Progressing => "Progressing",
            Self::Missing => "Missing",
            Self::Degraded => "Degraded",
            Self::Unknown => "Unknown",
        }
    }

    /// The status of the word that Argo CD writes.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

impl fmt::Display for HealthStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The health of one object, with the reason for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// How well it does.
    pub status: HealthStatus,
    /// Why, in one sentence; empty where there is nothing to say.
    pub message: String,
}

impl Health {
    /// A health with its reason.
    pub fn new(status: HealthStatus, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    fn healthy(message: impl Into<String>) -> Self {
        Self::new(HealthStatus::Healthy, message)
    }

    fn progressing(message: impl Into<String>) -> Self {
        Self::new(HealthStatus::Progressing, message)
    }

    fn degraded(message: impl Into<String>) -> Self {
        Self::new(HealthStatus::Degraded, message)
    }

    fn suspended(message: impl Into<String>) -> Self {
        Self::new(HealthStatus::Suspended, message)
    }

    fn unknown(message: impl Into<String>) -> Self {
        Self::new(HealthStatus::Unknown, message)
    }
}

/// How the health of a kind is found.
type Assess = fn(View<'_>) -> Option<Health>;

/// The finalizer that keeps a hook until its sync has ended: a hook that waits for it still counts.
const HOOK_FINALIZER: &str = "argocd.argoproj.io/hook-finalizer";

/// The health of a live object; `None` for a kind that has none, which counts as fine.
///
/// An object that is being deleted is progressing, whatever its kind; any other one is judged by
/// [`health_by_kind`].
pub fn health(object: &Object) -> Option<Health> {
    let view = View::new(&object.root);
    if view.node(&["metadata", "deletionTimestamp"]).is_some() && !view.has_finalizer(HOOK_FINALIZER) {
        return Some(Health::progressing("Pending deletion"));
    }
    health_by_kind(object, false)
}

/// The health of a live object by the rule of its kind alone, without regard to a deletion; `None` for a kind that
/// has none.
///
/// The kinds of Kubernetes and of Argo are judged as Argo CD judges them, other kinds by their conditions, their
/// phase and whether the controller has seen the latest spec. `reports_status` says whether the controller of a kind
/// that is in no table is known to report a status: an object that says nothing is then progressing, else it has no
/// health.
pub fn health_by_kind(object: &Object, reports_status: bool) -> Option<Health> {
    let view = View::new(&object.root);
    let (group, kind) = (object.key.group.as_str(), object.key.kind.as_str());
    let row = [kubernetes::KINDS, workload::KINDS, pod::KINDS, argo::KINDS]
        .into_iter()
        .flatten()
        .find(|(of_group, of_kind, _)| *of_group == group && *of_kind == kind);
    match row {
        Some((_, _, assess)) => assess(view),
        None => custom::assess(group, kind, view).or_else(|| general::assess(group, view, reports_status)),
    }
}
