//! What measurements add up to: the verdict on a metric, and the verdict on a run.

use smol_str::SmolStr;

use crate::api::IntOrString;
use crate::api::analysis::{
    AnalysisPhase, AnalysisRun, AnalysisRunSpec, AnalysisRunStatus, Metric, MetricResult, RunSummary,
};

/// The verdict on a metric so far (`assessMetricStatus`).
pub fn assess_metric(metric: &Metric, result: &MetricResult, terminating: bool) -> AnalysisPhase {
    if result.phase.is_completed() {
        return result.phase;
    }
    let Some(last) = result.last() else {
        return if terminating { AnalysisPhase::Successful } else { AnalysisPhase::Pending };
    };
    if !last.phase.is_completed() {
        return AnalysisPhase::Running;
    }
    let (phase, _) = assess_limits(metric, result);
    if phase != AnalysisPhase::Empty {
        return phase;
    }
    let success_limit = limit(metric.limits.consecutive_success.as_ref(), 0);
    if success_limit > 0 && result.counts.consecutive_success >= success_limit {
        return AnalysisPhase::Successful;
    }
    if metric.effective_count().is_some_and(|count| result.counts.count >= count) {
        return match (success_limit > 0, limit(metric.limits.failure.as_ref(), 0) >= 0) {
            (true, true) => AnalysisPhase::Inconclusive,
            (true, false) => AnalysisPhase::Failed,
            (false, _) => AnalysisPhase::Successful,
        };
    }
    if terminating { AnalysisPhase::Successful } else { AnalysisPhase::Running }
}

fn limit(value: Option<&IntOrString>, otherwise: i32) -> i32 {
    value.map_or(otherwise, IntOrString::int_value)
}

/// Whether a metric has passed one of its limits, and which; [`AnalysisPhase::Empty`] for none. A later test
/// outdoes an earlier one: error over inconclusive over failed (`assessMetricFailureInconclusiveOrError`).
pub fn assess_limits(metric: &Metric, result: &MetricResult) -> (AnalysisPhase, String) {
    let counts = &result.counts;
    let failure = limit(metric.limits.failure.as_ref(), 0);
    let inconclusive = limit(metric.limits.inconclusive.as_ref(), 0);
    let error = limit(metric.limits.consecutive_error.as_ref(), 4);
    let mut verdict = (AnalysisPhase::Empty, String::new());
    if failure >= 0 && counts.failed > failure {
        let message = format!("failed ({}) > failureLimit ({failure})", counts.failed);
        verdict = (AnalysisPhase::Failed, message);
    }
    if counts.inconclusive > inconclusive {
        let message = format!("inconclusive ({}) > inconclusiveLimit ({inconclusive})", counts.inconclusive);
        verdict = (AnalysisPhase::Inconclusive, message);
    }
    if counts.consecutive_error > error {
        let message =
            format!("consecutiveErrors ({}) > consecutiveErrorLimit ({error})", counts.consecutive_error);
        verdict = (AnalysisPhase::Error, message);
    }
    verdict
}

/// Whether a run is to end: it was told to, or a metric that counts went wrong (`IsTerminating`).
pub(super) fn is_terminating(spec: &AnalysisRunSpec, status: &AnalysisRunStatus) -> bool {
    let went_wrong = |phase: AnalysisPhase| phase.is_completed() && phase != AnalysisPhase::Successful;
    spec.terminate || status.metric_results.iter().any(|result| !result.dry_run && went_wrong(result.phase))
}

/// The verdict on a run so far; verdicts on its metrics and the summaries are written into `status`
/// (`assessRunStatus`).
pub fn assess_run(
    run: &AnalysisRun,
    metrics: &[Metric],
    dry_run: &[SmolStr],
    status: &mut AnalysisRunStatus,
) -> (AnalysisPhase, String) {
    let terminating = is_terminating(&run.spec, status);
    let told = if run.spec.terminate { "Run Terminated" } else { "" };
    let mut worst = Worst { phase: None, message: told.to_owned() };
    let (mut summary, mut dry_summary) = (RunSummary::default(), RunSummary::default());
    let mut all_completed = true;
    for metric in metrics {
        let is_dry = dry_run.contains(&metric.name);
        let counted = if is_dry { &mut dry_summary } else { &mut summary };
        counted.count += 1;
        let Some(result) = status.metric_results.iter_mut().find(|result| result.name == metric.name) else {
            all_completed = false;
            continue;
        };
        let phase = assess_metric(metric, result, terminating);
        if result.phase != phase {
            result.phase = phase;
            if let Some(last) = result.measurements.last() {
                result.message = last.message.clone();
            }
        }
        if !phase.is_completed() {
            all_completed = false;
            continue;
        }
        let (limit_phase, message) = assess_limits(metric, result);
        add(counted, limit_phase);
        if is_dry {
            worst.phase.get_or_insert(AnalysisPhase::Successful);
            if !message.is_empty() {
                result.message = format!("Metric assessed {} due to {message}", phase.as_str());
            }
        } else {
            worst.take(metric, phase, &message, &result.message);
        }
    }
    status.run_summary = summary;
    status.dry_run_summary = Some(dry_summary);
    worst.verdict(terminating, all_completed)
}

/// The worst verdict on a metric so far.
#[derive(Debug)]
struct Worst {
    phase: Option<AnalysisPhase>,
    message: String,
}

impl Worst {
    fn take(&mut self, metric: &Metric, phase: AnalysisPhase, message: &str, detail: &str) {
        if self.phase.is_some_and(|worst| !is_worse(worst, phase)) {
            return;
        }
        self.phase = Some(phase);
        if !message.is_empty() {
            self.message = format!("Metric \"{}\" assessed {} due to {message}", metric.name, phase.as_str());
            if !detail.is_empty() {
                self.message = format!("{}: \"Error Message: {detail}\"", self.message);
            }
        }
    }

    fn verdict(self, terminating: bool, all_completed: bool) -> (AnalysisPhase, String) {
        let message = self.message.trim().to_owned();
        match self.phase {
            Some(phase) if terminating || all_completed => (phase, message),
            None if terminating => (AnalysisPhase::Successful, message),
            Some(_) | None => (AnalysisPhase::Running, String::new()),
        }
    }
}

fn add(summary: &mut RunSummary, phase: AnalysisPhase) {
    let count = match phase {
        AnalysisPhase::Error => &mut summary.error,
        AnalysisPhase::Failed => &mut summary.failed,
        AnalysisPhase::Inconclusive => &mut summary.inconclusive,
        AnalysisPhase::Empty
        | AnalysisPhase::Pending
        | AnalysisPhase::Running
        | AnalysisPhase::Successful => &mut summary.successful,
    };
    *count += 1;
}

/// Whether a phase is worse than another: from successful over running, pending, inconclusive and error to failed
/// (`IsWorse`).
pub fn is_worse(current: AnalysisPhase, new: AnalysisPhase) -> bool {
    const ORDER: [AnalysisPhase; 6] = [
        AnalysisPhase::Successful,
        AnalysisPhase::Running,
        AnalysisPhase::Pending,
        AnalysisPhase::Inconclusive,
        AnalysisPhase::Error,
        AnalysisPhase::Failed,
    ];
    let place = |phase: AnalysisPhase| ORDER.iter().position(|known| *known == phase);
    place(new) > place(current)
}
