//! One case: a repository, its Applications and a daemon, which all end with it.

use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

use gitops_core::object::{Object, ObjectKey};
use gitops_e2e::User;
use gitops_git::{Limits, Repository};
use serde_json::Value;

use crate::bench::{self, Bench, object};
use crate::daemon::{Daemon, URL};
use crate::{repository, upstream};

/// How long a settled Application is looked at: longer than the first steps of the back-off of self-heal.
const SETTLED: Duration = Duration::from_secs(9);

/// One case.
pub(crate) struct Stage<'a> {
    pub(crate) bench: &'a mut Bench,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) daemons: Vec<Daemon>,
    applications: RefCell<Vec<String>>,
}

impl<'a> Stage<'a> {
    /// A repository that holds `files`, and nothing that looks at it.
    pub(crate) fn new(bench: &'a mut Bench, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        upstream::make(&folder.path().join("upstream.git"), files);
        Self { bench, folder, daemons: vec![], applications: RefCell::default() }
    }

    /// The example repository.
    pub(crate) fn example(bench: &'a mut Bench) -> Self {
        let folder = tempfile::tempdir().unwrap();
        repository::make(&folder.path().join("upstream.git"));
        Self { bench, folder, daemons: vec![], applications: RefCell::default() }
    }

    /// A repository whose folder `app` holds `manifests`, and an Application of that name that syncs it into the
    /// namespace of that name.
    pub(crate) fn prepared(bench: &'a mut Bench, app: &str, manifests: &str) -> Self {
        let (kustomization, all) = (format!("{app}/kustomization.yaml"), format!("{app}/all.yaml"));
        let files = [(kustomization.as_str(), "resources: [all.yaml]\n"), (all.as_str(), manifests)];
        let stage = Self::new(bench, &files);
        stage.application(app, "");
        stage
    }

    /// A repository whose folder `app` holds `manifests`, an Application of that name that syncs it into the
    /// namespace of that name, and a daemon.
    pub(crate) fn of(bench: &'a mut Bench, app: &str, manifests: &str) -> Self {
        let stage = Self::prepared(bench, app, manifests);
        stage.with_daemon("gitopsd", &[])
    }

    /// Starts a daemon as the administrator of the cluster.
    pub(crate) fn with_daemon(mut self, name: &str, more: &[&str]) -> Self {
        let kubeconfig = self.bench.plane.kubeconfig(&User::ADMIN);
        self.start(name, &kubeconfig, more);
        self
    }

    /// Starts a daemon with a kubeconfig file.
    pub(crate) fn start(&mut self, name: &str, kubeconfig: &Path, more: &[&str]) {
        let daemon = Daemon::start(name, self.folder.path(), kubeconfig, more);
        self.daemons.push(daemon);
    }

    /// Makes an Application, with a JSON merge of `more` over its spec.
    pub(crate) fn application(&self, name: &str, more: &str) {
        let more = if more.is_empty() { String::new() } else { format!(", {more}") };
        self.bench.apply(&object(&format!(
            "{{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {{name: {name}, namespace: argocd}}, spec: \
             {{project: cases, source: {{repoURL: '{URL}', path: {name}, targetRevision: HEAD}}, destination: {{server: \
             'https://kubernetes.default.svc', namespace: {name}}}, syncPolicy: {{automated: {{prune: true, selfHeal: true}}, \
             syncOptions: [CreateNamespace=true]{more}}}}}}}"
        )));
        self.adopt(name);
    }

    /// Takes an Application away when the case ends.
    pub(crate) fn adopt(&self, name: &str) {
        self.applications.borrow_mut().push(name.to_owned());
    }

    /// The first daemon.
    pub(crate) fn daemon(&self) -> &Daemon {
        &self.daemons[0]
    }

    /// Commits the manifests of an Application, as a person who pushes.
    pub(crate) fn commit(&self, app: &str, manifests: &str) {
        let path = format!("{app}/all.yaml");
        upstream::write(&self.upstream(), &path, manifests);
    }

    /// The repository that is pushed to.
    pub(crate) fn upstream(&self) -> Repository {
        Repository::open(&self.folder.path().join("upstream.git"), Limits::default()).unwrap()
    }

    /// An Application as it stands in the cluster.
    pub(crate) fn app(&self, name: &str) -> Value {
        let key = ObjectKey::new("argoproj.io", "Application", "argocd", name);
        self.bench.get(&key).map(|object| object.root.to_json().unwrap()).unwrap_or_default()
    }

    /// Waits until `look` sees something, for a bounded time.
    pub(crate) fn until<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> T {
        bench::until(what, look, || self.said())
    }

    /// Waits until the status of an Application is as `is` says.
    pub(crate) fn until_app(&self, name: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        self.until(&format!("{name}: {what}"), || {
            let app = self.app(name);
            is(&app["status"]).then(|| app["status"].clone())
        })
    }

    /// Waits until an Application is Synced at the newest commit, and its operation has ended well.
    pub(crate) fn until_synced(&self, name: &str) -> Value {
        let head = self.head();
        self.until_app(name, "synced", |status| {
            let at_head = status["sync"]["revision"] == head.as_str();
            let ended = status["operationState"]["phase"] == "Succeeded";
            at_head && ended && status["sync"]["status"] == "Synced"
        })
    }

    /// Waits until the operation of the newest commit has failed; returns the state of the operation.
    pub(crate) fn until_failed(&self, name: &str) -> Value {
        let head = self.head();
        let status = self.until_app(name, "failed", |status| {
            let state = &status["operationState"];
            let at_head = state["syncResult"]["revision"] == head.as_str();
            at_head && (state["phase"] == "Failed" || state["phase"] == "Error")
        });
        status["operationState"].clone()
    }

    /// Expects that nobody writes to a settled Application.
    pub(crate) fn stays(&self, name: &str) {
        let version = || self.app(name)["metadata"]["resourceVersion"].clone();
        // What was under way may end.
        std::thread::park_timeout(Duration::from_secs(1));
        let before = version();
        std::thread::park_timeout(SETTLED);
        assert_eq!(version(), before, "{}", self.said());
    }

    fn head(&self) -> String {
        upstream::head(&self.upstream()).as_str().to_owned()
    }

    /// The object at `key`, which must be there.
    pub(crate) fn live(&self, key: &ObjectKey) -> Object {
        self.bench.get(key).unwrap_or_else(|| panic!("{key} is not there\n{}", self.said()))
    }

    /// What is known where something is not as expected.
    pub(crate) fn said(&self) -> String {
        let said = self.daemons.iter().map(Daemon::said);
        let apps = self.applications.borrow();
        let states = apps.iter().map(|app| {
            let status = self.app(app)["status"].clone();
            let text = status.to_string();
            format!("{app}: {}\n", text.chars().take(6000).collect::<String>())
        });
        states.chain(said).collect()
    }
}

impl Drop for Stage<'_> {
    /// Asks the daemons to end, which they must do cleanly, and takes away what was made.
    fn drop(&mut self) {
        let fails = std::thread::panicking();
        for daemon in &mut self.daemons {
            if fails {
                daemon.kill();
            } else {
                daemon.stop();
            }
        }
        for app in self.applications.borrow().iter() {
            self.bench.delete(&ObjectKey::new("argoproj.io", "Application", "argocd", app.as_str()));
        }
    }
}
