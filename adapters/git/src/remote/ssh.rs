//! Git's services over SSH, by the system's `ssh`.
//!
//! The name is resolved here and the connection is made to an address that was judged; `ssh` still knows the host
//! by its name, and only hosts that `known_hosts` lists. Nothing is asked on a terminal, and no shell of this
//! machine is involved.

use std::io::{self, Read, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use gitops_ports::git::{Credentials, GitError};

use super::Terms;
use super::address::{Address, SshAddress};
use super::guard::AddressRule;
use super::packet;
use super::protocol::Service;

/// What of the environment `ssh` gets: where its files and its agent are.
const ENVIRONMENT: &[&str] = &["HOME", "PATH", "SSH_AUTH_SOCK", "USER", "LOGNAME", "LANG", "TMPDIR"];
/// The most that is kept of what `ssh` says when it fails.
const MOST_SAID: u64 = 4096;

/// A service of a repository behind SSH.
pub(crate) struct SshService {
    child: Child,
    output: Receiver<io::Result<Vec<u8>>>,
    rest: std::collections::VecDeque<u8>,
    said: Receiver<Vec<u8>>,
    deadline: Instant,
    shown: String,
}

impl SshService {
    /// Starts `service` for the repository at `address`.
    pub(crate) fn start(
        address: &SshAddress,
        service: &str,
        rule: AddressRule,
        terms: Terms<'_>,
    ) -> Result<Self, GitError> {
        let target = Target::of(address)?;
        let mut command = ssh();
        command.args([
            "-o",
            "BatchMode=yes",
            "-o",
            "StrictHostKeyChecking=yes",
            "-o",
            "SendEnv=GIT_PROTOCOL",
        ]);
        command.args([
            "-o",
            "ForwardAgent=no",
            "-o",
            "ClearAllForwardings=yes",
            "-o",
            "PermitLocalCommand=no",
        ]);
        if !target.is_proxied {
            let found = rule.resolve(&target.host, target.port)?;
            let place = found.first().ok_or_else(|| GitError::Unavailable {
                message: format!("the name `{}` has no address", target.host),
            })?;
            command.arg("-o").arg(format!("HostName={}", place.ip()));
            command.arg("-o").arg(format!("HostKeyAlias={}", target.known_as()));
        }
        if let Credentials::SshKey { key, known_hosts } = terms.credentials {
            command.arg("-o").arg("IdentitiesOnly=yes").arg("-i").arg(key);
            if let Some(known_hosts) = known_hosts {
                command.arg("-o").arg(format!("UserKnownHostsFile=\"{}\"", known_hosts.display()));
                command.arg("-o").arg("GlobalKnownHostsFile=none");
            }
        }
        if let Some(port) = address.port {
            command.arg("-p").arg(port.to_string());
        }
        if let Some(user) = &address.user {
            command.arg("-l").arg(user);
        }
        command.arg("--").arg(&address.host).arg(format!("{service} {}", quoted(&address.path)));
        command.env("GIT_PROTOCOL", "version=2");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| no_ssh(&error))?;
        let output =
            child.stdout.take().map(pump).ok_or_else(|| no_ssh(&io::ErrorKind::BrokenPipe.into()))?;
        let said =
            child.stderr.take().map(gather).ok_or_else(|| no_ssh(&io::ErrorKind::BrokenPipe.into()))?;
        let (rest, shown) = (std::collections::VecDeque::new(), Address::Ssh(address.clone()).to_string());
        Ok(Self { child, output, rest, said, deadline: terms.deadline, shown })
    }

    /// Why the stream ended: what `ssh` said last.
    fn ended(&mut self) -> GitError {
        let said = self.said.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
        let text = String::from_utf8_lossy(&said);
        let mut lines = text.lines().map(str::trim);
        let last = lines.rfind(|line| !line.is_empty() && !line.starts_with("Warning:"));
        let last = last.unwrap_or("the connection broke");
        let url = self.shown.clone();
        if ["Permission denied", "Host key verification failed"].iter().any(|known| text.contains(known)) {
            return GitError::Unauthorized { url };
        }
        let is_transient = ["timed out", "refused", "reset", "closed", "unreachable", "broke"];
        let message = packet::said(last.as_bytes());
        if is_transient.iter().any(|word| last.contains(word)) {
            return GitError::Unavailable { message: format!("`{url}`: {message}") };
        }
        GitError::BadAddress { url, message }
    }
}

