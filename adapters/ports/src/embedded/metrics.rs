//! A source of metrics that answers by a script.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use gitops_core::time::Timestamp;
use smol_str::SmolStr;

use super::lock;
use crate::metrics::{MetricsError, MetricsSource, QueryResult, Sample};

/// A source of metrics that answers by a script.
///
/// The first series whose pattern is part of the query answers with what it holds at the time of the query; a
/// query that no series answers has no data. Faults are consumed front first, one for each query; `None` lets a
/// query pass.
#[derive(Default)]
pub struct EmbeddedMetrics {
    series: Mutex<Vec<Series>>,
    traffic: Mutex<Option<TrafficSource>>,
    /// The faults to come.
    pub faults: Mutex<VecDeque<Option<MetricsError>>>,
}

/// Who serves how much of the traffic, for [`Answer::ByVersion`].
pub type TrafficSource = Arc<dyn Fn() -> Vec<TrafficShare> + Send + Sync>;

/// The part of the traffic that the pods of one version take.
#[derive(Clone, Debug, PartialEq)]
pub struct TrafficShare {
    /// The image of their first container.
    pub image: SmolStr,
    /// Their `pod-template-hash` or `rollouts-pod-template-hash`.
    pub pod_template_hash: SmolStr,
    /// The part, from 0 to 1.
    pub share: f64,
}

/// What a series answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// One series without labels with this value.
    Value(f64),
    /// A scalar.
    Scalar(f64),
    /// These series.
    Vector(Vec<Sample>),
    /// No data.
    Empty,
    /// This error.
    Error(MetricsError),
    /// The value follows from the versions that take traffic; no data where none does.
    ByVersion {
        /// The value of a version whose image holds this text; the first match in byte order counts.
        values: BTreeMap<SmolStr, f64>,
        /// The value of any other version.
        otherwise: f64,
        /// How the versions' values make one.
        combine: Combine,
    },
}

/// How the values of several versions make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combine {
    /// Their mean, weighted with their shares: rates.
    WeightedMean,
    /// The largest of a version with at least this many percent of the traffic: quantiles.
    LargestAbovePercent(u8),
}

#[derive(Debug)]
struct Series {
    pattern: String,
    answers: BTreeMap<Timestamp, Answer>,
}

impl EmbeddedMetrics {
    /// A source without data.
    pub fn new() -> Self {
        Self::default()
    }

    /// From `from` on, queries that hold `pattern` are answered with `answer`.
    pub fn set(&self, pattern: &str, from: Timestamp, answer: Answer) {
        let mut series = lock(&self.series);
        match series.iter_mut().find(|each| each.pattern == pattern) {
            Some(found) => {
                found.answers.insert(from, answer);
            }
            None => {
                series
                    .push(Series { pattern: pattern.to_owned(), answers: BTreeMap::from([(from, answer)]) });
            }
        }
    }

    /// Asks `traffic` who serves, for [`Answer::ByVersion`].
    pub fn set_traffic(&self, traffic: TrafficSource) {
        *lock(&self.traffic) = Some(traffic);
    }

    fn answer(&self, query: &str, at: Timestamp) -> Answer {
        let series = lock(&self.series);
        let found = series.iter().find(|each| query.contains(&each.pattern));
        let answer = found.and_then(|each| each.answers.range(..=at).next_back());
        answer.map_or(Answer::Empty, |(_, answer)| answer.clone())
    }

    fn traffic(&self) -> Vec<TrafficShare> {
        let source = lock(&self.traffic).clone();
        source.map_or_else(Vec::new, |source| source())
    }
}

impl std::fmt::Debug for EmbeddedMetrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbeddedMetrics").field("series", &self.series).finish_non_exhaustive()
    }
}

