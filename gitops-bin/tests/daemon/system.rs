//! A daemon of its own for one test: the real binary on a temporary repository, driven by the real command line.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use gitops_git::{Limits, Repository};
use serde_json::Value;

use crate::repository;

/// How long a state may take to be reached.
const LIMIT: Duration = Duration::from_secs(45);
/// How often is looked whether it is reached.
const INTERVAL: Duration = Duration::from_millis(50);

/// A repository with a daemon on it.
pub(crate) struct System {
    folder: tempfile::TempDir,
    daemon: Child,
}

/// What a program printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl System {
    /// A daemon on a new repository that holds `k8s/` and `argocd/` of this one.
    pub(crate) fn start() -> Self {
        Self::start_after(|_| {})
    }

    /// The same, after further commits.
    pub(crate) fn start_after(commit: impl FnOnce(&Repository)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        repository::make(&folder.path().join(".git"));
        commit(&Repository::open(&folder.path().join(".git"), Limits::default()).unwrap());
        let daemon = spawn(folder.path());
        let system = Self { folder, daemon };
        system.wait_for_answers();
        system
    }

    /// Kills the daemon without a chance to say goodbye, and starts another one.
    pub(crate) fn kill_and_start(&mut self) {
        self.kill();
        self.daemon = spawn(self.folder.path());
        self.wait_for_answers();
    }

    fn kill(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
        let _ = fs::remove_file(self.state().join("address"));
    }

    fn wait_for_answers(&self) {
        self.until("the daemon answers", || (self.gitops(&["get", "apps"]).code == 0).then_some(()));
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join(".git/gitops")
    }

    /// Writes a file beside the repository.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Runs `gitops` in the repository.
    pub(crate) fn gitops(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gitops"));
        ran(command.args(arguments).current_dir(self.folder.path()).env("USER", "login").output().unwrap())
    }

    /// Runs `gitops` and expects it to succeed; returns what it printed.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let ran = self.gitops(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}\n{}", self.said());
        ran.out
    }

    /// Runs `gitops` with `-o json` and reads the answer.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["-o", "json"]).collect();
        serde_json::from_str(&self.done(&arguments)).unwrap()
    }

    /// An Application as `gitops get apps` tells of it.
    pub(crate) fn app(&self, name: &str) -> Value {
        let apps = self.json(&["get", "apps"]);
        apps["items"].as_array().unwrap().iter().find(|app| app["name"] == name).unwrap().clone()
    }

    /// The hash of the changes of prod that wait for approval.
    pub(crate) fn changes_hash(&self, app: &str) -> String {
        let ran = self.gitops(&["diff", app, "-o", "json"]);
        assert_eq!(ran.code, 1, "{ran:?}");
        let diff: Value = serde_json::from_str(&ran.out).unwrap();
        diff["changesHash"].as_str().unwrap().to_owned()
    }

    /// Waits until `look` sees something, for a bounded time.
    pub(crate) fn until<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> T {
        let end = Instant::now() + LIMIT;
        loop {
            if let Some(seen) = look() {
                return seen;
            }
            assert!(Instant::now() < end, "not reached: {what}\n{}{}", self.summary(), self.said());
            std::thread::park_timeout(INTERVAL);
        }
    }

    /// Waits until an Application is Synced, Healthy and runs `tag`.
    pub(crate) fn until_runs(&self, name: &str, tag: &str) {
        self.until(&format!("{name} runs {tag}"), || {
            let app = self.app(name);
            let there = app["syncStatus"] == "Synced" && app["healthStatus"] == "Healthy";
            (there && app["images"] == serde_json::json!([tag])).then_some(())
        });
    }

    fn summary(&self) -> String {
        self.gitops(&["get", "apps"]).out + &self.gitops(&["get", "rollouts"]).out
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("daemon.log")).unwrap_or_default()
    }

    /// Tries to start another daemon with these arguments, on the same repository.
    pub(crate) fn another_daemon(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsd"));
        command.args(["--embedded", "--repo"]).arg(self.folder.path()).args(arguments);
        ran(command.output().unwrap())
    }

    /// Commits another tag of an environment in the daemon's repository, as a person who pushes to it.
    pub(crate) fn push_tag(&self, environment: &str, from: &str, to: &str) {
        let path = format!("k8s/overlays/{environment}/kustomization.yaml");
        repository::replace(&self.repository(), &path, (from, to), repository::BEGINNING);
    }

    /// The subjects of the commits that touched a path of the daemon's repository, the newest first.
    pub(crate) fn commits(&self, path: &str) -> Vec<String> {
        repository::subjects(&self.repository(), path)
    }

    fn repository(&self) -> Repository {
        Repository::open(&self.state().join("repository.git"), Limits::default()).unwrap()
    }

    /// Where the daemon listens.
    pub(crate) fn address(&self) -> String {
        fs::read_to_string(self.state().join("address")).unwrap().trim().to_owned()
    }

    /// One HTTP request to the daemon; `headers` replace its own. Returns the status and everything that came.
    pub(crate) fn http(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, String) {
        let address = self.address();
        let own = ("Host", address.as_str());
        let host = (!headers.iter().any(|(name, _)| *name == "Host")).then_some(&own);
        let headers: String = host
            .into_iter()
            .chain(headers)
            .map(|(name, value)| [name, ": ", value, "\r\n"].concat())
            .collect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nConnection: close\r\n{headers}Content-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer)
    }
}

impl Drop for System {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(folder: &Path) -> Child {
    let log = File::options().create(true).append(true).open(folder.join("daemon.log")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsd"));
    command.args(["--embedded", "--listen", "127.0.0.1:0", "--repo"]).arg(folder);
    command.env_remove("GITOPS_STATE").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

fn ran(output: Output) -> Ran {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}
