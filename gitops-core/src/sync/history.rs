//! The syncs of the past, and the way back to one of them.

use smol_str::SmolStr;

use crate::api::application::{
    ApplicationSpec, ApplicationStatus, Operation, OperationInitiator, OperationState, RevisionHistory,
    SyncOperation, SyncStrategy,
};
use crate::time::Timestamp;

/// How many syncs the history keeps unless the application says otherwise.
const HISTORY_LIMIT: i64 = 10;

/// Why an application cannot go back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RollbackError {
    /// Automated sync would undo it.
    #[error("automated sync is on: it would undo the rollback")]
    Automated,
    /// No sync with this number is known.
    #[error("the history holds no sync with id {id}")]
    NoHistory {
        /// The number.
        id: i64,
    },
    /// The sync is known, but not what it synced.
    #[error("sync {id} of the history does not say what it synced")]
    NoSource {
        /// The number.
        id: i64,
    },
}

impl RollbackError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Automated => {
                Some("revert the commit, or set `spec.syncPolicy.automated.enabled: false` first")
            }
            Self::NoHistory { .. } | Self::NoSource { .. } => {
                Some("`status.history` lists the syncs that are kept")
            }
        }
    }
}

/// The history with a finished sync added, cut to the limit of the application.
///
/// Only full syncs that succeeded are kept: no dry run, no sync of some objects.
pub fn record(
    spec: &ApplicationSpec,
    history: &[RevisionHistory],
    state: &OperationState,
    now: Timestamp,
) -> Vec<RevisionHistory> {
    let mut history = history.to_vec();
    let sync = &state.operation.sync;
    let Some(result) = state.sync_result.as_ref().filter(|_| !sync.is_selective() && !sync.dry_run) else {
        return history;
    };
    history.push(RevisionHistory {
        id: history.last().map_or(0, |last| last.id.saturating_add(1)),
        revision: result.revision.clone(),
        revisions: result.revisions.clone(),
        sources: result.sources.clone(),
        deploy_started_at: Some(state.started_at),
        deployed_at: now,
        initiated_by: state.operation.initiated_by.clone(),
    });
    let limit = spec.revision_history_limit.unwrap_or(HISTORY_LIMIT);
    let limit = usize::try_from(limit).unwrap_or(0);
    history.drain(..history.len().saturating_sub(limit));
    history
}

/// The operation that brings an application back to sync `id` of its history: that sync's sources at that
/// sync's revision, without hooks. It is refused while automated sync is on.
pub fn rollback(
    spec: &ApplicationSpec,
    status: &ApplicationStatus,
    id: i64,
    prune: bool,
    username: &str,
) -> Result<Operation, RollbackError> {
    if spec.sync_policy.automated.is_some_and(|automated| automated.is_enabled()) {
        return Err(RollbackError::Automated);
    }
    let entry = status.history.iter().find(|entry| entry.id == id).ok_or(RollbackError::NoHistory { id })?;
    if entry.sources.is_empty() {
        return Err(RollbackError::NoSource { id });
    }
    Ok(Operation {
        sync: SyncOperation {
            revision: entry.revision.clone(),
            revisions: entry.revisions.clone(),
            prune,
            sync_options: spec.sync_policy.sync_options.clone(),
            strategy: SyncStrategy::Apply,
            sources: entry.sources.clone(),
            ..SyncOperation::default()
        },
        initiated_by: OperationInitiator { username: SmolStr::from(username), automated: false },
        retry: spec.sync_policy.retry.clone().unwrap_or_default(),
        info: vec![],
    })
}
