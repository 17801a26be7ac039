//! Everything outside of the engine, as one value.

use std::future::Future;

use gitops_core::time::Timestamp;
use gitops_ports::{Clock, Cluster, GitRepository, MetricsSource, Registry};

use super::DriverError;

/// The adapters that a driver works with.
pub trait Outside: Send + Sync + 'static {
    /// The cluster.
    type Cluster: Cluster;
    /// The image registry.
    type Registry: Registry;
    /// The source of metrics.
    type Metrics: MetricsSource;
    /// The repository of the desired state.
    type Git: GitRepository;
    /// The clock.
    type Clock: Clock;

    /// The cluster.
    fn cluster(&self) -> &Self::Cluster;
    /// The image registry.
    fn registry(&self) -> &Self::Registry;
    /// The source of metrics.
    fn metrics(&self) -> &Self::Metrics;
    /// The repository of the desired state.
    fn git(&self) -> &Self::Git;
    /// The clock.
    fn clock(&self) -> &Self::Clock;

    /// Lets an embedded world live up to now, and says when something in it falls due. A real one lives by
    /// itself and answers `None`.
    fn live(&self) -> Result<Option<Timestamp>, DriverError>;

    /// Ends when something in the cluster has changed, so that the next pass need not wait for a poll. An
    /// embedded world changes by its clock and never ends this.
    fn changed(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }

    /// What of the cluster cannot be seen, in a sentence; `None` where everything can.
    fn blind_spots(&self) -> Option<String> {
        None
    }

    /// Whether this replica may act: of several, one at a time.
    fn leads(&self) -> bool {
        true
    }

    /// Pushes an image to an embedded registry; `bad` makes it serve badly. A real registry refuses.
    fn push_image(&self, repository: &str, tag: &str, bad: bool) -> Result<(), DriverError>;
}
