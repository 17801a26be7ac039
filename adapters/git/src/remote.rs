//! Repositories and files elsewhere: fetched within bounds, kept on disk, and read as file trees.
//!
//! A repository is fetched without its history, one commit at a time. What is kept is found again by its address
//! and the id of the commit, so a commit that was named in full needs no network the next time.

mod address;
mod guard;
mod http;
mod packet;
mod protocol;
mod smart_http;
mod ssh;
mod store;
mod submodule;

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use backon::{BlockingRetryable as _, ExponentialBuilder};
use git2::Oid;
use gitops_core::tree::{FileTree, TreePath};
use gitops_ports::git::{CommitId, Credentials, GitError};
use reqwest::Url;

use crate::location::without_credentials;
use crate::read::Limits;
use address::Address;
use http::{Http, Request};
use protocol::{Offer, Service, Wish, names};
use smart_http::HttpService;
use ssh::SshService;
use store::Store;

pub use guard::AddressRule;

/// How often a transient failure is tried again.
const RETRIES: usize = 2;

/// How what is elsewhere is fetched and kept.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The directory that keeps what was fetched; it is made where it is missing, once there is something to keep.
    pub cache: PathBuf,
    /// Which network addresses may be connected to.
    pub rule: AddressRule,
    /// Whether nothing may be fetched.
    pub offline: bool,
    /// The most bytes that one fetch may bring.
    pub most_bytes: u64,
    /// How much of a commit may be read.
    pub limits: Limits,
}

impl Settings {
    /// The usual settings: 256 MiB a fetch, from the public internet.
    pub fn new(cache: PathBuf) -> Self {
        Self {
            cache,
            rule: AddressRule::default(),
            offline: false,
            most_bytes: 256 << 20,
            limits: Limits::default(),
        }
    }
}

/// Who asks, and when the answer must be there.
#[derive(Clone, Copy)]
struct Terms<'a> {
    credentials: &'a Credentials,
    deadline: Instant,
}

/// Fetches what is elsewhere.
#[derive(Debug)]
pub struct Remote {
    settings: Settings,
    http: Http,
}

/// A repository at one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    address: String,
    directory: PathBuf,
    commit: CommitId,
}

impl Checkout {
    /// The commit.
    pub fn commit(&self) -> &CommitId {
        &self.commit
    }
}

/// What a server has at the URL of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoteFile {
    /// The file.
    Found(Vec<u8>),
    /// No file, with the status that says so.
    Absent(u16),
}

impl Remote {
    /// Fetches by these settings. Connects to nothing yet.
    pub fn new(settings: Settings) -> Result<Self, GitError> {
        let http = Http::new(settings.rule)?;
        Ok(Self { settings, http })
    }

