//! Which requests are served: those that are meant for this address, and come from its own pages.

use std::net::SocketAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// The names under which this server may be addressed.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    hosts: Vec<String>,
}

impl Guard {
    /// A guard for a server that listens at `address`.
    pub(super) fn new(address: SocketAddr) -> Self {
        let port = address.port();
        Self { hosts: vec![address.to_string(), format!("localhost:{port}"), format!("127.0.0.1:{port}")] }
    }

    fn allows(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let own_host = host.is_some_and(|host| self.hosts.iter().any(|own| own == host));
        let own_origin = match headers.get(header::ORIGIN) {
            None => true,
            Some(origin) => {
                let origin = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
                origin.is_some_and(|origin| self.hosts.iter().any(|own| own == origin))
            }
        };
        own_host && own_origin
    }
}

/// Refuses requests with a foreign `Host` or `Origin`.
pub(super) async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    if guard.allows(request.headers()) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "this server answers only at its own address, and only to its own pages\n")
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_host_and_origin_pass() {
        let guard = Guard::new("127.0.0.1:8300".parse().unwrap());
        let cases = [
            (Some("127.0.0.1:8300"), None, true),
            (Some("localhost:8300"), Some("http://localhost:8300"), true),
            (Some("attacker.example:8300"), None, false),
            (Some("127.0.0.1:8300"), Some("http://attacker.example"), false),
            (Some("127.0.0.1:8300"), Some("null"), false),
            (None, None, false),
        ];
        for (host, origin, allowed) in cases {
            let mut headers = HeaderMap::new();
            host.map(|host: &str| headers.insert(header::HOST, host.parse().unwrap()));
            origin.map(|origin: &str| headers.insert(header::ORIGIN, origin.parse().unwrap()));
            assert_eq!(guard.allows(&headers), allowed, "{host:?} {origin:?}");
        }
    }
}
