//! A bare copy of what a repository's HEAD shows, with the history that leads to it.

use std::path::Path;

use gitops_ports::git::GitError;

use crate::failure::failed;

/// Makes a bare repository at `copy` whose only branch, `branch`, stands at the HEAD of the repository that
/// `original` lies in. The work tree and the other branches of the original are not looked at.
pub fn copy_head(original: &Path, copy: &Path, branch: &str) -> Result<(), GitError> {
    let context = || format!("copying the repository at `{}`", original.display());
    let source = git2::Repository::discover(original).map_err(failed(context()))?;
    if source.head().and_then(|head| head.peel_to_commit()).is_err() {
        return Err(GitError::Repository { context: context(), message: "it has no commit yet".to_owned() });
    }
    let mut options = git2::RepositoryInitOptions::new();
    options.bare(true).initial_head(branch).external_template(false);
    let target = git2::Repository::init_opts(copy, &options).map_err(failed(context()))?;
    let path = source.path().to_str().ok_or_else(|| GitError::Repository {
        context: context(),
        message: "its path is not UTF-8".to_owned(),
    })?;
    let mut remote = target.remote_anonymous(path).map_err(failed(context()))?;
    let refspec = format!("+HEAD:refs/heads/{branch}");
    let mut fetch = git2::FetchOptions::new();
    fetch.download_tags(git2::AutotagOption::None);
    remote.fetch(&[refspec], Some(&mut fetch), None).map_err(failed(context()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_stands_at_the_head_and_has_its_history() {
        let folder = tempfile::tempdir().unwrap();
        let original = git2::Repository::init(folder.path().join("original")).unwrap();
        let who = git2::Signature::new("operator", "operator@example.com", &git2::Time::new(1, 0)).unwrap();
        let tree = original.find_tree(original.treebuilder(None).unwrap().write().unwrap()).unwrap();
        let first = original.commit(Some("HEAD"), &who, &who, "first", &tree, &[]).unwrap();
        let parent = original.find_commit(first).unwrap();
        let second = original.commit(Some("HEAD"), &who, &who, "second", &tree, &[&parent]).unwrap();
        let copy = folder.path().join("copy.git");
        copy_head(&folder.path().join("original"), &copy, "main").unwrap();
        let copy = git2::Repository::open_bare(copy).unwrap();
        assert_eq!(copy.refname_to_id("refs/heads/main").unwrap(), second);
        assert_eq!(copy.find_commit(second).unwrap().parent_id(0).unwrap(), first);
        assert_eq!(copy.head().unwrap().shorthand().unwrap(), "main");
    }

    #[test]
    fn a_repository_without_a_commit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        git2::Repository::init(folder.path()).unwrap();
        let error = copy_head(folder.path(), &folder.path().join("copy.git"), "main").unwrap_err();
        assert!(error.to_string().contains("no commit"), "{error}");
    }
}