impl Read for SshService {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            let left = self.deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(data) => self.rest.extend(data?),
                Err(RecvTimeoutError::Disconnected) => return Err(io::Error::other(self.ended())),
                Err(RecvTimeoutError::Timeout) => {
                    return Err(io::Error::other(GitError::TooSlow { url: self.shown.clone() }));
                }
            }
        }
        self.rest.read(buffer)
    }
}

impl Service for SshService {
    fn greeting(&mut self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self))
    }

    fn call(&mut self, request: Vec<u8>) -> io::Result<Box<dyn Read + '_>> {
        let sent = self.child.stdin.as_mut().map_or(Err(io::ErrorKind::BrokenPipe.into()), |input| {
            input.write_all(&request).and_then(|()| input.flush())
        });
        if sent.is_err() {
            return Err(io::Error::other(self.ended()));
        }
        Ok(Box::new(self))
    }
}

impl Drop for SshService {
    /// Ends the process, wherever it is.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the user's configuration of `ssh` leads for a host.
struct Target {
    host: String,
    port: u16,
    /// Whether another program or host makes the connection: the user has chosen the way.
    is_proxied: bool,
}

impl Target {
    fn of(address: &SshAddress) -> Result<Self, GitError> {
        let mut command = ssh();
        command.arg("-G");
        if let Some(port) = address.port {
            command.arg("-p").arg(port.to_string());
        }
        if let Some(user) = &address.user {
            command.arg("-l").arg(user);
        }
        let output = command.arg("--").arg(&address.host).stdin(Stdio::null()).output();
        let output = output.map_err(|error| no_ssh(&error))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let value = |name: &str| {
            let mut words = text.lines().filter_map(|line| line.split_once(' '));
            words.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        };
        let is_set = |name: &str| value(name).is_some_and(|value| value != "none");
        Ok(Self {
            host: value("hostname").unwrap_or_else(|| address.host.clone()),
            port: value("port").and_then(|port| port.parse().ok()).unwrap_or(22),
            is_proxied: is_set("proxycommand") || is_set("proxyjump"),
        })
    }

    /// The name under which `known_hosts` has the host.
    fn known_as(&self) -> String {
        if self.port == 22 { self.host.clone() } else { format!("[{}]:{}", self.host, self.port) }
    }
}

fn ssh() -> Command {
    let mut command = Command::new("ssh");
    command.env_clear();
    command.envs(ENVIRONMENT.iter().filter_map(|name| std::env::var_os(name).map(|value| (*name, value))));
    command
}

fn no_ssh(error: &io::Error) -> GitError {
    GitError::Repository { context: "starting `ssh`".to_owned(), message: error.to_string() }
}

/// Reads a stream on a thread of its own, so that whoever waits for it can stop waiting.
fn pump(mut from: impl Read + Send + 'static) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = std::sync::mpsc::sync_channel(16);
    std::thread::spawn(move || {
        loop {
            let mut buffer = vec![0; 1 << 16];
            match from.read(&mut buffer) {
                Ok(0) => return,
                Ok(size) => {
                    buffer.truncate(size);
                    if sender.send(Ok(buffer)).is_err() {
                        return;
                    }
                }
                Err(error) => return drop(sender.send(Err(error))),
            }
        }
    });
    receiver
}

/// The end of a stream, up to a bound; the rest is read and let go.
fn gather(mut from: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut said = vec![];
        let _ = from.by_ref().take(MOST_SAID).read_to_end(&mut said);
        let _ = io::copy(&mut from, &mut io::sink());
        sender.send(said)
    });
    receiver
}

/// A path as one word for the shell of the server.
fn quoted(path: &str) -> String {
    format!("'{}'", path.replace('\'', r"'\''").replace('!', r"'\!'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word() {
        assert_eq!(quoted("/a b/$(x)"), "'/a b/$(x)'");
        assert_eq!(quoted("a'b!c"), r"'a'\''b'\!'c'");
    }
}
