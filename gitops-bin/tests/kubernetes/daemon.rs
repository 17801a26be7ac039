//! A daemon and the command line that asks it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gitops_e2e::Process;

/// How long a daemon may take to end.
const END: Duration = Duration::from_secs(10);

/// The URL that the Applications name.
pub(crate) const URL: &str = "https://git.example.com/platform/gitops-demo-deploy.git";

/// A running `gitopsd`.
pub(crate) struct Daemon {
    process: Process,
    state: PathBuf,
    runs: bool,
}

impl Daemon {
    /// Starts a daemon called `name` on the repository `upstream.git` of `folder` and the cluster of a kubeconfig file.
    pub(crate) fn start(name: &str, folder: &Path, kubeconfig: &Path, more: &[&str]) -> Self {
        let state = folder.join(name);
        let shown = |path: &Path| path.display().to_string();
        let mut arguments = ["--listen", "127.0.0.1:0", "--repo-url", URL].map(ToOwned::to_owned).to_vec();
        arguments.extend(["--repo".to_owned(), shown(&folder.join("upstream.git"))]);
        arguments.extend(["--state".to_owned(), shown(&state)]);
        arguments.extend(["--kubeconfig".to_owned(), shown(kubeconfig)]);
        arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
        let file = Path::new(env!("CARGO_BIN_EXE_gitopsd"));
        let process = Process::start(name, file, arguments, folder).unwrap();
        Self { process, state, runs: true }
    }

    /// Kills it without a chance to say goodbye.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
        self.runs = false;
        let _ = std::fs::remove_file(self.state.join("address"));
    }

    /// Starts it again with the same arguments.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.process.restart().unwrap();
        self.runs = true;
    }

    /// Asks it to end, and expects that it does, with exit code 0 and no complaint.
    pub(crate) fn stop(&mut self) {
        if !std::mem::take(&mut self.runs) {
            return;
        }
        let status = self.process.terminate(END);
        assert_eq!(status.and_then(|status| status.code()), Some(0), "{status:?}\n{}", self.said());
        assert!(!self.said().contains("panicked"), "{}", self.said());
        assert!(!self.state.join("address").exists(), "the address file is left");
    }

    /// Runs `gitops`: its exit code, what it printed and what it said; `None` while there is no daemon.
    pub(crate) fn run(&self, arguments: &[&str]) -> Option<(i32, String, String)> {
        let address = std::fs::read_to_string(self.state.join("address")).ok()?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_gitops"));
        command.args(arguments).args(["--server", address.trim()]).current_dir(&self.state);
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Some((output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr)))
    }

    /// What it said, and what it tells of now.
    pub(crate) fn said(&self) -> String {
        let tell = |what| self.run(&["get", what]).map(|ran| ran.1 + &ran.2).unwrap_or_default();
        format!("{}{}{}", tell("apps"), tell("events"), self.process.last_lines())
    }
}