    /// Brings the commit that `revision` names in the repository at `address` here: a branch, a tag, or a whole
    /// commit id; the default branch where it is empty.
    ///
    /// # Errors
    /// Every message is free of credentials. What may go away by itself was tried again before.
    pub fn checkout(
        &self,
        address: &str,
        revision: &str,
        timeout: Duration,
        credentials: &Credentials,
    ) -> Result<Checkout, GitError> {
        let parsed = Address::parse(address)?;
        if revision.starts_with('-') || revision.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(GitError::UnknownRevision { revision: revision.to_owned() });
        }
        let store = Store::new(&self.settings.cache, &parsed.key())?;
        let found = |commit| Checkout {
            address: address.to_owned(),
            directory: store.directory().to_owned(),
            commit,
        };
        let pinned = CommitId::parse(revision);
        if let Some(commit) = pinned.as_ref().and_then(|id| store.commit(id)) {
            return Ok(found(commit));
        }
        if self.settings.offline {
            return Err(GitError::Offline);
        }
        let deadline = Instant::now() + timeout;
        let attempt = || self.fetch(&parsed, revision, &store, Terms { credentials, deadline });
        let again = |error: &GitError| error.is_transient() && Instant::now() < deadline;
        attempt.retry(policy()).when(again).call().map(found)
    }

    /// Whether `revision` is a whole commit id that was fetched from `address` before.
    pub fn keeps(&self, address: &str, revision: &str) -> bool {
        let Some(commit) = CommitId::parse(revision) else { return false };
        let store =
            Address::parse(address).and_then(|address| Store::new(&self.settings.cache, &address.key()));
        store.is_ok_and(|store| store.commit(&commit).is_some())
    }

    /// Whether the host of a URL may be connected to, for a program that makes the connection itself.
    pub fn judge_host(&self, url: &str) -> Result<(), GitError> {
        let bad = |message: &str| GitError::BadAddress {
            url: without_credentials(url),
            message: message.to_owned(),
        };
        let parsed = Url::parse(url).map_err(|error| bad(&error.to_string()))?;
        if !matches!(parsed.scheme(), "https" | "http" | "oci") {
            return Err(bad("it is none of `https`, `http` and `oci`"));
        }
        let host = parsed.host_str().filter(|host| !host.is_empty()).ok_or_else(|| bad("it has no host"))?;
        self.settings.rule.resolve(host, parsed.port_or_known_default().unwrap_or(443)).map(|_| ())
    }

    fn fetch(
        &self,
        address: &Address,
        revision: &str,
        store: &Store,
        terms: Terms<'_>,
    ) -> Result<CommitId, GitError> {
        let mut service = self.connect(address, "git-upload-pack", terms)?;
        let shown = address.to_string();
        let failed = |error: io::Error| failure(&error, &shown);
        let offer = Offer::read(&mut *service).map_err(failed)?;
        let pinned = CommitId::parse(revision).and_then(|id| Oid::from_str(id.as_str()).ok());
        let wanted = match pinned {
            Some(id) => id,
            None => {
                let references = offer.list(&mut *service, &names(revision)).map_err(failed)?;
                references.find(revision).ok_or_else(|| unknown(revision))?
            }
        };
        let id = crate::repository::commit_id(wanted);
        if let Some(commit) = store.commit(&id) {
            return Ok(commit);
        }
        let wish = Wish { wanted: &[wanted], known: &[], is_shallow: true };
        let most = self.settings.most_bytes;
        let take = |pack: &mut dyn io::Read| store.add_pack(pack, most, &shown);
        offer.fetch(&mut *service, &wish, take).map_err(failed)?;
        store.commit(&id).ok_or_else(|| unknown(revision))
    }

    fn connect<'a>(
        &'a self,
        address: &Address,
        service: &'static str,
        terms: Terms<'a>,
    ) -> Result<Box<dyn Service + 'a>, GitError> {
        Ok(match address {
            Address::Http(url) => {
                let (http, url) = (&self.http, url.clone());
                Box::new(HttpService { http, url, name: service, terms })
            }
            Address::Ssh(ssh) => Box::new(SshService::start(ssh, service, self.settings.rule, terms)?),
        })
    }

    /// The files at and below each of `paths`, as [`gitops_ports::GitRepository::read`] answers. With
    /// `submodules` the files of submodules on the way are fetched and read too.
    pub fn read(
        &self,
        checkout: &Checkout,
        paths: &[TreePath],
        submodules: Option<Duration>,
    ) -> Result<FileTree, GitError> {
        let git = store::open(&checkout.directory)?;
        let mut reader = crate::read::Reader::default();
        let mut tree = reader.read(&git, &self.settings.limits, &checkout.commit, paths)?;
        if let Some(timeout) = submodules {
            submodule::fill(self, checkout, paths, &mut tree, timeout)?;
        }
        Ok(tree)
    }

    /// The file at `url`.
    pub fn file(
        &self,
        url: &str,
        timeout: Duration,
        credentials: &Credentials,
    ) -> Result<RemoteFile, GitError> {
        let shown = without_credentials(url);
        let bad = |message: String| GitError::BadAddress { url: shown.clone(), message };
        let url = Url::parse(url).map_err(|error| bad(error.to_string()))?;
        if self.settings.offline {
            return Err(GitError::Offline);
        }
        let deadline = Instant::now() + timeout;
        let attempt = || {
            let terms = Terms { credentials, deadline };
            let request = Request { body: None, url: url.clone(), headers: &[], terms };
            let response = self.http.send(request).map_err(|error| (error, None))?;
            match (smart_http::judge(&response), response.status) {
                (Ok(()), _) => {
                    let content = response.body.read_all(self.settings.limits.file_size);
                    content.map(RemoteFile::Found).map_err(|error| (error, None))
                }
                (Err(error), status @ (429 | 502 | 503 | 504)) => Err((error, Some(status))),
                (Err(_), status) => Ok(RemoteFile::Absent(status)),
            }
        };
        let again = |(error, _): &(GitError, Option<u16>)| error.is_transient() && Instant::now() < deadline;
        match attempt.retry(policy()).when(again).call() {
            Ok(file) => Ok(file),
            Err((_, Some(status))) => Ok(RemoteFile::Absent(status)),
            Err((error, None)) => Err(error),
        }
    }
}

/// When what failed is tried again.
fn policy() -> ExponentialBuilder {
    ExponentialBuilder::default().with_max_times(RETRIES).with_min_delay(Duration::from_millis(500))
}

fn unknown(revision: &str) -> GitError {
    let revision = if revision.is_empty() { "HEAD" } else { revision };
    GitError::UnknownRevision { revision: revision.to_owned() }
}

/// A failed stream in the port's words; it may carry an error in them.
fn failure(error: &io::Error, shown: &str) -> GitError {
    if let Some(own) = error.get_ref().and_then(|inner| inner.downcast_ref::<GitError>()) {
        return own.clone();
    }
    let (kind, url) = (error.kind(), shown.to_owned());
    if kind == io::ErrorKind::InvalidData {
        return GitError::BadAddress { url, message: error.to_string() };
    }
    let is_short = kind == io::ErrorKind::UnexpectedEof;
    let message = if is_short { "the answer ended too early".to_owned() } else { error.to_string() };
    GitError::Unavailable { message: format!("`{url}`: {message}") }
}

#[cfg(test)]
mod tests;
