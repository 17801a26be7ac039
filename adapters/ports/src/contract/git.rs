//! What holds for every Git repository.

use std::collections::BTreeMap;

use gitops_core::time::Timestamp;
use gitops_core::tree::{Entry, FileTree, TreePath};

use super::{Checked, Failure, check, same, that};
use crate::clock::Clock;
use crate::git::{
    BranchEdit, Commit, CommitId, Edit, EditOutcome, FileChange, FileChanges, GitError, GitRepository,
    NewCommit, PathChangeKind, Signature, edit_branch,
};

/// Checks a repository. The branches that start with `prefix` are the suite's own and not there yet.
pub async fn git<R: GitRepository, C: Clock>(repository: &R, clock: &C, prefix: &str) -> Vec<Failure> {
    let bench = Bench { repository, prefix };
    let mut failures = vec![];
    let all = &mut failures;
    check(all, "a commit is read as it was written", reads(&bench)).await;
    check(all, "only what is asked for is read", reads_parts(&bench)).await;
    check(all, "a commit changes what it names alone", changes(&bench)).await;
    check(all, "a push needs the branch where it was seen", pushes(&bench)).await;
    check(all, "revisions are resolved", resolves(&bench)).await;
    check(all, "a log tells who changed a path", logs(&bench)).await;
    check(all, "a line has an author", blames(&bench)).await;
    check(all, "a commit is undone", reverts(&bench)).await;
    check(all, "an edit that loses a race is made again", edits(&bench, clock)).await;
    failures
}

struct Bench<'a, R> {
    repository: &'a R,
    prefix: &'a str,
}

impl<R: GitRepository> Bench<'_, R> {
    fn branch(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Commits on top of `parent` at the given second.
    async fn commit(
        &self,
        parent: Option<&CommitId>,
        second: i64,
        changes: &[(&str, FileChange)],
    ) -> Result<CommitId, String> {
        let new = NewCommit {
            parent: parent.cloned(),
            changes: file_changes(changes)?,
            author: Signature {
                name: "Contract".to_owned(),
                email: "contract@example.com".to_owned(),
                at: Timestamp::from_seconds(1_800_000_000 + second),
            },
            message: format!("Change {second}\n\nImage-Tag: v{second}\n"),
        };
        self.repository.commit(&new).await.map_err(said)
    }

    /// A branch with one commit that holds these files.
    async fn start(&self, branch: &str, files: &[(&str, &str)]) -> Result<CommitId, String> {
        let files: Vec<(&str, FileChange)> = files.iter().map(|(path, text)| (*path, write(text))).collect();
        let first = self.commit(None, 0, &files).await?;
        self.repository.push(&self.branch(branch), &first, None).await.map_err(said)?;
        Ok(first)
    }

    async fn tree(&self, commit: &CommitId, paths: &[&str]) -> Result<FileTree, String> {
        let paths = paths.iter().map(|path| tree_path(path)).collect::<Result<Vec<_>, _>>()?;
        self.repository.read(commit, &paths).await.map_err(said)
    }
}

fn write(text: &str) -> FileChange {
    FileChange::Write(text.as_bytes().to_vec())
}

fn tree_path(text: &str) -> Result<TreePath, String> {
    TreePath::parse(text).map_err(|error| error.to_string())
}

