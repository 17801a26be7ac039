//! AnalysisRuns: when to measure, what measurements add up to, and when a run ends.
//!
//! Never asks a metrics store: it says what to ask, and takes the answers.

mod assess;
mod schedule;
mod validate;

pub use assess::{assess_limits, assess_metric, assess_run, is_worse};
pub use schedule::{due_metrics, is_time_to_live_exceeded, next_measurement};
pub use validate::{AnalysisError, matching_metrics, validate_metric, validate_metrics};

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::api::analysis::{
    AnalysisPhase, AnalysisRun, AnalysisRunStatus, Argument, ArgumentValue, Measurement, Metric, MetricResult,
};
use crate::decision::{Decision, Event};
use crate::metric::{Value, judge_sample};
use crate::time::Timestamp;
use crate::yaml::Node;

use super::templates::resolve_metric;

/// What the driver is to do for a run.
#[derive(Clone, Debug, PartialEq)]
pub enum AnalysisAction {
    /// Asks a provider, and calls again with the answer.
    Query {
        /// The metric.
        metric: SmolStr,
        /// The kind of provider, such as `prometheus`.
        provider: SmolStr,
        /// What the provider is told, arguments put in.
        query: Node,
    },
    /// Writes the status.
    SetStatus {
        /// All of it.
        status: Box<AnalysisRunStatus>,
    },
}

/// The answer of a provider to one question.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The metric.
    pub metric: SmolStr,
    /// When it was asked.
    pub started_at: Timestamp,
    /// What was measured, or why nothing was.
    pub result: Result<Value, String>,
}

/// One pass over a run: judges the samples that came in, decides what they add up to, and says what to ask next.
///
/// `secrets` holds the values of arguments that come from Secrets, by argument; they are put into the queries and
/// never into a message.
pub fn step(
    run: &AnalysisRun,
    samples: &[Sample],
    secrets: &BTreeMap<SmolStr, String>,
    now: Timestamp,
) -> Decision<AnalysisRunStatus, AnalysisAction> {
    let mut pass = RunPass { run, now, next: run.status.clone(), events: vec![] };
    if run.status.phase.is_completed() {
        return Decision::settled(pass.next);
    }
    let actions = match pass.prepare(secrets) {
        Ok(prepared) => pass.advance(&prepared, samples),
        Err(message) => {
            pass.complete(AnalysisPhase::Error, message);
            vec![]
        }
    };
    pass.decide(actions)
}

/// A run with its arguments put in.
#[derive(Debug)]
struct Prepared {
    metrics: Vec<Metric>,
    dry_run: Vec<SmolStr>,
    retention: BTreeMap<SmolStr, i32>,
    secrets: Vec<String>,
}

#[derive(Debug)]
struct RunPass<'a> {
    run: &'a AnalysisRun,
    now: Timestamp,
    next: AnalysisRunStatus,
    events: Vec<Event>,
}

