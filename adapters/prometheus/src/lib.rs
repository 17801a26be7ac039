//! The Prometheus adapter: instant queries over HTTP.
//!
//! It waits a bounded time, reads a bounded answer, tries a transient failure again a bounded number of times, and
//! never repeats credentials in an error.

mod answer;

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use gitops_core::time::Timestamp;
use gitops_ports::metrics::{MetricsError, MetricsSource, QueryResult};
use reqwest::{Client, Response, StatusCode, Url};

/// How long one query may take: Argo Rollouts' default.
pub const QUERY_TIMEOUT: Duration = Duration::from_secs(30);

/// The largest answer that is read.
const MOST_BYTES: usize = 16 << 20;

/// How often a transient failure is tried again.
const RETRIES: usize = 3;

/// A Prometheus server.
#[derive(Debug, Clone)]
pub struct Prometheus {
    http: Client,
    query: Url,
}

impl Prometheus {
    /// The server at `address`, such as `http://prometheus.monitoring:9090`.
    ///
    /// # Errors
    /// [`MetricsError::Other`] when the address is no HTTP URL. TLS is not supported yet, and said so.
    pub fn new(address: &str) -> Result<Self, MetricsError> {
        let refused = |message: String| MetricsError::Other { message };
        let mut query =
            Url::parse(address).map_err(|error| refused(format!("its address is not a URL: {error}")))?;
        match query.scheme() {
            "http" => {}
            "https" => return Err(refused("https is not supported yet".to_owned())),
            scheme => return Err(refused(format!("its address has the scheme `{scheme}`: use http"))),
        }
        let path = format!("{}/api/v1/query", query.path().trim_end_matches('/'));
        query.set_path(&path);
        // Where another part of the program builds reqwest with TLS, a client needs a provider of it, for http too; a
        // second installation changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().timeout(QUERY_TIMEOUT).build();
        let http = http.map_err(|error| refused(error.without_url().to_string()))?;
        Ok(Self { http, query })
    }

    async fn ask(&self, query: &str, at: Timestamp) -> Result<QueryResult, MetricsError> {
        let time = format!("{}.{:03}", at.as_seconds(), at.as_millis().rem_euclid(1000));
        let request = self.http.post(self.query.clone()).form(&[("query", query), ("time", &time)]);
        let response = request.send().await.map_err(|error| unavailable(&error))?;
        let status = response.status();
        let body = read(response).await?;
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(MetricsError::Unauthorized { message: format!("status {}", status.as_u16()) })
            }
            status if status.is_server_error() && status != StatusCode::UNPROCESSABLE_ENTITY => {
                Err(MetricsError::Unavailable { message: format!("status {}", status.as_u16()) })
            }
            _ => answer::parse(query, at, &body),
        }
    }
}

impl MetricsSource for Prometheus {
    async fn query(&self, query: &str, at: Timestamp) -> Result<QueryResult, MetricsError> {
        (|| self.ask(query, at))
            .retry(ExponentialBuilder::default().with_max_times(RETRIES))
            .when(MetricsError::is_transient)
            .await
    }
}

fn unavailable(error: &reqwest::Error) -> MetricsError {
    let kind = if error.is_timeout() {
        "it did not answer in time"
    } else if error.is_connect() {
        "it cannot be reached"
    } else {
        "the connection broke"
    };
    MetricsError::Unavailable { message: kind.to_owned() }
}

/// The body, up to the bound.
async fn read(mut response: Response) -> Result<Vec<u8>, MetricsError> {
    let mut body = vec![];
    while let Some(chunk) = response.chunk().await.map_err(|error| unavailable(&error))? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(MetricsError::Other { message: format!("more than {MOST_BYTES} bytes") });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests;
