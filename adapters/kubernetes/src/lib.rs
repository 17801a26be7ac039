//! The Kubernetes adapter: the `Cluster` port on a real API server, through kube.
//!
//! Requests wait a bounded time; a transient failure of a request that may be sent twice is tried again a bounded
//! number of times. The kinds that the server has are discovered once and again where one is not known.

mod cluster;
mod connect;
mod discovery;
mod failure;
mod object;
mod watch;

pub use cluster::KubernetesCluster;
pub use connect::{ConnectError, ConnectOptions, Identity};
pub use watch::KubernetesWatch;
