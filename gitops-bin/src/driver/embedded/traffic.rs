//! How the embedded application serves: the metrics that Prometheus would have, derived from who takes the traffic.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use gitops_core::time::Timestamp;
use gitops_ports::Clock;
use gitops_ports::embedded::{Answer, Combine, EmbeddedCluster, EmbeddedMetrics};
use smol_str::SmolStr;

/// The success rate of a version that serves well.
const GOOD_RATE: f64 = 0.9994;
/// The p99 latency of a version that serves well, in seconds.
const GOOD_LATENCY: f64 = 0.212;
/// The p99 latency of a version that serves badly, in seconds.
const BAD_LATENCY: f64 = 0.612;

/// Parts of the queries by which they are told apart.
const RATE: &str = "app_requests_total";
const LATENCY: &str = "http_request_duration_seconds_bucket";

/// Which tags serve badly.
#[derive(Debug, Default)]
pub struct Serving {
    bad: Mutex<BTreeMap<SmolStr, f64>>,
}

impl Serving {
    /// Lets `metrics` answer by the traffic that enters `cluster`.
    pub(super) fn script<C: Clock + Clone + 'static>(
        &self,
        metrics: &Arc<EmbeddedMetrics>,
        cluster: &EmbeddedCluster<C>,
    ) {
        let cluster = cluster.clone();
        metrics.set_traffic(Arc::new(move || cluster.traffic("prod", "myapp")));
        metrics.set(LATENCY, Timestamp::default(), self.latency());
        let rate = Answer::ByVersion {
            values: BTreeMap::new(),
            otherwise: GOOD_RATE,
            combine: Combine::WeightedMean,
        };
        metrics.set(RATE, Timestamp::default(), rate);
    }

    /// From `from` on, versions with this tag answer slowly.
    pub fn serve_badly(&self, metrics: &EmbeddedMetrics, tag: &str, from: Timestamp) {
        self.bad.lock().unwrap_or_else(PoisonError::into_inner).insert(format!(":{tag}").into(), BAD_LATENCY);
        metrics.set(LATENCY, from, self.latency());
    }

    fn latency(&self) -> Answer {
        let values = self.bad.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Answer::ByVersion { values, otherwise: GOOD_LATENCY, combine: Combine::LargestAbovePercent(1) }
    }
}
