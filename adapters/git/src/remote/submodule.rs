//! Submodules of a fetched repository: each is fetched when a path in it is read, at the commit that is recorded.

use std::time::Duration;

use git2::Oid;
use gitops_core::tree::{Entry, FileTree, TreePath};
use gitops_ports::git::{Credentials, GitError};
use reqwest::Url;

use super::{Checkout, Remote, store};
use crate::failure::failed;
use crate::repository::find_commit;

/// Puts the files of submodules in the place of the submodules that `tree` has at or above `paths`.
pub(super) fn fill(
    remote: &Remote,
    checkout: &Checkout,
    paths: &[TreePath],
    tree: &mut FileTree,
    timeout: Duration,
) -> Result<(), GitError> {
    let git = store::open(&checkout.directory)?;
    let modules = tree.entries().filter(|(_, entry)| **entry == Entry::Submodule);
    let modules: Vec<TreePath> = modules.map(|(path, _)| path.clone()).collect();
    for module in modules {
        let inside = paths.iter().filter(|path| path.is_within(&module));
        let inside: Vec<TreePath> = inside.filter_map(|path| below(path, &module)).collect();
        if inside.is_empty() {
            continue;
        }
        let Some((url, commit)) = recorded(checkout, &git, &module)? else { continue };
        let nested = remote.checkout(&url, &commit.to_string(), timeout, &Credentials::None)?;
        let files = remote.read(&nested, &inside, Some(timeout))?;
        tree.remove(&module);
        tree.add_directory(module.clone());
        for (path, entry) in files.entries() {
            if let Ok(path) = module.join(path.as_str()) {
                tree.insert(path, entry.clone());
            }
        }
    }
    Ok(())
}

/// A path relative to a directory above it.
fn below(path: &TreePath, directory: &TreePath) -> Option<TreePath> {
    let rest = path.as_str().strip_prefix(directory.as_str())?;
    TreePath::parse(rest.trim_start_matches('/')).ok()
}

/// The address of a submodule and its commit; nothing where `.gitmodules` does not know it.
fn recorded(
    checkout: &Checkout,
    git: &git2::Repository,
    module: &TreePath,
) -> Result<Option<(String, Oid)>, GitError> {
    let tree = find_commit(git, &checkout.commit)?.tree().map_err(failed("reading a submodule"))?;
    let Ok(entry) = tree.get_path(std::path::Path::new(module.as_str())) else { return Ok(None) };
    let Some(modules) = tree.get_name(".gitmodules") else { return Ok(None) };
    let modules = git.find_blob(modules.id()).map_err(failed("reading `.gitmodules`"))?;
    let text = String::from_utf8_lossy(modules.content());
    Ok(url_of(&text, module.as_str())
        .and_then(|url| join(&checkout.address, &url))
        .map(|url| (url, entry.id())))
}

/// The `url` of the section whose `path` is `path`.
fn url_of(modules: &str, path: &str) -> Option<String> {
    for section in modules.split('[').skip(1) {
        let value = |name: &str| {
            let mut pairs = section.lines().filter_map(|line| line.split_once('='));
            pairs
                .find(|(key, _)| key.trim() == name)
                .map(|(_, value)| value.trim().trim_matches('"').to_owned())
        };
        if section.starts_with("submodule") && value("path").as_deref() == Some(path) {
            return value("url");
        }
    }
    None
}

/// An address that may be relative to that of the repository.
fn join(base: &str, url: &str) -> Option<String> {
    if !url.starts_with("./") && !url.starts_with("../") {
        return Some(url.to_owned());
    }
    if let Ok(base) = Url::parse(base) {
        let folder = Url::parse(&format!("{}/", base.as_str().trim_end_matches('/'))).ok()?;
        return folder.join(url).ok().map(Into::into);
    }
    let (host, path) = base.split_once(':')?;
    let path = TreePath::parse(path).and_then(|path| path.join(url)).ok()?;
    Some(format!("{host}:{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn submodules_are_found_by_their_path() {
        let modules = "[submodule \"a\"]\n\tpath = lib/a\n\turl = ../a.git\n[submodule \"b\"]\n\turl=https://x/b\n\tpath=b\n";
        assert_eq!(url_of(modules, "lib/a").as_deref(), Some("../a.git"));
        assert_eq!(url_of(modules, "b").as_deref(), Some("https://x/b"));
        assert_eq!(url_of(modules, "c"), None);
    }

    #[test]
    fn relative_addresses_start_at_the_repository() {
        assert_eq!(join("https://h/org/repo", "../a.git").as_deref(), Some("https://h/org/a.git"));
        assert_eq!(join("git@h:org/repo", "../a.git").as_deref(), Some("git@h:org/a.git"));
        assert_eq!(join("https://h/org/repo", "ssh://x/y").as_deref(), Some("ssh://x/y"));
    }
}