impl RunPass<'_> {
    fn prepare(&self, secrets: &BTreeMap<SmolStr, String>) -> Result<Prepared, String> {
        let spec = &self.run.spec;
        let args: Vec<Argument> = spec
            .args
            .iter()
            .map(|arg| match (&arg.value, secrets.get(&arg.name)) {
                (ArgumentValue::Secret { .. }, Some(value)) => {
                    Argument { name: arg.name.clone(), value: ArgumentValue::Text(value.as_str().into()) }
                }
                _ => arg.clone(),
            })
            .collect();
        let unresolved =
            |error: super::templates::TemplateError| format!("Unable to resolve metric arguments: {error}");
        let metrics = spec.metrics.iter().map(|metric| resolve_metric(metric, &args).map_err(unresolved));
        let metrics: Vec<Metric> = metrics.collect::<Result<_, _>>()?;
        let invalid = |error: AnalysisError| format!("Analysis spec invalid: {error}");
        validate_metrics(&metrics).map_err(invalid)?;
        let dry_run = matching_metrics(&spec.dry_run, &metrics).map_err(invalid)?;
        let mut retention = BTreeMap::new();
        for (pattern, limit) in &spec.measurement_retention {
            let names = matching_metrics(std::slice::from_ref(pattern), &metrics).map_err(invalid)?;
            retention.extend(names.into_iter().map(|name| (name, *limit)));
        }
        let secrets = secrets.values().filter(|value| !value.is_empty()).cloned().collect();
        Ok(Prepared { metrics, dry_run, retention, secrets })
    }

    fn advance(&mut self, prepared: &Prepared, samples: &[Sample]) -> Vec<AnalysisAction> {
        for sample in samples {
            if let Some(metric) = prepared.metrics.iter().find(|metric| metric.name == sample.metric) {
                self.measure(metric, sample, prepared);
            }
        }
        let started_at = self.next.started_at;
        let (phase, message) = assess_run(self.run, &prepared.metrics, &prepared.dry_run, &mut self.next);
        self.announce_metrics();
        if started_at.is_none() {
            self.next.started_at = Some(self.now);
        }
        if phase != self.next.phase {
            if phase.is_completed() {
                self.complete(phase, message);
            } else {
                self.next.phase = phase;
                self.next.message = message;
            }
        }
        for result in &mut self.next.metric_results {
            let limit =
                prepared.retention.get(&result.name).copied().filter(|limit| *limit > 0).unwrap_or(10);
            let limit = usize::try_from(limit).unwrap_or(10);
            let surplus = result.measurements.len().saturating_sub(limit);
            result.measurements.drain(..surplus);
        }
        if self.next.phase.is_completed() {
            return vec![];
        }
        let due = due_metrics(&self.run.spec, &self.next, &prepared.metrics, self.now);
        due.into_iter().filter_map(query).collect()
    }

    /// Takes one sample in. A measurement of an instant that is known already is not taken twice.
    fn measure(&mut self, metric: &Metric, sample: &Sample, prepared: &Prepared) {
        let judgement = match &sample.result {
            Ok(value) => judge_sample(&metric.success_condition, &metric.failure_condition, value),
            Err(message) => crate::metric::Judgement {
                phase: AnalysisPhase::Error,
                error: Some(message.clone()),
                decisive: None,
            },
        };
        let mut message = judgement.error.unwrap_or_default();
        for secret in &prepared.secrets {
            message = message.replace(secret.as_str(), "*****");
        }
        let measurement = Measurement {
            phase: judgement.phase,
            message,
            started_at: Some(sample.started_at),
            finished_at: Some(self.now),
            value: sample.result.as_ref().map(Value::to_measurement).unwrap_or_default(),
            metadata: BTreeMap::new(),
            resume_at: None,
        };
        let position = self.next.metric_results.iter().position(|result| result.name == metric.name);
        let position = position.unwrap_or_else(|| {
            self.next.metric_results.push(MetricResult {
                name: metric.name.clone(),
                phase: AnalysisPhase::Running,
                dry_run: prepared.dry_run.contains(&metric.name),
                ..MetricResult::default()
            });
            self.next.metric_results.len() - 1
        });
        if let Some(result) = self.next.metric_results.get_mut(position)
            && !result.phase.is_completed()
            && result.last().is_none_or(|last| last.started_at < measurement.started_at)
        {
            count(result, measurement);
        }
    }

    fn announce_metrics(&mut self) {
        for result in &self.next.metric_results {
            let before = self.run.status.result(&result.name).map(|before| before.phase);
            if result.phase.is_completed() && before != Some(result.phase) {
                let phase = result.phase.as_str();
                let message = format!("Metric '{}' Completed. Result: {phase}", result.name);
                self.events.push(event(&self.run.key, result.phase, &format!("Metric{phase}"), message));
            }
        }
    }

    fn complete(&mut self, phase: AnalysisPhase, message: String) {
        self.next.phase = phase;
        self.next.message = message;
        self.next.completed_at.get_or_insert(self.now);
        let message = format!("Analysis Completed. Result: {}", phase.as_str());
        let reason = format!("AnalysisRun{}", phase.as_str());
        self.events.push(event(&self.run.key, phase, &reason, message));
    }

    fn decide(self, mut actions: Vec<AnalysisAction>) -> Decision<AnalysisRunStatus, AnalysisAction> {
        if self.next != self.run.status {
            actions.insert(0, AnalysisAction::SetStatus { status: Box::new(self.next.clone()) });
        }
        let wake_at = (!self.next.phase.is_completed())
            .then(|| next_measurement(&self.next, &self.run.spec.metrics, self.now))
            .flatten()
            // Measurements are due strictly after their interval.
            .map(|at| at.after(std::time::Duration::from_millis(1)));
        Decision { next: self.next, actions, wake_at, events: self.events }
    }
}

fn event(key: &crate::object::ObjectKey, phase: AnalysisPhase, reason: &str, message: String) -> Event {
    match phase {
        AnalysisPhase::Failed | AnalysisPhase::Error => Event::warning(key.clone(), reason, message),
        AnalysisPhase::Empty
        | AnalysisPhase::Pending
        | AnalysisPhase::Running
        | AnalysisPhase::Successful
        | AnalysisPhase::Inconclusive => Event::normal(key.clone(), reason, message),
    }
}

fn query(metric: &Metric) -> Option<AnalysisAction> {
    let (provider, query) = metric.provider.kinds.first()?;
    Some(AnalysisAction::Query {
        metric: metric.name.clone(),
        provider: provider.clone(),
        query: query.clone(),
    })
}

/// Adds a measurement to what is counted of its metric.
fn count(result: &mut MetricResult, measurement: Measurement) {
    let counts = &mut result.counts;
    match measurement.phase {
        AnalysisPhase::Successful => {
            counts.successful += 1;
            counts.consecutive_success += 1;
        }
        AnalysisPhase::Failed => counts.failed += 1,
        AnalysisPhase::Inconclusive => counts.inconclusive += 1,
        AnalysisPhase::Error => {
            counts.error += 1;
            counts.consecutive_error += 1;
        }
        AnalysisPhase::Empty | AnalysisPhase::Pending | AnalysisPhase::Running => {}
    }
    if measurement.phase != AnalysisPhase::Successful {
        counts.consecutive_success = 0;
    }
    if measurement.phase != AnalysisPhase::Error {
        counts.count += 1;
        counts.consecutive_error = 0;
    }
    result.measurements.push(measurement);
}
