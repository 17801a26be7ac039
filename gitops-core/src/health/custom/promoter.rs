//! GitOps Promoter: every kind reports `Ready`, and some a phase for each environment.

use super::super::view::{Condition, View};
use super::{Health, scalar};

type Found = Option<Health>;

/// The words of one kind.
struct Words {
    kind: &'static str,
    /// Before there is a status.
    initial: &'static str,
    /// What has to observe its spec.
    subject: &'static str,
    /// Before a message of a reconciliation that failed, and of any other failure.
    failed: (&'static str, &'static str),
    /// Before a message where readiness is unknown; empty where the kind does not say.
    unknown: &'static str,
    /// Where `Ready` is missing.
    missing: &'static str,
    /// Where all is well.
    well: Well,
}

/// What to say where all is well.
enum Well {
    Text(&'static str),
    /// By environment: nothing to judge, and the words for failed, pending and passed.
    Gate(&'static str, &'static str, &'static str),
    Function(fn(View<'_>) -> Health),
}

#[rustfmt::skip]
const WORDS: &[Words] = &[
    Words { kind: "ArgoCDCommitStatus", initial: "Initializing Argo CD commit status", subject: "Argo CD commit status", failed: ("Argo CD commit status reconciliation failed", "Argo CD commit status reconciliation failed"), unknown: "", missing: "Argo CD commit status is not ready yet", well: Well::Function(applications) },
    Words { kind: "ChangeTransferPolicy", initial: "Initializing change transfer policy", subject: "change transfer policy", failed: ("Change transfer policy reconciliation failed", "Change transfer policy reconciliation failed"), unknown: "", missing: "Change transfer policy is not ready yet", well: Well::Function(transfer) },
    Words { kind: "ClusterScmProvider", initial: "Initializing cluster SCM provider", subject: "ClusterScmProvider", failed: ("Cluster SCM provider validation failed", "Cluster SCM provider not ready"), unknown: "Cluster SCM provider readiness unknown", missing: "ClusterScmProvider Ready condition is missing", well: Well::Text("Cluster SCM provider is ready") },
    Words { kind: "CommitStatus", initial: "Initializing commit status", subject: "commit status", failed: ("Commit status reconciliation failed", "Commit status reconciliation failed"), unknown: "", missing: "Commit status is not ready yet", well: Well::Function(commit_status) },
    Words { kind: "GitCommitStatus", initial: "Initializing git commit validation", subject: "GitCommitStatus", failed: ("Git commit validation failed", "Git commit validation not ready"), unknown: "Git commit validation status unknown", missing: "GitCommitStatus Ready condition is missing", well: Well::Gate("Git commit validation reconciled", "Git commit validation", "passed") },
    Words { kind: "GitRepository", initial: "Initializing Git repository", subject: "GitRepository", failed: ("Git repository validation failed", "Git repository not ready"), unknown: "Git repository readiness unknown", missing: "GitRepository Ready condition is missing", well: Well::Text("Git repository is ready") },
    Words { kind: "PullRequest", initial: "Initializing pull request", subject: "pull request", failed: ("Pull request reconciliation failed", "Pull request reconciliation failed"), unknown: "", missing: "Pull request is not ready yet", well: Well::Function(pull_request) },
    Words { kind: "ScmProvider", initial: "Initializing SCM provider", subject: "ScmProvider", failed: ("SCM provider validation failed", "SCM provider not ready"), unknown: "SCM provider readiness unknown", missing: "ScmProvider Ready condition is missing", well: Well::Text("SCM provider is ready") },
    Words { kind: "TimedCommitStatus", initial: "Initializing timed commit gate", subject: "TimedCommitStatus", failed: ("Timed commit gate failed", "Timed commit gate not ready"), unknown: "Timed commit gate status unknown", missing: "TimedCommitStatus Ready condition is missing", well: Well::Gate("Timed commit gate reconciled", "Timed commit gate", "satisfied") },
    Words { kind: "WebRequestCommitStatus", initial: "Initializing web request commit validation", subject: "WebRequestCommitStatus", failed: ("Web request commit validation failed", "Web request commit validation not ready"), unknown: "Web request commit validation unknown", missing: "WebRequestCommitStatus Ready condition is missing", well: Well::Gate("Web request commit validation reconciled", "Web request validation", "passed") },
];

pub(super) fn assess(object: View<'_>) -> Found {
    let words = WORDS.iter().find(|words| words.kind == object.text(&["kind"]))?;
    if object.node(&["status"]).is_none() {
        return Some(Health::progressing(words.initial));
    }
    let is_ready = |item: &View<'_>| item.text(&["type"]) == "Ready";
    let Some(item) = object.items(&["status", "conditions"]).find(is_ready) else {
        return Some(Health::progressing(words.missing));
    };
    if item.number(&["observedGeneration"]).is_some_and(|observed| observed != object.generation()) {
        return Some(Health::progressing(format!(
            "Waiting for {} spec update to be observed",
            words.subject
        )));
    }
    let ready = Condition::of(item);
    let reason = if ready.reason.is_empty() { "Unknown" } else { ready.reason };
    match ready.status {
        "False" => {
            let message = if ready.message.is_empty() { "Unknown error" } else { ready.message };
            let (reconciling, other) = words.failed;
            Some(Health::degraded(if reason == "ReconciliationError" {
                format!("{reconciling}: {message}")
            } else {
                format!("{other} ({reason}): {message}")
            }))
        }
        "Unknown" if !words.unknown.is_empty() => {
            let message = if ready.message.is_empty() { "Unknown" } else { ready.message };
            Some(Health::progressing(format!("{} ({reason}): {message}", words.unknown)))
        }
        _ => Some(match &words.well {
            Well::Text(text) => Health::healthy(*text),
            Well::Gate(nothing, gate, passed) => by_environment(object, nothing, gate, passed),
            Well::Function(assess) => assess(object),
        }),
    }
}

fn by_environment(object: View<'_>, nothing: &str, gate: &str, passed: &str) -> Health {
    let of = |wanted: &[&str], object: View<'_>| -> Vec<String> {
        object
            .items(&["status", "environments"])
            .filter(|item| {
                let phase = item.text(&["phase"]);
                let phase = if matches!(phase, "failure" | "success") { phase } else { "pending" };
                wanted.contains(&phase)
            })
            .map(|item| item.text(&["branch"]).to_owned())
            .map(|branch| if branch.is_empty() { "?".to_owned() } else { branch })
            .collect()
    };
    let (failed, pending, succeeded) =
        (of(&["failure"], object), of(&["pending"], object), of(&["success"], object));
    if !failed.is_empty() {
        return Health::degraded(format!("{gate} failed for branch(es): {}", failed.join(", ")));
    }
    if !pending.is_empty() {
        return Health::progressing(format!("{gate} pending for branch(es): {}", pending.join(", ")));
    }
    if succeeded.is_empty() {
        return Health::healthy(nothing);
    }
    Health::healthy(format!("{gate} {passed} for {} environment(s)", succeeded.len()))
}

fn applications(object: View<'_>) -> Health {
    match object.items(&["status", "applicationsSelected"]).count() {
        0 => Health::degraded("Argo CD commit status has no applications configured"),
        count => {
            Health::healthy(format!("Argo CD commit status is healthy and is tracking {count} applications"))
        }
    }
}

fn commit_status(object: View<'_>) -> Health {
    match (scalar(object, "status.sha"), scalar(object, "status.phase")) {
        (Some(sha), Some(phase)) => {
            Health::healthy(format!("Commit status for commit {sha} reports {phase}"))
        }
        (_, _) => Health::healthy("Commit status is healthy"),
    }
}

fn pull_request(object: View<'_>) -> Health {
    match (scalar(object, "status.id"), scalar(object, "status.state")) {
        (Some(id), Some(state)) => Health::healthy(format!("Pull request is {state} as PR {id}")),
        (_, _) => Health::healthy("Pull request is healthy"),
    }
}

fn transfer(object: View<'_>) -> Health {
    let sha = |side: &str| object.text(&["status", side, "dry", "sha"]);
    let short = |text: &str| text.chars().take(7).collect::<String>();
    let (active, proposed) = (sha("active"), sha("proposed"));
    for (side, found) in [("active", active), ("proposed", proposed)] {
        if found.is_empty() {
            return Health::progressing(format!("The {side} commit DRY SHA is missing or empty."));
        }
    }
    if active != proposed {
        let (counts, _) = commit_statuses(object, "proposed");
        let (from, to) = (short(active), short(proposed));
        return Health::progressing(format!("Promotion in progress from '{from}' to '{to}': {counts}"));
    }
    let (counts, open) = commit_statuses(object, "active");
    if open {
        return Health::healthy(format!(
            "Environment is up-to-date, but there are non-successful active commit statuses: {counts}"
        ));
    }
    Health::healthy(format!("Environment is up-to-date on commit {}.", short(active)))
}

/// The commit statuses of one side in words, and whether one of them is not successful.
fn commit_statuses(object: View<'_>, side: &str) -> (String, bool) {
    let keys = |phase: &str| -> Vec<&str> {
        let all = object.items(&["status", side, "commitStatuses"]);
        all.filter(|item| item.text(&["phase"]) == phase).map(|item| item.text(&["key"])).collect()
    };
    let (pending, succeeded, failed) = (keys("pending"), keys("success"), keys("failure"));
    let mut text =
        format!("{} pending, {} successful, {} failed. ", pending.len(), succeeded.len(), failed.len());
    for (word, keys) in [("Pending", &pending), ("Failed", &failed)] {
        if !keys.is_empty() {
            text.push_str(word);
            text.push_str(" commit statuses: ");
            text.push_str(&keys.join(", "));
            text.push_str(". ");
        }
    }
    (text, !pending.is_empty() || !failed.is_empty())
}
