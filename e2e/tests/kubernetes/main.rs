//! The engine against a real API server.
//!
//! The programs are looked for in `KUBEBUILDER_ASSETS`, in the cache of continuous integration and on the `PATH`;
//! `e2e/controlplane/build DIRECTORY` builds them. Without them this target says so and passes, unless
//! `GITOPS_REQUIRE=1` says that nothing may be skipped. A first argument selects the cases whose names contain it.
#![expect(clippy::print_stdout, reason = "the report is what this program is for")]

mod contract;
mod report;

use std::process::ExitCode;

use gitops_e2e::{ControlPlane, ControlPlaneError, Parts, Programs};
use report::Report;

fn main() -> ExitCode {
    let required = std::env::var_os("GITOPS_REQUIRE").is_some_and(|value| value == "1");
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let result = runtime.map_err(|error| error.to_string()).and_then(|runtime| {
        runtime.block_on(async {
            match run(&filter).await {
                Ok(report) => Ok(Some(report)),
                Err(error @ ControlPlaneError::Program { .. }) => {
                    println!("kubernetes: skipped: {error}");
                    Ok(None)
                }
                Err(error) => Err(error.to_string()),
            }
        })
    });
    match result {
        Ok(Some(report)) => report.finish(),
        Ok(None) if !required => ExitCode::SUCCESS,
        Ok(None) => ExitCode::FAILURE,
        Err(error) => {
            println!("kubernetes: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(filter: &str) -> Result<Report, ControlPlaneError> {
    let programs = Programs::find();
    let plane = ControlPlane::start(&programs, Parts::ApiServer, &[]).await?;
    let mut report = Report::new(filter);
    contract::run(&plane, &mut report).await?;
    Ok(report)
}
