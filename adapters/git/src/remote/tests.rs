//! Fetching from Git's own servers: `git http-backend` behind HTTP, and `sshd`.

mod server;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use gitops_core::tree::TreePath;
use gitops_ports::git::{Credentials, GitError};

use super::{AddressRule, Remote, RemoteFile, Settings};
use server::{Ask, Reply, Server};

const TIMEOUT: Duration = Duration::from_secs(20);

/// Repositories and files below a folder, and what fetches them.
struct Bench {
    folder: tempfile::TempDir,
    remote: Remote,
}

fn git(directory: &Path, arguments: &[&str]) -> String {
    let identity =
        ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"];
    let output =
        Command::new("git").arg("-C").arg(directory).args(identity).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

impl Bench {
    /// `org/repo` with the branches `main` and `next` and the annotated tag `v1`.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = folder.path().join("srv/org/repo");
        std::fs::create_dir_all(repository.join("a")).unwrap();
        git(&repository, &["init", "-q", "-b", "main"]);
        for (text, tag) in [("one", Some("v1")), ("two", None)] {
            std::fs::write(repository.join("a/x.yaml"), text).unwrap();
            git(&repository, &["add", "-A"]);
            git(&repository, &["commit", "-qm", text]);
            if let Some(tag) = tag {
                git(&repository, &["tag", "-am", text, tag]);
            }
        }
        git(&repository, &["branch", "next", "v1"]);
        let settings = Self::settings(folder.path());
        Self { remote: Remote::new(settings).unwrap(), folder }
    }

    fn settings(folder: &Path) -> Settings {
        Settings { rule: AddressRule::Any, ..Settings::new(folder.join("cache")) }
    }

    fn repository(&self) -> std::path::PathBuf {
        self.folder.path().join("srv/org/repo")
    }

    fn serve(&self, rule: impl Fn(&Ask) -> Reply + Send + Sync + 'static) -> Server {
        Server::start(&self.folder.path().join("srv"), rule)
    }

    fn fetch(&self, url: &str, revision: &str) -> Result<String, GitError> {
        self.fetch_as(url, revision, &Credentials::None)
    }

    /// What `a/x.yaml` holds.
    fn fetch_as(&self, url: &str, revision: &str, credentials: &Credentials) -> Result<String, GitError> {
        let checkout = self.remote.checkout(url, revision, TIMEOUT, credentials)?;
        let path = TreePath::parse("a/x.yaml").unwrap();
        let tree = self.remote.read(&checkout, std::slice::from_ref(&path), None)?;
        Ok(String::from_utf8_lossy(&tree.file(&path).unwrap().content).into_owned())
    }
}

fn serve_all(_: &Ask) -> Reply {
    Reply::Serve
}

#[test]
fn branches_tags_and_commits_are_fetched_without_history() {
    let bench = Bench::new();
    let server = bench.serve(serve_all);
    let url = server.url("org/repo");
    let first = git(&bench.repository(), &["rev-parse", "v1^{commit}"]);
    let tag = git(&bench.repository(), &["rev-parse", "v1"]);
    for (revision, expected) in [
        ("", "two"),
        ("main", "two"),
        ("v1", "one"),
        ("next", "one"),
        ("refs/heads/next", "one"),
        (&first, "one"),
        (&tag, "one"),
    ] {
        assert_eq!(bench.fetch(&url, revision).unwrap(), expected, "{revision}");
    }
    for unknown in ["nowhere", "v2", first.get(..7).unwrap(), "-x", "a b"] {
        let error = bench.fetch(&url, unknown).unwrap_err();
        assert_eq!(error, GitError::UnknownRevision { revision: unknown.to_owned() });
    }
    let mut caches = std::fs::read_dir(bench.folder.path().join("cache")).unwrap();
    let cache = caches.next().unwrap().unwrap().path();
    assert!(caches.next().is_none());
    let objects = git(&cache, &["count-objects", "-v"]);
    // Two commits of four objects each, and the tag: nothing of what came before, and nothing twice.
    assert!(objects.contains("in-pack: 9"), "{objects}");
}

