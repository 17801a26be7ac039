//! Checks that every adapter of a port passes, embedded or real.
//!
//! A suite takes the adapter, runs its checks one after the other and answers with those that failed; the caller
//! asserts that there are none. Nothing here panics.

mod cluster;
mod git;
mod registry;

use std::future::Future;

pub use cluster::cluster;
pub use git::git;
pub use registry::registry;

/// A check that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{check}: {message}")]
pub struct Failure {
    /// The rule that does not hold.
    pub check: &'static str,
    /// What happened.
    pub message: String,
}

/// What a check answers: what went wrong.
type Checked = Result<(), String>;

/// Runs one check.
async fn check(failures: &mut Vec<Failure>, name: &'static str, body: impl Future<Output = Checked>) {
    if let Err(message) = body.await {
        failures.push(Failure { check: name, message });
    }
}

/// Fails unless the two are the same.
#[expect(clippy::needless_pass_by_value, reason = "the calls read better without borrows")]
fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Checked {
    if found == expected { Ok(()) } else { Err(format!("{what} is {found:?}, not {expected:?}")) }
}

/// Fails unless `holds`.
fn that(holds: bool, what: &str) -> Checked {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}
