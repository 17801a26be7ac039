//! What all cases share: a control plane, its administrator, and what Applications need to be there.

use std::path::Path;
use std::time::{Duration, Instant};

use gitops_core::diagnostic::Location;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml;
use gitops_e2e::{ControlPlane, User, definitions};
use gitops_kubernetes::KubernetesCluster;
use gitops_ports::Cluster as _;
use gitops_ports::cluster::{ApplyOptions, ClusterError, DeleteOptions, WriteOptions};
use tokio::runtime::Runtime;

use crate::cloud;

/// How long a state may take to be reached.
const LIMIT: Duration = Duration::from_mins(2);
/// How often is looked whether it is reached.
const INTERVAL: Duration = Duration::from_millis(100);

/// Users beside the administrator.
pub(crate) const USERS: &[User] = &[HALF];

/// Who may do half of what a sync needs.
pub(crate) const HALF: User = User { name: "half", groups: &[] };

/// The project of the Applications of the cases: everything is allowed.
const PROJECT: &str = "{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: cases, namespace: argocd}, spec: \
                       {sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}], clusterResourceWhitelist: [{group: \
                       '*', kind: '*'}]}}";

/// The shared parts.
pub(crate) struct Bench {
    pub(crate) cluster: KubernetesCluster,
    pub(crate) plane: ControlPlane,
    pub(crate) runtime: Runtime,
}

impl Bench {
    /// A cluster with nodes, the definitions of Argo's kinds and the projects.
    pub(crate) fn new(plane: ControlPlane, runtime: Runtime) -> Self {
        let cluster = runtime.block_on(plane.connect(&User::ADMIN)).unwrap();
        let bench = Self { cluster, plane, runtime };
        for definition in definitions() {
            bench.apply(&definition);
        }
        bench.apply(&object("{apiVersion: v1, kind: Namespace, metadata: {name: argocd}}"));
        for kind in ["t3.medium", "m5.large"] {
            bench.apply(&object(&format!(
                "{{apiVersion: v1, kind: Node, metadata: {{name: {kind}, labels: {{node.kubernetes.io/instance-type: {kind}, \
                 kubernetes.io/os: linux}}}}, status: {{allocatable: {{cpu: '32', memory: 256Gi, pods: '110'}}, capacity: \
                 {{cpu: '32', memory: 256Gi, pods: '110'}}}}}}"
            )));
        }
        bench.apply(&object(PROJECT));
        bench.runtime.spawn(cloud::report(bench.cluster.clone()));
        bench
    }

    /// Applies an object as an administrator does; a kind whose definition is a moment old may not be served yet.
    pub(crate) fn apply(&self, object: &Object) {
        let options = ApplyOptions { field_manager: "administrator".into(), force: true, dry_run: false };
        let applied = || match self.runtime.block_on(self.cluster.apply(object, &options)) {
            Ok(_) => Some(()),
            Err(ClusterError::UnknownKind { .. } | ClusterError::NotFound { .. }) => None,
            Err(error) => panic!("{}: {error}", object.key),
        };
        until(&format!("{} is applied", object.key), applied, String::new);
    }

    /// Applies the manifests of the files in a folder of the workspace.
    pub(crate) fn apply_folder(&self, folder: &str) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
        for entry in std::fs::read_dir(root).unwrap() {
            self.apply(&object(&std::fs::read_to_string(entry.unwrap().path()).unwrap()));
        }
    }

    /// The object at `key`.
    pub(crate) fn get(&self, key: &ObjectKey) -> Option<Object> {
        match self.runtime.block_on(self.cluster.get(key)) {
            Ok(object) => object,
            Err(ClusterError::UnknownKind { .. }) => None,
            Err(error) => panic!("{key}: {error}"),
        }
    }

    /// A merge patch in the name of a field manager that is not the engine.
    pub(crate) fn patch(&self, key: &ObjectKey, patch: &str) {
        let patch = yaml::read_one("patch.yaml", patch).unwrap();
        self.runtime.block_on(self.cluster.patch(key, &patch, &WriteOptions::new("kubectl-edit"))).unwrap();
    }

    /// Deletes an object; that it is gone already is fine.
    pub(crate) fn delete(&self, key: &ObjectKey) {
        match self.runtime.block_on(self.cluster.delete(key, &DeleteOptions::default())) {
            Ok(()) | Err(ClusterError::NotFound { .. } | ClusterError::UnknownKind { .. }) => {}
            Err(error) => panic!("{key}: {error}"),
        }
    }

    /// Kills the API server, starts it again and waits until it answers.
    pub(crate) fn restart_api_server(&mut self) {
        self.plane.restart_api_server().unwrap();
        self.runtime.block_on(self.plane.wait()).unwrap();
    }
}

/// The key of a `ConfigMap`.
pub(crate) fn config(namespace: &str, name: &str) -> ObjectKey {
    ObjectKey::new("", "ConfigMap", namespace, name)
}

/// An object from its manifest.
pub(crate) fn object(text: &str) -> Object {
    Object::new(yaml::read_one("object.yaml", text).unwrap(), Location::default())
}

/// Waits until `look` sees something, for a bounded time; `said` tells what is known where it does not.
pub(crate) fn until<T>(what: &str, look: impl Fn() -> Option<T>, said: impl Fn() -> String) -> T {
    let end = Instant::now() + LIMIT;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < end, "not reached: {what}\n{}", said());
        std::thread::park_timeout(INTERVAL);
    }
}
