//! The repository of the demo: this repository's own `k8s/` and `argocd/`, as they were when the program was built.

use std::path::Path;

use gitops_core::time::Timestamp;
use gitops_core::tree::TreePath;
use gitops_git::{Limits, Repository};
use gitops_ports::GitRepository as _;
use gitops_ports::git::{FileChange, FileChanges, NewCommit, Signature};
use include_dir::{Dir, include_dir};

use crate::driver::DriverError;

static K8S: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../k8s");
static ARGOCD: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../argocd");

/// Makes the bare repository at `path` with one commit on `main`.
pub(super) fn make(path: &Path, at: Timestamp) -> Result<(), DriverError> {
    let repository = Repository::init(path, "main", Limits::default())?;
    let mut changes = FileChanges::new();
    add("k8s", &K8S, &mut changes)?;
    add("argocd", &ARGOCD, &mut changes)?;
    let author = Signature { name: "platform".to_owned(), email: "platform@example.com".to_owned(), at };
    let commit = NewCommit {
        parent: None,
        changes,
        author,
        message: "Describe the desired state of myapp\n".to_owned(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| DriverError::Outside(error.to_string()))?;
    runtime.block_on(async {
        let id = repository.commit(&commit).await?;
        repository.push("main", &id, None).await?;
        Ok(())
    })
}

fn add(prefix: &str, folder: &Dir<'_>, changes: &mut FileChanges) -> Result<(), DriverError> {
    for file in folder.files() {
        let path = format!("{prefix}/{}", file.path().display());
        let path = TreePath::parse(&path).map_err(|error| DriverError::usage(error.to_string()))?;
        changes.insert(path, FileChange::Write(file.contents().to_vec()));
    }
    for inner in folder.dirs() {
        add(prefix, inner, changes)?;
    }
    Ok(())
}
