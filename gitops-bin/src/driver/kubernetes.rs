//! The real world: a cluster behind an API server, images in ECR, metrics in Prometheus, a repository with its
//! upstream.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gitops_core::time::Timestamp;
use gitops_git::{Limits, Repository};
use gitops_kubernetes::{ConnectOptions, KubernetesCluster};
use gitops_ports::CachedCluster;
use gitops_ports::embedded::WallClock;
use gitops_ports::metrics::{MetricsError, MetricsSource, QueryResult};
use gitops_prometheus::Prometheus;
use gitops_registry::Ecr;

use super::lease::{self, Leadership};
use super::{Driver, DriverError, Outside, Settings};
use crate::fetch::Fetcher;

/// Where the parts of the world are.
#[derive(Debug, Clone)]
pub struct Places {
    /// The API server.
    pub cluster: ConnectOptions,
    /// The repository: a URL, or the path of a local one.
    pub repository: String,
    /// Where its copy is kept.
    pub copy: PathBuf,
    /// How Applications write its URL, where that is not `repository`.
    pub repository_urls: Vec<String>,
    /// The name under which this replica holds the Lease: of replicas that watch the same Applications one acts at a
    /// time.
    pub identity: String,
    /// How long a sync may take; for ever where there is none.
    pub sync_timeout: Option<Duration>,
    /// The address of Prometheus; an analysis that needs it fails where there is none.
    pub prometheus: Option<String>,
    /// What fetches bases and files of other repositories, where a project permits them.
    pub fetcher: Option<Arc<Fetcher>>,
}

/// The adapters of the real world.
#[derive(Debug)]
pub struct World {
    cluster: CachedCluster<KubernetesCluster>,
    registry: Ecr,
    metrics: Metrics,
    git: Repository,
    leadership: Leadership,
}

/// Prometheus, where one is configured.
#[derive(Debug)]
pub struct Metrics(Option<Prometheus>);

impl MetricsSource for Metrics {
    async fn query(&self, query: &str, at: Timestamp) -> Result<QueryResult, MetricsError> {
        match &self.0 {
            Some(prometheus) => prometheus.query(query, at).await,
            None => Err(MetricsError::Other {
                message: "no source of metrics is configured: name one with `--prometheus ADDRESS`"
                    .to_owned(),
            }),
        }
    }
}

impl Outside for World {
    type Cluster = CachedCluster<KubernetesCluster>;
    type Registry = Ecr;
    type Metrics = Metrics;
    type Git = Repository;
    type Clock = WallClock;

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
        &WallClock
    }

    fn live(&self) -> Result<Option<Timestamp>, DriverError> {
        Ok(None)
    }

    fn blind_spots(&self) -> Option<String> {
        let kinds = self.cluster.unreadable();
        let names: Vec<String> = kinds
            .iter()
            .map(|(kind, _)| {
                if kind.group.is_empty() {
                    kind.kind.to_string()
                } else {
                    format!("{}.{}", kind.kind, kind.group)
                }
            })
            .collect();
        (!names.is_empty()).then(|| {
            format!("the account may not list {}: objects of these kinds are not seen", names.join(", "))
        })
    }

    fn leads(&self) -> bool {
        self.leadership.leads()
    }

    async fn changed(&self) {
        self.cluster.changed().await;
    }

    fn push_image(&self, _repository: &str, _tag: &str, _bad: bool) -> Result<(), DriverError> {
        Err(DriverError::Refused {
            message: "images are pushed to the registry itself".to_owned(),
            hint: Some("push with your build tool; only `gitopsd --embedded` takes images from here"),
        })
    }
}

/// The driver on the world at `places`. Waits until the repository is copied and the cluster is read.
///
/// # Errors
/// What refuses first: the configuration, the cluster, the repository.
pub async fn open(places: &Places) -> Result<Driver<World>, DriverError> {
    let cluster = KubernetesCluster::connect(&places.cluster).await;
    let cluster =
        cluster.map_err(|error| DriverError::Usage { message: error.to_string(), hint: error.hint() })?;
    let git = Repository::open_or_clone(&places.repository, &places.copy, Limits::default())?;
    let metrics = places.prometheus.as_deref().map(Prometheus::new).transpose()?;
    let direct = cluster.clone();
    let world = World {
        cluster: CachedCluster::start(cluster).await?,
        registry: Ecr::from_environment().await,
        metrics: Metrics(metrics),
        git,
        leadership: Leadership::start(direct, WallClock, places.identity.clone()),
    };
    let mut repository_urls = places.repository_urls.clone();
    repository_urls.push(places.repository.clone());
    let settings = Settings {
        repository_urls,
        sync_timeout: places.sync_timeout,
        fetcher: places.fetcher.clone(),
        ..Settings::default()
    };
    Ok(Driver::new(world, settings))
}

/// Lets another replica act at once, after the driver of this one has ended.
pub async fn release(places: &Places) {
    if let Ok(cluster) = KubernetesCluster::connect(&places.cluster).await {
        lease::release(&cluster, &places.identity).await;
    }
}
