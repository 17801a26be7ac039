//! HTTP for callers that wait: bounded in time, size and redirects, and only to addresses that the rule allows.

use std::collections::VecDeque;
use std::error::Error;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use gitops_core::diagnostic::mask_credentials;
use gitops_ports::git::{Credentials, GitError};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Method, Url};

use super::Terms;
use super::guard::{AddressRule, unknown_name};
use crate::location::without_credentials;

/// How often an answer may lead elsewhere.
const MOST_REDIRECTS: usize = 10;
/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How many pieces of a body wait for whoever reads it.
const WAITING_PIECES: usize = 16;

/// A client of HTTP.
pub(crate) struct Http {
    client: reqwest::Client,
    rule: AddressRule,
    runtime: Option<tokio::runtime::Runtime>,
}

/// What to ask.
#[derive(Clone)]
pub(crate) struct Request<'a> {
    /// `GET`, or `POST` with a body.
    pub(crate) body: Option<Vec<u8>>,
    /// The URL; a user and a password in it are credentials.
    pub(crate) url: Url,
    /// Names and values.
    pub(crate) headers: &'a [(&'static str, String)],
    /// Who asks, and when the whole answer must be there.
    pub(crate) terms: Terms<'a>,
}

/// An answer.
pub(crate) struct Response {
    /// The status.
    pub(crate) status: u16,
    /// Where it came from, after redirects.
    pub(crate) url: Url,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body.
    pub(crate) body: Body,
}

/// What the task that talks to the server hands over.
enum Piece {
    Head(u16, HeaderMap),
    Data(Vec<u8>),
}

impl Http {
    /// A client that connects to what `rule` allows.
    pub(crate) fn new(rule: AddressRule) -> Result<Self, GitError> {
        let failed = |message: String| GitError::Repository {
            context: "starting the HTTP client".to_owned(),
            message,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| failed(error.to_string()))?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls().map_err(|error| failed(error.to_string()))?)
            .dns_resolver(Arc::new(Guarded { rule, proxies: proxies() }))
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .user_agent(concat!("gitops/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| failed(cause(&error)))?;
        Ok(Self { client, rule, runtime: Some(runtime) })
    }

    /// Sends a request and follows redirects of a `GET`: never from `https` to `http`, and without the
    /// credentials where they lead to another server.
    pub(crate) fn send(&self, mut request: Request<'_>) -> Result<Response, GitError> {
        let mut is_own_server = true;
        for _ in 0..=MOST_REDIRECTS {
            let response = self.send_once(&request, is_own_server)?;
            let target = response.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            let (Some(target), 301 | 302 | 303 | 307 | 308, None) = (target, response.status, &request.body)
            else {
                return Ok(response);
            };
            let mut url =
                request.url.join(target).map_err(|_| refused(&request.url, "its redirect is no URL"))?;
            if request.url.scheme() == "https" && url.scheme() != "https" {
                return Err(refused(&request.url, "it redirects from `https` to `http`"));
            }
            is_own_server &= url.origin() == request.url.origin();
            if is_own_server {
                let password = request.url.password().map(str::to_owned);
                let kept = url.set_username(request.url.username());
                kept.and_then(|()| url.set_password(password.as_deref()))
                    .map_err(|()| refused(&request.url, "its redirect is no URL"))?;
            }
            request.url = url;
        }
        Err(refused(&request.url, &format!("it redirects more than {MOST_REDIRECTS} times")))
    }

    fn send_once(&self, request: &Request<'_>, is_own_server: bool) -> Result<Response, GitError> {
        self.check(&request.url)?;
        let shown = shown(&request.url);
        let method = if request.body.is_some() { Method::POST } else { Method::GET };
        let mut builder = self.client.request(method, request.url.clone());
        for (name, value) in request.headers {
            builder = builder.header(*name, value);
        }
        if is_own_server {
            builder = match request.terms.credentials {
                Credentials::Password { user, password } => builder.basic_auth(user, Some(password)),
                Credentials::Bearer(token) => builder.bearer_auth(token),
                Credentials::None | Credentials::SshKey { .. } => builder,
            };
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let (sender, receiver) = sync_channel(WAITING_PIECES);
        let runtime = self.runtime.as_ref().ok_or_else(|| refused(&request.url, "the client is closed"))?;
        runtime.spawn(talk(builder, sender, shown.clone()));
        let mut body =
            Body { pieces: receiver, rest: VecDeque::new(), deadline: request.terms.deadline, shown };
        match body.next()? {
            Some(Piece::Head(status, headers)) => {
                Ok(Response { status, url: request.url.clone(), headers, body })
            }
            Some(Piece::Data(_)) | None => Err(unavailable(&body.shown, "the connection broke")),
        }
    }

    /// Refuses a URL whose host is written as an address that the rule does not allow, which is never resolved.
    fn check(&self, url: &Url) -> Result<(), GitError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused(url, "it leads to what is not HTTP"));
        }
        let host = url.host_str().unwrap_or_default();
        let Ok(address) = host.trim_start_matches('[').trim_end_matches(']').parse() else { return Ok(()) };
        match self.rule.fault(address) {
            None => Ok(()),
            Some(kind) => {
                Err(GitError::ForbiddenAddress { host: host.to_owned(), address: address.to_string(), kind })
            }
        }
    }
}

