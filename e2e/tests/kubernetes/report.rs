//! What passed, what failed.

use std::future::Future;
use std::process::ExitCode;
use std::time::Instant;

/// The outcome of the cases that the filter selects.
#[derive(Debug)]
pub(crate) struct Report {
    filter: String,
    passed: usize,
    failed: usize,
}

impl Report {
    pub(crate) fn new(filter: &str) -> Self {
        Self { filter: filter.to_owned(), passed: 0, failed: 0 }
    }

    /// Runs a case; what it returns are the failures.
    pub(crate) async fn case(&mut self, name: &str, body: impl Future<Output = Vec<String>>) {
        if !name.contains(&self.filter) {
            return;
        }
        let since = Instant::now();
        let failures = body.await;
        let seconds = since.elapsed().as_secs_f32();
        if failures.is_empty() {
            self.passed += 1;
            println!("ok     {name} ({seconds:.1} s)");
        } else {
            self.failed += 1;
            println!("FAILED {name} ({seconds:.1} s)");
            for failure in failures {
                println!("       {failure}");
            }
        }
    }

    pub(crate) fn finish(&self) -> ExitCode {
        println!("kubernetes: {} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 && self.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
