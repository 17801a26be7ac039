//! The port of time.

use std::future::Future;

use gitops_core::time::Timestamp;

/// Tells the time and waits for it; it never goes backwards by itself.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;

    /// Returns at `at`, or at once when that has passed.
    fn sleep_until(&self, at: Timestamp) -> impl Future<Output = ()> + Send;
}

impl<C: Clock> Clock for std::sync::Arc<C> {
    fn now(&self) -> Timestamp {
        C::now(self)
    }

    fn sleep_until(&self, at: Timestamp) -> impl Future<Output = ()> + Send {
        C::sleep_until(self, at)
    }
}
