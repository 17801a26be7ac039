//! Checks that every adapter of a port passes, embedded or real.
//!
//! A suite takes the adapter, runs its checks one after the other and answers with those that failed; the caller
//! asserts that there are none. Nothing here panics.

mod cluster;

pub use cluster::cluster;

/// A check that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{check}: {message}")]
pub struct Failure {
    /// The rule that does not hold.
    pub check: &'static str,
    /// What happened.
    pub message: String,
}
