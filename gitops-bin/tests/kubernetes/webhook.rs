//! A mutating admission webhook.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::routing::post;
use axum::{Json, Router};
use gitops_e2e::Certificate;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::bench::{Bench, object};

/// What it changes.
const PATCH: &str = r#"[{"op": "add", "path": "/data/both", "value": "by the webhook"}]"#;

/// A webhook that sets one field of every ConfigMap `one` of a namespace.
pub(crate) struct Webhook {
    calls: Arc<AtomicUsize>,
    port: u16,
    authority: String,
    namespace: &'static str,
}

impl Webhook {
    /// Serves, and tells the API server.
    pub(crate) fn start(bench: &Bench, namespace: &'static str) -> Self {
        let certificate = Certificate::of_loopback().unwrap();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let review = post(move |Json(review): Json<Value>| {
            counted.fetch_add(1, Ordering::Relaxed);
            std::future::ready(Json(answer(&review)))
        });
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(
            vec![CertificateDer::from(certificate.certificate)],
            PrivatePkcs8KeyDer::from(certificate.key).into(),
        );
        let config = config.unwrap();
        let listener = bench.runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        let tls = Tls { listener, acceptor: TlsAcceptor::from(Arc::new(config)) };
        bench.runtime.spawn(async move { axum::serve(tls, Router::new().route("/", review)).await });
        let webhook = Self { calls, port, authority: base64(certificate.authority.as_bytes()), namespace };
        bench.apply(&object(&webhook.configuration()));
        webhook
    }

    /// How often it was asked.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Its registration.
    pub(crate) fn configuration(&self) -> String {
        format!(
            "{{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {{name: test}}, \
             webhooks: [{{name: test.example.com, admissionReviewVersions: [v1], sideEffects: None, failurePolicy: Fail, \
             clientConfig: {{url: 'https://127.0.0.1:{}/', caBundle: '{}'}}, namespaceSelector: {{matchLabels: \
             {{kubernetes.io/metadata.name: {}}}}}, matchConditions: [{{name: one, expression: \"request.name == 'one'\"}}], \
             rules: [{{apiGroups: [''], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}}]}}]}}",
            self.port, self.authority, self.namespace
        )
    }
}

fn answer(review: &Value) -> Value {
    let uid = &review["request"]["uid"];
    let response =
        json!({"uid": uid, "allowed": true, "patchType": "JSONPatch", "patch": base64(PATCH.as_bytes())});
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response})
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = bytes.chunks(3).flat_map(|three| {
        let number = three.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
        let number = number << (8 * (3 - three.len()));
        let digit = move |at: usize| {
            if at > three.len() { '=' } else { char::from(DIGITS[number >> (18 - 6 * at) & 63]) }
        };
        (0..4).map(digit)
    });
    digits.collect()
}

/// Connections whose handshake is done.
struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, address)) = self.listener.accept().await else { continue };
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
