//! A program that runs beside the test and ends with it.

use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::ControlPlaneError;

/// How much of a log is shown.
const LAST_LINES: usize = 40;

/// How often is looked whether a program has ended.
const PAUSE: Duration = Duration::from_millis(20);

/// A running program, killed when it is dropped, and by the kernel when the thread that started it ends (where
/// util-linux's `setpriv` is there): a test that is killed leaves nothing behind.
#[derive(Debug)]
pub struct Process {
    file: PathBuf,
    arguments: Vec<String>,
    log: PathBuf,
    child: Child,
}

impl Process {
    /// Starts the program of `file`; what it prints goes to `NAME.log` in `directory`.
    ///
    /// # Errors
    /// [`ControlPlaneError::Start`] where it cannot be started, or the log not be written.
    pub fn start(
        name: &str,
        file: &Path,
        arguments: Vec<String>,
        directory: &Path,
    ) -> Result<Self, ControlPlaneError> {
        let log = directory.join(format!("{name}.log"));
        let child = spawn(file, &arguments, &log)?;
        Ok(Self { file: file.to_owned(), arguments, log, child })
    }

    /// Kills the program as the kernel does when memory is short: it can tidy nothing up.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks the program to end, by SIGTERM; `None` where it has not within `limit`.
    pub fn terminate(&mut self, limit: Duration) -> Option<ExitStatus> {
        let _ = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        let end = Instant::now() + limit;
        while Instant::now() < end {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            std::thread::park_timeout(PAUSE);
        }
        None
    }

    /// Starts it again with the same arguments.
    ///
    /// # Errors
    /// [`ControlPlaneError::Start`] where it cannot be started.
    pub fn restart(&mut self) -> Result<(), ControlPlaneError> {
        self.kill();
        self.child = spawn(&self.file, &self.arguments, &self.log)?;
        Ok(())
    }

    /// The last lines that it printed.
    pub fn last_lines(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(file: &Path, arguments: &[String], log: &Path) -> Result<Child, ControlPlaneError> {
    let failed = |source| ControlPlaneError::Start { program: file.display().to_string(), source };
    let open = || File::options().create(true).append(true).open(log);
    let (out, errors) = (open().map_err(failed)?, open().map_err(failed)?);
    let mut command = command(file);
    command.args(arguments).stdin(Stdio::null()).stdout(out).stderr(errors);
    command.spawn().map_err(failed)
}

/// The program, tied to the life of this thread where `setpriv` can do that.
fn command(file: &Path) -> Command {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join("setpriv")).find(|file| file.is_file());
    match found {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", "KILL"]).arg(file);
            command
        }
        None => Command::new(file),
    }
}