impl MetricsSource for EmbeddedMetrics {
    async fn query(&self, query: &str, at: Timestamp) -> Result<QueryResult, MetricsError> {
        if let Some(fault) = lock(&self.faults).pop_front().flatten() {
            return Err(fault);
        }
        let one = |value| QueryResult::Vector(vec![Sample { labels: BTreeMap::new(), value, at }]);
        match self.answer(query, at) {
            Answer::Value(value) => Ok(one(value)),
            Answer::Scalar(value) => Ok(QueryResult::Scalar(value)),
            Answer::Vector(samples) => Ok(QueryResult::Vector(samples)),
            Answer::Empty => Ok(QueryResult::Vector(vec![])),
            Answer::Error(error) => Err(error),
            Answer::ByVersion { values, otherwise, combine } => {
                let versions = self.traffic().into_iter().filter(|version| version.share > 0.0);
                let weighed = versions.map(|version| {
                    let named = values.iter().find(|(image, _)| version.image.contains(image.as_str()));
                    (named.map_or(otherwise, |(_, value)| *value), version.share)
                });
                let value = combined(&weighed.collect::<Vec<_>>(), combine);
                Ok(value.map_or(QueryResult::Vector(vec![]), one))
            }
        }
    }
}

/// One value of (value, share) pairs.
fn combined(versions: &[(f64, f64)], combine: Combine) -> Option<f64> {
    match combine {
        Combine::WeightedMean => {
            let total: f64 = versions.iter().map(|(_, share)| share).sum();
            let sum: f64 = versions.iter().map(|(value, share)| value * share).sum();
            (total > 0.0).then(|| sum / total)
        }
        Combine::LargestAbovePercent(percent) => versions
            .iter()
            .filter(|(_, share)| share * 100.0 >= f64::from(percent))
            .map(|(value, _)| *value)
            .reduce(f64::max),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(metrics: &EmbeddedMetrics, query: &str, seconds: i64, expected: Option<f64>) {
        let answer = crate::embedded::VirtualClock::default()
            .block_on(metrics.query(query, Timestamp::from_seconds(seconds)))
            .unwrap();
        let value = match answer {
            Ok(QueryResult::Scalar(value)) => Some(value),
            Ok(QueryResult::Vector(samples)) => samples.first().map(|sample| sample.value),
            Err(error) => panic!("{error}"),
        };
        assert_eq!(value, expected, "{query} at {seconds}");
    }

    #[test]
    fn a_series_changes_with_time() {
        let metrics = EmbeddedMetrics::new();
        metrics.set("app_requests_total", Timestamp::from_seconds(10), Answer::Value(0.99));
        metrics.set("app_requests_total", Timestamp::from_seconds(20), Answer::Scalar(0.5));
        metrics.set("app_requests_total", Timestamp::from_seconds(30), Answer::Empty);
        let query = "sum(rate(app_requests_total[2m]))";
        for (at, expected) in [(9, None), (10, Some(0.99)), (19, Some(0.99)), (20, Some(0.5)), (31, None)] {
            check(&metrics, query, at, expected);
        }
        check(&metrics, "up", 20, None);
    }

    #[test]
    fn a_value_follows_from_who_takes_traffic() {
        let metrics = EmbeddedMetrics::new();
        let by_version = |combine| Answer::ByVersion {
            values: BTreeMap::from([("app:bad".into(), 0.5)]),
            otherwise: 1.0,
            combine,
        };
        metrics.set("success", Timestamp::default(), by_version(Combine::WeightedMean));
        metrics.set("latency", Timestamp::default(), by_version(Combine::LargestAbovePercent(20)));
        check(&metrics, "success", 0, None);
        let share = |image: &str, share| TrafficShare {
            image: image.into(),
            pod_template_hash: SmolStr::default(),
            share,
        };
        let shares = vec![share("registry/app:bad", 0.5), share("registry/app:good", 0.5)];
        metrics.set_traffic(Arc::new(move || shares.clone()));
        check(&metrics, "success", 0, Some(0.75));
        check(&metrics, "latency", 0, Some(1.0));
    }
}
