//! The Git adapter: the contract, races, and what `git` itself makes of the repositories.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use gitops_core::time::Timestamp;
use gitops_core::tree::{Entry, TreePath};
use gitops_ports::embedded::VirtualClock;
use gitops_ports::git::{
    BranchEdit, CommitId, Edit, EditOutcome, FileChange, GitError, NewCommit, Signature, edit_branch,
};
use gitops_ports::{Clock, GitRepository};

use crate::{Limits, Repository};

fn run<F: Future>(future: F) -> F::Output {
    VirtualClock::default().block_on(future).unwrap()
}

fn path(text: &str) -> TreePath {
    TreePath::parse(text).unwrap()
}

/// What `git` says, without the last newline.
fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(directory).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

fn commit(
    repository: &Repository,
    parent: Option<&CommitId>,
    second: i64,
    files: &[(&str, &str)],
) -> CommitId {
    let changes = files
        .iter()
        .map(|(name, text)| (path(name), FileChange::Write(text.as_bytes().to_vec())))
        .collect::<BTreeMap<_, _>>();
    let author = Signature {
        name: "Test".to_owned(),
        email: "test@example.com".to_owned(),
        at: Timestamp::from_seconds(1_800_000_000 + second),
    };
    let new = NewCommit { parent: parent.cloned(), changes, author, message: format!("Commit {second}") };
    run(repository.commit(&new)).unwrap()
}

fn bare(directory: &Path) -> Repository {
    Repository::init(directory, "main", Limits::default()).unwrap()
}

#[test]
fn the_contract_holds_where_the_repository_is_its_own_upstream() {
    let directory = tempfile::tempdir().unwrap();
    let repository = bare(directory.path());
    let clock = VirtualClock::default();
    assert_eq!(run(gitops_ports::contract::git(&repository, &clock, "contract/")), []);
    git(directory.path(), &["fsck", "--strict"]);
}

#[test]
fn the_contract_holds_for_a_copy() {
    let directory = tempfile::tempdir().unwrap();
    let (upstream, copy) = (directory.path().join("up.git"), directory.path().join("copy.git"));
    bare(&upstream);
    let url = format!("file://{}", upstream.display());
    let repository = Repository::open_or_clone(&url, &copy, Limits::default()).unwrap();
    let clock = VirtualClock::default();
    assert_eq!(run(gitops_ports::contract::git(&repository, &clock, "contract/")), []);
    git(&upstream, &["fsck", "--strict"]);
    git(&copy, &["fsck", "--strict"]);
}

/// Two copies of one upstream, each appending its own lines to the same file: every line arrives once, and the
/// history is one line.
#[test]
fn two_writers_lose_nothing_and_double_nothing() {
    const EACH: usize = 100;
    let directory = tempfile::tempdir().unwrap();
    let upstream = directory.path().join("up.git");
    let origin = bare(&upstream);
    let first = commit(&origin, None, 0, &[("log", ""), ("other/file", "untouched")]);
    run(origin.push("main", &first, None)).unwrap();
    let write = |writer: &str| {
        let copy = directory.path().join(format!("{writer}.git"));
        let url = upstream.to_str().unwrap();
        let repository = Repository::open_or_clone(url, &copy, Limits::default()).unwrap();
        let mut edits = 0;
        for number in 0..EACH {
            let clock = VirtualClock::new(Timestamp::from_seconds(1_800_000_000));
            let target = BranchEdit { attempts: 10_000, ..BranchEdit::new("main", vec![path("log")]) };
            let outcome = clock.block_on(edit_branch(&repository, &clock, &target, |_, tree| {
                edits += 1;
                let mut text = tree.file(&path("log")).unwrap().content.to_vec();
                text.extend(format!("{writer} {number}\n").bytes());
                let changes = BTreeMap::from([(path("log"), FileChange::Write(text))]);
                Ok::<_, String>(Some(Edit { changes, message: format!("{writer} {number}") }))
            }));
            assert!(matches!(outcome.unwrap().unwrap(), EditOutcome::Committed(_)));
        }
        edits
    };
    std::thread::scope(|scope| {
        let writers = ["a", "b"].map(|writer| scope.spawn(move || write(writer)));
        let edits: usize = writers.into_iter().map(|writer| writer.join().unwrap()).sum();
        assert!(edits >= 2 * EACH);
    });
    let text = git(&upstream, &["show", "main:log"]);
    for writer in ["a", "b"] {
        let own: Vec<String> =
            text.lines().filter(|line| line.starts_with(writer)).map(str::to_owned).collect();
        let expected: Vec<String> = (0..EACH).map(|number| format!("{writer} {number}")).collect();
        assert_eq!(own, expected);
    }
    assert_eq!(git(&upstream, &["rev-list", "--count", "main"]), (2 * EACH + 1).to_string());
    assert_eq!(git(&upstream, &["rev-list", "--count", "--merges", "main"]), "0");
    assert_eq!(git(&upstream, &["log", "--format=%s", "main"]).lines().count(), 2 * EACH + 1);
    git(&upstream, &["fsck", "--strict"]);
}

