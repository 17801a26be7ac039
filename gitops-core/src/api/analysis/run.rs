//! AnalysisRun: what is measured, and what was measured so far.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::template::{Argument, Metric};
use crate::api::fields::{FieldError, Fields, Writer, parse_word, word};
use crate::api::rollout::{read_dry_run, read_measurement_retention};
use crate::object::{Object, ObjectKey};
use crate::time::Timestamp;
use crate::yaml::Node;

/// An AnalysisRun.
#[derive(Clone, Debug)]
pub struct AnalysisRun {
    /// Which object it is.
    pub key: ObjectKey,
    /// Its labels: whose run it is, and of which step.
    pub labels: BTreeMap<SmolStr, SmolStr>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// Whether it is being deleted.
    pub is_deleting: bool,
    /// What it measures.
    pub spec: AnalysisRunSpec,
    /// What was measured.
    pub status: AnalysisRunStatus,
}

/// `spec` of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnalysisRunSpec {
    /// What is measured.
    pub metrics: Vec<Metric>,
    /// The values of the arguments.
    pub args: Vec<Argument>,
    /// The run shall end.
    pub terminate: bool,
    /// Patterns of metrics whose verdict does not count.
    pub dry_run: Vec<SmolStr>,
    /// How many measurements are kept of the metrics that a pattern names.
    pub measurement_retention: Vec<(SmolStr, i32)>,
    /// When the run may be removed.
    pub time_to_live: Option<TimeToLive>,
}

/// `ttlStrategy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeToLive {
    /// Seconds after any end.
    pub after_completion: Option<i32>,
    /// Seconds after a failure.
    pub after_failure: Option<i32>,
    /// Seconds after a success.
    pub after_success: Option<i32>,
}

/// `status` of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnalysisRunStatus {
    /// The verdict, or how far the run is.
    pub phase: AnalysisPhase,
    /// Why.
    pub message: String,
    /// What was measured.
    pub metric_results: Vec<MetricResult>,
    /// Since when.
    pub started_at: Option<Timestamp>,
    /// How many metrics ended how.
    pub run_summary: RunSummary,
    /// The same of the metrics whose verdict does not count.
    pub dry_run_summary: Option<RunSummary>,
    /// When the verdict fell.
    pub completed_at: Option<Timestamp>,
}

/// How many metrics ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunSummary {
    /// How many there are.
    pub count: i32,
    /// How many succeeded.
    pub successful: i32,
    /// How many failed.
    pub failed: i32,
    /// How many said nothing.
    pub inconclusive: i32,
    /// How many could not be measured.
    pub error: i32,
}

/// One of `metricResults`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricResult {
    /// The metric.
    pub name: SmolStr,
    /// The verdict, or how far it is.
    pub phase: AnalysisPhase,
    /// The latest measurements.
    pub measurements: Vec<Measurement>,
    /// Why.
    pub message: String,
    /// How many measurements ended how.
    pub counts: MetricCounts,
    /// Whether its verdict does not count.
    pub dry_run: bool,
    /// What the provider tells of itself, such as the query after arguments were put in.
    pub metadata: BTreeMap<SmolStr, SmolStr>,
}

/// How many measurements of a metric ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MetricCounts {
    /// Those without an error.
    pub count: i32,
    /// Successes.
    pub successful: i32,
    /// Failures.
    pub failed: i32,
    /// Neither.
    pub inconclusive: i32,
    /// Errors.
    pub error: i32,
    /// Errors since the last measurement that had none.
    pub consecutive_error: i32,
    /// Successes since the last measurement that was none.
    pub consecutive_success: i32,
}

/// One measurement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measurement {
    /// Its verdict.
    pub phase: AnalysisPhase,
    /// Why.
    pub message: String,
    /// When it was asked for.
    pub started_at: Option<Timestamp>,
    /// When it was answered.
    pub finished_at: Option<Timestamp>,
    /// What was measured.
    pub value: String,
    /// What the provider adds.
    pub metadata: BTreeMap<SmolStr, SmolStr>,
    /// When to ask again.
    pub resume_at: Option<Timestamp>,
}

