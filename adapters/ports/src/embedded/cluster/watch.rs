//! Watches of an embedded cluster.

use std::sync::Arc;
use std::task::Poll;

use super::{Shared, lock};
use crate::cluster::{ClusterError, ListQuery, Watch, WatchEvent};

/// A watch of an embedded cluster.
#[derive(Debug)]
pub struct EmbeddedWatch {
    shared: Arc<Shared>,
    query: ListQuery,
    seen: u64,
    epoch: u64,
}

impl EmbeddedWatch {
    pub(super) fn new(shared: Arc<Shared>, query: ListQuery, seen: u64, epoch: u64) -> Self {
        Self { shared, query, seen, epoch }
    }

    /// The next change if there is one; none where the watch has ended.
    fn poll(&mut self) -> Poll<Option<Result<WatchEvent, ClusterError>>> {
        let state = lock(&self.shared.state);
        if state.epoch != self.epoch {
            return Poll::Ready(None);
        }
        let store = &state.world.store;
        if !store.knows_changes_after(self.seen) {
            let resource_version = self.seen.to_string().into();
            return Poll::Ready(Some(Err(ClusterError::Expired { resource_version })));
        }
        let Some((seen, event)) = store.change_after(self.seen, &self.query) else {
            // What did not matter has been seen too, so an idle watch does not fall behind.
            self.seen = store.resource_version();
            return Poll::Pending;
        };
        self.seen = seen;
        Poll::Ready(Some(Ok(event)))
    }
}

impl Watch for EmbeddedWatch {
    async fn next(&mut self) -> Option<Result<WatchEvent, ClusterError>> {
        loop {
            let shared = Arc::clone(&self.shared);
            let mut changed = std::pin::pin!(shared.changed.notified());
            // From here on no change is missed.
            changed.as_mut().enable();
            if let Poll::Ready(answer) = self.poll() {
                return answer;
            }
            changed.await;
        }
    }
}
