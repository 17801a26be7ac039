//! A repository and its upstream.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use git2::{AutotagOption, ErrorCode, FetchOptions, FetchPrune, Oid};
use gitops_core::tree::{FileTree, TreePath};
use gitops_ports::GitRepository;
use gitops_ports::git::{Commit, CommitId, FileChanges, GitError, NewCommit, PathChange};

use crate::failure::failed;
use crate::location::local_path;
use crate::read::{Limits, Reader};
use crate::{find, history, push, write};

/// What a fetch brings: branches, tags and the engine's own references.
const REFSPECS: &[&str] =
    &["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*", "+refs/gitops/*:refs/gitops/*"];
const REMOTE_HEAD: &str = "refs/remotes/origin/HEAD";

/// A repository on libgit2, with its upstream.
///
/// The work happens on the calling thread; on a runtime with several threads it steps aside for other tasks.
pub struct Repository {
    inner: Mutex<Inner>,
    limits: Limits,
}

struct Inner {
    git: git2::Repository,
    upstream: Upstream,
    reader: Reader,
}

/// Where branches are published.
pub(crate) enum Upstream {
    /// In the repository itself.
    Here,
    /// In the repository at this path.
    Local(PathBuf),
}

impl Repository {
    /// Opens the repository at `path`, which is its own upstream.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, GitError> {
        let git = git2::Repository::open(path)
            .map_err(failed(format!("opening the repository `{}`", path.display())))?;
        Ok(Self::new(git, Upstream::Here, limits))
    }

    /// Makes an empty bare repository at `path` whose `HEAD` is `branch`, and opens it.
    pub fn init(path: &Path, branch: &str, limits: Limits) -> Result<Self, GitError> {
        let mut options = git2::RepositoryInitOptions::new();
        options.bare(true).initial_head(branch).external_template(false);
        let git = git2::Repository::init_opts(path, &options)
            .map_err(failed(format!("making the repository `{}`", path.display())))?;
        Ok(Self::new(git, Upstream::Here, limits))
    }

    /// Opens the bare copy at `directory` of the repository at `url`, and makes it where there is none. A copy
    /// that was cut off while it was made is completed. A copy has one user at a time: the locks that lie in it are of
    /// one that was killed, and go.
    pub fn open_or_clone(url: &str, directory: &Path, limits: Limits) -> Result<Self, GitError> {
        let upstream = local_path(url)?;
        let context = || format!("copying `{url}` to `{}`", directory.display());
        let git = match git2::Repository::open_bare(directory) {
            Ok(git) => {
                remove_locks(directory).map_err(|error| GitError::Repository {
                    context: context(),
                    message: format!("a lock cannot be removed: {error}"),
                })?;
                git
            }
            Err(error) if error.code() == ErrorCode::NotFound => {
                let mut options = git2::RepositoryInitOptions::new();
                options.bare(true).external_template(false);
                git2::Repository::init_opts(directory, &options).map_err(failed(context()))?
            }
            Err(error) => return Err(failed(context())(error)),
        };
        let repository = Self::new(git, Upstream::Local(upstream), limits);
        repository.with(Inner::fetch)?;
        Ok(repository)
    }

    /// The files in and below `directory` of a commit of which `wanted` takes the name, with the ids of their blobs.
    /// Refuses more entries than the limits have files.
    pub fn find(
        &self,
        commit: &CommitId,
        directory: &TreePath,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<BTreeMap<TreePath, String>, GitError> {
        self.with(|inner| find::in_commit(&inner.git, commit, directory, wanted, &self.limits))
    }

    /// As [`GitRepository::read`], with no more than `size` bytes of files.
    pub fn read_within(
        &self,
        commit: &CommitId,
        paths: &[TreePath],
        size: u64,
    ) -> Result<FileTree, GitError> {
        let limits = Limits { total_size: self.limits.total_size.min(size), ..self.limits };
        self.with(|Inner { git, reader, .. }| reader.read(git, &limits, commit, paths))
    }

    /// The newest commit from which both lead on; [`GitError::UnknownRevision`] where there is none.
    pub fn merge_base(&self, one: &CommitId, other: &CommitId) -> Result<CommitId, GitError> {
        self.with(|inner| history::merge_base(&inner.git, one, other))
    }

    /// The URLs of the remotes, as they are configured.
    pub fn remote_urls(&self) -> Vec<String> {
        let git = &self.lock().git;
        let names = git
            .remotes()
            .map(|names| names.iter().filter_map(Result::ok).flatten().map(str::to_owned).collect());
        let names: Vec<String> = names.unwrap_or_default();
        let url = |name: &String| git.find_remote(name).ok()?.url().ok().map(str::to_owned);
        names.iter().filter_map(url).collect()
    }

    /// The commits that last changed `lines` (counted from 1) of the file at `path`, as of `commit`; a line that the
    /// file does not have is left out. One question for all lines costs little more than one for a single line.
    pub fn blame_lines(
        &self,
        commit: &CommitId,
        path: &TreePath,
        lines: &BTreeSet<u32>,
    ) -> Result<BTreeMap<u32, Commit>, GitError> {
        self.with(|inner| history::blame_lines(&inner.git, commit, path, lines))
    }

    fn new(git: git2::Repository, upstream: Upstream, limits: Limits) -> Self {
        let inner = Inner { git, upstream, reader: Reader::default() };
        Self { inner: Mutex::new(inner), limits }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on the repository without holding up the runtime's other tasks.
    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> Result<T, GitError>) -> Result<T, GitError> {
        let run = || work(&mut self.lock());
        match tokio::runtime::Handle::try_current() {
            Ok(handle) if handle.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread => {
                tokio::task::block_in_place(run)
            }
            Ok(_) | Err(_) => run(),
        }
    }
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repository").field("path", &self.lock().git.path()).finish_non_exhaustive()
    }
}

