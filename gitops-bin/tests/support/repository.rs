//! A repository with the example of this one: its `k8s/` and `argocd/`.

use std::fs;
use std::path::Path;

use gitops_core::time::Timestamp;
use gitops_core::tree::TreePath;
use gitops_git::{Limits, Repository};
use gitops_ports::GitRepository as _;
use gitops_ports::git::{CommitId, FileChange, FileChanges, NewCommit, Signature};

/// When the first commit is made.
pub(crate) const BEGINNING: Timestamp = Timestamp::from_seconds(1_772_442_000);

/// Makes the bare repository at `path` with the example as one commit on `main`.
pub(crate) fn make(path: &Path) {
    let repository = Repository::init(path, "main", Limits::default()).unwrap();
    let mut changes = FileChanges::new();
    for name in ["k8s", "argocd"] {
        add_folder(name, &mut changes);
    }
    commit(&repository, None, changes, BEGINNING);
}

/// Replaces a text in a file by a commit on `main`, as a person who pushes.
pub(crate) fn replace(repository: &Repository, path: &str, (from, to): (&str, &str), at: Timestamp) {
    let path = TreePath::parse(path).unwrap();
    let (head, tree) = block_on(async {
        let head = repository.resolve("refs/heads/main").await.unwrap();
        let tree = repository.read(&head, std::slice::from_ref(&path)).await.unwrap();
        (head, tree)
    });
    let before = String::from_utf8_lossy(&tree.file(&path).unwrap().content).into_owned();
    let after = before.replace(from, to);
    assert_ne!(before, after, "`{from}` is not in {path}");
    commit(repository, Some(&head), [(path, FileChange::Write(after.into_bytes()))].into(), at);
}

/// The subjects of the commits that touched a path, the newest first.
pub(crate) fn subjects(repository: &Repository, path: &str) -> Vec<String> {
    let path = TreePath::parse(path).unwrap();
    let log = block_on(async {
        let head = repository.resolve("refs/heads/main").await.unwrap();
        repository.log(&head, &path, 100).await.unwrap()
    });
    log.iter().map(|commit| commit.message.lines().next().unwrap_or_default().to_owned()).collect()
}

pub(crate) fn commit(
    repository: &Repository,
    parent: Option<&CommitId>,
    changes: FileChanges,
    at: Timestamp,
) {
    let author = Signature { name: "operator".to_owned(), email: "operator@example.com".to_owned(), at };
    let message = "Describe the desired state\n".to_owned();
    let new = NewCommit { parent: parent.cloned(), changes, author, message };
    block_on(async {
        let id = repository.commit(&new).await.unwrap();
        repository.push("main", &id, parent).await.unwrap();
    });
}

/// Adds the files below a folder of the workspace.
fn add_folder(folder: &str, changes: &mut FileChanges) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            add_folder(&path, changes);
        } else {
            let content = fs::read(entry.path()).unwrap();
            changes.insert(TreePath::parse(&path).unwrap(), FileChange::Write(content));
        }
    }
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