/// A repository that publishes and does not say so.
struct Lossy<'a>(&'a Repository, std::sync::atomic::AtomicU32);
impl GitRepository for Lossy<'_> {
    async fn fetch(&self) -> Result<(), GitError> {
        self.0.fetch().await
    }
    async fn resolve(&self, revision: &str) -> Result<CommitId, GitError> {
        self.0.resolve(revision).await
    }
    async fn read(
        &self,
        commit: &CommitId,
        paths: &[TreePath],
    ) -> Result<gitops_core::tree::FileTree, GitError> {
        self.0.read(commit, paths).await
    }
    async fn log(
        &self,
        commit: &CommitId,
        path: &TreePath,
        limit: usize,
    ) -> Result<Vec<gitops_ports::git::Commit>, GitError> {
        self.0.log(commit, path, limit).await
    }
    async fn changes(
        &self,
        from: &CommitId,
        to: &CommitId,
    ) -> Result<Vec<gitops_ports::git::PathChange>, GitError> {
        self.0.changes(from, to).await
    }
    async fn blame(
        &self,
        commit: &CommitId,
        path: &TreePath,
        line: u32,
    ) -> Result<gitops_ports::git::Commit, GitError> {
        self.0.blame(commit, path, line).await
    }
    async fn is_ancestor(&self, ancestor: &CommitId, commit: &CommitId) -> Result<bool, GitError> {
        self.0.is_ancestor(ancestor, commit).await
    }
    async fn revert(
        &self,
        commit: &CommitId,
        onto: &CommitId,
    ) -> Result<gitops_ports::git::FileChanges, GitError> {
        self.0.revert(commit, onto).await
    }
    async fn commit(&self, commit: &NewCommit) -> Result<CommitId, GitError> {
        self.0.commit(commit).await
    }
    async fn push(
        &self,
        branch: &str,
        commit: &CommitId,
        expected: Option<&CommitId>,
    ) -> Result<(), GitError> {
        self.0.push(branch, commit, expected).await?;
        self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Err(GitError::Unavailable { message: "the connection was reset".to_owned() })
    }
}

/// The answer of a push is lost after it arrived: the edit is not made again.
#[test]
fn a_push_whose_answer_is_lost_is_not_repeated() {
    let directory = tempfile::tempdir().unwrap();
    let repository = bare(directory.path());
    let first = commit(&repository, None, 0, &[("count", "0")]);
    run(repository.push("main", &first, None)).unwrap();
    let lossy = Lossy(&repository, std::sync::atomic::AtomicU32::new(0));
    let clock = VirtualClock::default();
    let target = BranchEdit::new("main", vec![path("count")]);
    let outcome = clock.block_on(edit_branch(&lossy, &clock, &target, |_, _| {
        let changes = BTreeMap::from([(path("count"), FileChange::Write(b"1".to_vec()))]);
        Ok::<_, String>(Some(Edit { changes, message: "Count".to_owned() }))
    }));
    assert!(matches!(outcome.unwrap().unwrap(), EditOutcome::Committed(_)));
    assert_eq!(lossy.1.into_inner(), 1);
    assert_eq!(git(directory.path(), &["rev-list", "--count", "main"]), "2");
}