impl Drop for Http {
    /// The runtime ends beside the caller, which may itself be a task that must not wait.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("rule", &self.rule).finish_non_exhaustive()
    }
}

/// A body, read as it arrives.
pub(crate) struct Body {
    pieces: Receiver<Result<Piece, GitError>>,
    rest: VecDeque<u8>,
    deadline: Instant,
    shown: String,
}

impl Body {
    fn next(&mut self) -> Result<Option<Piece>, GitError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        match self.pieces.recv_timeout(left) {
            Ok(piece) => piece.map(Some),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(GitError::TooSlow { url: self.shown.clone() }),
        }
    }

    /// The whole body.
    pub(crate) fn read_all(mut self, limit: u64) -> Result<Vec<u8>, GitError> {
        let mut bytes = vec![];
        while let Some(piece) = self.next()? {
            if let Piece::Data(data) = piece {
                bytes.extend(data);
            }
            let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            if size > limit {
                return Err(GitError::TooLarge { path: self.shown, size, limit });
            }
        }
        Ok(bytes)
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.next() {
                Ok(Some(Piece::Data(data))) => self.rest.extend(data),
                Ok(Some(Piece::Head(..))) => {}
                Ok(None) => return Ok(0),
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        self.rest.read(buffer)
    }
}

/// Talks to the server and hands over what it answers; stops when nobody listens any more.
async fn talk(request: reqwest::RequestBuilder, sender: SyncSender<Result<Piece, GitError>>, shown: String) {
    let failed = |error: &reqwest::Error| failure(error, &shown);
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => return drop(sender.send(Err(failed(&error)))),
    };
    let head = Piece::Head(response.status().as_u16(), response.headers().clone());
    if sender.send(Ok(head)).is_err() {
        return;
    }
    loop {
        let piece = match response.chunk().await {
            Ok(Some(data)) => Ok(Piece::Data(data.to_vec())),
            Ok(None) => return,
            Err(error) => Err(failed(&error)),
        };
        let is_last = piece.is_err();
        if sender.send(piece).is_err() || is_last {
            return;
        }
    }
}

/// Resolves names to the addresses that the rule allows.
#[derive(Clone)]
struct Guarded {
    rule: AddressRule,
    /// The hosts of the proxies that the environment names: whoever set it has chosen them.
    proxies: Vec<String>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.clone();
        Box::pin(async move {
            let host = name.as_str();
            let found = tokio::net::lookup_host((host, 0)).await.map_err(|_| unknown_name(host))?.collect();
            let is_proxy = guarded.proxies.iter().any(|proxy| proxy.eq_ignore_ascii_case(host));
            let rule = if is_proxy { AddressRule::Any } else { guarded.rule };
            let addresses: Addrs = Box::new(rule.choose(host, found)?.into_iter());
            Ok(addresses)
        })
    }
}

/// The hosts of the proxies that the environment names.
fn proxies() -> Vec<String> {
    let names = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
    let values = names.iter().filter_map(|name| std::env::var(name).ok());
    let url = |text: String| Url::parse(&text).or_else(|_| Url::parse(&format!("http://{text}"))).ok();
    values.filter_map(|text| url(text)?.host_str().map(str::to_owned)).collect()
}

/// TLS by rustls and ring, with the certificates of the system or those that `SSL_CERT_FILE` names.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// A URL without credentials, and without its query, which may hold some.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    without_credentials(url.as_str())
}

fn refused(url: &Url, message: &str) -> GitError {
    GitError::BadAddress { url: shown(url), message: message.to_owned() }
}

fn unavailable(shown: &str, message: &str) -> GitError {
    GitError::Unavailable { message: format!("`{shown}`: {message}") }
}

/// An error of the client; it may carry one of the resolver.
fn failure(error: &reqwest::Error, shown: &str) -> GitError {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(own) = error.downcast_ref::<GitError>() {
            return own.clone();
        }
        next = error.source();
    }
    let message = cause(error);
    if message.contains("certificate") {
        // It will be the same the next time.
        return GitError::BadAddress { url: shown.to_owned(), message };
    }
    unavailable(shown, &message)
}

/// The last cause of an error, which names no URL.
fn cause(error: &reqwest::Error) -> String {
    let mut last: &dyn Error = error;
    while let Some(source) = last.source() {
        last = source;
    }
    if error.is_timeout() { "it does not answer".to_owned() } else { mask_credentials(&last.to_string()) }
}
