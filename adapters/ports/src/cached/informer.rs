//! The tasks that list and watch, one a kind.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Shared, is_kept, lock};
use crate::cluster::{Cluster, ClusterError, GroupKind, ListQuery, Watch as _};

/// How long a task waits after a failure, at first and at most.
const WAIT: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));

/// A watch that ends sooner counts as a failure: somebody on the way cuts it.
const SHORTEST_WATCH: Duration = Duration::from_secs(1);

/// How often the kinds are discovered again where nothing asks for it.
const DISCOVER: Duration = Duration::from_mins(2);

/// How soon after a discovery the next one may come.
const DISCOVER_AGAIN: Duration = Duration::from_secs(1);

/// How many kinds are listed at the same time when the cache is filled.
const AT_ONCE: usize = 8;

/// The tasks of one cache.
pub(super) struct Informers<C> {
    cluster: C,
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
    running: BTreeMap<GroupKind, tokio::task::AbortHandle>,
}

impl<C: Cluster + Clone + 'static> Informers<C> {
    pub(super) fn new(cluster: C, shared: Arc<Shared>) -> Self {
        Self { cluster, shared, tasks: JoinSet::new(), running: BTreeMap::new() }
    }

    /// Starts a task for each new kind, after its objects are read, and ends those of kinds that are gone.
    pub(super) async fn discover(&mut self) -> Result<(), ClusterError> {
        let kinds = self.cluster.discover().await?.kinds;
        let kept = kinds.iter().filter(|kind| is_kept(kind));
        let mut kinds: Vec<GroupKind> =
            kept.map(|kind| GroupKind::new(kind.group.clone(), kind.kind.clone())).collect();
        kinds.sort();
        kinds.dedup();
        self.end_missing(&kinds);
        kinds.retain(|kind| !self.running.contains_key(kind));
        self.fill(kinds).await
    }

    fn end_missing(&mut self, kinds: &[GroupKind]) {
        self.running.retain(|kind, task| {
            let served = kinds.binary_search(kind).is_ok();
            if !served {
                task.abort();
                lock(&self.shared.memory).drop_kind(kind);
            }
            served
        });
    }

    async fn fill(&mut self, kinds: Vec<GroupKind>) -> Result<(), ClusterError> {
        let mut filling: JoinSet<Result<(GroupKind, SmolStr), ClusterError>> = JoinSet::new();
        let mut waiting = kinds.into_iter();
        loop {
            while filling.len() < AT_ONCE
                && let Some(kind) = waiting.next()
            {
                let (cluster, shared) = (self.cluster.clone(), Arc::clone(&self.shared));
                filling.spawn(async move {
                    let version = list(&cluster, &shared, &kind).await?;
                    Ok((kind, version))
                });
            }
            let Some(filled) = filling.join_next().await else { return Ok(()) };
            let filled = filled.map_err(|error| ClusterError::Other { message: error.to_string() })?;
            let (kind, version) = filled?;
            let task = follow(self.cluster.clone(), Arc::clone(&self.shared), kind.clone(), version);
            let handle = self.tasks.spawn(task);
            self.running.insert(kind, handle);
        }
    }

    /// Discovers again when asked to, and now and then.
    pub(super) async fn run(mut self) {
        loop {
            tokio::select! {
                () = self.shared.discover.notified() => {}
                () = tokio::time::sleep(DISCOVER) => {}
            }
            // What fails is tried again at the next turn; until then what is known stands.
            let _ = self.discover().await;
            self.shared.changed.notify_one();
            tokio::time::sleep(DISCOVER_AGAIN).await;
        }
    }
}

/// Reads all objects of a kind and answers with the version to go on from. A kind that may not be read is noted.
async fn list<C: Cluster>(cluster: &C, shared: &Shared, kind: &GroupKind) -> Result<SmolStr, ClusterError> {
    let query = ListQuery { kinds: vec![kind.clone()], ..ListQuery::default() };
    match cluster.list(&query).await {
        Ok(list) => {
            let version = list.resource_version.clone();
            lock(&shared.memory).replace(kind, list);
            Ok(version)
        }
        Err(error @ ClusterError::Forbidden { .. }) => {
            lock(&shared.memory).refuse(kind, error);
            Ok(SmolStr::default())
        }
        Err(error) => Err(error),
    }
}

/// Watches a kind from `version` on, and lists again where the changes are no longer known.
async fn follow<C: Cluster>(cluster: C, shared: Arc<Shared>, kind: GroupKind, version: SmolStr) {
    let mut version = version;
    let mut wait = WAIT.0;
    loop {
        let since = Instant::now();
        let seen = if version.is_empty() {
            tokio::time::sleep(wait).await;
            list(&cluster, &shared, &kind).await
        } else {
            watch(&cluster, &shared, &kind, version.clone()).await
        };
        shared.changed.notify_one();
        match seen {
            Ok(seen) if !seen.is_empty() => {
                version = seen;
                if since.elapsed() < SHORTEST_WATCH {
                    tokio::time::sleep(wait).await;
                }
                wait = WAIT.0;
            }
            // Refused, or expired: from the beginning.
            Ok(_) | Err(ClusterError::Expired { .. } | ClusterError::Invalid { .. }) => {
                version = SmolStr::default();
                wait = (wait * 2).min(WAIT.1);
            }
            Err(_) => {
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(WAIT.1);
            }
        }
    }
}

/// Takes changes in until the watch ends; answers with the version that was seen last.
async fn watch<C: Cluster>(
    cluster: &C,
    shared: &Shared,
    kind: &GroupKind,
    mut version: SmolStr,
) -> Result<SmolStr, ClusterError> {
    let query = ListQuery { kinds: vec![kind.clone()], ..ListQuery::default() };
    let mut watch = cluster.watch(&query, &version).await?;
    while let Some(event) = watch.next().await {
        let event = event?;
        version = event.resource_version().map_or(version, SmolStr::from);
        let defines = kind.kind == "CustomResourceDefinition" || kind.kind == "APIService";
        if lock(&shared.memory).take_in(event) {
            shared.changed.notify_one();
            if defines {
                shared.discover.notify_one();
            }
        }
    }
    Ok(version)
}
