//! The loop: observe, decide, act, until nothing is left to do; then wait for what comes first.

use std::time::Duration;

use gitops_core::time::Timestamp;
use gitops_ports::{Clock as _, GitRepository as _};
use tokio::sync::mpsc;

use super::handle::Call;
use super::{Driver, DriverError, Outside, engine_key};

/// How many passes one cycle makes at most. What still moves then goes on in the next cycle.
const MOST_PASSES: usize = 64;

/// How often a replica that does not act looks whether it may.
const FOLLOWER_INTERVAL: Duration = Duration::from_secs(1);

/// How long the driver waits after a failure before it tries again, at most.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

impl<O: Outside> Driver<O> {
    /// Serves calls and makes cycles until every handle is gone.
    pub async fn run(mut self, mut calls: mpsc::Receiver<Call>) {
        let mut failures = 0;
        loop {
            let next = match self.cycle().await {
                Ok(next) => {
                    failures = 0;
                    next
                }
                Err(error) => {
                    failures += 1;
                    self.note_failure(&error);
                    self.outside.clock().now().after(backoff(failures))
                }
            };
            tokio::select! {
                call = calls.recv() => match call {
                    Some(call) => self.answer(call).await,
                    None => return,
                },
                () = self.outside.clock().sleep_until(next) => {}
                () = self.outside.changed() => {}
            }
        }
    }

    /// One cycle: passes until nothing is left to do. Returns when the next one is due.
    pub async fn cycle(&mut self) -> Result<Timestamp, DriverError> {
        if !self.outside.leads() {
            // What the other replica does meanwhile is not known here.
            self.syncs.clear();
            return Ok(self.outside.clock().now().after(FOLLOWER_INTERVAL));
        }
        if let Err(error) = self.outside.git().fetch().await {
            // What was fetched last still stands.
            self.note_once(&engine_key(), "FetchFailed", error.to_string());
        }
        if let Some(blind) = self.outside.blind_spots() {
            self.note_once(&engine_key(), "ListForbidden", blind);
        }
        let now = self.outside.clock().now();
        self.wake_at = None;
        if self.next_scan <= now {
            if let Err(error) = self.update_images(false).await {
                // A registry that is away must not keep the Applications waiting.
                self.note_once(&engine_key(), "ScanFailed", error.to_string());
            }
            self.next_scan = now.after(self.settings.scan_interval);
        }
        for _ in 0..MOST_PASSES {
            self.wake_at = None;
            let due = self.outside.live()?;
            self.wake(due);
            if !self.outside.leads() || !self.pass().await? {
                break;
            }
        }
        let poll = self.outside.clock().now().after(self.settings.poll_interval);
        self.wake(Some(self.next_scan));
        Ok(self.wake_at.map_or(poll, |wake| wake.min(poll)))
    }

    async fn pass(&mut self) -> Result<bool, DriverError> {
        let promoted = self.promote().await?;
        let applications = self.reconcile_applications().await?;
        let rollouts = self.reconcile_rollouts().await?;
        self.alert().await?;
        Ok(promoted || applications || rollouts)
    }
}

/// How long to wait after so many failures in a row.
pub(super) fn backoff(failures: u32) -> Duration {
    Duration::from_secs(1).saturating_mul(2_u32.saturating_pow(failures.min(16))).min(LONGEST_WAIT)
}
