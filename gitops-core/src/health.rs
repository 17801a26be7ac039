//! Health of one object as Argo CD names it.
//!
//! Never talks to a cluster: it judges what was observed.

use std::fmt;

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
