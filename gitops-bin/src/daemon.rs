//! `gitopsd`: the driver's loop and the HTTP server in one process.
//!
//! With `--embedded` everything else lives in its state directory: a bare copy of the repository, a cluster, a
//! registry. It may be killed at any moment: what it has answered is on disk, and it goes on where it was.

mod lock;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use gitops_core::time::parse_duration;
use gitops_git::Limits;
use gitops_kubernetes::ConnectOptions;
use tokio::net::TcpListener;

use crate::cli::fetching::Fetching;
use crate::cli::{Exit, Failure, output};
use crate::driver::{Handle, embedded, kubernetes};
use crate::state::StateDirectory;
use crate::view::ErrorView;
use crate::web;
use lock::StateLock;

/// How long an end may take that waits for somebody else.
const END: Duration = Duration::from_secs(3);

/// The GitOps daemon.
#[derive(Debug, Parser)]
#[command(
    name = "gitopsd",
    version,
    max_term_width = 100,
    after_help = "Examples:\n  gitopsd --embedded\n  gitopsd --embedded --repo ../deploy --listen 127.0.0.1:8301\n  gitopsd --repo \
                  https://git.example.com/team/deploy --prometheus http://prometheus.monitoring:9090"
)]
struct Arguments {
    /// Run on an in-memory cluster, registry and metrics source, with no network
    #[arg(long)]
    embedded: bool,
    /// The repository: a directory, whose work tree is never touched, or a URL; with `--embedded` a directory
    #[arg(long, value_name = "DIR|URL", default_value = ".")]
    repo: String,
    /// How Applications write the URL of the repository, where it is not that of `--repo`; may be repeated
    #[arg(long, value_name = "URL", conflicts_with = "embedded")]
    repo_url: Vec<String>,
    /// The kubeconfig file; by default what kubectl reads, then the service account of the pod
    #[arg(long, value_name = "FILE", conflicts_with = "embedded")]
    kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig file
    #[arg(long, value_name = "NAME", conflicts_with = "embedded")]
    context: Option<String>,
    /// The address of Prometheus, which analyses ask
    #[arg(long, value_name = "ADDRESS", conflicts_with = "embedded", env = "GITOPS_PROMETHEUS")]
    prometheus: Option<String>,
    /// How long a sync may take before it is terminated, such as `90s` or `2h`; `0` sets no end
    #[arg(long, value_name = "DURATION", default_value = "1h", conflicts_with = "embedded")]
    sync_timeout: String,
    /// Where to keep the state; by default `.git/gitops` of the repository
    #[arg(long, value_name = "DIR", env = "GITOPS_STATE")]
    state: Option<PathBuf>,
    /// Where to listen: a loopback address, until there is sign-in
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8300", env = "GITOPS_LISTEN")]
    listen: SocketAddr,
    /// Bases and files of other repositories are fetched where a project permits them; with `--embedded` nothing is
    #[command(flatten)]
    fetching: Fetching,
}

/// Runs the daemon of this process and returns its exit code.
pub fn main() -> ExitCode {
    crate::cli::exit_on_panic();
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => Exit::Success.into(),
        Err(failure) => {
            output::print_failure(&failure);
            failure.exit().into()
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    if !arguments.listen.ip().is_loopback() {
        return Err(Failure::usage(format!("`{}` is not a loopback address", arguments.listen))
            .hint(Some("there is no sign-in yet: listen on 127.0.0.1 and forward the port")));
    }
    let state = state_directory(arguments)?;
    state
        .create()
        .map_err(|error| Failure::outside(format!("cannot make `{}`: {error}", state.root().display())))?;
    let _lock = StateLock::take(&state)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::outside(format!("cannot start the runtime: {error}")))?;
    let result = runtime.block_on(serve(arguments, &state));
    // What still runs beside (a fetch from a repository that does not answer) must not keep the process.
    runtime.shutdown_timeout(END);
    result
}

fn state_directory(arguments: &Arguments) -> Result<StateDirectory, Failure> {
    match &arguments.state {
        Some(root) => Ok(StateDirectory::at(root)),
        None => StateDirectory::of_repository(Path::new(&arguments.repo)).ok_or_else(|| {
            Failure::usage(format!("`{}` is not in a Git repository", arguments.repo)).hint(Some(
                "name one with `--repo DIR`, or say with `--state DIR` where to keep the copy of a URL",
            ))
        }),
    }
}

async fn serve(arguments: &Arguments, state: &StateDirectory) -> Result<(), Failure> {
    let listen = arguments.listen;
    let listener = TcpListener::bind(listen).await;
    let listener =
        listener.map_err(|error| Failure::outside(format!("cannot listen on `{listen}`: {error}")))?;
    let address =
        listener.local_addr().map_err(|error| Failure::outside(format!("cannot listen: {error}")))?;
    let (handle, calls) = Handle::new();
    let places = places(arguments, state)?;
    let engine = if arguments.embedded {
        let driver = embedded::open(Path::new(&arguments.repo), state)
            .await
            .map_err(|error| Failure::from(ErrorView::from(error)))?;
        tokio::spawn(driver.run(calls))
    } else {
        let driver =
            kubernetes::open(&places).await.map_err(|error| Failure::from(ErrorView::from(error)))?;
        tokio::spawn(driver.run(calls))
    };
    write_address(state, address)
        .map_err(|error| Failure::outside(format!("cannot write the address: {error}")))?;
    output::note(&format!("gitopsd listens on http://{address}/"));
    let server = axum::serve(listener, web::router(handle, address)).with_graceful_shutdown(stopped());
    let (stop, ended) = (stopped(), server.into_future());
    tokio::pin!(ended);
    let served = tokio::select! {
        served = &mut ended => served,
        // A connection that is held open must not keep the process either.
        () = async { stop.await; tokio::time::sleep(END).await } => Ok(()),
    };
    let _ = std::fs::remove_file(state.address_file());
    engine.abort();
    // The task is gone before the runtime is: what is polled during its shutdown would panic.
    let _ = engine.await;
    if !arguments.embedded {
        kubernetes::release(&places).await;
    }
    served.map_err(|error| Failure::outside(format!("the server stopped: {error}")))
}

fn places(arguments: &Arguments, state: &StateDirectory) -> Result<kubernetes::Places, Failure> {
    let timeout = parse_duration(&arguments.sync_timeout);
    let timeout = timeout.map_err(|error| Failure::usage(format!("`--sync-timeout`: {error}")))?;
    let identity = state.identity();
    let identity =
        identity.map_err(|error| Failure::outside(format!("cannot read or write the identity: {error}")))?;
    Ok(kubernetes::Places {
        cluster: ConnectOptions {
            kubeconfig: arguments.kubeconfig.clone(),
            context: arguments.context.clone(),
            impersonate: None,
        },
        repository: arguments.repo.clone(),
        copy: state.repository(),
        repository_urls: arguments.repo_url.clone(),
        identity,
        sync_timeout: Some(timeout).filter(|timeout| !timeout.is_zero()),
        prometheus: arguments.prometheus.clone(),
        fetcher: Some(arguments.fetching.fetcher(Limits::default().total_size)),
    })
}

fn write_address(state: &StateDirectory, address: SocketAddr) -> io::Result<()> {
    std::fs::write(state.address_file(), format!("{address}\n"))
}

/// Returns on an interrupt, and on a termination where the platform has one.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    let _ = interrupt.await;
}