/// The verdict of a measurement, a metric or a run, or how far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AnalysisPhase {
    /// Not yet told.
    #[default]
    Empty,
    /// Not yet begun.
    Pending,
    /// Under way.
    Running,
    /// All is well.
    Successful,
    /// Something is wrong.
    Failed,
    /// It could not be measured.
    Error,
    /// It cannot be told.
    Inconclusive,
}

impl AnalysisPhase {
    const WORDS: [(Self, &'static str); 7] = [
        (Self::Empty, ""),
        (Self::Pending, "Pending"),
        (Self::Running, "Running"),
        (Self::Successful, "Successful"),
        (Self::Failed, "Failed"),
        (Self::Error, "Error"),
        (Self::Inconclusive, "Inconclusive"),
    ];

    /// The word that Argo writes.
    pub fn as_str(self) -> &'static str {
        word(&Self::WORDS, &self)
    }

    /// The phase for a word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, word)| *word == text).map(|(phase, _)| *phase)
    }

    /// Whether this is a verdict.
    pub fn is_completed(self) -> bool {
        match self {
            Self::Empty | Self::Pending | Self::Running => false,
            Self::Successful | Self::Failed | Self::Error | Self::Inconclusive => true,
        }
    }

    /// Reads the phase at `key`.
    pub(crate) fn read(fields: &Fields<'_>, key: &str) -> Result<Self, FieldError> {
        parse_word(&Self::WORDS, fields, key, "a phase of an analysis")
    }
}

impl AnalysisRun {
    /// Reads a run.
    pub fn of(object: &Object) -> Result<Self, FieldError> {
        Self::from_node(&object.root)
    }

    /// Reads a run from its manifest.
    pub fn from_node(root: &Node) -> Result<Self, FieldError> {
        let fields = Fields::root(root, "")?;
        let metadata = fields.child("metadata")?;
        Ok(Self {
            key: ObjectKey::of(root),
            labels: metadata.map("labels")?,
            created: metadata.time("creationTimestamp")?,
            is_deleting: metadata.time("deletionTimestamp")?.is_some(),
            spec: AnalysisRunSpec::read(&fields.child("spec")?)?,
            status: AnalysisRunStatus::read(&fields.child("status")?)?,
        })
    }
}

impl AnalysisRunSpec {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let time_to_live = fields.optional("ttlStrategy")?;
        let time_to_live = time_to_live.map(|strategy| {
            Ok(TimeToLive {
                after_completion: strategy.integer("secondsAfterCompletion")?,
                after_failure: strategy.integer("secondsAfterFailure")?,
                after_success: strategy.integer("secondsAfterSuccess")?,
            })
        });
        Ok(Self {
            metrics: Metric::read_all(fields)?,
            args: Argument::read_all(fields)?,
            terminate: fields.flag("terminate")?,
            dry_run: read_dry_run(fields)?,
            measurement_retention: read_measurement_retention(fields)?,
            time_to_live: time_to_live.transpose()?,
        })
    }

    /// The specification in Argo's shape.
    pub fn to_node(&self) -> Node {
        let mut writer = Writer::new();
        let named = |name: &SmolStr| Node::mapping([("metricName", Node::string(name.clone()))]);
        let retained = |(name, limit): &(SmolStr, i32)| {
            Node::mapping([
                ("metricName", Node::string(name.clone())),
                ("limit", Node::integer(i64::from(*limit))),
            ])
        };
        let metrics = self.metrics.iter().filter_map(|metric| metric.node.clone());
        writer
            .node("metrics", Some(Node::sequence(metrics)))
            .list("args", self.args.iter().map(Argument::to_node))
            .flag("terminate", self.terminate)
            .list("dryRun", self.dry_run.iter().map(named))
            .list("measurementRetention", self.measurement_retention.iter().map(retained));
        writer.finish()
    }
}

