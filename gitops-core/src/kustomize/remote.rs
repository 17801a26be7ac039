//! What a kustomization names that lies elsewhere: repositories and files, in the forms that kustomize reads.
//!
//! Fetches nothing. A render asks for what is elsewhere with [`super::RenderError::Remote`]; the caller puts it into the
//! tree at [`RemoteSource::mount`], notes the answer in [`super::RenderOptions::remotes`] and renders again.

mod query;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::helm::{ChartPull, ChartTemplate};
use crate::diagnostic::mask_credentials;
use crate::tree::TreePath;

/// The directory of a tree that holds what was fetched. Git keeps its own files there, so no commit and no
/// directory that is loaded can have anything at it.
const MOUNTS: &str = ".git/remote";
/// How long kustomize waits for a repository where the entry does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(27);
/// The schemes that kustomize tells apart, in its order.
const SCHEMES: &[&str] = &["ssh://", "https://", "http://", "file://"];

/// A repository that an entry names, without the path in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RemoteRepository {
    /// What Git clones from, as kustomize passes it on: a URL, or `user@host:path`. It may hold a password.
    pub address: String,
    /// A branch, a tag or a commit; empty for the default branch.
    pub revision: String,
    /// Whether the files of submodules belong to it.
    pub submodules: bool,
    /// How long fetching may take.
    pub timeout: Duration,
}

impl RemoteRepository {
    /// The repository that `entry` names, and the path in it; `None` for an entry that kustomize takes for a path.
    pub fn parse(entry: &str) -> Option<(Self, String)> {
        if entry.starts_with('/') {
            return None;
        }
        let (rest, query) = entry.split_once('?').unwrap_or((entry, ""));
        let query = query::Query::parse(query);
        let (host, rest) = split_host(rest)?;
        let (repository, path) = split_path(rest, host.starts_with("file://"))?;
        let path = path.trim_start_matches('/');
        if repository.is_empty() || TreePath::parse(path).is_err() {
            return None;
        }
        let address = format!("{host}{repository}");
        let query::Query { revision, submodules, timeout } = query;
        Some((Self { address, revision, submodules, timeout }, path.to_owned()))
    }

    /// Whether it lies on the machine that renders, where no entry may look.
    pub fn is_local(&self) -> bool {
        self.address.starts_with("file://")
    }
}

/// The address without credentials.
impl fmt::Display for RemoteRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown_address(&self.address))?;
        if self.revision.is_empty() { Ok(()) } else { write!(f, "@{}", self.revision) }
    }
}

impl fmt::Debug for RemoteRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteRepository({self})")
    }
}

/// What a render asks for that is not in its tree.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemoteSource {
    /// The files of a repository.
    Repository(RemoteRepository),
    /// One file, by its URL, which may hold a password.
    File(String),
    /// A Helm chart, as a directory with its name.
    Chart(ChartPull),
    /// The manifests that a Helm chart renders to, as one file.
    Template(ChartTemplate),
}

/// The source without credentials.
impl fmt::Display for RemoteSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repository(repository) => repository.fmt(f),
            Self::File(url) => f.write_str(&mask_credentials(url)),
            Self::Chart(pull) => write!(f, "{}/{}", mask_credentials(&pull.repository), pull.name),
            Self::Template(template) => {
                write!(f, "helm template {} {}", template.release_name, template.chart.name())
            }
        }
    }
}

impl fmt::Debug for RemoteSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteSource({self})")
    }
}

