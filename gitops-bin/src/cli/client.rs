//! The client of a running `gitopsd`.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Global;
use super::failure::Failure;
use super::progress::Progress;
use crate::state::StateDirectory;
use crate::view::ErrorView;

/// How long one call may take. A sync that is waited for is polled, so no call is long.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A connection to a daemon.
#[derive(Debug)]
pub(super) struct Client {
    address: String,
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl Client {
    /// The daemon that the flags name, else the one that has the state of this repository open.
    pub(super) fn connect(global: &Global) -> Result<Self, Failure> {
        let address = match &global.server {
            Some(server) => server.trim_start_matches("http://").trim_end_matches('/').to_owned(),
            None => discovered(global)?,
        };
        // A client is made with TLS or not at all, and TLS needs a provider; a second installation changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self {
            address,
            http: http.map_err(|error| Failure::outside(format!("cannot make an HTTP client: {error}")))?,
            runtime: runtime
                .map_err(|error| Failure::outside(format!("cannot start the runtime: {error}")))?,
        })
    }

    /// Reads what stands at `path`, such as `applications/myapp-dev`.
    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.call(self.http.get(self.url(path)))
    }

    /// Asks for an action.
    pub(super) fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        self.call(self.http.post(self.url(path)).json(body))
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/api/v1/{path}", self.address)
    }

    fn call<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, Failure> {
        let _progress = Progress::start("waiting for the daemon");
        self.runtime.block_on(async {
            let response = request.send().await.map_err(|_| self.unreachable())?;
            let status = response.status();
            let body = response.bytes().await.map_err(|_| self.unreachable())?;
            if status.is_success() {
                return serde_json::from_slice(&body).map_err(|error| {
                    Failure::outside(format!("the daemon's answer is not understood: {error}"))
                });
            }
            Err(serde_json::from_slice::<ErrorView>(&body).map_or_else(
                |_| Failure::outside(format!("the daemon at `{}` answered {status}", self.address)),
                Failure::from,
            ))
        })
    }

    fn unreachable(&self) -> Failure {
        Failure::outside(format!("no daemon answers at `{}`", self.address))
            .hint(Some("start one with `gitopsd --embedded`"))
    }
}

fn discovered(global: &Global) -> Result<String, Failure> {
    let state = match &global.state {
        Some(root) => Some(StateDirectory::at(root)),
        None => StateDirectory::of_repository(std::path::Path::new(".")),
    };
    state.and_then(|state| state.address()).ok_or_else(|| {
        Failure::outside("no daemon runs on this repository")
            .hint(Some("start one with `gitopsd --embedded`, or name one with `--server HOST:PORT`"))
    })
}