#[test]
fn a_branch_that_always_moves_is_given_up() {
    let directory = tempfile::tempdir().unwrap();
    let repository = bare(directory.path());
    let mut head = commit(&repository, None, 0, &[("a", "0")]);
    run(repository.push("main", &head, None)).unwrap();
    let clock = VirtualClock::new(Timestamp::from_seconds(1_800_000_000));
    let target = BranchEdit { attempts: 4, ..BranchEdit::new("main", vec![path("a")]) };
    let mut second = 0;
    let outcome = clock.block_on(edit_branch(&repository, &clock, &target, |_, _| {
        second += 1;
        let rival = commit(
            &Repository::open(directory.path(), Limits::default()).unwrap(),
            Some(&head),
            second,
            &[("a", &second.to_string())],
        );
        git(directory.path(), &["update-ref", "refs/heads/main", rival.as_str()]);
        head = rival;
        let changes = BTreeMap::from([(path("b"), FileChange::Write(b"b".to_vec()))]);
        Ok::<_, String>(Some(Edit { changes, message: "Edit".to_owned() }))
    }));
    let outcome = outcome.unwrap();
    assert!(
        matches!(outcome, Err(gitops_ports::git::EditError::Contended { attempts: 4, .. })),
        "{outcome:?}"
    );
    assert_eq!(git(directory.path(), &["rev-list", "--count", "main"]), "5");
}

#[test]
fn a_log_is_the_one_that_git_gives() {
    let directory = tempfile::tempdir().unwrap();
    git(directory.path(), &["init", "-q", "-b", "main", "."]);
    let git_with = |second: i64, arguments: &[&str]| {
        let date = format!("@{} +0000", 1_800_000_000 + second);
        let output = Command::new("git")
            .arg("-C")
            .arg(directory.path())
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
            .args(arguments)
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let write = |second: i64, name: &str| {
        std::fs::create_dir_all(directory.path().join("d")).unwrap();
        std::fs::write(directory.path().join(name), second.to_string()).unwrap();
        git_with(second, &["add", "."]);
        git_with(second, &["commit", "-q", "-m", &format!("Write {name}")]);
    };
    write(1, "d/a");
    write(2, "d/b");
    git_with(3, &["checkout", "-q", "-b", "side"]);
    write(4, "d/a");
    write(5, "c");
    git_with(6, &["checkout", "-q", "main"]);
    write(7, "d/b");
    git_with(8, &["merge", "-q", "--no-ff", "-m", "Merge", "side"]);
    write(9, "d/b");
    git_with(10, &["tag", "-a", "-m", "One", "v1"]);
    let repository = Repository::open(directory.path(), Limits::default()).unwrap();
    let head = run(repository.resolve("HEAD")).unwrap();
    for name in ["d/a", "d/b", "d", "c", "missing"] {
        let found = run(repository.log(&head, &path(name), 100)).unwrap();
        let found: Vec<&str> = found.iter().map(|commit| commit.id.as_str()).collect();
        let expected = git(directory.path(), &["log", "--format=%H", "main", "--", name]);
        assert_eq!(found.join("\n"), expected, "{name}");
    }
    assert_eq!(run(repository.resolve("v1")).unwrap(), head);
    assert_eq!(run(repository.resolve("refs/tags/v1")).unwrap(), head);
    // The branch is checked out here: moving it would leave the work tree behind.
    let next = commit(&repository, Some(&head), 11, &[("c", "x")]);
    let error = run(repository.push("main", &next, Some(&head))).unwrap_err();
    assert!(error.to_string().contains("checked out"), "{error}");
    run(repository.push("other", &next, None)).unwrap();
}

#[test]
fn what_is_too_large_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let repository = bare(directory.path());
    let id = commit(&repository, None, 0, &[("a", "12345"), ("b", "123456"), ("c", "1")]);
    let read = |limits: Limits| {
        let repository = Repository::open(directory.path(), limits).unwrap();
        run(repository.read(&id, &[TreePath::root()])).map(|tree| tree.len())
    };
    let limits = Limits { file_size: 6, total_size: 12, files: 3 };
    assert_eq!(read(limits), Ok(3));
    // A file that is too large stands there as what cannot be read, and takes nothing from the others.
    let repository = Repository::open(directory.path(), Limits { file_size: 5, ..limits }).unwrap();
    let tree = run(repository.read(&id, &[TreePath::root()])).unwrap();
    let refused = Entry::Unreadable("holds 6 bytes, and the limit is 5".to_owned());
    assert_eq!((tree.len(), tree.get(&path("b"))), (3, Some(&refused)));
    let total = read(Limits { total_size: 11, ..limits });
    assert_eq!(total, Err(GitError::TooLarge { path: ".".to_owned(), size: 12, limit: 11 }));
    assert_eq!(
        read(Limits { files: 2, ..limits }),
        Err(GitError::TooManyFiles { path: ".".to_owned(), limit: 2 })
    );
}