fn file_changes(changes: &[(&str, FileChange)]) -> Result<FileChanges, String> {
    let mut all = BTreeMap::new();
    for (path, change) in changes {
        all.insert(tree_path(path)?, change.clone());
    }
    Ok(all)
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where `map_err` hands the error over")]
fn said(error: GitError) -> String {
    error.to_string()
}

/// Each path with its content, link target or `submodule`.
fn listing(tree: &FileTree) -> Vec<String> {
    let shown = tree.entries().map(|(path, entry)| match entry {
        Entry::File(file) => format!("{path}={}", String::from_utf8_lossy(&file.content)),
        Entry::Symlink(target) => format!("{path}->{target}"),
        Entry::Submodule => format!("{path} submodule"),
        Entry::Unreadable(why) => format!("{path} {why}"),
    });
    shown.collect()
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

async fn reads<R: GitRepository>(bench: &Bench<'_, R>) -> Checked {
    let changes = [
        ("a/x.yaml", write("x: 1\n")),
        ("a/b/run.sh", FileChange::WriteExecutable(b"true\n".to_vec())),
        ("link", FileChange::Link("a/x.yaml".to_owned())),
        ("same.yaml", write("x: 1\n")),
    ];
    let commit = bench.commit(None, 0, &changes).await?;
    let tree = bench.tree(&commit, &[""]).await?;
    let expected = ["a/b/run.sh=true\n", "a/x.yaml=x: 1\n", "link->a/x.yaml", "same.yaml=x: 1\n"];
    same("the files", listing(&tree), lines(&expected))?;
    let blob = |path: &str| -> Result<String, String> {
        tree.file(&tree_path(path)?).map(|file| file.blob.clone()).ok_or_else(|| format!("no {path}"))
    };
    // `printf 'x: 1\n' | git hash-object --stdin`
    same("the blob", blob("a/x.yaml")?, "d508cf756344aaf9123c531122a9d2d410c4ecfa".to_owned())?;
    same("the blob of the same content", blob("same.yaml")?, blob("a/x.yaml")?)?;
    that(tree.is_directory(&tree_path("a/b")?), "a/b is no directory")
}

async fn reads_parts<R: GitRepository>(bench: &Bench<'_, R>) -> Checked {
    let changes = [
        ("base/x.yaml", write("x")),
        ("base/deep/y.yaml", write("y")),
        ("overlay/base", FileChange::Link("../base".to_owned())),
        ("top.yaml", write("top")),
    ];
    let commit = bench.commit(None, 0, &changes).await?;
    let cases: &[(&[&str], &[&str])] = &[
        (&["top.yaml"], &["top.yaml=top"]),
        (&["base"], &["base/deep/y.yaml=y", "base/x.yaml=x"]),
        (&["base/deep", "top.yaml"], &["base/deep/y.yaml=y", "top.yaml=top"]),
        (&["overlay/base/x.yaml"], &["overlay/base->../base"]),
        (&["missing", "top.yaml/below", "base/missing.yaml"], &[]),
        (&[], &[]),
    ];
    for (paths, expected) in cases {
        same(&format!("reading {paths:?}"), listing(&bench.tree(&commit, paths).await?), lines(expected))?;
    }
    Ok(())
}

async fn changes<R: GitRepository>(bench: &Bench<'_, R>) -> Checked {
    let first = [
        ("keep.yaml", write("keep")),
        ("dir/only.yaml", write("only")),
        ("run.sh", FileChange::WriteExecutable(b"1".to_vec())),
        ("old.yaml", write("1")),
    ];
    let first = bench.commit(None, 0, &first).await?;
    let second = [
        ("dir/only.yaml", FileChange::Remove),
        ("missing/gone.yaml", FileChange::Remove),
        ("new/deep/file.yaml", write("new")),
        ("old.yaml", write("2")),
        ("run.sh", write("2")),
    ];
    let second = bench.commit(Some(&first), 1, &second).await?;
    let tree = bench.tree(&second, &[""]).await?;
    same(
        "the files",
        listing(&tree),
        lines(&["keep.yaml=keep", "new/deep/file.yaml=new", "old.yaml=2", "run.sh=2"]),
    )?;
    that(!tree.is_directory(&tree_path("dir")?), "an empty directory was left")?;
    let found = bench.repository.changes(&first, &second).await.map_err(said)?;
    let found: Vec<(String, PathChangeKind)> =
        found.into_iter().map(|change| (change.path.to_string(), change.kind)).collect();
    let expected = [
        ("dir/only.yaml", PathChangeKind::Removed),
        ("new/deep/file.yaml", PathChangeKind::Added),
        ("old.yaml", PathChangeKind::Modified),
        ("run.sh", PathChangeKind::Modified),
    ];
    same("the changes", found, expected.map(|(path, kind)| (path.to_owned(), kind)).to_vec())?;
    let through_file = bench.commit(Some(&first), 2, &[("keep.yaml/below", write(""))]).await;
    that(through_file.is_err(), "a file became a directory unasked")?;
    let onto_directory = bench.commit(Some(&first), 2, &[("dir", write(""))]).await;
    that(onto_directory.is_err(), "a directory became a file unasked")
}

async fn pushes<R: GitRepository>(bench: &Bench<'_, R>) -> Checked {
    let branch = bench.branch("pushes");
    let first = bench.start("pushes", &[("a", "1")]).await?;
    let ours = bench.commit(Some(&first), 1, &[("a", write("2"))]).await?;
    let theirs = bench.commit(Some(&first), 2, &[("a", write("3"))]).await?;
    let rejected = |answer| matches!(answer, Err(GitError::Rejected { .. }));
    let push = |commit, expected| bench.repository.push(&branch, commit, expected);
    that(rejected(push(&ours, None).await), "a branch that is there was made again")?;
    push(&ours, Some(&first)).await.map_err(said)?;
    that(rejected(push(&theirs, Some(&first)).await), "a branch that moved was overwritten")?;
    that(push(&theirs, Some(&ours)).await.is_err(), "a commit was pushed that does not descend")?;
    bench.repository.fetch().await.map_err(said)?;
    let head = bench.repository.resolve(&branch).await.map_err(said)?;
    same("the branch", head, ours.clone())?;
    let ancestor = |a, b| bench.repository.is_ancestor(a, b);
    let relations = [
        ancestor(&first, &ours).await.map_err(said)?,
        ancestor(&ours, &ours).await.map_err(said)?,
        ancestor(&ours, &first).await.map_err(said)?,
        ancestor(&theirs, &ours).await.map_err(said)?,
    ];
    same("who descends from whom", relations, [true, true, false, false])
}

async fn resolves<R: GitRepository>(bench: &Bench<'_, R>) -> Checked {
    let branch = bench.branch("resolves");
    let first = bench.start("resolves", &[("a", "resolves")]).await?;
    bench.repository.fetch().await.map_err(said)?;
    for revision in
        [branch.clone(), format!("refs/heads/{branch}"), first.to_string(), first.short().to_owned()]
    {
        let found = bench.repository.resolve(&revision).await.map_err(said)?;
        same(&revision, found, first.clone())?;
    }
    for revision in ["", "no-such-branch", "0123456789", "../x", "a b", "-"] {
        let answer = bench.repository.resolve(revision).await;
        let unknown = matches!(answer, Err(GitError::UnknownRevision { .. }));
        that(unknown, &format!("`{revision}` gives {answer:?}"))?;
    }
    Ok(())
}

async fn logs<R: GitRepository>(bench: &Bench<'_, R>) -> Checked {
    let first = bench.commit(None, 0, &[("a/x", write("1")), ("b", write("1"))]).await?;
    let second = bench.commit(Some(&first), 1, &[("b", write("2"))]).await?;
    let third = bench.commit(Some(&second), 2, &[("a/x", FileChange::Remove)]).await?;
    let fourth = bench.commit(Some(&third), 3, &[("a/y", write("1"))]).await?;
    for (path, limit, expected) in [
        ("", 9, vec![&fourth, &third, &second, &first]),
        ("a/x", 9, vec![&third, &first]),
        ("a", 9, vec![&fourth, &third, &first]),
        ("b", 1, vec![&second]),
        ("missing", 9, vec![]),
    ] {
        let found = bench.repository.log(&fourth, &tree_path(path)?, limit).await.map_err(said)?;
        let ids: Vec<&CommitId> = found.iter().map(|commit| &commit.id).collect();
        same(&format!("the log of `{path}`"), ids, expected)?;
    }
    let newest = bench.repository.log(&fourth, &TreePath::root(), 1).await.map_err(said)?;
    let newest: &Commit = newest.first().ok_or("the log is empty")?;
    same("the subject", newest.subject(), "Change 3")?;
    same("a trailer", newest.trailer("image-tag"), Some("v3"))?;
    same("the author", newest.author.name.as_str(), "Contract")?;
    same("the time", newest.author.at, Timestamp::from_seconds(1_800_000_003))?;
    same("the parents", newest.parents.clone(), vec![third])
}

async fn blames<R: GitRepository>(bench: &Bench<'_, R>) -> Checked {
    let first = bench.commit(None, 0, &[("a", write("one\ntwo\nthree\n"))]).await?;
    let second = bench.commit(Some(&first), 1, &[("a", write("one\nTWO\nthree\n"))]).await?;
    let third = bench.commit(Some(&second), 2, &[("a", write("zero\none\nTWO\nthree\n"))]).await?;
    let path = tree_path("a")?;
    for (line, expected) in [(1, &third), (2, &first), (3, &second), (4, &first)] {
        let found = bench.repository.blame(&third, &path, line).await.map_err(said)?;
        same(&format!("the author of line {line}"), &found.id, expected)?;
    }
    for (path, line) in [("a", 0), ("a", 5), ("missing", 1)] {
        let answer = bench.repository.blame(&third, &tree_path(path)?, line).await;
        let missing = matches!(answer, Err(GitError::NoSuchLine { .. }));
        that(missing, &format!("line {line} of `{path}` gives {answer:?}"))?;
    }
    Ok(())
}

async fn reverts<R: GitRepository>(bench: &Bench<'_, R>) -> Checked {
    let first = bench.commit(None, 0, &[("a", write("v1\n")), ("gone", write("here\n"))]).await?;
    let changes = [("a", write("v2\n")), ("gone", FileChange::Remove), ("new", write("new\n"))];
    let second = bench.commit(Some(&first), 1, &changes).await?;
    let third = bench.commit(Some(&second), 2, &[("other", write("x\n"))]).await?;
    let undo = bench.repository.revert(&second, &third).await.map_err(said)?;
    let expected = [("a", write("v1\n")), ("gone", write("here\n")), ("new", FileChange::Remove)];
    same("the changes", undo.clone(), file_changes(&expected)?)?;
    let later = bench.commit(Some(&third), 3, &[("a", write("v3\n"))]).await?;
    match bench.repository.revert(&second, &later).await {
        Err(GitError::RevertConflict { paths, .. }) => same("the conflict", paths, vec!["`a`".to_owned()]),
        other => Err(format!("a revert that conflicts gives {other:?}")),
    }
}

/// Counts in a file, so that a lost or doubled edit shows.
async fn edits<R: GitRepository, C: Clock>(bench: &Bench<'_, R>, clock: &C) -> Checked {
    let first = bench.start("edits", &[("count", "0")]).await?;
    let path = tree_path("count")?;
    let target = BranchEdit::new(bench.branch("edits"), vec![path.clone()]);
    let rival = bench.commit(Some(&first), 5, &[("count", write("10"))]).await?;
    let mut tries = 0;
    let text = |tree: &FileTree| {
        tree.file(&path).map(|file| String::from_utf8_lossy(&file.content).into_owned()).unwrap_or_default()
    };
    let mut seen = vec![];
    let heads = &mut seen;
    // The rival is published before the edit, and again by a stale head: the lease must hold either way.
    bench.repository.push(&target.branch, &rival, Some(&first)).await.map_err(said)?;
    let outcome = edit_branch(bench.repository, clock, &target, |head, tree| {
        tries += 1;
        heads.push(head.clone());
        let count: i64 = text(tree).parse().map_err(|_| "no number")?;
        let changes = BTreeMap::from([(path.clone(), write(&(count + 1).to_string()))]);
        Ok::<_, &str>(Some(Edit { changes, message: "Count".to_owned() }))
    })
    .await
    .map_err(|error| error.to_string())?;
    let EditOutcome::Committed(commit) = outcome else { return Err("nothing was committed".to_owned()) };
    same("the head that was edited", heads.clone(), vec![rival])?;
    same("the count", text(&bench.tree(&commit, &["count"]).await?), "11".to_owned())?;
    let idle = |content: Option<&'static str>| {
        let path = path.clone();
        move |_: &CommitId, _: &FileTree| {
            let changes = content.map(|content| BTreeMap::from([(path.clone(), write(content))]));
            Ok::<_, &str>(changes.map(|changes| Edit { changes, message: "Count".to_owned() }))
        }
    };
    for content in [None, Some("11")] {
        let outcome = edit_branch(bench.repository, clock, &target, idle(content)).await;
        let outcome = outcome.map_err(|error| error.to_string())?;
        same("an edit without changes", outcome, EditOutcome::Unchanged(commit.clone()))?;
    }
    Ok(())
}