#[test]
fn an_old_server_is_understood() {
    let bench = Bench::new();
    git(&bench.repository(), &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let server = bench.serve(|_| Reply::ServeOld);
    let first = git(&bench.repository(), &["rev-parse", "v1^{commit}"]);
    for (revision, expected) in [("", "two"), ("v1", "one"), (&first, "one")] {
        assert_eq!(bench.fetch(&server.url("org/repo"), revision).unwrap(), expected, "{revision}");
    }
    assert!(matches!(bench.fetch(&server.url("org/repo"), "v2"), Err(GitError::UnknownRevision { .. })));
}

#[test]
fn what_is_pinned_and_kept_needs_no_network() {
    let bench = Bench::new();
    let server = bench.serve(serve_all);
    let url = server.url("org/repo");
    let commit = git(&bench.repository(), &["rev-parse", "main"]);
    assert_eq!(bench.fetch(&url, "main").unwrap(), "two");
    server.asked();
    assert_eq!(bench.fetch(&url, &commit).unwrap(), "two");
    assert_eq!(server.asked(), Vec::<String>::new());
    let settings = Settings { offline: true, ..Bench::settings(bench.folder.path()) };
    let offline = Bench { remote: Remote::new(settings).unwrap(), ..bench };
    assert_eq!(offline.fetch(&url, &commit).unwrap(), "two");
    let first = git(&offline.repository(), &["rev-parse", "v1^{commit}"]);
    for revision in ["main", "", &first] {
        assert_eq!(offline.fetch(&url, revision).unwrap_err(), GitError::Offline);
    }
    let file = offline.remote.file(&server.url("x"), TIMEOUT, &Credentials::None);
    assert_eq!(file.unwrap_err(), GitError::Offline);
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[test]
fn addresses_of_this_network_are_refused_before_a_connection() {
    let bench = Bench::new();
    let server = bench.serve(serve_all);
    let public = Remote::new(Settings::new(bench.folder.path().join("other"))).unwrap();
    for host in ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0"] {
        let url = format!("http://{host}:{}/org/repo", server.port);
        let error = public.checkout(&url, "", TIMEOUT, &Credentials::None).unwrap_err();
        assert!(matches!(error, GitError::ForbiddenAddress { .. }), "{host}: {error}");
        let error = public.file(&url, TIMEOUT, &Credentials::None).unwrap_err();
        assert!(matches!(error, GitError::ForbiddenAddress { .. }), "{host}: {error}");
    }
    for url in ["ssh://git@127.0.0.1/x", "git@localhost:x", "ssh://[::1]:22/x"] {
        let error = public.checkout(url, "", TIMEOUT, &Credentials::None).unwrap_err();
        assert!(matches!(error, GitError::ForbiddenAddress { .. }), "{url}: {error}");
    }
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[test]
fn a_redirect_is_followed_within_bounds_and_without_credentials() {
    let bench = Bench::new();
    let target = bench.serve(|ask| {
        assert!(!ask.headers.contains_key("authorization"), "{ask:?}");
        Reply::Serve
    });
    let there = format!("location: {}", target.url("org/repo/info/refs?service=git-upload-pack"));
    let server = bench.serve(move |ask| match ask.path.as_str() {
        "/moved/info/refs" => Reply::Status(301, vec![there.clone()]),
        "/round/info/refs" => Reply::Status(302, vec!["location: /round/info/refs".to_owned()]),
        "/away/info/refs" => Reply::Status(302, vec!["location: file:///etc/passwd".to_owned()]),
        _ => Reply::Serve,
    });
    let secret = |path: &str| server.url(path).replace("http://", "http://user:s3cr3t@");
    assert_eq!(bench.fetch(&secret("moved"), "").unwrap(), "two");
    for (path, expected) in [("round", "redirects more than 10 times"), ("away", "leads to what is not HTTP")]
    {
        let error = bench.fetch(&secret(path), "").unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("s3cr3t"), "{error}");
    }
}

#[test]
fn credentials_are_sent_and_never_shown() {
    let bench = Bench::new();
    let server = bench.serve(|ask| match ask.headers.get("authorization").map(String::as_str) {
        // user:s3cr3t
        Some("Basic dXNlcjpzM2NyM3Q=" | "Bearer t0ken") => Reply::Serve,
        _ => Reply::Status(401, vec!["www-authenticate: Basic realm=x".to_owned()]),
    });
    let url = server.url("org/repo");
    let inside = |credentials: &str| url.replace("http://", &format!("http://{credentials}@"));
    assert_eq!(bench.fetch(&inside("user:s3cr3t"), "").unwrap(), "two");
    let password = Credentials::Password { user: "user".to_owned(), password: "s3cr3t".to_owned() };
    for credentials in [password, Credentials::Bearer("t0ken".to_owned())] {
        assert_eq!(bench.fetch_as(&url, "v1", &credentials).unwrap(), "one");
    }
    for wrong in [url.clone(), inside("user:wr0ng")] {
        let error = bench.fetch(&wrong, "").unwrap_err();
        assert!(
            matches!(error, GitError::Unauthorized { .. }) && !error.to_string().contains("wr0ng"),
            "{error}"
        );
    }
}

#[test]
fn a_transient_failure_is_tried_again() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let bench = Bench::new();
    let count = AtomicUsize::new(0);
    let server = bench.serve(move |ask| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        match (number, ask.method.as_str()) {
            (0, _) => Reply::Status(503, vec![]),
            // The pack of the second try is cut off.
            (3, _) => Reply::Cut,
            _ => Reply::Serve,
        }
    });
    assert_eq!(bench.fetch(&server.url("org/repo"), "").unwrap(), "two");
    let asked = server.asked();
    assert_eq!(asked.iter().filter(|ask| ask.starts_with("GET")).count(), 3, "{asked:?}");
    let always = bench.serve(|_| Reply::Status(500, vec![]));
    let error = bench.fetch(&always.url("org/other"), "").unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(always.asked().len(), 3);
}

