//! A way to the API server on which answers go wrong: every fourth write is refused, and watches are cut in the middle.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use gitops_e2e::User;
use tokio::net::TcpListener;

use crate::bench::Bench;

/// How long a watch lives.
const WATCH: Duration = Duration::from_millis(1_500);
/// The answers to writes, in turn; 0 lets four out of seven pass.
const ANSWERS: [u16; 7] = [0, 409, 0, 429, 0, 500, 0];
/// The longest body that passes.
const MOST: usize = 4 << 20;

/// The proxy; it ends with the runtime of the bench.
pub(crate) struct Proxy {
    port: u16,
    pub(crate) refused: Arc<AtomicUsize>,
    pub(crate) cut: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct Way {
    client: kube::Client,
    writes: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
    cut: Arc<AtomicUsize>,
}

impl Proxy {
    /// Listens on loopback, and passes requests on as the administrator.
    pub(crate) fn start(bench: &Bench) -> Self {
        let (refused, cut) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let kubeconfig = bench.plane.kubeconfig(&User::ADMIN);
        let port = bench.runtime.block_on(async {
            let config = kube::config::Kubeconfig::read_from(kubeconfig).unwrap();
            let options = kube::config::KubeConfigOptions::default();
            let config = kube::Config::from_custom_kubeconfig(config, &options).await.unwrap();
            let client = kube::Client::try_from(config).unwrap();
            let way =
                Way { client, writes: Arc::default(), refused: Arc::clone(&refused), cut: Arc::clone(&cut) };
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let router = Router::new().fallback(pass).with_state(way);
            tokio::spawn(async move { axum::serve(listener, router).await });
            port
        });
        Self { port, refused, cut }
    }

    /// A kubeconfig file that leads through it.
    pub(crate) fn kubeconfig(&self, folder: &Path) -> PathBuf {
        let file = folder.join("proxy.kubeconfig");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: proxy\nusers: [{{name: proxy, user: {{}}}}]\nclusters:\n- name: proxy\n  cluster: {{server: \
             'http://127.0.0.1:{}'}}\ncontexts:\n- name: proxy\n  context: {{cluster: proxy, user: proxy}}\n",
            self.port
        );
        std::fs::write(&file, text).unwrap();
        file
    }
}

async fn pass(State(way): State<Way>, request: Request) -> Response {
    if !request.method().is_safe() {
        let turn = way.writes.fetch_add(1, Ordering::Relaxed) % ANSWERS.len();
        let code = ANSWERS[turn];
        if code != 0 {
            way.refused.fetch_add(1, Ordering::Relaxed);
            return refusal(code);
        }
    }
    let watches = request.uri().query().is_some_and(|query| query.contains("watch=true"));
    let (mut parts, body) = request.into_parts();
    parts.headers.remove("host");
    let body = axum::body::to_bytes(body, MOST).await.unwrap();
    let request = axum::http::Request::from_parts(parts, kube::client::Body::from(body.to_vec()));
    let Ok(answer) = way.client.send(request).await else { return refusal(502) };
    let answer = answer.map(Body::new);
    if !watches {
        return answer;
    }
    answer.map(|body| {
        let cut = Arc::clone(&way.cut);
        let end = stream::once(async move {
            cut.fetch_add(1, Ordering::Relaxed);
            Err::<Bytes, axum::Error>(axum::Error::new("cut"))
        });
        let until = Box::pin(tokio::time::sleep(WATCH));
        Body::from_stream(body.into_data_stream().take_until(until).chain(end))
    })
}

fn refusal(code: u16) -> Response {
    let reason = match code {
        409 => "Conflict",
        429 => "TooManyRequests",
        _ => "InternalError",
    };
    let text = format!(
        "{{\"apiVersion\":\"v1\",\"kind\":\"Status\",\"status\":\"Failure\",\"code\":{code},\"reason\":\"{reason}\",\
         \"message\":\"by the proxy\"}}"
    );
    let status = axum::http::StatusCode::from_u16(code).unwrap();
    (status, [("content-type", "application/json"), ("retry-after", "1")], text).into_response()
}
