//! Answers to what a render asks for that lies elsewhere.
//!
//! Everything goes through the Git adapter, which bounds time, size and where connections are made to. Nothing is
//! set up before the first question, so that a build that asks none pays nothing.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use gitops_core::kustomize::{ChartPull, RemoteAnswer, RemoteRepository, RemoteSource};
use gitops_core::tree::{Entry, File, FileTree, TreePath};
use gitops_git::remote::{Checkout, Remote, RemoteFile, Settings};
use gitops_ports::git::{Credentials, GitError};

use crate::helm::Helm;

/// How long one file may take.
const FILE_TIMEOUT: Duration = Duration::from_secs(27);
/// How many sources are fetched at once.
const AT_ONCE: usize = 4;

/// Fetches what kustomizations name elsewhere, for any number of renders.
#[derive(Debug)]
pub struct Fetcher {
    settings: Settings,
    helm: Helm,
    remote: OnceLock<Result<Remote, GitError>>,
}

/// What is known of one source.
#[derive(Debug, Clone)]
pub(crate) struct Fetched {
    pub(crate) source: RemoteSource,
    pub(crate) answer: RemoteAnswer,
    /// The files that came with the answer, at their place in the tree.
    pub(crate) files: FileTree,
    /// Where the files of a repository are read from.
    pub(crate) checkout: Option<Checkout>,
}

impl Fetcher {
    /// Fetches by these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings, helm: Helm::default(), remote: OnceLock::new() }
    }

    /// The same with another `helm`.
    #[must_use]
    pub fn with_helm(mut self, helm: Helm) -> Self {
        self.helm = helm;
        self
    }

    /// Where fetched commits are kept by default: `gitops/remote` in the user's cache directory.
    pub fn default_cache() -> Option<PathBuf> {
        let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
        Some(cache.join("gitops/remote"))
    }

    fn remote(&self) -> Result<&Remote, GitError> {
        self.remote.get_or_init(|| Remote::new(self.settings.clone())).as_ref().map_err(Clone::clone)
    }

    /// Fetches every source, several at once. `permits` says no with a reason.
    pub(crate) fn fetch(
        &self,
        sources: &[RemoteSource],
        tree: &FileTree,
        permits: Option<&Permits>,
    ) -> Vec<Fetched> {
        let mut fetched = vec![];
        for group in sources.chunks(AT_ONCE) {
            std::thread::scope(|scope| {
                let threads: Vec<_> = group
                    .iter()
                    .map(|source| scope.spawn(|| self.fetch_one(source, tree, permits)))
                    .collect();
                fetched.extend(threads.into_iter().filter_map(|thread| thread.join().ok()));
            });
        }
        fetched
    }

    fn fetch_one(&self, source: &RemoteSource, tree: &FileTree, permits: Option<&Permits>) -> Fetched {
        let mut fetched = Fetched {
            source: source.clone(),
            answer: RemoteAnswer::Mounted,
            files: FileTree::new(),
            checkout: None,
        };
        let done = permits.map_or(Ok(()), |permits| permits.judge(source)).and_then(|()| match source {
            RemoteSource::Repository(repository) => self.checkout(repository).map(|checkout| {
                fetched.files.add_directory(source.mount());
                fetched.checkout = Some(checkout);
            }),
            RemoteSource::Chart(pull) => self.pull(pull).map(|files| {
                fetched.files.add_directory(source.mount());
                for (path, entry) in files.entries() {
                    if let Ok(path) = source.mount().join(path.as_str()) {
                        fetched.files.insert(path, entry.clone());
                    }
                }
            }),
            RemoteSource::Template(template) => {
                self.helm.template(template, tree).map_err(unhelpful).map(|manifests| {
                    fetched.files.insert(source.mount(), Entry::File(file_of(manifests)));
                })
            }
            RemoteSource::File(url) if self.keeps_repository(url) => {
                // It was no file when its repository was fetched.
                fetched.answer = RemoteAnswer::Absent("it is a repository".to_owned());
                Ok(())
            }
            RemoteSource::File(url) => self.file(url).map(|file| match file {
                RemoteFile::Found(content) => {
                    fetched.files.insert(source.mount(), Entry::File(file_of(content)));
                }
                RemoteFile::Absent(status) => {
                    fetched.answer = RemoteAnswer::Absent(format!("the server answers with status {status}"));
                }
            }),
        });
        if let Err(failed) = done {
            fetched.answer = failed;
        }
        fetched
    }

    fn pull(&self, pull: &ChartPull) -> Result<FileTree, RemoteAnswer> {
        if self.settings.offline {
            return Err(failed(GitError::Offline));
        }
        self.remote().and_then(|remote| remote.judge_host(&pull.repository)).map_err(failed)?;
        self.helm.pull(pull, &self.settings.limits).map_err(unhelpful)
    }

    fn checkout(&self, repository: &RemoteRepository) -> Result<Checkout, RemoteAnswer> {
        let RemoteRepository { address, revision, timeout, .. } = repository;
        let remote = self.remote().map_err(failed)?;
        remote.checkout(address, revision, *timeout, &Credentials::None).map_err(failed)
    }

    /// Whether a URL names a commit that was fetched before.
    fn keeps_repository(&self, url: &str) -> bool {
        let Some((repository, _)) = RemoteRepository::parse(url) else { return false };
        self.remote().is_ok_and(|remote| remote.keeps(&repository.address, &repository.revision))
    }

    fn file(&self, url: &str) -> Result<RemoteFile, RemoteAnswer> {
        self.remote().and_then(|remote| remote.file(url, FILE_TIMEOUT, &Credentials::None)).map_err(failed)
    }

    /// The files of a repository at and below `paths`, which start at its root.
    pub(crate) fn read(
        &self,
        repository: &RemoteRepository,
        checkout: &Checkout,
        paths: &[TreePath],
    ) -> Result<FileTree, RemoteAnswer> {
        let submodules = repository.submodules.then_some(repository.timeout);
        self.remote().and_then(|remote| remote.read(checkout, paths, submodules)).map_err(failed)
    }
}

/// Which sources may be fetched.
#[derive(Clone)]
pub struct Permits(Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl Permits {
    /// Permits the addresses of repositories, and the URLs of files, for which `rule` holds.
    pub fn new(rule: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(rule))
    }

    fn judge(&self, source: &RemoteSource) -> Result<(), RemoteAnswer> {
        let address = match source {
            RemoteSource::Repository(repository) => &repository.address,
            RemoteSource::File(url) => url,
            RemoteSource::Chart(pull) => &pull.repository,
            // Its chart was permitted, or is here.
            RemoteSource::Template(_) => return Ok(()),
        };
        if (self.0)(address) {
            return Ok(());
        }
        Err(RemoteAnswer::Failed {
            message: "the project does not permit this source".to_owned(),
            hint: Some("add it to the project's `sourceRepos`".to_owned()),
        })
    }
}

impl std::fmt::Debug for Permits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Permits")
    }
}

fn file_of(content: Vec<u8>) -> File {
    let blob = gitops_git::blob_id(&content);
    File { blob, content: Arc::from(content) }
}

fn unhelpful(message: String) -> RemoteAnswer {
    RemoteAnswer::Failed { message, hint: None }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where `map_err` hands the error over")]
fn failed(error: GitError) -> RemoteAnswer {
    RemoteAnswer::Failed { message: error.to_string(), hint: error.hint().map(str::to_owned) }
}
