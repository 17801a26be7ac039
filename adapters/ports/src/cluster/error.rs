//! Why a cluster refused.

use std::fmt;

use gitops_core::object::ObjectKey;
use smol_str::SmolStr;

/// A field that another manager owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldConflict {
    /// Its owner.
    pub manager: SmolStr,
    /// The path, such as `.spec.replicas`.
    pub field: String,
}

impl fmt::Display for FieldConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of `{}`", self.field, self.manager)
    }
}

/// Why a cluster refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// There is no such object (404).
    #[error("{key} is not in the cluster")]
    NotFound {
        /// Which.
        key: ObjectKey,
    },
    /// An object of that name is there (409, `AlreadyExists`).
    #[error("{key} already exists")]
    AlreadyExists {
        /// Which.
        key: ObjectKey,
    },
    /// The object is not in the state that the write asked for (409, `Conflict`).
    #[error("{key} was changed by another writer: {message}")]
    Conflict {
        /// Which.
        key: ObjectKey,
        /// Which precondition failed.
        message: String,
    },
    /// Other managers own fields that an apply wants to set to another value (409).
    #[error("{key}: apply conflicts over {}", list(.conflicts))]
    FieldConflicts {
        /// Which object.
        key: ObjectKey,
        /// The fields.
        conflicts: Vec<FieldConflict>,
    },
    /// The object is not valid (422).
    #[error("{key} is invalid: {message}")]
    Invalid {
        /// Which.
        key: ObjectKey,
        /// What is wrong.
        message: String,
    },
    /// The request is not allowed (401, 403).
    #[error("{key}: forbidden: {message}")]
    Forbidden {
        /// Which object.
        key: ObjectKey,
        /// Why.
        message: String,
    },
    /// The cluster does not serve the kind.
    #[error("the cluster does not serve kind `{kind}` of `{api_version}`")]
    UnknownKind {
        /// Group and version.
        api_version: String,
        /// Kind.
        kind: String,
    },
    /// The changes after this resource version are no longer known (410).
    #[error("resource version `{resource_version}` is too old")]
    Expired {
        /// Which.
        resource_version: SmolStr,
    },
    /// The cluster asks for fewer requests (429).
    #[error("the cluster is busy: {message}")]
    TooManyRequests {
        /// What it said.
        message: String,
    },
    /// The cluster does not answer, or answers that it cannot now (5xx, timeouts, lost connections). A write may
    /// have happened.
    #[error("the cluster is unavailable: {message}")]
    Unavailable {
        /// What happened.
        message: String,
    },
    /// The cluster answered with something else.
    #[error("the cluster answered: {message}")]
    Other {
        /// What it said.
        message: String,
    },
    /// The file that an embedded cluster lives in could not be read or written.
    #[error("{message}")]
    Storage {
        /// What happened, with the file.
        message: String,
    },
}

impl ClusterError {
    /// Whether the same request may succeed later, without anybody changing it.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::TooManyRequests { .. } | Self::Unavailable { .. } | Self::Expired { .. } => true,
            Self::NotFound { .. }
            | Self::AlreadyExists { .. }
            | Self::Conflict { .. }
            | Self::FieldConflicts { .. }
            | Self::Invalid { .. }
            | Self::Forbidden { .. }
            | Self::UnknownKind { .. }
            | Self::Other { .. }
            | Self::Storage { .. } => false,
        }
    }

    /// Whether the caller must observe again before it goes on.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. } | Self::AlreadyExists { .. } | Self::Expired { .. })
    }

    /// What the user can do about it, if that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::FieldConflicts { .. } => {
                Some("force the apply to take the fields, or leave them out of the manifest")
            }
            Self::UnknownKind { .. } => Some("install its CustomResourceDefinition first"),
            Self::Forbidden { .. } => Some("grant the permission to the account that the engine runs as"),
            Self::NotFound { .. }
            | Self::AlreadyExists { .. }
            | Self::Conflict { .. }
            | Self::Invalid { .. }
            | Self::Expired { .. }
            | Self::TooManyRequests { .. }
            | Self::Unavailable { .. }
            | Self::Other { .. }
            | Self::Storage { .. } => None,
        }
    }
}

fn list(conflicts: &[FieldConflict]) -> String {
    conflicts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
