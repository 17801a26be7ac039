//! The command line; also runs as `kubectl gitops`.

use std::process::ExitCode;

fn main() -> ExitCode {
    gitops_bin::cli::main()
}
