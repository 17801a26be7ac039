//! Why a repository refused.

use super::CommitId;

/// Why a repository refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// The revision names no commit.
    #[error("revision `{revision}` is not in the repository")]
    UnknownRevision {
        /// The revision.
        revision: String,
    },
    /// An abbreviated id names several commits.
    #[error("revision `{revision}` names more than one commit")]
    AmbiguousRevision {
        /// The revision.
        revision: String,
    },
    /// The branch has moved.
    #[error("branch `{branch}` has moved")]
    Rejected {
        /// Which.
        branch: String,
    },
    /// There is no such file, or no such line in it.
    #[error("`{path}` has no line {line} in {commit}")]
    NoSuchLine {
        /// The file.
        path: String,
        /// The line.
        line: u32,
        /// The commit.
        commit: CommitId,
    },
    /// Undoing a commit touches what later commits changed.
    #[error("{commit} cannot be reverted by itself: later commits changed {}", .paths.join(", "))]
    RevertConflict {
        /// The commit.
        commit: CommitId,
        /// The files, in backticks.
        paths: Vec<String>,
    },
    /// A path holds a character or a part that Git cannot hold, or that would leave the tree.
    #[error("`{path}` is no path of a Git tree: {message}")]
    Path {
        /// The path.
        path: String,
        /// What is wrong.
        message: String,
    },
    /// All files together are larger than the limit.
    #[error("`{path}` holds {size} bytes, and the limit is {limit}")]
    TooLarge {
        /// The directory that holds them.
        path: String,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// There are more files and directories than the limit.
    #[error("`{path}` holds more than {limit} files and directories")]
    TooManyFiles {
        /// The directory.
        path: String,
        /// The limit.
        limit: usize,
    },
    /// The transport of a URL is not built in.
    #[error("`{url}`: nothing is fetched by `{scheme}`")]
    UnsupportedTransport {
        /// The URL, without credentials.
        url: String,
        /// The scheme.
        scheme: String,
    },
    /// A URL is none that a request is made to, or what it leads to is not what it should be.
    #[error("`{url}`: {message}")]
    BadAddress {
        /// The URL, without credentials.
        url: String,
        /// What is wrong.
        message: String,
    },
    /// A host has no address that may be connected to.
    #[error("`{host}` has the address {address}, {kind}")]
    ForbiddenAddress {
        /// The host.
        host: String,
        /// One of its addresses.
        address: String,
        /// What sort of address that is.
        kind: &'static str,
    },
    /// The server wants to know who asks, or does not let this one in; or it is one that is not known.
    #[error("`{url}`: the server wants other credentials, or is itself not known")]
    Unauthorized {
        /// The URL, without credentials.
        url: String,
    },
    /// An answer did not come in time.
    #[error("`{url}` did not answer in time")]
    TooSlow {
        /// The URL, without credentials.
        url: String,
    },
    /// The network is not to be used, and what is needed is not here.
    #[error("it is not in the cache, and nothing is fetched offline")]
    Offline,
    /// The repository is locked, away or does not answer.
    #[error("the repository is unavailable: {message}")]
    Unavailable {
        /// What happened.
        message: String,
    },
    /// The repository could not be opened, read or written.
    #[error("{context}: {message}")]
    Repository {
        /// What was done.
        context: String,
        /// What happened.
        message: String,
    },
}

impl GitError {
    /// Whether the same request may succeed later, without anybody changing it.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable { .. } => true,
            Self::UnknownRevision { .. }
            | Self::AmbiguousRevision { .. }
            | Self::Rejected { .. }
            | Self::NoSuchLine { .. }
            | Self::RevertConflict { .. }
            | Self::Path { .. }
            | Self::TooLarge { .. }
            | Self::TooManyFiles { .. }
            | Self::UnsupportedTransport { .. }
            | Self::BadAddress { .. }
            | Self::ForbiddenAddress { .. }
            | Self::Unauthorized { .. }
            | Self::TooSlow { .. }
            | Self::Offline
            | Self::Repository { .. } => false,
        }
    }

    /// What the user can do about it, if that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::UnknownRevision { .. } => Some("name a branch, a tag or a commit, and fetch first"),
            Self::AmbiguousRevision { .. } => Some("write more digits of the commit id"),
            Self::RevertConflict { .. } => Some("revert the later commits first, or edit the files"),
            Self::UnsupportedTransport { .. } => Some("use `https`, `http` or `ssh`"),
            Self::ForbiddenAddress { .. } => {
                Some("only the public internet is reached, unless `--allow-private-sources` is given")
            }
            Self::Unauthorized { .. } => Some(
                "is the address right, does the URL or the SSH agent hold what it wants, and is the host in `known_hosts`?",
            ),
            Self::TooManyFiles { .. } => Some("name a directory that holds less"),
            Self::TooSlow { .. } => Some("allow more time with `?timeout=60s`"),
            Self::Offline => Some("only what is pinned to a whole commit id is kept in the cache"),
            Self::Rejected { .. }
            | Self::NoSuchLine { .. }
            | Self::Path { .. }
            | Self::TooLarge { .. }
            | Self::BadAddress { .. }
            | Self::Unavailable { .. }
            | Self::Repository { .. } => None,
        }
    }
}
