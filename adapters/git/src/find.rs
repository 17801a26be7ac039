//! Files by name below a directory, in a commit or on disk, without reading what is in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use git2::ObjectType;
use gitops_core::tree::TreePath;
use gitops_ports::git::{CommitId, GitError};

use crate::failure::{bad_path, failed};
use crate::read::{DEPTH_LIMIT, Limits};
use crate::repository::find_commit;

/// The files in and below `directory` of a commit of which `wanted` takes the name, with the ids of their blobs.
///
/// Refuses more entries than `limits` has files: one tree may stand in many places of a commit.
pub(crate) fn in_commit(
    git: &git2::Repository,
    commit: &CommitId,
    directory: &TreePath,
    wanted: &dyn Fn(&str) -> bool,
    limits: &Limits,
) -> Result<BTreeMap<TreePath, String>, GitError> {
    let context = || failed(format!("reading {commit}"));
    let root = find_commit(git, commit)?.tree().map_err(context())?;
    let start = if directory.is_root() {
        root
    } else {
        match root.get_path(Path::new(directory.as_str())) {
            Ok(entry) if entry.kind() == Some(ObjectType::Tree) => {
                git.find_tree(entry.id()).map_err(context())?
            }
            Ok(_) | Err(_) => return Ok(BTreeMap::new()),
        }
    };
    let (mut found, mut entries) = (BTreeMap::new(), 0_usize);
    let mut open = vec![(directory.clone(), start)];
    while let Some((at, tree)) = open.pop() {
        refuse_depth(&at)?;
        entries = entries.saturating_add(tree.len());
        refuse_number(entries, directory, limits)?;
        for entry in &tree {
            // No manifest can name a file whose name is not UTF-8.
            let Ok(name) = entry.name() else { continue };
            let path = at.join(name).map_err(|error| bad_path(name, error.to_string()))?;
            if entry.kind() == Some(ObjectType::Tree) {
                open.push((path, git.find_tree(entry.id()).map_err(context())?));
            } else if matches!(entry.filemode(), 0o100_644 | 0o100_755 | 0o100_664) && wanted(name) {
                found.insert(path, entry.id().to_string());
            }
        }
    }
    Ok(found)
}

/// The regular files in and below `directory` of the tree on disk at `root` of which `wanted` takes the name.
///
/// Follows no link, and passes over `.git`, over submodules and other repositories, and over directories that
/// `.gitignore` names unless a file in them is tracked. Refuses more entries than `limits` has files.
pub fn on_disk(
    root: &Path,
    directory: &TreePath,
    wanted: &dyn Fn(&str) -> bool,
    limits: &Limits,
) -> Result<Vec<TreePath>, GitError> {
    let git = git2::Repository::open(root).ok();
    let index = git.as_ref().and_then(|git| git.index().ok());
    let is_ignored = |path: &TreePath| {
        let is_tracked = || index.as_ref().is_some_and(|index| index.find_prefix(format!("{path}/")).is_ok());
        git.as_ref().is_some_and(|git| git.is_path_ignored(path.as_str()).unwrap_or(false)) && !is_tracked()
    };
    let (mut found, mut entries) = (vec![], 0_usize);
    let mut open = vec![directory.clone()];
    while let Some(at) = open.pop() {
        refuse_depth(&at)?;
        let place = if at.is_root() { root.to_owned() } else { root.join(at.as_str()) };
        let broken = |error: std::io::Error| GitError::Repository {
            context: format!("reading `{at}`"),
            message: error.to_string(),
        };
        let listed = match fs::read_dir(&place) {
            // It has gone since its name was read.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && at != *directory => continue,
            listed => listed.map_err(broken)?,
        };
        for entry in listed {
            let entry = entry.map_err(broken)?;
            entries += 1;
            refuse_number(entries, directory, limits)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let Ok(path) = at.join(&name) else { continue };
            let kind = entry.file_type().map_err(broken)?;
            if kind.is_file() && wanted(&name) {
                found.push(path);
            } else if kind.is_dir()
                && name != ".git"
                && !entry.path().join(".git").exists()
                && !is_ignored(&path)
            {
                open.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn refuse_number(entries: usize, directory: &TreePath, limits: &Limits) -> Result<(), GitError> {
    if entries > limits.files {
        let path = if directory.is_root() { "/".to_owned() } else { directory.to_string() };
        return Err(GitError::TooManyFiles { path, limit: limits.files });
    }
    Ok(())
}

fn refuse_depth(directory: &TreePath) -> Result<(), GitError> {
    if directory.parts().count() > DEPTH_LIMIT {
        return Err(bad_path(directory.as_str(), "directories nest too deeply"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_where_git_would_look() {
        let root = tempfile::tempdir().unwrap();
        git2::Repository::init(root.path()).unwrap();
        let other = root.path().join("vendor/other");
        fs::create_dir_all(&other).unwrap();
        git2::Repository::init(&other).unwrap();
        for file in ["a/k.yaml", "a/b/k.yaml", "a/x.yaml", "out/k.yaml", "vendor/other/k.yaml", ".git/k.yaml"]
        {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        fs::write(root.path().join(".gitignore"), "/out\n").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("a", root.path().join("link")).unwrap();
        let found = |start: &str, limits| {
            let start = TreePath::parse(start).unwrap();
            on_disk(root.path(), &start, &|name| name == "k.yaml", &limits)
                .map(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(found("", Limits::default()).unwrap(), ["a/b/k.yaml", "a/k.yaml"]);
        assert_eq!(found("a/b", Limits::default()).unwrap(), ["a/b/k.yaml"]);
        let few = Limits { files: 3, ..Limits::default() };
        assert!(matches!(found("", few), Err(GitError::TooManyFiles { .. })));
    }
}
