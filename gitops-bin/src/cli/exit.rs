//! Exit codes.

use std::process::ExitCode;

/// How a command ended. `diff` keeps kubectl's contract: 0 no difference, 1 a difference, more is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Success,
    /// A difference, a finding, or something not healthy.
    Finding,
    /// The command line or the input is wrong.
    Usage,
    /// The cluster, the registry, Git or the daemon failed.
    Outside,
    /// Refused: by the project, a missing approval, a policy or a sync window.
    Refused,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Finding => 1,
            Exit::Usage => 2,
            Exit::Outside => 3,
            Exit::Refused => 4,
        })
    }
}
