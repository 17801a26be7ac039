//! Why an update was aborted, in one plain sentence.

use crate::api::analysis::{AnalysisPhase, AnalysisRun, Metric, MetricResult};
use crate::metric::{Value, judge_sample};
use crate::time::Timestamp;

/// What went wrong in a run: `p99-latency 612 ms > 500 ms at 12:04:30 UTC (1 failure, 0 allowed)`. `None` where no
/// metric did.
pub fn verdict(run: &AnalysisRun) -> Option<String> {
    let results = run.status.metric_results.iter().filter(|result| !result.dry_run);
    let mut bad = results.filter(|result| match result.phase {
        AnalysisPhase::Failed | AnalysisPhase::Error => true,
        AnalysisPhase::Empty
        | AnalysisPhase::Pending
        | AnalysisPhase::Running
        | AnalysisPhase::Successful
        | AnalysisPhase::Inconclusive => false,
    });
    let result = bad.next()?;
    let metric = run.spec.metrics.iter().find(|metric| metric.name == result.name)?;
    Some(about(metric, result))
}

fn about(metric: &Metric, result: &MetricResult) -> String {
    let last = result.measurements.iter().rev().find(|measurement| measurement.phase == result.phase);
    let at = last.and_then(|last| last.finished_at.or(last.started_at)).map(time_of_day).unwrap_or_default();
    let counts = &result.counts;
    if result.phase == AnalysisPhase::Error {
        let message = last.map(|last| last.message.as_str()).unwrap_or_default();
        let count = counts.consecutive_error;
        return format!("{} could not be measured{at} ({}): {message}", metric.name, plural(count, "error"));
    }
    let fact = last.and_then(|last| fact(metric, &Value::parse(&last.value)));
    let fact = fact.unwrap_or_else(|| "did not meet its condition".to_owned());
    let allowed = metric.limits.failure.as_ref().map_or(0, crate::api::IntOrString::int_value);
    format!("{} {fact}{at} ({}, {allowed} allowed)", metric.name, plural(counts.failed, "failure"))
}

fn plural(count: i32, noun: &str) -> String {
    if count == 1 { format!("{count} {noun}") } else { format!("{count} {noun}s") }
}

/// What the value was and what it should have been, from the comparison that decided.
fn fact(metric: &Metric, value: &Value) -> Option<String> {
    let judgement = judge_sample(&metric.success_condition, &metric.failure_condition, value);
    let comparison = judgement.decisive?;
    Some(match unit(metric) {
        Some(Unit::Seconds) => comparison.fact_with(&seconds),
        None => comparison.fact(),
    })
}

/// The unit of a metric, where its query tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Seconds,
}

/// Prometheus' naming convention puts the unit into the name of the series; a rate of a counter of seconds is no
/// longer one, so only quantiles count.
fn unit(metric: &Metric) -> Option<Unit> {
    let (_, provider) = metric.provider.kinds.first()?;
    let query = provider.str_at(&["query"])?;
    (query.contains("histogram_quantile") && query.contains("_seconds")).then_some(Unit::Seconds)
}

fn seconds(value: &Value) -> String {
    match value.as_number() {
        Some(number) if number.is_finite() && number.abs() < 10.0 => {
            format!("{} ms", rounded(number * 1000.0))
        }
        Some(number) if number.is_finite() => format!("{} s", rounded(number)),
        Some(_) | None => value.to_string(),
    }
}

fn rounded(number: f64) -> String {
    Value::Float((number * 10.0).round() / 10.0).to_string()
}

fn time_of_day(at: Timestamp) -> String {
    let (hour, minute, second, _) = at.time_of_day();
    format!(" at {hour:02}:{minute:02}:{second:02} UTC")
}
