//! The daemon.

use std::process::ExitCode;

fn main() -> ExitCode {
    gitops_bin::daemon::main()
}
