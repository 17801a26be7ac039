//! A repository in a temporary directory, and `gitops` as a process in it.

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
pub(crate) struct Project {
    pub(crate) folder: tempfile::TempDir,
    git: Repository,
    committed: RefCell<BTreeSet<TreePath>>,
}

impl Project {
    /// A repository without a commit.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let git = Repository::init(&folder.path().join(".git"), "main", Limits::default()).unwrap();
        Self { folder, git, committed: RefCell::default() }
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        let path = self.folder.path().join(path);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    /// Commits the files as they are to `main`.
    pub(crate) fn commit(&self) {
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
    pub(crate) fn branch(&self, name: &str) {
        block_on(async {
            let head = self.git.resolve("main").await.unwrap();
            self.git.push(name, &head, None).await.unwrap();
        });
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        run(self.folder.path(), arguments)
    }

    /// Exit code, standard output and standard error of one command line, for a snapshot.
    pub(crate) fn told(&self, arguments: &[&str]) -> String {
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
