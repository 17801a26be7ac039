//! The port of an image registry.

use std::future::Future;

use gitops_core::time::Timestamp;
use smol_str::SmolStr;

/// A registry of images.
pub trait Registry: Send + Sync {
    /// Every image of `repository` (`registry.example.com/team/app`, without tag and digest), oldest push first
    /// where push times are known, then in the order of their digests.
    fn images(
        &self,
        repository: &str,
    ) -> impl Future<Output = Result<Vec<RegistryImage>, RegistryError>> + Send;
}

impl<R: Registry> Registry for std::sync::Arc<R> {
    fn images(
        &self,
        repository: &str,
    ) -> impl Future<Output = Result<Vec<RegistryImage>, RegistryError>> + Send {
        R::images(self, repository)
    }
}

/// One image: a manifest or an index of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryImage {
    /// Digest with its algorithm, such as `sha256:0a1b…`.
    pub digest: SmolStr,
    /// Its tags in byte order; none where it is untagged.
    pub tags: Vec<SmolStr>,
    /// When it was pushed, if the registry tells.
    pub pushed_at: Option<Timestamp>,
}

/// Why a registry refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// There is no such repository.
    #[error("repository `{repository}` is not in the registry")]
    NotFound {
        /// Which.
        repository: String,
    },
    /// The credentials do not allow it.
    #[error("reading `{repository}` is not allowed: {message}")]
    Unauthorized {
        /// Which repository.
        repository: String,
        /// What the registry said.
        message: String,
    },
    /// The tag is taken and the repository's tags are immutable.
    #[error("tag `{tag}` of `{repository}` is taken and tags there are immutable")]
    TagImmutable {
        /// Which repository.
        repository: String,
        /// Which tag.
        tag: String,
    },
    /// The registry asks for fewer requests.
    #[error("the registry is busy: {message}")]
    TooManyRequests {
        /// What it said.
        message: String,
    },
    /// The registry does not answer, or answers that it cannot now.
    #[error("the registry is unavailable: {message}")]
    Unavailable {
        /// What happened.
        message: String,
    },
    /// The registry answered with something else.
    #[error("the registry answered: {message}")]
    Other {
        /// What it said.
        message: String,
    },
    /// The file that an embedded registry lives in could not be read or written.
    #[error("{message}")]
    Storage {
        /// What happened, with the file.
        message: String,
    },
}

impl RegistryError {
    /// Whether the same request may succeed later, without anybody changing it.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::TooManyRequests { .. } | Self::Unavailable { .. } => true,
            Self::NotFound { .. }
            | Self::Unauthorized { .. }
            | Self::TagImmutable { .. }
            | Self::Other { .. }
            | Self::Storage { .. } => false,
        }
    }
}
