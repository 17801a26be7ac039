//! Measurements, verdicts and templates of analyses.

use std::collections::BTreeSet;
use std::path::Path;

use gitops_core::api::analysis::{
    AnalysisPhase, AnalysisRun, AnalysisTemplate, Argument, Metric, MetricResult,
};
use gitops_core::api::rollout::RolloutArgument;
use gitops_core::rollout::analysis::{
    assess_limits, assess_metric, assess_run, due_metrics, is_time_to_live_exceeded, is_worse,
    matching_metrics, next_measurement, validate_metric, validate_metrics,
};
use gitops_core::rollout::runs_to_delete;
use gitops_core::rollout::templates::{flatten, merge_args, resolve_text, rollout_args};
use gitops_core::time::Timestamp;
use gitops_core::yaml::Node;
use serde_json::Value;
use smol_str::SmolStr;

use super::{function, input, items, now, number, outcome, output, replica_set, replica_sets, rollout};
use crate::report::{Report, Suite, equal, facts};

pub(super) fn suites() -> Vec<Suite> {
    vec![
        Suite { path: "rollouts/analysis-assess-metric.jsonl", run: metrics },
        Suite { path: "rollouts/analysis-assess-run.jsonl", run: runs },
        Suite { path: "rollouts/analysis-schedule.jsonl", run: schedule },
        Suite { path: "rollouts/analysis-templates.jsonl", run: templates },
        Suite { path: "rollouts/analysis-validate.jsonl", run: validate },
    ]
}

fn read<T, E: std::fmt::Display>(value: &Value, read: impl Fn(&Node) -> Result<T, E>) -> Result<T, String> {
    read(&Node::from_json(value)).map_err(|error| error.to_string())
}

fn read_all<T, E: std::fmt::Display>(
    value: &Value,
    read_one: impl Fn(&Node) -> Result<T, E>,
) -> Result<Vec<T>, String> {
    items(value).map(|item| read(item, &read_one)).collect()
}

fn metrics(path: &Path) -> Report {
    facts(path, |fact| {
        let metric = read(input(fact, "metric"), Metric::from_node)?;
        let result = read(input(fact, "result"), MetricResult::from_node)?;
        let expected = output(fact, "phase").as_str();
        if function(fact) == "assessMetricStatus" {
            let terminating = input(fact, "terminating").as_bool() == Some(true);
            return equal("phase", &Some(assess_metric(&metric, &result, terminating).as_str()), &expected);
        }
        let (phase, message) = assess_limits(&metric, &result);
        equal("phase", &Some(phase.as_str()), &expected)?;
        equal("message", &Some(message.as_str()), &output(fact, "message").as_str())
    })
}

fn runs(path: &Path) -> Report {
    facts(path, |fact| {
        if function(fact) == "IsWorse" {
            let phase = |key: &str| AnalysisPhase::parse(input(fact, key).as_str().unwrap_or_default());
            let pair = phase("current").zip(phase("new")).ok_or("unknown phase")?;
            return equal("worse", &Some(is_worse(pair.0, pair.1)), &output(fact, "worse").as_bool());
        }
        let run = read(input(fact, "run"), AnalysisRun::from_node)?;
        let metrics = read_all(input(fact, "metrics"), Metric::from_node)?;
        let dry = input(fact, "dryRunMetricsMap").as_object().into_iter().flatten();
        let dry = dry.filter(|(_, is_dry)| is_dry.as_bool() == Some(true));
        let dry: Vec<SmolStr> = dry.map(|(name, _)| name.as_str().into()).collect();
        let mut status = run.status.clone();
        let (phase, message) = assess_run(&run, &metrics, &dry, &mut status);
        equal("phase", &Some(phase.as_str()), &output(fact, "phase").as_str())?;
        equal("message", &Some(message.as_str()), &output(fact, "message").as_str())
    })
}

fn schedule(path: &Path) -> Report {
    facts(path, |fact| {
        let run = read(input(fact, "run"), AnalysisRun::from_node)?;
        let metrics = read_all(input(fact, "metrics"), Metric::from_node)?;
        let now = now(fact)?;
        match function(fact) {
            "generateMetricTasks" => {
                let due = due_metrics(&run.spec, &run.status, &metrics, now);
                equal("tasks", &due.len(), &items(output(fact, "tasks")).count())
            }
            "isAnalysisRunTtlExceeded" => {
                let actual = is_time_to_live_exceeded(&run, now);
                equal("exceeded", &Some(actual), &output(fact, "exceeded").as_bool())
            }
            _ => {
                let expected = output(fact, "time").as_str().map(str::parse::<Timestamp>);
                let expected = expected.transpose().map_err(|error| error.to_string())?;
                match (next_measurement(&run.status, &metrics, now), expected) {
                    (None, None) => Ok(()),
                    (Some(actual), Some(expected))
                        if actual.since(expected).max(expected.since(actual)).as_secs() <= 1 =>
                    {
                        Ok(())
                    }
                    (actual, expected) => Err(format!("expected {expected:?}, got {actual:?}")),
                }
            }
        }
    })
}

