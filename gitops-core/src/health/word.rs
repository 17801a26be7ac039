//! What the words mean that controllers use for states, reasons and conditions: `Provisioning`, `BackOff`, `Synced`.

use super::HealthStatus;

/// Parts of words with their meaning; the first part that occurs decides, so that `NotReady` is not `Ready`.
const PARTS: &[(HealthStatus, &[&str])] = &[
    (
        HealthStatus::Degraded,
        &[
            "fail",
            "error",
            "degrad",
            "invalid",
            "unhealthy",
            "crash",
            "reject",
            "abort",
            "stall",
            "lost",
            "denied",
            "exceeded",
            "timeout",
            "timedout",
            "backoff",
            "noncompliant",
            "misconfig",
            "unavailable",
            "broken",
            "fault",
            "unable",
            "limitreached",
            "conflict",
            "notready",
            "notaccepted",
            "missing",
            "warn",
        ],
    ),
    (HealthStatus::Suspended, &["paused", "suspended", "stopped", "hibernat"]),
    (
        HealthStatus::Progressing,
        &[
            "progress",
            "pending",
            "creating",
            "updating",
            "reconciling",
            "initializing",
            "provisioning",
            "waiting",
            "schedul",
            "starting",
            "terminating",
            "deploying",
            "scaling",
            "upgrad",
            "installing",
            "deleting",
            "stopping",
            "applying",
            "migrating",
            "promoting",
            "finalising",
            "finalizing",
            "restarting",
            "rolling",
            "queued",
            "processing",
            "building",
            "preparing",
            "configuring",
            "yellow",
            "importing",
            "downloading",
            "syncing",
            "retrying",
            "requeued",
        ],
    ),
    (
        HealthStatus::Healthy,
        &[
            "ready",
            "running",
            "active",
            "bound",
            "available",
            "succe",
            "healthy",
            "complete",
            "created",
            "deployed",
            "online",
            "finished",
            "done",
            "applied",
            "installed",
            "exists",
            "green",
            "compliant",
            "accepted",
            "synced",
            "initialized",
            "operational",
            "enabled",
            "attached",
            "connected",
            "admitted",
            "valid",
        ],
    ),
];

/// Whole words that would be found inside of others.
const WORDS: [(&str, HealthStatus); 5] = [
    ("red", HealthStatus::Degraded),
    ("new", HealthStatus::Progressing),
    ("ok", HealthStatus::Healthy),
    ("up", HealthStatus::Healthy),
    ("unknown", HealthStatus::Unknown),
];

/// The health that a word for a state or a reason tells of; `None` for one that tells nothing.
pub(super) fn status_of(text: &str) -> Option<HealthStatus> {
    let word = letters(text);
    if word == "notfound" {
        return Some(HealthStatus::Missing);
    }
    let whole = WORDS.iter().find(|(known, _)| *known == word).map(|(_, status)| *status);
    whole.or_else(|| {
        PARTS
            .iter()
            .find(|(_, parts)| parts.iter().any(|part| word.contains(part)))
            .map(|(status, _)| *status)
    })
}

/// What it means when a condition is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It works.
    Working,
    /// It is on its way.
    Moving,
    /// It failed.
    Failing,
    /// It is put to rest.
    Resting,
}

/// Parts of the types of conditions that are bad news.
const FAILING: [&str; 10] =
    ["fail", "error", "degrad", "invalid", "unhealthy", "stall", "abort", "notready", "exceeded", "rejected"];

/// What a condition of this type means when it is true.
pub(super) fn meaning_of_condition(kind: &str) -> Meaning {
    let word = letters(kind);
    let denies = |part: &&str| word.strip_prefix("no").is_some_and(|rest| rest.starts_with(*part));
    if word.contains("paused") || word.contains("suspended") {
        Meaning::Resting
    } else if FAILING.iter().any(|part| word.contains(part) && !denies(part)) {
        Meaning::Failing
    } else if word.ends_with("ing") || word == "pending" {
        Meaning::Moving
    } else {
        Meaning::Working
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}
