//! Running `helm`: pulling charts, and rendering them.
//!
//! Each run has a directory of its own, which holds the chart, the values and all that `helm` would keep, and is
//! gone afterwards. There is no shell, next to nothing of the environment, and a bound on time and output.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use gitops_core::diagnostic::mask_credentials;
use gitops_core::kustomize::{ChartPull, ChartTemplate};
use gitops_core::tree::{Entry, FileTree, TreePath};
use gitops_git::Limits;
use gitops_git::disk::{self, Depth};
use wait_timeout::ChildExt as _;

/// What of the environment `helm` gets: where programs are, and how the network is reached.
const ENVIRONMENT: &[&str] = &[
    "PATH",
    "LANG",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HELM_REGISTRY_CONFIG",
    "DOCKER_CONFIG",
];
/// The most bytes that one chart may render to.
const MOST_BYTES: u64 = 64 << 20;
/// The most that is kept of what `helm` says when it fails.
const MOST_SAID: usize = 1_000;

/// The program `helm`.
#[derive(Debug, Clone)]
pub struct Helm {
    /// Its name or path.
    pub command: String,
    /// How long one run may take.
    pub timeout: Duration,
}

impl Default for Helm {
    /// The `helm` that is found, with two minutes a run.
    fn default() -> Self {
        Self { command: "helm".to_owned(), timeout: Duration::from_mins(2) }
    }
}

impl Helm {
    /// The files of a chart that is pulled, below a directory with its name.
    pub(crate) fn pull(&self, pull: &ChartPull, limits: &Limits) -> Result<FileTree, String> {
        let home = Home::new()?;
        let charts = home.make("charts")?;
        self.run(&home, "helm pull", &pull.arguments(&text_of(&charts)?))?;
        disk::load(&charts, &[TreePath::root()], Depth::Whole, limits).map_err(|error| error.to_string())
    }

    /// The manifests of a chart whose files are in `tree`.
    pub(crate) fn template(&self, template: &ChartTemplate, tree: &FileTree) -> Result<Vec<u8>, String> {
        let home = Home::new()?;
        let charts = home.make("charts")?;
        let name = if template.chart.name().is_empty() { "chart" } else { template.chart.name() };
        let chart = charts.join(name);
        write_chart(tree, &template.chart, &chart)
            .map_err(|error| format!("cannot write the chart: {error}"))?;
        let mut files = vec![];
        for (at, values) in template.values.iter().enumerate() {
            let path = home.path().join(format!("values-{at}.yaml"));
            fs::write(&path, values).map_err(|error| format!("cannot write the values: {error}"))?;
            files.push(text_of(&path)?);
        }
        self.run(&home, "helm template", &template.arguments(&text_of(&chart)?, &files))
    }

    /// Runs `helm` and returns what it prints.
    fn run(&self, home: &Home, shown: &str, arguments: &[String]) -> Result<Vec<u8>, String> {
        let mut command = Command::new(&self.command);
        command.args(arguments).current_dir(home.path()).env_clear();
        command
            .envs(ENVIRONMENT.iter().filter_map(|name| std::env::var_os(name).map(|value| (*name, value))));
        let places = [
            ("HOME", ""),
            ("HELM_CONFIG_HOME", "helm"),
            ("HELM_CACHE_HOME", "helm/.cache"),
            ("HELM_DATA_HOME", "helm/.data"),
            ("TMPDIR", ""),
            // Nobody's cluster is asked.
            ("KUBECONFIG", "none"),
        ];
        command.envs(places.map(|(name, path)| (name, home.path().join(path))));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                return format!("there is no program `{}`", self.command);
            }
            format!("cannot start `{}`: {error}", self.command)
        })?;
        let (status, output, said) =
            finish(child, self.timeout).map_err(|error| format!("`{shown}`: {error}"))?;
        if !status.success() {
            return Err(format!("`{shown}` failed: {}", last_words(&said, home.path())));
        }
        if u64::try_from(output.len()).unwrap_or(u64::MAX) > MOST_BYTES {
            return Err(format!("`{shown}` printed more than {MOST_BYTES} bytes"));
        }
        Ok(output)
    }
}

/// A directory that is gone when its value is.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Result<Self, String> {
        let directory = tempfile::Builder::new().prefix("gitops-helm-").tempdir();
        directory.map(Self).map_err(|error| format!("cannot make a temporary directory: {error}"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn make(&self, name: &str) -> Result<std::path::PathBuf, String> {
        let path = self.path().join(name);
        fs::create_dir(&path).map_err(|error| format!("cannot make a temporary directory: {error}"))?;
        Ok(path)
    }
}

fn text_of(path: &Path) -> Result<String, String> {
    path.to_str().map(str::to_owned).ok_or_else(|| "the temporary directory is not UTF-8".to_owned())
}

/// Writes what is at and below `chart` to `target`. A link is written as what it leads to in the tree.
fn write_chart(tree: &FileTree, chart: &TreePath, target: &Path) -> io::Result<()> {
    fs::create_dir(target)?;
    for (path, entry) in tree.entries().filter(|(path, _)| path.is_within(chart)) {
        let file = match entry {
            Entry::File(file) => Some(file),
            Entry::Symlink(link) => {
                let real = path.parent().and_then(|parent| parent.join(link).ok());
                real.and_then(|real| tree.file(&real))
            }
            Entry::Submodule | Entry::Unreadable(_) => None,
        };
        let rest = path.as_str().get(chart.as_str().len()..).unwrap_or_default().trim_start_matches('/');
        if let Some(file) = file.filter(|_| !rest.is_empty()) {
            let place = target.join(rest);
            if let Some(parent) = place.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(place, &file.content)?;
        }
    }
    Ok(())
}

/// Waits for a process, and ends it when its time is over; what it printed and what it said.
fn finish(mut child: Child, timeout: Duration) -> Result<(ExitStatus, Vec<u8>, Vec<u8>), String> {
    let output = child.stdout.take().map(gather);
    let said = child.stderr.take().map(gather);
    let Some(status) = child.wait_timeout(timeout).map_err(|error| error.to_string())? else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!("it took more than {} s", timeout.as_secs()));
    };
    let text = |thread: Option<std::thread::JoinHandle<Vec<u8>>>| {
        thread.and_then(|thread| thread.join().ok()).unwrap_or_default()
    };
    Ok((status, text(output), text(said)))
}

/// Reads a stream on a thread of its own, up to one byte more than the bound.
fn gather(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = vec![];
        let _ = from.by_ref().take(MOST_BYTES + 1).read_to_end(&mut bytes);
        let _ = io::copy(&mut from, &mut io::sink());
        bytes
    })
}

/// The end of what `helm` said, in one line, without the names of temporary files and without credentials.
fn last_words(said: &[u8], home: &Path) -> String {
    let text = String::from_utf8_lossy(said).replace(home.to_string_lossy().as_ref(), "");
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let start = text.char_indices().rev().nth(MOST_SAID).map_or(0, |(at, _)| at);
    mask_credentials(text.get(start..).unwrap_or(&text)).replace(|c: char| c.is_control(), " ")
}