#[test]
fn submodules_are_seen_and_not_entered() {
    let directory = tempfile::tempdir().unwrap();
    git(directory.path(), &["init", "-q", "-b", "main", "."]);
    let id = "1234567890123456789012345678901234567890";
    git(directory.path(), &["update-index", "--add", "--cacheinfo", &format!("160000,{id},modules/x")]);
    let who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    git(directory.path(), &[&who[..], &["commit", "-q", "-m", "Add"]].concat());
    let repository = Repository::open(directory.path(), Limits::default()).unwrap();
    let head = run(repository.resolve("main")).unwrap();
    for asked in ["", "modules/x", "modules/x/below.yaml"] {
        let tree = run(repository.read(&head, &[path(asked)])).unwrap();
        assert_eq!(tree.get(&path("modules/x")), Some(&Entry::Submodule), "{asked}");
    }
}

#[test]
fn a_copy_whose_user_was_killed_while_it_fetched_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let (upstream, copy) = (directory.path().join("up.git"), directory.path().join("copy.git"));
    let origin = bare(&upstream);
    let first = commit(&origin, None, 0, &[("a", "1")]);
    run(origin.push("main", &first, None)).unwrap();
    let open = || Repository::open_or_clone(upstream.to_str().unwrap(), &copy, Limits::default());
    drop(open().unwrap());
    for lock in ["refs/remotes/origin/HEAD.lock", "refs/remotes/origin/main.lock", "packed-refs.lock"] {
        std::fs::write(copy.join(lock), "").unwrap();
    }
    let second = commit(&origin, Some(&first), 1, &[("a", "2")]);
    run(origin.push("main", &second, Some(&first))).unwrap();
    assert_eq!(run(open().unwrap().resolve("main")).unwrap(), second);
}

#[test]
fn a_copy_follows_its_upstream() {
    let directory = tempfile::tempdir().unwrap();
    let (upstream, copy) = (directory.path().join("up.git"), directory.path().join("copy.git"));
    let origin = bare(&upstream);
    let first = commit(&origin, None, 0, &[("a", "1")]);
    run(origin.push("main", &first, None)).unwrap();
    run(origin.push("gone", &first, None)).unwrap();
    let open = || Repository::open_or_clone(upstream.to_str().unwrap(), &copy, Limits::default()).unwrap();
    let repository = open();
    assert_eq!(run(repository.resolve("HEAD")), Ok(first.clone()));
    let second = commit(&origin, Some(&first), 1, &[("a", "2")]);
    run(origin.push("main", &second, Some(&first))).unwrap();
    git(&upstream, &["branch", "-D", "gone"]);
    assert_eq!(run(repository.resolve("main")), Ok(first));
    run(repository.fetch()).unwrap();
    assert_eq!(run(repository.resolve("main")), Ok(second.clone()));
    assert!(matches!(run(repository.resolve("gone")), Err(GitError::UnknownRevision { .. })));
    drop(repository);
    assert_eq!(run(open().resolve("HEAD")), Ok(second));
}

#[test]
fn the_clock_is_part_of_a_commit() {
    let clock = VirtualClock::new(Timestamp::from_seconds(1_800_000_123));
    let directory = tempfile::tempdir().unwrap();
    let repository = bare(directory.path());
    let first = commit(&repository, None, 0, &[("a", "0")]);
    run(repository.push("main", &first, None)).unwrap();
    let target = BranchEdit::new("main", vec![path("a")]);
    let outcome = run(edit_branch(&repository, &clock, &target, |_, _| {
        let changes = BTreeMap::from([(path("a"), FileChange::Write(b"1".to_vec()))]);
        Ok::<_, String>(Some(Edit { changes, message: "Edit".to_owned() }))
    }));
    assert!(outcome.is_ok());
    assert_eq!(
        git(directory.path(), &["log", "-1", "--format=%at %ct %an", "main"]),
        "1800000123 1800000123 gitops"
    );
    assert_eq!(clock.now(), Timestamp::from_seconds(1_800_000_123));
}

#[test]
fn paths_that_git_cannot_hold_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let repository = bare(directory.path());
    let deep = vec!["d"; 1000].join("/");
    for name in ["", ".git/config", "a/.git/hooks/x", deep.as_str()] {
        let changes = BTreeMap::from([(path(name), FileChange::Write(vec![]))]);
        let author =
            Signature { name: "T".to_owned(), email: "t@example.com".to_owned(), at: Timestamp::default() };
        let new = NewCommit { parent: None, changes, author, message: String::new() };
        assert!(run(repository.commit(&new)).is_err(), "{name}");
    }
}