fn validate(path: &Path) -> Report {
    facts(path, |fact| {
        let error = output(fact, "error");
        match function(fact) {
            "ValidateMetric" => {
                let metric = read(input(fact, "metric"), Metric::from_node)?;
                equal("error", &validate_metric(&metric).err().as_deref(), &error.as_str())
            }
            "ValidateMetrics" => {
                let metrics = read_all(input(fact, "metrics"), Metric::from_node)?;
                let actual = validate_metrics(&metrics).map_err(|error| error.to_string());
                equal("error", &actual.err().as_deref(), &error.as_str())
            }
            name => {
                let metrics = read_all(input(fact, "metrics"), Metric::from_node)?;
                let key =
                    if name == "GetDryRunMetrics" { "dryRunMetrics" } else { "measurementRetentionMetrics" };
                let patterns = items(input(fact, key)).filter_map(|rule| rule.get("metricName")?.as_str());
                let patterns: Vec<SmolStr> = patterns.map(SmolStr::from).collect();
                let names = matching_metrics(&patterns, &metrics);
                let names = names.map(|names| names.into_iter().map(String::from).collect::<BTreeSet<_>>());
                let expected = output(fact, "map").as_object().into_iter().flatten();
                let expected: BTreeSet<String> = expected.map(|(name, _)| name.clone()).collect();
                outcome(names, &expected, error)
            }
        }
    })
}

fn templates(path: &Path) -> Report {
    facts(path, |fact| {
        let error = output(fact, "error");
        match function(fact) {
            "MergeArgs" => {
                let given = read_all(input(fact, "incomingArgs"), Argument::from_node)?;
                let declared = read_all(input(fact, "templateArgs"), Argument::from_node)?;
                let expected = read_all(output(fact, "args"), Argument::from_node)?;
                outcome(merge_args(&given, &declared), &expected, error)
            }
            "ResolveArgs" => {
                let args = read_all(input(fact, "args"), Argument::from_node)?;
                let template = input(fact, "template").as_str().unwrap_or_default();
                let expected = output(fact, "resolved").as_str().unwrap_or_default().to_owned();
                outcome(resolve_text(template, &args), &expected, error)
            }
            "FlattenTemplates" => flatten_templates(fact),
            "BuildArgumentsForRolloutAnalysisRun" => {
                let args = read_all(input(fact, "args"), RolloutArgument::from_node)?;
                let (new, stable) = (replica_set(input(fact, "newRS")), replica_set(input(fact, "stableRS")));
                let actual = rollout_args(&args, &rollout(input(fact, "r"))?, stable.as_ref(), new.as_ref());
                outcome(actual, &read_all(output(fact, "args"), Argument::from_node)?, error)
            }
            "FilterAnalysisRunsToDelete" => runs_beyond_limits(fact),
            other => Err(format!("unknown function {other}")),
        }
    })
}

fn flatten_templates(fact: &Value) -> Result<(), String> {
    let mut templates = read_all(input(fact, "templates"), AnalysisTemplate::from_node)?;
    for mut template in read_all(input(fact, "clusterTemplates"), AnalysisTemplate::from_node)? {
        template.key.kind = "ClusterAnalysisTemplate".into();
        templates.push(template);
    }
    let templates: Vec<&AnalysisTemplate> = templates.iter().collect();
    let template = Some(output(fact, "template")).filter(|template| !template.is_null());
    let expected = template.map(|template| read(template, AnalysisTemplate::from_node)).transpose()?;
    let expected = expected.unwrap_or_default();
    outcome(flatten(&templates), &expected.spec, output(fact, "error"))
}

fn runs_beyond_limits(fact: &Value) -> Result<(), String> {
    let runs = read_all(input(fact, "ars"), AnalysisRun::from_node)?;
    let runs: Vec<&AnalysisRun> = runs.iter().collect();
    let sets = replica_sets(input(fact, "allRSs"));
    let limits = (number(input(fact, "limitSuccessful")), number(input(fact, "limitUnsuccessful")));
    let describe = |run: &AnalysisRun| {
        format!("{} {:?} {:?} {}", run.key.name, run.labels, run.created, run.status.phase.as_str())
    };
    let mut actual: Vec<String> = runs_to_delete(&runs, &sets, limits).into_iter().map(describe).collect();
    let expected = read_all(output(fact, "delete"), AnalysisRun::from_node)?;
    let mut expected: Vec<String> = expected.iter().map(describe).collect();
    actual.sort();
    expected.sort();
    equal("delete", &actual, &expected)
}