impl Inner {
    fn fetch(&mut self) -> Result<(), GitError> {
        let Upstream::Local(path) = &self.upstream else { return Ok(()) };
        let context = || format!("fetching from `{}`", path.display());
        let text = path.to_str().ok_or_else(|| GitError::Repository {
            context: context(),
            message: "the path is not UTF-8".to_owned(),
        })?;
        let mut remote = self.git.remote_anonymous(text).map_err(failed(context()))?;
        let mut options = FetchOptions::new();
        options.prune(FetchPrune::On).download_tags(AutotagOption::None);
        remote.fetch(REFSPECS, Some(&mut options), None).map_err(failed(context()))?;
        let upstream = git2::Repository::open(path).map_err(failed(context()))?;
        let head = upstream.find_reference("HEAD").map_err(failed(context()))?;
        let branch = head.symbolic_target().ok().flatten().and_then(|name| name.strip_prefix("refs/heads/"));
        let target = branch.map(|branch| format!("refs/remotes/origin/{branch}"));
        // The upstream may have no commit yet, and then its HEAD names nothing.
        if let Some(target) = target.filter(|target| self.git.find_reference(target).is_ok()) {
            self.git.reference_symbolic(REMOTE_HEAD, &target, true, "").map_err(failed(context()))?;
        }
        Ok(())
    }

    /// The names under which a revision may be a reference here, best first.
    fn reference_names(&self, revision: &str) -> Vec<String> {
        let heads = match self.upstream {
            Upstream::Here => "refs/heads",
            Upstream::Local(_) => "refs/remotes/origin",
        };
        match (revision.strip_prefix("refs/heads/"), &self.upstream) {
            (Some(branch), _) => vec![format!("{heads}/{branch}")],
            (None, Upstream::Local(_)) if revision == "HEAD" => vec![REMOTE_HEAD.to_owned()],
            (None, _) if revision == "HEAD" || revision.starts_with("refs/") => vec![revision.to_owned()],
            (None, _) => vec![format!("{heads}/{revision}"), format!("refs/tags/{revision}")],
        }
    }

