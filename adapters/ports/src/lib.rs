//! The ports that the driver needs, and the embedded adapters that serve them in memory.
//!
//! A port is a trait with `async` methods that take `&self`, whose error says `is_transient()`. The adapters in
//! [`embedded`] behave as the real systems do where the driver can tell; [`contract`] holds the checks that an
//! embedded adapter and a real one both pass.
//!
//! Nothing here decides: what to apply, when to wait and what to commit is the core's to say.

pub mod cached;
pub mod clock;
pub mod cluster;
pub mod contract;
pub mod embedded;
pub mod git;
pub mod metrics;
pub mod registry;

pub use cached::CachedCluster;
pub use clock::Clock;
pub use cluster::Cluster;
pub use git::GitRepository;
pub use metrics::MetricsSource;
pub use registry::Registry;
