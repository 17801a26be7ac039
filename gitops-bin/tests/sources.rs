//! What the daemon fetches from elsewhere: bases and files of the sources that a project permits, and nothing else.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(dead_code, reason = "the server is shared, and not all of it is used here")]

#[path = "../../adapters/git/src/remote/tests/server.rs"]
mod server;

use std::fs;
use std::sync::Arc;

use gitops_bin::driver::Settings;
use gitops_bin::driver::embedded::{self, World};
use gitops_bin::fetch::Fetcher;
use gitops_bin::view::ApplicationView;
use gitops_core::time::Timestamp;
use gitops_core::tree::TreePath;
use gitops_git::remote::{AddressRule, Settings as RemoteSettings};
use gitops_git::{Limits, Repository};
use gitops_ports::GitRepository as _;
use gitops_ports::embedded::VirtualClock;
use gitops_ports::git::{FileChange, NewCommit, Signature};
use server::{Reply, Server};

const BEGINNING: Timestamp = Timestamp::from_seconds(1_772_442_000);

const PROJECT: &str = "apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: team, namespace: argocd}
spec:
  sourceRepos: ['https://git.example.com/team/deploy.git', PERMITTED]
  destinations: [{server: 'https://kubernetes.default.svc', namespace: dev}]
  clusterResourceWhitelist: [{group: '', kind: Namespace}]
";

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: app, namespace: argocd}
spec:
  project: team
  source: {repoURL: 'https://git.example.com/team/deploy.git', path: app}
  destination: {server: 'https://kubernetes.default.svc', namespace: dev}
  syncPolicy: {automated: {}, syncOptions: [CreateNamespace=true]}
";

/// What becomes of an Application that names a file of the server, under a project that permits `permitted` too.
fn application(server: &Server, permitted: &str, fetches: bool) -> ApplicationView {
    let folder = tempfile::tempdir().unwrap();
    let clock = VirtualClock::new(BEGINNING);
    let path = folder.path().join("repository.git");
    let repository = Repository::init(&path, "main", Limits::default()).unwrap();
    let kustomization = format!("resources: ['http://127.0.0.1:{}/f.yaml']\n", server.port);
    let files = [
        ("argocd/project.yaml", PROJECT.replace("PERMITTED", permitted)),
        ("argocd/app.yaml", APPLICATION.to_owned()),
        ("app/kustomization.yaml", kustomization),
    ];
    let write =
        |(path, text): (&str, String)| (TreePath::parse(path).unwrap(), FileChange::Write(text.into_bytes()));
    let author =
        Signature { name: "operator".to_owned(), email: "operator@example.com".to_owned(), at: BEGINNING };
    let changes = files.map(write).into();
    let commit = NewCommit { parent: None, changes, author, message: "Begin\n".to_owned() };
    let cache = folder.path().join("cache");
    let remote = RemoteSettings { rule: AddressRule::Any, ..RemoteSettings::new(cache) };
    let fetcher = fetches.then(|| Arc::new(Fetcher::new(remote)));
    clock
        .block_on(async {
            let id = repository.commit(&commit).await.unwrap();
            repository.push("main", &id, None).await.unwrap();
            let world = World::in_memory(clock.clone(), &path).unwrap();
            let settings = Settings { fetcher, ..Settings::default() };
            let mut driver = embedded::start(world, settings).await.unwrap();
            for _ in 0..5 {
                driver.cycle().await.unwrap();
            }
            driver.application_views().await.unwrap().remove(0)
        })
        .unwrap()
}

fn server(folder: &tempfile::TempDir) -> Server {
    fs::write(folder.path().join("f.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: f}\n")
        .unwrap();
    Server::start(folder.path(), |_| Reply::Serve)
}

#[test]
fn a_source_that_the_project_permits_is_fetched_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder);
    let app = application(&server, &format!("'http://127.0.0.1:{}/*'", server.port), true);
    assert_eq!((app.sync_status.as_str(), app.health_status.as_str()), ("Synced", "Healthy"), "{app:?}");
    assert_eq!(server.asked(), ["GET /f.yaml"]);
}

#[test]
fn a_source_that_the_project_does_not_permit_is_not_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder);
    let app = application(&server, "'https://git.example.com/team/*'", true);
    assert_ne!(app.sync_status, "Synced");
    let conditions = format!("{app:?}");
    assert!(conditions.contains("the project does not permit this source"), "{conditions}");
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn without_a_fetcher_nothing_is_fetched() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder);
    let app = application(&server, "'*'", false);
    assert_ne!(app.sync_status, "Synced");
    assert_eq!(server.asked(), [""; 0]);
}