#[test]
fn time_and_size_are_bounded() {
    let bench = Bench::new();
    let server = bench.serve(|ask| match ask.path.as_str() {
        "/slow/info/refs" | "/slow.yaml" => Reply::Hang,
        "/endless/info/refs" | "/endless.yaml" => Reply::Endless,
        _ => Reply::Serve,
    });
    let start = Instant::now();
    let second = Duration::from_secs(1);
    let error = bench.remote.checkout(&server.url("slow"), "", second, &Credentials::None).unwrap_err();
    assert_eq!(error, GitError::TooSlow { url: server.url("slow/info/refs") });
    let error = bench.remote.file(&server.url("slow.yaml"), second, &Credentials::None).unwrap_err();
    assert_eq!(error, GitError::TooSlow { url: server.url("slow.yaml") });
    assert!(start.elapsed() < 5 * second, "{:?}", start.elapsed());
    bench.remote.checkout(&server.url("endless"), "", second, &Credentials::None).unwrap_err();
    let error = bench.remote.file(&server.url("endless.yaml"), TIMEOUT, &Credentials::None).unwrap_err();
    assert!(matches!(error, GitError::TooLarge { .. }), "{error}");
    let noise: Vec<u8> = (0..1_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    std::fs::write(bench.repository().join("large"), noise).unwrap();
    git(&bench.repository(), &["add", "-A"]);
    git(&bench.repository(), &["commit", "-qm", "large"]);
    let settings = Settings { most_bytes: 10_000, ..Bench::settings(bench.folder.path()) };
    let small = Bench { remote: Remote::new(settings).unwrap(), ..bench };
    let error = small.fetch(&server.url("org/repo"), "").unwrap_err();
    assert!(matches!(error, GitError::TooLarge { limit: 10_000, .. }), "{error}");
    assert_eq!(small.fetch(&server.url("org/repo"), "v1").unwrap(), "one");
}

#[test]
fn files_are_found_or_absent() {
    let bench = Bench::new();
    std::fs::write(bench.folder.path().join("srv/x.yaml"), "x").unwrap();
    let server = bench.serve(|ask| match ask.path.as_str() {
        "/moved.yaml" => Reply::Status(302, vec!["location: x.yaml".to_owned()]),
        _ => Reply::Serve,
    });
    for (path, expected) in [
        ("x.yaml", RemoteFile::Found(b"x".to_vec())),
        ("moved.yaml", RemoteFile::Found(b"x".to_vec())),
        ("y.yaml", RemoteFile::Absent(404)),
    ] {
        assert_eq!(bench.remote.file(&server.url(path), TIMEOUT, &Credentials::None).unwrap(), expected);
    }
}

#[test]
fn what_is_no_repository_is_said() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.folder.path().join("srv/page/info")).unwrap();
    std::fs::write(bench.folder.path().join("srv/page/info/refs"), "<html>").unwrap();
    let server = bench.serve(serve_all);
    for (path, expected) in [("nothing", "status 404"), ("page", "the server does not serve Git here")] {
        let error = bench.fetch(&server.url(path), "").unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let closed = server::closed_port();
    let error = bench.fetch(&format!("http://127.0.0.1:{closed}/a/b"), "").unwrap_err();
    assert!(error.is_transient(), "{error}");
}

#[test]
fn files_of_submodules_are_fetched_when_they_are_read() {
    let bench = Bench::new();
    let outer = bench.folder.path().join("srv/org/outer");
    std::fs::create_dir_all(&outer).unwrap();
    git(&outer, &["init", "-q", "-b", "main"]);
    git(&outer, &["submodule", "add", "-q", bench.repository().to_str().unwrap(), "lib/inner"]);
    git(&outer, &["config", "-f", ".gitmodules", "submodule.lib/inner.url", "../repo"]);
    git(&outer, &["add", "-A"]);
    git(&outer, &["commit", "-qm", "outer"]);
    let server = bench.serve(serve_all);
    let checkout = bench.remote.checkout(&server.url("org/outer"), "", TIMEOUT, &Credentials::None).unwrap();
    let path = TreePath::parse("lib/inner/a/x.yaml").unwrap();
    server.asked();
    let without = bench.remote.read(&checkout, std::slice::from_ref(&path), None).unwrap();
    assert!(without.file(&path).is_none());
    assert_eq!(server.asked(), Vec::<String>::new());
    let with = bench.remote.read(&checkout, std::slice::from_ref(&path), Some(TIMEOUT)).unwrap();
    assert_eq!(*with.file(&path).unwrap().content, *b"two");
}
