//! A cluster in memory, and in one file where one is given.
//!
//! It serves the Kubernetes API as far as [`Cluster`] asks for it, and simulates the controllers that the driver
//! observes: `Deployment`, `ReplicaSet` (whoever owns it), `StatefulSet`, `Pod`, `Job`, `HorizontalPodAutoscaler`,
//! garbage collection and namespace deletion. Other kinds are stored. There is no admission, no quota and no
//! schema: a field that no kind has is kept.

mod apply;
mod controller;
mod fields;
mod kinds;
mod script;
mod store;
mod traffic;
mod validate;
mod watch;
mod write;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gitops_core::kind::fill_defaults;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::time::Timestamp;
use gitops_core::yaml::Node;
use serde_json::Value as Json;
use smol_str::{SmolStr, format_smolstr};
use tokio::sync::Notify;

use super::file::StateFile;
use super::lock;
use super::metrics::TrafficShare;
use crate::clock::Clock;
use crate::cluster::{
    ApplyOptions, Cluster, ClusterError, DeleteOptions, Discovery, ListQuery, ObjectList, WriteOptions,
};
use controller::World;
use script::Script;
use store::Store;

pub use script::{BadImage, Fault};
pub use watch::EmbeddedWatch;

/// The namespaces that every cluster has.
const NAMESPACES: &[&str] = &["default", "kube-node-lease", "kube-public", "kube-system"];
const SERVER_VERSION: &str = "v1.34.1";

/// A cluster in memory that lives by the clock `C`. Clones share the cluster.
#[derive(Clone, Debug)]
pub struct EmbeddedCluster<C> {
    clock: C,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    world: World,
    file: Option<StateFile>,
    /// The resource version that the file holds.
    saved: u64,
    /// Watches of an earlier epoch have ended.
    epoch: u64,
}

impl<C: Clock> EmbeddedCluster<C> {
    /// A cluster with the namespaces that every cluster has.
    pub fn new(clock: C) -> Self {
        let mut store = Store::default();
        for name in NAMESPACES {
            store.insert(namespace(name), false, clock.now());
        }
        let world = World::new(store, Script::default(), clock.now());
        Self::with(clock, world, None)
    }

    /// The cluster that lives in the file at `path`, which is made where it is not there. Every change is in the
    /// file before its request is answered.
    pub fn open(path: &Path, clock: C) -> Result<Self, ClusterError> {
        let storage = |message| ClusterError::Storage { message };
        let file = StateFile::open(path, "gitops-embedded-cluster", 1).map_err(storage)?;
        let Some(json) = file.load().map_err(storage)? else {
            let cluster = Self::new(clock);
            let mut state = lock(&cluster.shared.state);
            state.file = Some(file);
            save(&mut state)?;
            drop(state);
            return Ok(cluster);
        };
        let world = read_world(&json)
            .ok_or_else(|| storage(format!("`{}` is damaged: its state is incomplete", path.display())))?;
        Ok(Self::with(clock, world, Some(file)))
    }

    fn with(clock: C, world: World, file: Option<StateFile>) -> Self {
        let saved = world.store.resource_version();
        let state = Mutex::new(State { world, file, saved, epoch: 0 });
        Self { clock, shared: Arc::new(Shared { state, changed: Notify::new() }) }
    }

    /// Lets the cluster live up to now; answers when something in it falls due next. Every request does so too.
    pub fn tick(&self) -> Result<Option<Timestamp>, ClusterError> {
        let mut state = lock(&self.shared.state);
        let due = state.world.advance(self.clock.now());
        self.finish(&mut state)?;
        Ok(due)
    }

    /// Lets the cluster live for as long as the future is polled, so that watches see what falls due. Ends only
    /// where the file cannot be written.
    pub async fn run(&self) -> ClusterError {
        loop {
            let changed = self.shared.changed.notified();
            let due = match self.tick() {
                Ok(due) => due,
                Err(error) => return error,
            };
            let sleep = async {
                match due {
                    Some(due) => self.clock.sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = changed => {}
                () = sleep => {}
            }
        }
    }

    /// Sets how long a pod takes from its creation until it is ready, for pods that are not ready yet.
    pub fn set_start_delay(&self, delay: Duration) -> Result<(), ClusterError> {
        self.script(|script| script.start_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX))
    }

    /// Pods with an image that holds `image` do not become ready from now on; `None` heals it.
    pub fn set_bad_image(&self, image: &str, bad: Option<BadImage>) -> Result<(), ClusterError> {
        self.script(|script| {
            match bad {
                Some(bad) => script.bad_images.insert(image.into(), bad),
                None => script.bad_images.remove(image),
            };
        })
    }

    /// Sets the load that a `HorizontalPodAutoscaler` sees, as the sum over the pods: 210 for `cpu` are three pods
    /// at a utilisation of 70 %.
    pub fn set_load(&self, namespace: &str, name: &str, metric: &str, load: f64) -> Result<(), ClusterError> {
        self.script(|script| {
            let of = script.loads.entry(format_smolstr!("{namespace}/{name}")).or_default();
            of.insert(metric.into(), load);
        })
    }

    /// Puts a fault at the end of the queue; each request takes one from the front.
    pub fn push_fault(&self, fault: Fault) {
        lock(&self.shared.state).world.script.faults.push_back(fault);
    }

    /// How many faults are still to come.
    pub fn pending_faults(&self) -> usize {
        lock(&self.shared.state).world.script.faults.len()
    }

