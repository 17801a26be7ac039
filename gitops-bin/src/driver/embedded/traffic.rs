//! How the embedded application serves: the metrics that Prometheus would have, derived from who takes the traffic.
//!
//! Which tags serve badly is part of the state: a daemon that is killed in a canary must not come back to a good one.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
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
    /// The latency in seconds by a part of the image.
    bad: Mutex<BTreeMap<SmolStr, f64>>,
    file: Option<PathBuf>,
}

impl Serving {
    /// The tags that the file at `path` names; none where it is not there yet.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let bad = match std::fs::read(path) {
            Ok(text) => serde_json::from_slice(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { bad: Mutex::new(bad), file: Some(path.to_owned()) })
    }

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
    pub fn serve_badly(&self, metrics: &EmbeddedMetrics, tag: &str, from: Timestamp) -> io::Result<()> {
        self.bad.lock().unwrap_or_else(PoisonError::into_inner).insert(format!(":{tag}").into(), BAD_LATENCY);
        metrics.set(LATENCY, from, self.latency());
        self.save()
    }

    /// Replaces the file as a whole, so that whoever reads it finds the old state or the new one.
    fn save(&self) -> io::Result<()> {
        let Some(path) = &self.file else { return Ok(()) };
        let text = serde_json::to_vec(&*self.bad.lock().unwrap_or_else(PoisonError::into_inner))?;
        let draft = path.with_extension("new");
        std::fs::write(&draft, text)?;
        std::fs::rename(draft, path)
    }

    fn latency(&self) -> Answer {
        let values = self.bad.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Answer::ByVersion { values, otherwise: GOOD_LATENCY, combine: Combine::LargestAbovePercent(1) }
    }
}

#[cfg(test)]
mod tests {
    use gitops_ports::MetricsSource as _;
    use gitops_ports::embedded::{TrafficShare, VirtualClock};
    use gitops_ports::metrics::QueryResult;

    use super::*;

    /// The p99 latency of `image` when it takes all the traffic, by what the state in `folder` says.
    fn latency(folder: &Path, image: &'static str) -> f64 {
        let metrics = Arc::new(EmbeddedMetrics::new());
        let clock = VirtualClock::default();
        Serving::open(&folder.join("serving.json"))
            .unwrap()
            .script(&metrics, &EmbeddedCluster::new(clock.clone()));
        metrics.set_traffic(Arc::new(move || {
            vec![TrafficShare { image: image.into(), pod_template_hash: SmolStr::default(), share: 1.0 }]
        }));
        match clock.block_on(metrics.query(LATENCY, Timestamp::default())).unwrap().unwrap() {
            QueryResult::Scalar(value) => value,
            QueryResult::Vector(samples) => samples[0].value,
        }
    }

    #[test]
    fn a_bad_tag_stays_bad_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let serving = Serving::open(&folder.path().join("serving.json")).unwrap();
        serving.serve_badly(&EmbeddedMetrics::new(), "e4d5c6f", Timestamp::default()).unwrap();
        drop(serving);
        for (image, expected) in [("myapp:e4d5c6f", BAD_LATENCY), ("myapp:a3f2c1b", GOOD_LATENCY)] {
            assert!((latency(folder.path(), image) - expected).abs() < 1e-9, "{image}");
        }
    }
}
