//! Why there is no control plane.

use std::io;
use std::path::PathBuf;

/// Why there is no control plane.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlPlaneError {
    /// A program is not there.
    #[error(
        "no `{program}`: build the control plane with `e2e/controlplane/build DIRECTORY` and set \
         KUBEBUILDER_ASSETS=DIRECTORY"
    )]
    Program {
        /// Which.
        program: &'static str,
    },
    /// A program could not be started.
    #[error("cannot start `{program}`: {source}")]
    Start {
        /// Which.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("`{}`: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No certificate could be made.
    #[error("no certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// It did not become ready in time.
    #[error("the control plane did not become ready: {reason}\n{log}")]
    NotReady {
        /// What it said last.
        reason: String,
        /// The end of the log of the API server.
        log: String,
    },
}