    /// Who takes the traffic that enters by an Ingress: by the weights of its AWS Load Balancer Controller
    /// actions or of its nginx canary, else by the Service of its rules.
    pub fn traffic(&self, namespace: &str, ingress: &str) -> Vec<TrafficShare> {
        let mut state = lock(&self.shared.state);
        state.world.advance(self.clock.now());
        traffic::of_ingress(&state.world.store, namespace, ingress)
    }

    fn script(&self, change: impl FnOnce(&mut Script)) -> Result<(), ClusterError> {
        let mut state = lock(&self.shared.state);
        state.world.advance(self.clock.now());
        change(&mut state.world.script);
        state.world.settle_all();
        state.saved = 0;
        self.finish(&mut state)
    }

    /// One request: takes a fault, lets time pass up to now, works, and brings the consequences about.
    fn request<T>(
        &self,
        work: impl FnOnce(&mut State) -> Result<T, ClusterError>,
    ) -> Result<T, ClusterError> {
        let mut state = lock(&self.shared.state);
        let lost = match state.world.script.faults.pop_front() {
            None | Some(Fault::Pass) => None,
            Some(Fault::Fail(error)) => return Err(error),
            Some(Fault::FailAfter(error)) => Some(error),
            Some(fault @ (Fault::LoseWatches | Fault::ForgetChanges)) => {
                state.epoch += 1;
                if fault == Fault::ForgetChanges {
                    state.world.store.forget_changes();
                }
                self.shared.changed.notify_waiters();
                None
            }
        };
        state.world.advance(self.clock.now());
        let answer = work(&mut state);
        state.world.settle();
        self.finish(&mut state)?;
        lost.map_or(answer, Err)
    }

    fn finish(&self, state: &mut State) -> Result<(), ClusterError> {
        if state.saved == state.world.store.resource_version() {
            return Ok(());
        }
        self.shared.changed.notify_waiters();
        save(state)
    }
}

fn save(state: &mut State) -> Result<(), ClusterError> {
    if let Some(file) = &state.file {
        file.save(&world_json(&mut state.world)).map_err(|message| ClusterError::Storage { message })?;
    }
    state.saved = state.world.store.resource_version();
    Ok(())
}

fn world_json(world: &mut World) -> String {
    let script = serde_json::to_string(&world.script).unwrap_or_default();
    format!("{{\"now\":{},\"script\":{script},\"store\":{}}}", world.now.as_millis(), world.store.json_text())
}

fn read_world(json: &Json) -> Option<World> {
    let now = Timestamp::from_millis(json.get("now")?.as_i64()?);
    let script = serde_json::from_value(json.get("script")?.clone()).ok()?;
    Some(World::new(Store::from_json(json.get("store")?)?, script, now))
}

fn namespace(name: &str) -> Node {
    let mut root = Node::mapping([("apiVersion", Node::string("v1")), ("kind", Node::string("Namespace"))]);
    root.set_at(&["metadata", "name"], Node::string(name));
    root.set_at(&["metadata", "labels", "kubernetes.io/metadata.name"], Node::string(name));
    fill_defaults(&mut root, "", "Namespace");
    root
}

impl<C: Clock> Cluster for EmbeddedCluster<C> {
    type Watch = EmbeddedWatch;

    async fn discover(&self) -> Result<Discovery, ClusterError> {
        self.request(|state| {
            Ok(Discovery {
                server_version: SmolStr::new_static(SERVER_VERSION),
                kinds: kinds::served(&state.world.store),
            })
        })
    }

    async fn list(&self, query: &ListQuery) -> Result<ObjectList, ClusterError> {
        self.request(|state| {
            let store = &state.world.store;
            Ok(ObjectList {
                objects: store.list(query),
                resource_version: format_smolstr!("{}", store.resource_version()),
            })
        })
    }

    async fn get(&self, key: &ObjectKey) -> Result<Option<Object>, ClusterError> {
        self.request(|state| Ok(state.world.store.get(key).cloned()))
    }

    async fn apply(&self, object: &Object, options: &ApplyOptions) -> Result<Object, ClusterError> {
        self.request(|State { world, .. }| write::apply(&mut world.store, object, options, world.now))
    }

    async fn create(&self, object: &Object, options: &WriteOptions) -> Result<Object, ClusterError> {
        self.request(|State { world, .. }| write::create(&mut world.store, object, options, world.now))
    }

    async fn update(&self, object: &Object, options: &WriteOptions) -> Result<Object, ClusterError> {
        self.request(|State { world, .. }| write::update(&mut world.store, object, options, world.now))
    }

    async fn update_status(&self, object: &Object, options: &WriteOptions) -> Result<Object, ClusterError> {
        self.request(|State { world, .. }| write::update_status(&mut world.store, object, options))
    }

    async fn patch(
        &self,
        key: &ObjectKey,
        patch: &Node,
        options: &WriteOptions,
    ) -> Result<Object, ClusterError> {
        self.request(|State { world, .. }| write::patch(&mut world.store, key, patch, options, world.now))
    }

    async fn delete(&self, key: &ObjectKey, options: &DeleteOptions) -> Result<(), ClusterError> {
        self.request(|State { world, .. }| write::delete(&mut world.store, key, options, world.now))
    }

    async fn watch(&self, query: &ListQuery, resource_version: &str) -> Result<EmbeddedWatch, ClusterError> {
        self.request(|state| {
            let expired = || ClusterError::Expired { resource_version: resource_version.into() };
            let seen: u64 = resource_version.parse().map_err(|_| expired())?;
            if !state.world.store.knows_changes_after(seen) {
                return Err(expired());
            }
            Ok(EmbeddedWatch::new(Arc::clone(&self.shared), query.clone(), seen, state.epoch))
        })
    }
}

#[cfg(test)]
mod tests;
