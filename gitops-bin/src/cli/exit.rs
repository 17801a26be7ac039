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

/// Makes a panic, which is always a fault of the program, end the process with one line and code 70.
///
/// The line names a place in the program and nothing of what was read.
pub fn exit_on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
        super::output::note(&format!("error: the program has a fault{place}; please report it"));
        std::process::exit(70);
    }));
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
