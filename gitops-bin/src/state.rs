//! The state directory of an embedded daemon: where it is, and what lies in it.
//!
//! One directory a repository: a bare copy of the repository, the cluster, the registry, and the address of the
//! daemon that has it open.

use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::{Path, PathBuf};

/// The files of one state directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateDirectory {
    root: PathBuf,
}

impl StateDirectory {
    /// The state directory at `root`; nothing is created.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The default for the repository that `start` lies in: `.git/gitops` of that repository, so that it never
    /// shows up in a work tree; `None` outside of a repository.
    pub fn of_repository(start: &Path) -> Option<Self> {
        let start = start.canonicalize().ok()?;
        let git = start.ancestors().map(|folder| folder.join(".git")).find(|git| git.exists())?;
        Some(Self::at(resolve_git_file(git)?.join("gitops")))
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The bare repository that the daemon works on.
    pub fn repository(&self) -> PathBuf {
        self.root.join("repository.git")
    }

    /// The file that holds the embedded cluster.
    pub fn cluster(&self) -> PathBuf {
        self.root.join("cluster.json")
    }

    /// The file that holds the embedded registry.
    pub fn registry(&self) -> PathBuf {
        self.root.join("registry.json")
    }

    /// The file that holds which tags of the embedded registry serve badly.
    pub fn serving(&self) -> PathBuf {
        self.root.join("serving.json")
    }

    /// The file that holds the address of the daemon.
    pub fn address_file(&self) -> PathBuf {
        self.root.join("address")
    }

    /// The name of the replica that works here: the host's, and a number drawn at its first start. A process that is
    /// started again has the name of the one before, which the lock of the directory keeps from running beside it.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn identity(&self) -> io::Result<String> {
        let file = self.root.join("identity");
        match std::fs::read_to_string(&file) {
            Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(_) | Err(_) => {}
        }
        let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "gitopsd".to_owned());
        let identity = format!("{host}_{:016x}", RandomState::new().hash_one(std::process::id()));
        std::fs::write(file, format!("{identity}\n"))?;
        Ok(identity)
    }

    /// The address that the daemon wrote, such as `127.0.0.1:8300`; `None` where no daemon has written one.
    pub fn address(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.address_file()).ok()?;
        let address = text.trim();
        (!address.is_empty()).then(|| address.to_owned())
    }

    /// Creates the directory, readable by its owner only.
    pub fn create(&self) -> io::Result<()> {
        std::fs::create_dir_all(&self.root)?;
        restrict(&self.root)
    }
}

/// A `.git` that is a file (a worktree or a submodule) names the real directory.
fn resolve_git_file(git: PathBuf) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git);
    }
    let text = std::fs::read_to_string(&git).ok()?;
    let target = text.strip_prefix("gitdir:")?.trim();
    git.parent()?.join(target).canonicalize().ok()
}

#[cfg(unix)]
fn restrict(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn restrict(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_of_a_repository_lies_in_its_git_directory() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join(".git")).unwrap();
        std::fs::create_dir_all(folder.path().join("k8s/base")).unwrap();
        let state = StateDirectory::of_repository(&folder.path().join("k8s/base")).unwrap();
        assert!(state.root().ends_with(".git/gitops"), "{}", state.root().display());
        assert_eq!(state.address(), None);
    }
}
