//! A small HTTP server on loopback before Git's own `git http-backend`, with faults on request.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

/// A request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ask {
    /// The method.
    pub(crate) method: String,
    /// The path.
    pub(crate) path: String,
    /// What follows the question mark.
    pub(crate) query: String,
    /// The headers, their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A file below the root, or Git.
    Serve,
    /// The same, by version 0 of Git's protocol.
    ServeOld,
    /// This status, with these lines of headers.
    Status(u16, Vec<String>),
    /// Nothing, for a long time.
    Hang,
    /// A body that never ends.
    Endless,
    /// The start of what would be served.
    Cut,
}

type Rule = Arc<dyn Fn(&Ask) -> Reply + Send + Sync>;

/// A server that runs until the process ends.
pub(crate) struct Server {
    /// Its port.
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves the files and repositories below `root` on loopback.
    pub(crate) fn start(root: &Path, rule: impl Fn(&Ask) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(vec![]));
        let (root, rule, log): (PathBuf, Rule, _) = (root.to_owned(), Arc::new(rule), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (root, rule, log) = (root.clone(), Arc::clone(&rule), Arc::clone(&log));
                std::thread::spawn(move || drop(serve(stream, &root, &rule, &log)));
            }
        });
        Self { port, asked }
    }

    /// What is served at `path`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// The requests since the last call, as `GET /path`.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

fn serve(mut stream: TcpStream, root: &Path, rule: &Rule, log: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let mut ask = Ask { method: words.next().unwrap_or_default().to_owned(), ..Ask::default() };
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (ask.path, ask.query) = (path.to_owned(), query.to_owned());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        ask.headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; ask.headers.get("content-length").map_or(0, |text| text.parse().unwrap())];
    reader.read_exact(&mut body)?;
    log.lock().unwrap().push(format!("{} {}", ask.method, ask.path));
    let is_cut = match rule(&ask) {
        Reply::Serve => false,
        Reply::ServeOld => {
            ask.headers.remove("git-protocol");
            false
        }
        Reply::Cut => true,
        Reply::Status(status, headers) => {
            let headers = lines(headers.iter().map(String::as_str));
            let head =
                format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: 0\r\n{headers}\r\n");
            return stream.write_all(head.as_bytes());
        }
        Reply::Hang => {
            // Until the client gives up, and closes the connection.
            return reader.read(&mut [0]).map(drop);
        }
        Reply::Endless => {
            stream.write_all(b"HTTP/1.1 200 x\r\nconnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&[b'#'; 4_096])?;
            }
        }
    };
    let file = root.join(ask.path.trim_start_matches('/'));
    let (status, head, content) = if file.is_file() && ask.method == "GET" && !ask.path.contains("/objects/")
    {
        (200, String::new(), std::fs::read(file)?)
    } else {
        backend(root, &ask, &body)
    };
    let length = content.len();
    let head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\n{head}content-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let end = if is_cut { length / 2 } else { length };
    stream.write_all(content.get(..end).unwrap_or_default())
}

/// Lines of headers.
fn lines<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.flat_map(|line| [line, "\r\n"]).collect()
}

/// What `git http-backend` answers: status, headers and body.
fn backend(root: &Path, ask: &Ask, body: &[u8]) -> (u16, String, Vec<u8>) {
    let header = |name: &str| ask.headers.get(name).cloned().unwrap_or_default();
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", &ask.path)
        .env("QUERY_STRING", &ask.query)
        .env("REQUEST_METHOD", &ask.method)
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("GIT_PROTOCOL", header("git-protocol"))
        .env("REMOTE_USER", "user")
        .env("REMOTE_ADDR", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let sent = body.to_vec();
    let writer = std::thread::spawn(move || drop(input.write_all(&sent)));
    let output = child.wait_with_output().unwrap().stdout;
    writer.join().unwrap();
    let end = output.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(output.len());
    let (head, rest) = output.split_at(end);
    let head = String::from_utf8_lossy(head);
    let status = head.lines().find_map(|line| line.strip_prefix("Status: "));
    let status = status.map_or(200, |text| text.split(' ').next().unwrap().parse().unwrap());
    let head = lines(head.lines().filter(|line| !line.starts_with("Status: ")));
    (status, head, rest.get(4..).unwrap_or_default().to_vec())
}

/// A port at which nothing listens.
pub(crate) fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
