//! The daemon and the command line on a real API server with its controllers, a scheduler, and nodes that kwok plays.
//!
//! What is not there is the cloud: a load balancer that gives an Ingress its address, and metrics for the
//! HorizontalPodAutoscaler; the test says what they would say. Skipped where the programs of a control plane are
//! missing, unless `GITOPS_REQUIRE=1`. A first argument selects the cases whose names contain it.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test reports, and stops at the first surprise; a JSON value without the field is null"
)]

mod bench;
mod cloud;
mod daemon;
mod example;
mod faults;
mod going;
mod kinds;
mod managers;
mod order;
mod proxy;
#[path = "../support/repository.rs"]
mod repository;
mod sizes;
mod stage;
mod upstream;
mod webhook;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use bench::Bench;
use gitops_e2e::{ControlPlane, ControlPlaneError, Parts, Programs};

/// A case: its name and what is done.
type Case = (&'static str, fn(&mut Bench));

/// All cases, a folder of them a row.
const CASES: &[&[Case]] =
    &[example::CASES, order::CASES, kinds::CASES, going::CASES, managers::CASES, sizes::CASES, faults::CASES];

fn main() -> ExitCode {
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let plane = runtime.block_on(ControlPlane::start(&Programs::find(), Parts::Everything, bench::USERS));
    match plane {
        Ok(plane) => run(&mut Bench::new(plane, runtime), &filter),
        Err(error @ ControlPlaneError::Program { .. }) => {
            println!("kubernetes: skipped: {error}");
            let required = std::env::var_os("GITOPS_REQUIRE").is_some_and(|value| value == "1");
            if required { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(error) => {
            println!("kubernetes: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the cases that the filter selects; one that panics is reported, and the next one runs.
fn run(bench: &mut Bench, filter: &str) -> ExitCode {
    let (mut passed, mut failed) = (0, vec![]);
    for (name, case) in CASES.iter().copied().flatten().filter(|(name, _)| name.contains(filter)) {
        let since = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| case(bench)));
        let seconds = since.elapsed().as_secs_f32();
        match result {
            Ok(()) => {
                passed += 1;
                println!("ok     {name} ({seconds:.1} s)");
            }
            Err(_) => {
                failed.push(*name);
                println!("FAILED {name} ({seconds:.1} s)");
            }
        }
    }
    println!("kubernetes: {passed} passed, {} failed", failed.len());
    if failed.is_empty() && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
