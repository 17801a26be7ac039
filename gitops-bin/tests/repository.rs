//! `gitops build --all` and `gitops affected` as processes, on real Git repositories.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use gitops_core::time::Timestamp;
use gitops_core::tree::TreePath;
use gitops_git::{Limits, Repository};
use gitops_ports::GitRepository as _;
use gitops_ports::git::{FileChange, FileChanges, NewCommit, Signature};

/// A repository in a temporary directory, with its files beside.
struct Project {
    folder: tempfile::TempDir,
    git: Repository,
    committed: RefCell<BTreeSet<TreePath>>,
}

impl Project {
    /// Two overlays of one base with a component, an overlay by itself, and an Application for each overlay of the
    /// base.
    fn example() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let git = Repository::init(&folder.path().join(".git"), "main", Limits::default()).unwrap();
        let this = Self { folder, git, committed: RefCell::default() };
        let overlay = |name: &str| {
            format!("resources: [../../base]\nnamePrefix: {name}-\ncomponents: [../../component]\n")
        };
        this.write("base/kustomization.yaml", "resources: [web.yaml]\n");
        this.write("base/web.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}\n");
        let component =
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels: [{pairs: {team: web}}]\n";
        this.write("component/kustomization.yaml", component);
        this.write("overlays/dev/kustomization.yaml", &overlay("dev"));
        this.write("overlays/prod/kustomization.yaml", &overlay("prod"));
        this.write("overlays/own/kustomization.yaml", "resources: [own.yaml]\n");
        this.write("overlays/own/own.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n");
        for name in ["dev", "prod"] {
            this.write(&format!("apps/{name}.yaml"), &application(name));
        }
        this.commit();
        this
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn remove(&self, path: &str) {
        let path = self.folder.path().join(path);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    /// Commits the files as they are to `main`.
    fn commit(&self) {
        let mut changes = FileChanges::new();
        add_files(self.folder.path(), &TreePath::root(), &mut changes);
        let now: BTreeSet<TreePath> = changes.keys().cloned().collect();
        let gone = self.committed.replace(now.clone());
        changes.extend(gone.difference(&now).map(|path| (path.clone(), FileChange::Remove)));
        let at = Timestamp::from_seconds(0);
        let author = Signature { name: "somebody".to_owned(), email: "somebody@example.com".to_owned(), at };
        block_on(async {
            let parent = self.git.resolve("main").await.ok();
            let new = NewCommit { parent: parent.clone(), changes, author, message: "A change\n".to_owned() };
            let id = self.git.commit(&new).await.unwrap();
            self.git.push("main", &id, parent.as_ref()).await.unwrap();
        });
    }

    /// Makes the branch `name` where `main` is.
    fn branch(&self, name: &str) {
        block_on(async {
            let head = self.git.resolve("main").await.unwrap();
            self.git.push(name, &head, None).await.unwrap();
        });
    }

    fn run(&self, arguments: &[&str]) -> Output {
        run(self.folder.path(), arguments)
    }

    /// Exit code, standard output and standard error of one command line, for a snapshot.
    fn told(&self, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.run(arguments);
        let code = status.code().unwrap();
        let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        format!("{code}\n{stdout}{}{stderr}", if stderr.is_empty() { "" } else { "--- standard error\n" })
    }
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitops"));
    command.current_dir(directory).args(arguments).env("NO_COLOR", "1");
    command.output().unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
}

/// Adds the files in and below a folder, but those of Git.
fn add_files(root: &Path, folder: &TreePath, changes: &mut FileChanges) {
    for entry in fs::read_dir(root.join(folder.as_str())).unwrap() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name().to_str().unwrap()).unwrap();
        if entry.path().is_file() {
            changes.insert(path, FileChange::Write(fs::read(entry.path()).unwrap()));
        } else if path.as_str() != ".git" {
            add_files(root, &path, changes);
        }
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn application(name: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: app-{name}, namespace: argocd}}\nspec:\n  \
         project: default\n  source: {{repoURL: https://example.com/repo.git, path: overlays/{name}}}\n  destination: \
         {{server: https://kubernetes.default.svc, namespace: {name}}}\n"
    )
}

#[test]
fn all_roots_are_built_in_one_stream() {
    let repository = Project::example();
    insta::assert_snapshot!(repository.told(&["build", "--all"]));
    let below = repository.told(&["build", "--all", "overlays/own"]);
    assert_eq!(
        below, "0\n# Source: overlays/own\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\n",
        "a directory narrows it"
    );
}

#[test]
fn each_root_of_a_stream_is_what_build_prints() {
    let repository = Project::example();
    let stream = String::from_utf8(repository.run(&["build", "--all"]).stdout).unwrap();
    for part in stream.split("# Source: ").skip(1) {
        let (path, text) = part.split_once('\n').unwrap();
        let alone = String::from_utf8(repository.run(&["build", path]).stdout).unwrap();
        assert_eq!(text.trim_end_matches("---\n"), alone, "{path}");
    }
}

#[test]
fn a_revision_is_built_without_a_checkout() {
    let repository = Project::example();
    let before = repository.told(&["build", "--all"]);
    repository.write("overlays/own/own.yaml", "not: [yaml");
    repository.write("overlays/new/kustomization.yaml", "resources: [../../base]\n");
    assert_eq!(repository.told(&["build", "--all", "--at", "HEAD"]), before);
    repository.commit();
    assert_eq!(repository.told(&["build", "--all", "--at", "HEAD~1"]), before);
}

#[test]
fn every_failure_is_told_and_nothing_is_written() {
    let repository = Project::example();
    repository.write("overlays/own/kustomization.yaml", "resources: [absent.yaml]\n");
    repository.write("overlays/circle/kustomization.yaml", "resources: [in]\n");
    repository.write("overlays/circle/in/kustomization.yaml", "resources: [..]\n");
    repository.write("base/web.yaml", "kind: ConfigMap\n");
    insta::assert_snapshot!(repository.told(&["build", "--all"]));
    repository.told(&["build", "--all", "-o", "out"]);
    assert!(!repository.folder.path().join("out").exists());
    let json = repository.run(&["build", "--all", "-o", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let items = json["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["error"]["message"].is_string()), "{json}");
    assert_eq!(items.len(), 5);
}

#[test]
fn a_directory_gets_a_file_for_each_root() {
    let repository = Project::example();
    let told = repository.told(&["build", "--all", "-o", "out"]);
    assert_eq!(told, "0\n");
    let file = repository.folder.path().join("out/overlays/dev/manifests.yaml");
    let alone = repository.run(&["build", "overlays/dev"]).stdout;
    assert_eq!(fs::read(file).unwrap(), alone);
    let mut names: Vec<_> = fs::read_dir(repository.folder.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["overlays"], "nothing is left aside");
}

#[test]
fn a_change_affects_what_reads_it() {
    let repository = Project::example();
    repository.write(
        "overlays/dev/kustomization.yaml",
        "# only a comment\nresources: [../../base]\nnamePrefix: dev-\ncomponents: [../../component]\n",
    );
    repository.commit();
    insta::assert_snapshot!(repository.told(&["affected", "HEAD~1..HEAD"]));
    let rendered = repository.told(&["affected", "HEAD~1..HEAD", "--rendered", "-o", "name"]);
    assert_eq!(rendered, "0\n", "the render is the same");
    repository
        .write("base/web.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: c}\n");
    repository.commit();
    let names = |arguments: &[&str]| repository.told(&[&["affected"], arguments].concat());
    assert_eq!(names(&["HEAD~1", "-o", "name", "--rendered"]), "0\noverlays/dev\noverlays/prod\n");
    assert_eq!(names(&["HEAD~1", "overlays/prod", "-o", "name"]), "0\noverlays/prod\n");
    let applications = "application.argoproj.io/app-dev\napplication.argoproj.io/app-prod\n";
    assert_eq!(names(&["HEAD~1", "--kind", "application", "-o", "name"]), format!("0\n{applications}"));
    assert_eq!(names(&["HEAD..HEAD", "-o", "name", "--exit-code"]), "0\n");
    assert!(names(&["HEAD~1", "-o", "name", "--exit-code"]).starts_with("1\n"));
}

#[test]
fn kustomizations_that_come_go_break_and_mend_are_told_apart() {
    let repository = Project::example();
    repository.write("overlays/ill/kustomization.yaml", "resources: [absent.yaml]\n");
    repository.commit();
    // A second name of the file beside the first one: nothing that was read has changed, but an absence has.
    repository.write("overlays/dev/kustomization.yml", "resources: [../../base]\n");
    repository.write("overlays/ill/absent.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    repository.write("overlays/new/kustomization.yaml", "resources: [../../base]\n");
    repository.remove("overlays/own");
    repository.write("apps/prod.yaml", &application("prod").replace("project: default", "project: other"));
    repository.commit();
    insta::assert_snapshot!(repository.told(&["affected", "HEAD~1..HEAD"]));
    insta::assert_snapshot!(
        repository
            .told(&["affected", "HEAD~1..HEAD", "--kind", "application", "-o", "yaml"])
            .lines()
            .filter(|line| !line.starts_with("base: ") && !line.starts_with("head: "))
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn three_dots_compare_with_where_two_branches_parted() {
    let repository = Project::example();
    repository.branch("topic");
    repository.write("overlays/own/own.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n");
    repository.commit();
    assert_eq!(repository.told(&["affected", "main..topic", "-o", "name"]), "0\noverlays/own\n");
    assert_eq!(repository.told(&["affected", "main...topic", "-o", "name"]), "0\n");
    let unknown = repository.told(&["affected", "nowhere..HEAD"]);
    assert!(unknown.starts_with("2\n") && unknown.contains("nowhere"), "{unknown}");
}