impl RemoteSource {
    /// Where in the tree the render looks for it: a directory with the files of a repository, or a file.
    pub fn mount(&self) -> TreePath {
        let name = match self {
            Self::Repository(RemoteRepository { address, revision, submodules, timeout: _ }) => {
                format!("repository {submodules} {revision}\0{address}")
            }
            Self::File(url) => format!("file {url}"),
            Self::Chart(pull) => format!("chart {pull:?}"),
            Self::Template(template) => {
                let digest = |values: &Vec<u8>| hexadecimal(&Sha256::digest(values));
                let values: Vec<_> = template.values.iter().map(digest).collect();
                format!(
                    "template {:?} {:?}",
                    template.arguments(template.chart.as_str(), &values),
                    template.chart
                )
            }
        };
        TreePath::parse(&format!("{MOUNTS}/{}", hexadecimal(&Sha256::digest(name)))).unwrap_or_default()
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What the caller found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoteAnswer {
    /// It is in the tree, at its mount.
    Mounted,
    /// A server answered, and has no such file: it may be a repository. The text is what the server said.
    Absent(String),
    /// It cannot be had.
    Failed {
        /// Why.
        message: String,
        /// What to do about it, if that is known.
        hint: Option<String>,
    },
}

/// What the caller found, by what was asked for.
pub type Remotes = BTreeMap<RemoteSource, RemoteAnswer>;

/// Where the answers stand in the tree, and how each is shown.
pub(crate) fn mounts(remotes: &Remotes) -> Vec<(TreePath, String)> {
    let shown = |source: &RemoteSource| match source {
        // One chart may be rendered several times with other values.
        RemoteSource::Template(_) => {
            format!("{source} #{}", source.mount().name().get(..8).unwrap_or_default())
        }
        RemoteSource::Repository(_) | RemoteSource::File(_) | RemoteSource::Chart(_) => source.to_string(),
    };
    remotes.keys().map(|source| (source.mount(), shown(source))).collect()
}

/// The mount that `path` lies in, if it was fetched.
pub(crate) fn mount_of(path: &TreePath) -> Option<TreePath> {
    let rest = path.as_str().strip_prefix(MOUNTS)?.strip_prefix('/')?;
    let name = rest.split('/').next()?;
    TreePath::parse(MOUNTS).and_then(|mounts| mounts.join(name)).ok()
}

/// Whether an entry is read with an HTTP request, as kustomize tells.
pub(crate) fn is_file_url(entry: &str) -> bool {
    let scheme = entry.split_once(':').map_or("", |(scheme, _)| scheme);
    ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        && !entry.chars().any(char::is_control)
}

/// An address without credentials; the name `git` stays.
pub(crate) fn shown_address(address: &str) -> String {
    if address.contains("://") {
        return mask_credentials(address);
    }
    match address.split_once('@') {
        Some((user, host)) if user != "git" => format!("{}@{host}", "*".repeat(user.len())),
        Some(_) | None => address.to_owned(),
    }
}

/// Scheme, user and host with the separator behind them, and what follows.
fn split_host(entry: &str) -> Option<(String, &str)> {
    let entry = strip_prefix(entry, "git::").unwrap_or(entry);
    let found = SCHEMES.iter().find_map(|scheme| strip_prefix(entry, scheme).map(|rest| (*scheme, rest)));
    let (scheme, after_scheme) = found.unwrap_or(("", entry));
    let (user, rest) = split_user(after_scheme);
    if scheme == "file://" {
        return Some((scheme.to_owned(), after_scheme));
    }
    let is_github = ["github.com/", "github.com:"].iter().any(|host| strip_prefix(rest, host).is_some());
    let is_scp = scheme.is_empty() && (!user.is_empty() || is_github);
    if scheme.is_empty() && !is_scp {
        return None;
    }
    let slash = rest.find('/');
    let colon = rest.find(':').filter(|at| is_scp && (slash.is_none() || *at > 0 && Some(*at) < slash));
    let (host, rest) = match colon.or(slash) {
        Some(at) => rest.split_at_checked(at + 1)?,
        None => (rest, ""),
    };
    if is_github {
        let host = if scheme == "ssh://" || !user.is_empty() {
            format!("{user}github.com:")
        } else {
            "https://github.com/".to_owned()
        };
        return Some((host, rest));
    }
    (!host.is_empty()).then(|| (format!("{scheme}{user}{host}"), rest))
}

/// A user's name with its `@`, and what follows.
fn split_user(text: &str) -> (&str, &str) {
    let Some(at) = text.find('@') else { return ("", text) };
    let Some((user, rest)) = text.split_at_checked(at + 1) else { return ("", text) };
    let name = user.trim_end_matches('@');
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_name { (user, rest) } else { ("", text) }
}

/// The path of the repository, and the path in it.
fn split_path(path: &str, takes_all: bool) -> Option<(String, String)> {
    const AZURE: &str = "_git/";
    if let Some((before, after)) = path.split_once(AZURE) {
        let (name, rest) = after.split_once('/').unwrap_or((after, ""));
        return Some((format!("{before}{AZURE}{name}"), rest.to_owned()));
    }
    if let Some((before, after)) = path.split_once("//") {
        return Some((before.to_owned(), after.to_owned()));
    }
    if let Some((before, after)) = path.split_once(".git") {
        return Some((format!("{before}.git"), after.to_owned()));
    }
    if takes_all {
        return Some((path.to_owned(), String::new()));
    }
    let mut parts = path.splitn(3, '/');
    let (owner, name) = (parts.next()?, parts.next()?);
    Some((format!("{owner}/{name}"), parts.next().unwrap_or_default().to_owned()))
}

/// What follows `prefix`, whatever its case.
fn strip_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests;
