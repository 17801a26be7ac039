//! Adapters that serve the ports in memory, for the embedded run, the demo and the simulation.
//!
//! They behave: same calls at the same times, same answers, down to the bytes. Names and uids come from
//! counters; nothing is random.

pub mod clock;
pub mod cluster;
mod file;
pub mod metrics;
pub mod registry;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use clock::{Stalled, VirtualClock, WallClock};
pub use cluster::EmbeddedCluster;
pub use metrics::{Answer, Combine, EmbeddedMetrics, TrafficShare, TrafficSource};
pub use registry::EmbeddedRegistry;

/// Takes a lock. A panic elsewhere leaves the state as the last completed change made it, so its poison is passed
/// over.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