    fn resolve(&self, revision: &str) -> Result<CommitId, GitError> {
        let unknown = || GitError::UnknownRevision { revision: revision.to_owned() };
        for name in self.reference_names(revision) {
            if let Ok(reference) = self.git.find_reference(&name)
                && let Ok(commit) = reference.peel_to_commit()
            {
                return Ok(commit_id(commit.id()));
            }
        }
        if let (Upstream::Here, Ok(object)) = (&self.upstream, self.git.revparse_single(revision)) {
            // All that Git's own command line takes: `HEAD~1`, `main@{yesterday}`, `v1^{commit}`.
            return object.peel_to_commit().map(|commit| commit_id(commit.id())).map_err(|_| unknown());
        }
        let hexadecimal = revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !hexadecimal || !(7..=40).contains(&revision.len()) {
            return Err(unknown());
        }
        let short = Oid::from_str(revision).map_err(|_| unknown())?;
        let odb = self.git.odb().map_err(failed("opening the object database"))?;
        let id = odb.exists_prefix(short, revision.len()).map_err(|error| {
            if error.code() == ErrorCode::Ambiguous {
                return GitError::AmbiguousRevision { revision: revision.to_owned() };
            }
            unknown()
        })?;
        let object = self.git.find_object(id, None).map_err(|_| unknown())?;
        object.peel_to_commit().map(|commit| commit_id(commit.id())).map_err(|_| unknown())
    }
}

/// The port's form of a commit's id.
pub(crate) fn commit_id(id: Oid) -> CommitId {
    CommitId::from_bytes(id.as_bytes())
}

/// The commit with this id.
pub(crate) fn find_commit<'a>(
    git: &'a git2::Repository,
    id: &CommitId,
) -> Result<git2::Commit<'a>, GitError> {
    let unknown = |_| GitError::UnknownRevision { revision: id.to_string() };
    git.find_commit(Oid::from_str(id.as_str()).map_err(unknown)?).map_err(unknown)
}

impl GitRepository for Repository {
    async fn fetch(&self) -> Result<(), GitError> {
        self.with(Inner::fetch)
    }

    async fn resolve(&self, revision: &str) -> Result<CommitId, GitError> {
        self.with(|inner| inner.resolve(revision))
    }

    async fn read(&self, commit: &CommitId, paths: &[TreePath]) -> Result<FileTree, GitError> {
        self.with(|Inner { git, reader, .. }| reader.read(git, &self.limits, commit, paths))
    }

    async fn log(&self, commit: &CommitId, path: &TreePath, limit: usize) -> Result<Vec<Commit>, GitError> {
        self.with(|inner| history::log(&inner.git, commit, path, limit))
    }

    async fn changes(&self, from: &CommitId, to: &CommitId) -> Result<Vec<PathChange>, GitError> {
        self.with(|inner| history::changes(&inner.git, from, to))
    }

    async fn blame(&self, commit: &CommitId, path: &TreePath, line: u32) -> Result<Commit, GitError> {
        self.with(|inner| history::blame(&inner.git, commit, path, line))
    }

    async fn is_ancestor(&self, ancestor: &CommitId, commit: &CommitId) -> Result<bool, GitError> {
        self.with(|inner| history::is_ancestor(&inner.git, ancestor, commit))
    }

    async fn revert(&self, commit: &CommitId, onto: &CommitId) -> Result<FileChanges, GitError> {
        self.with(|inner| write::revert(&inner.git, commit, onto))
    }

    async fn commit(&self, commit: &NewCommit) -> Result<CommitId, GitError> {
        self.with(|inner| write::commit(&inner.git, commit))
    }

    async fn push(
        &self,
        branch: &str,
        commit: &CommitId,
        expected: Option<&CommitId>,
    ) -> Result<(), GitError> {
        self.with(|inner| push::push(&inner.git, &inner.upstream, branch, commit, expected))
    }
}

/// Removes the lock files of a bare repository: those beside its own files, and those of its references.
fn remove_locks(directory: &Path) -> io::Result<()> {
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let is_of_references = folder != directory || path.file_name().is_some_and(|name| name == "refs");
            if is_of_references && path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "lock") {
                fs::remove_file(path)?;
            }
        }
    }
    Ok(())
}
