//! The port of a source of metrics.

use std::collections::BTreeMap;
use std::future::Future;

use gitops_core::time::Timestamp;
use smol_str::SmolStr;

/// A source of metrics with Prometheus' instant queries.
pub trait MetricsSource: Send + Sync {
    /// The value of `query` at `at`.
    fn query(
        &self,
        query: &str,
        at: Timestamp,
    ) -> impl Future<Output = Result<QueryResult, MetricsError>> + Send;
}

impl<M: MetricsSource> MetricsSource for std::sync::Arc<M> {
    fn query(
        &self,
        query: &str,
        at: Timestamp,
    ) -> impl Future<Output = Result<QueryResult, MetricsError>> + Send {
        M::query(self, query, at)
    }
}

/// The answer of an instant query. A value may be NaN or infinite, as in Prometheus.
#[derive(Clone, Debug, PartialEq)]
pub enum QueryResult {
    /// One number.
    Scalar(f64),
    /// One number for each series; none where there is no data.
    Vector(Vec<Sample>),
}

/// The value of one series.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Sample {
    /// The labels of the series.
    pub labels: BTreeMap<SmolStr, SmolStr>,
    /// Its value.
    pub value: f64,
    /// When it was measured.
    pub at: Timestamp,
}

/// Why a source of metrics refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricsError {
    /// The query is not valid, or cannot be carried out.
    #[error("query `{query}` is refused: {message}")]
    Query {
        /// The query.
        query: String,
        /// What the source said.
        message: String,
    },
    /// The credentials do not allow it.
    #[error("the source of metrics refuses the credentials: {message}")]
    Unauthorized {
        /// What the source said.
        message: String,
    },
    /// The source does not answer, or answers that it cannot now.
    #[error("the source of metrics is unavailable: {message}")]
    Unavailable {
        /// What happened.
        message: String,
    },
    /// The answer is not one that the source documents, or is too large.
    #[error("the source of metrics answered: {message}")]
    Other {
        /// What is wrong with it.
        message: String,
    },
}

impl MetricsError {
    /// Whether the same request may succeed later, without anybody changing it.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable { .. } => true,
            Self::Query { .. } | Self::Unauthorized { .. } | Self::Other { .. } => false,
        }
    }
}
