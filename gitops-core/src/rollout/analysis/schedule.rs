//! When a metric is measured, and when a run may be removed.

use std::time::Duration;

use crate::api::analysis::{
    AnalysisPhase, AnalysisRun, AnalysisRunSpec, AnalysisRunStatus, Metric, MetricResult,
};
use crate::time::{Timestamp, parse_duration};

use super::assess::is_terminating;

/// The wait after a measurement that was an error, and after one without an interval.
const ERROR_RETRY: Duration = Duration::from_secs(10);

/// The metrics that are to be measured now (`generateMetricTasks`).
pub fn due_metrics<'m>(
    spec: &AnalysisRunSpec,
    status: &AnalysisRunStatus,
    metrics: &'m [Metric],
    now: Timestamp,
) -> Vec<&'m Metric> {
    let terminating = is_terminating(spec, status);
    metrics.iter().filter(|metric| is_due(metric, status, terminating, now)).collect()
}

fn is_due(metric: &Metric, status: &AnalysisRunStatus, terminating: bool, now: Timestamp) -> bool {
    let result = status.result(&metric.name);
    if result.is_some_and(|result| result.phase.is_completed()) {
        return false;
    }
    let last = result.and_then(MetricResult::last);
    match (result, last, last.and_then(|last| last.finished_at)) {
        (_, Some(last), None) => terminating || last.resume_at.is_none_or(|at| at <= now),
        (Some(result), Some(last), Some(finished)) => {
            let is_enough = metric.effective_count().is_some_and(|count| result.counts.count >= count);
            let is_readable = metric.interval.is_empty() || last.phase == AnalysisPhase::Error;
            let wait = wait_after(metric, last.phase).or(is_readable.then_some(ERROR_RETRY));
            !terminating && !is_enough && wait.is_some_and(|wait| now > finished.after(wait))
        }
        (_, None, _) | (None, Some(_), Some(_)) => !terminating && is_first_due(metric, status, now),
    }
}

fn is_first_due(metric: &Metric, status: &AnalysisRunStatus, now: Timestamp) -> bool {
    if metric.initial_delay.is_empty() {
        return true;
    }
    let delay = parse_duration(&metric.initial_delay).ok();
    let start = delay.zip(status.started_at).map(|(delay, started)| started.after(delay));
    start.is_some_and(|start| start <= now)
}

/// The wait after a measurement; `None` where no interval is given, or none that can be read.
fn wait_after(metric: &Metric, phase: AnalysisPhase) -> Option<Duration> {
    if phase == AnalysisPhase::Error {
        return Some(ERROR_RETRY);
    }
    Some(&metric.interval).filter(|text| !text.is_empty()).and_then(|text| parse_duration(text).ok())
}

/// When the next metric is due; `None` where none will be (`calculateNextReconcileTime`).
pub fn next_measurement(status: &AnalysisRunStatus, metrics: &[Metric], now: Timestamp) -> Option<Timestamp> {
    metrics.iter().filter_map(|metric| next_of(metric, status, now)).min()
}

fn next_of(metric: &Metric, status: &AnalysisRunStatus, now: Timestamp) -> Option<Timestamp> {
    let result = status.result(&metric.name);
    if result.is_some_and(|result| result.phase.is_completed()) {
        return None;
    }
    let Some(last) = result.and_then(MetricResult::last) else {
        let delay =
            parse_duration(&metric.initial_delay).ok().filter(|_| !metric.initial_delay.is_empty())?;
        return Some(status.started_at.unwrap_or(now).after(delay));
    };
    let Some(finished) = last.finished_at else { return last.resume_at };
    let count = result.map_or(0, |result| result.counts.count);
    if metric.effective_count().is_some_and(|wanted| count >= wanted) {
        return None;
    }
    wait_after(metric, last.phase).map(|wait| finished.after(wait))
}

/// Whether a run that has ended is old enough to be removed (`isAnalysisRunTtlExceeded`).
pub fn is_time_to_live_exceeded(run: &AnalysisRun, now: Timestamp) -> bool {
    let (Some(strategy), Some(completed)) = (run.spec.time_to_live, run.status.completed_at) else {
        return false;
    };
    let own = match run.status.phase {
        AnalysisPhase::Successful => strategy.after_success,
        AnalysisPhase::Failed => strategy.after_failure,
        AnalysisPhase::Error | AnalysisPhase::Inconclusive => None,
        AnalysisPhase::Empty | AnalysisPhase::Pending | AnalysisPhase::Running => return false,
    };
    let seconds = own.or(strategy.after_completion);
    let age = now.since(completed).as_secs();
    seconds.is_some_and(|seconds| i64::try_from(age).is_ok_and(|age| age > i64::from(seconds)))
}
