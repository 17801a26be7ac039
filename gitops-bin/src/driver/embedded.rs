//! The embedded world: everything outside of the engine in one process, on a wall clock or a virtual one.
//!
//! It starts from a copy of a repository's HEAD: the manifests below `argocd/` are applied to the cluster once, as
//! a person would with kubectl; from then on they are the API's objects.

mod bootstrap;
mod traffic;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gitops_core::time::Timestamp;
use gitops_git::{Limits, Repository};
use gitops_ports::Clock;
use gitops_ports::embedded::{EmbeddedCluster, EmbeddedMetrics, EmbeddedRegistry, WallClock};

use super::{Driver, DriverError, Outside, Settings};
use crate::state::StateDirectory;

pub use traffic::Serving;

/// The embedded adapters.
#[derive(Debug)]
pub struct World<C: Clock> {
    clock: C,
    cluster: EmbeddedCluster<C>,
    registry: EmbeddedRegistry,
    metrics: Arc<EmbeddedMetrics>,
    git: Repository,
    serving: Serving,
}

impl<C: Clock + Clone + 'static> World<C> {
    /// A world whose repository is the bare one at `repository`, with cluster and registry in memory.
    pub fn in_memory(clock: C, repository: &Path) -> Result<Self, DriverError> {
        let cluster = EmbeddedCluster::new(clock.clone());
        let git = Repository::open(repository, Limits::default())?;
        Ok(Self::new(clock, cluster, EmbeddedRegistry::new(), git, Serving::default()))
    }

    /// A world that lives in a state directory.
    pub fn open(clock: C, state: &StateDirectory) -> Result<Self, DriverError> {
        let cluster = EmbeddedCluster::open(&state.cluster(), clock.clone())?;
        let registry = EmbeddedRegistry::open(&state.registry())?;
        let git = Repository::open(&state.repository(), Limits::default())?;
        let path = state.serving();
        let serving = Serving::open(&path)
            .map_err(|error| DriverError::Outside(format!("cannot read `{}`: {error}", path.display())))?;
        Ok(Self::new(clock, cluster, registry, git, serving))
    }

    fn new(
        clock: C,
        cluster: EmbeddedCluster<C>,
        registry: EmbeddedRegistry,
        git: Repository,
        serving: Serving,
    ) -> Self {
        let metrics = Arc::new(EmbeddedMetrics::new());
        serving.script(&metrics, &cluster);
        Self { clock, cluster, registry, metrics, git, serving }
    }

    /// The cluster, for scripts.
    pub fn embedded_cluster(&self) -> &EmbeddedCluster<C> {
        &self.cluster
    }

    /// The registry, for scripts.
    pub fn embedded_registry(&self) -> &EmbeddedRegistry {
        &self.registry
    }
}

impl<C: Clock + Clone + 'static> Outside for World<C> {
    type Cluster = EmbeddedCluster<C>;
    type Registry = EmbeddedRegistry;
    type Metrics = EmbeddedMetrics;
    type Git = Repository;
    type Clock = C;

    fn cluster(&self) -> &Self::Cluster {
        &self.cluster
    }

    fn registry(&self) -> &Self::Registry {
        &self.registry
    }

    fn metrics(&self) -> &Self::Metrics {
        &self.metrics
    }

    fn git(&self) -> &Self::Git {
        &self.git
    }

    fn clock(&self) -> &Self::Clock {
        &self.clock
    }

    fn live(&self) -> Result<Option<Timestamp>, DriverError> {
        Ok(self.cluster.tick()?)
    }

    fn push_image(&self, repository: &str, tag: &str, bad: bool) -> Result<(), DriverError> {
        if bad {
            self.serving
                .serve_badly(&self.metrics, tag, self.clock.now())
                .map_err(|error| DriverError::Outside(format!("cannot write the state: {error}")))?;
        }
        self.registry.push(repository, tag, self.clock.now())?;
        Ok(())
    }
}

/// The driver of an embedded daemon on the repository at `repository`, with its state in `state`.
pub async fn open(
    repository: &Path,
    state: &StateDirectory,
) -> Result<Driver<World<WallClock>>, DriverError> {
    bootstrap::copy_head(repository, &state.repository())?;
    let world = World::open(WallClock, state)?;
    // A daemon that people watch: a pod starts in seconds, and so do the checks.
    let settings = Settings { poll_interval: Duration::from_secs(2), ..Settings::default() };
    start(world, settings).await
}

/// A driver on `world`, with the manifests of its repository applied once.
pub async fn start<C: Clock + Clone + 'static>(
    world: World<C>,
    mut settings: Settings,
) -> Result<Driver<World<C>>, DriverError> {
    let applied = bootstrap::apply_manifests(&world).await?;
    settings.repository_urls = applied.repository_urls;
    bootstrap::seed_registry(&world).await?;
    Ok(Driver::new(world, settings))
}

pub use bootstrap::{commit_as, copy_head};
