//! Why the driver could not do something.

use gitops_ports::cluster::ClusterError;
use gitops_ports::git::GitError;
use gitops_ports::metrics::MetricsError;
use gitops_ports::registry::RegistryError;

use crate::view::{ErrorKind, ErrorView};

/// Why the driver could not do something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DriverError {
    /// The cluster refused.
    #[error(transparent)]
    Cluster(Box<ClusterError>),
    /// Git refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The registry refused.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The source of metrics refused.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The call names something that is not there, or makes no sense.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<&'static str>,
    },
    /// The engine does not permit it.
    #[error("{message}")]
    Refused {
        /// Why.
        message: String,
        /// What to do.
        hint: Option<&'static str>,
    },
    /// Something else outside failed.
    #[error("{0}")]
    Outside(String),
}

impl DriverError {
    /// A call that makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: None }
    }

    /// Whether the same may succeed later without anybody changing it.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Cluster(error) => error.is_transient(),
            Self::Git(error) => error.is_transient(),
            Self::Registry(error) => error.is_transient(),
            Self::Metrics(error) => error.is_transient(),
            Self::Usage { .. } | Self::Refused { .. } | Self::Outside(_) => false,
        }
    }
}

impl From<ClusterError> for DriverError {
    fn from(error: ClusterError) -> Self {
        Self::Cluster(Box::new(error))
    }
}

impl From<DriverError> for ErrorView {
    fn from(error: DriverError) -> Self {
        let message = error.to_string();
        let (kind, hint) = match error {
            DriverError::Usage { hint, .. } => (ErrorKind::Usage, hint),
            DriverError::Refused { hint, .. } => (ErrorKind::Refused, hint),
            DriverError::Cluster(_)
            | DriverError::Git(_)
            | DriverError::Registry(_)
            | DriverError::Metrics(_)
            | DriverError::Outside(_) => (ErrorKind::Outside, None),
        };
        Self { kind, message, hint: hint.map(str::to_owned) }
    }
}
