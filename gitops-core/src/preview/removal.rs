//! What becomes of an object that left the source.

use crate::api::application::{Application, Automated};
use crate::object::Object;
use crate::sync::{
    PruneDecision, SYNC_OPTIONS, SyncOptions, annotation_option, is_hook, is_skipped, prune_decision,
};

/// What decides about objects that left their source.
#[derive(Clone, Copy, Debug)]
pub enum RemovalPolicy<'a> {
    /// No Application deploys them: nobody knows.
    Unknown,
    /// This Application goes on without them.
    Prune(&'a Application),
    /// This Application goes too.
    Delete(&'a Application),
}

/// What becomes of an object that left its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemovalOutcome {
    /// It leaves the output, and no Application says more.
    Leaves,
    /// The next sync prunes it by itself.
    Pruned,
    /// A sync that prunes takes it away; the Application does not prune by itself.
    PrunedOnRequest,
    /// It is pruned once somebody confirms: `Prune=confirm` or `Delete=confirm`.
    WaitsForConfirmation,
    /// It stays: `Prune=false`.
    KeptByPruneOption,
    /// It is deleted with its Application, which has the finalizer for that.
    DeletedWithApplication,
    /// It stays without an Application, which has no finalizer.
    LeftBehind,
    /// It stays though its Application goes: `Delete=false`.
    KeptByDeleteOption,
    /// It is a hook, or asks to be skipped: nothing is pruned.
    NotKept,
}

/// The words for people.
const WORDS: &[(RemovalOutcome, &str)] = &[
    (RemovalOutcome::Leaves, "leaves the output"),
    (RemovalOutcome::Pruned, "pruned"),
    (RemovalOutcome::PrunedOnRequest, "pruned by a sync that prunes; the Application does not by itself"),
    (RemovalOutcome::WaitsForConfirmation, "pruned after confirmation"),
    (RemovalOutcome::KeptByPruneOption, "kept: Prune=false"),
    (RemovalOutcome::DeletedWithApplication, "deleted with the Application"),
    (RemovalOutcome::LeftBehind, "left behind: the Application has no finalizer"),
    (RemovalOutcome::KeptByDeleteOption, "kept: Delete=false"),
    (RemovalOutcome::NotKept, "not pruned: a hook, or skipped"),
];

impl RemovalOutcome {
    /// The outcome in words.
    pub fn as_str(self) -> &'static str {
        WORDS.iter().find(|(outcome, _)| *outcome == self).map_or("", |(_, words)| words)
    }

    /// Whether the object goes, at once or when somebody asks.
    pub fn removes(self) -> bool {
        match self {
            Self::Leaves
            | Self::Pruned
            | Self::PrunedOnRequest
            | Self::WaitsForConfirmation
            | Self::DeletedWithApplication => true,
            Self::KeptByPruneOption | Self::LeftBehind | Self::KeptByDeleteOption | Self::NotKept => false,
        }
    }
}

impl RemovalPolicy<'_> {
    /// What becomes of `object`, which the source has no longer.
    pub fn outcome(&self, object: &Object) -> RemovalOutcome {
        match self {
            Self::Unknown => RemovalOutcome::Leaves,
            Self::Prune(_) | Self::Delete(_) if is_hook(object) || is_skipped(object) => {
                RemovalOutcome::NotKept
            }
            Self::Prune(application) => pruned(object, application),
            Self::Delete(application) => deleted(object, application),
        }
    }
}

fn pruned(object: &Object, application: &Application) -> RemovalOutcome {
    let policy = &application.spec.sync_policy;
    let options = SyncOptions::new(&policy.sync_options, &[]);
    let prunes = |automated: &Automated| automated.is_enabled() && automated.prune == Some(true);
    match prune_decision(object, true, options.value("Prune"), false) {
        PruneDecision::Skip => RemovalOutcome::KeptByPruneOption,
        PruneDecision::WaitConfirmation => RemovalOutcome::WaitsForConfirmation,
        PruneDecision::Prune if policy.automated.as_ref().is_some_and(prunes) => RemovalOutcome::Pruned,
        PruneDecision::Prune => RemovalOutcome::PrunedOnRequest,
    }
}

fn deleted(object: &Object, application: &Application) -> RemovalOutcome {
    let options = SyncOptions::new(&application.spec.sync_policy.sync_options, &[]);
    let option = annotation_option(object, SYNC_OPTIONS, "Delete").or_else(|| options.value("Delete"));
    match option {
        _ if !application.is_cascading() => RemovalOutcome::LeftBehind,
        Some("false") => RemovalOutcome::KeptByDeleteOption,
        Some("confirm") => RemovalOutcome::WaitsForConfirmation,
        Some(_) | None => RemovalOutcome::DeletedWithApplication,
    }
}