impl AnalysisRunStatus {
    /// Reads a status from a node.
    pub fn from_node(node: &Node) -> Result<Self, FieldError> {
        Self::read(&Fields::root(node, "status")?)
    }

    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let results = fields.items("metricResults")?;
        Ok(Self {
            phase: AnalysisPhase::read(fields, "phase")?,
            message: fields.text("message")?.into(),
            metric_results: results.iter().map(MetricResult::read).collect::<Result<_, _>>()?,
            started_at: fields.time("startedAt")?,
            run_summary: RunSummary::read(&fields.child("runSummary")?)?,
            dry_run_summary: fields.optional("dryRunSummary")?.as_ref().map(RunSummary::read).transpose()?,
            completed_at: fields.time("completedAt")?,
        })
    }

    /// The status in Argo's shape.
    pub fn to_node(&self) -> Node {
        let mut writer = Writer::new();
        writer
            .node("phase", Some(Node::string(self.phase.as_str())))
            .text("message", &self.message)
            .list("metricResults", self.metric_results.iter().map(MetricResult::to_node))
            .time("startedAt", self.started_at)
            .node("runSummary", Some(self.run_summary.to_node()))
            .node("dryRunSummary", self.dry_run_summary.map(RunSummary::to_node))
            .time("completedAt", self.completed_at);
        writer.finish()
    }

    /// The result of a metric.
    pub fn result(&self, name: &str) -> Option<&MetricResult> {
        self.metric_results.iter().find(|result| result.name == name)
    }
}

impl RunSummary {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            count: fields.count("count")?,
            successful: fields.count("successful")?,
            failed: fields.count("failed")?,
            inconclusive: fields.count("inconclusive")?,
            error: fields.count("error")?,
        })
    }

    fn to_node(self) -> Node {
        let mut writer = Writer::new();
        writer
            .count("count", self.count)
            .count("successful", self.successful)
            .count("failed", self.failed)
            .count("inconclusive", self.inconclusive)
            .count("error", self.error);
        writer.finish()
    }
}

impl MetricResult {
    /// Reads a result from a node.
    pub fn from_node(node: &Node) -> Result<Self, FieldError> {
        Self::read(&Fields::root(node, "metricResult")?)
    }

    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let measurements = fields.items("measurements")?;
        Ok(Self {
            name: fields.text("name")?,
            phase: AnalysisPhase::read(fields, "phase")?,
            measurements: measurements.iter().map(Measurement::read).collect::<Result<_, _>>()?,
            message: fields.text("message")?.into(),
            counts: MetricCounts {
                count: fields.count("count")?,
                successful: fields.count("successful")?,
                failed: fields.count("failed")?,
                inconclusive: fields.count("inconclusive")?,
                error: fields.count("error")?,
                consecutive_error: fields.count("consecutiveError")?,
                consecutive_success: fields.count("consecutiveSuccess")?,
            },
            dry_run: fields.flag("dryRun")?,
            metadata: fields.map("metadata")?,
        })
    }

    /// The result in Argo's shape.
    pub fn to_node(&self) -> Node {
        let mut writer = Writer::new();
        let counts = &self.counts;
        writer
            .text("name", &self.name)
            .node("phase", Some(Node::string(self.phase.as_str())))
            .list("measurements", self.measurements.iter().map(Measurement::to_node))
            .text("message", &self.message)
            .count("count", counts.count)
            .count("successful", counts.successful)
            .count("failed", counts.failed)
            .count("inconclusive", counts.inconclusive)
            .count("error", counts.error)
            .count("consecutiveError", counts.consecutive_error)
            .flag("dryRun", self.dry_run)
            .map("metadata", &self.metadata)
            .count("consecutiveSuccess", counts.consecutive_success);
        writer.finish()
    }

    /// The latest measurement.
    pub fn last(&self) -> Option<&Measurement> {
        self.measurements.last()
    }
}

impl Measurement {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            phase: AnalysisPhase::read(fields, "phase")?,
            message: fields.text("message")?.into(),
            started_at: fields.time("startedAt")?,
            finished_at: fields.time("finishedAt")?,
            value: fields.text("value")?.into(),
            metadata: fields.map("metadata")?,
            resume_at: fields.time("resumeAt")?,
        })
    }

    fn to_node(&self) -> Node {
        let mut writer = Writer::new();
        writer
            .node("phase", Some(Node::string(self.phase.as_str())))
            .text("message", &self.message)
            .time("startedAt", self.started_at)
            .time("finishedAt", self.finished_at)
            .text("value", &self.value)
            .map("metadata", &self.metadata)
            .time("resumeAt", self.resume_at);
        writer.finish()
    }
}
