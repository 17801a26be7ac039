//! Whether metrics can be measured at all.

use smol_str::SmolStr;

use crate::api::IntOrString;
use crate::api::analysis::Metric;
use crate::time::parse_duration;

/// Why metrics cannot be measured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnalysisError {
    /// There are none.
    #[error("no metrics specified")]
    NoMetrics,
    /// Two have one name.
    #[error("metrics[{at}]: duplicate name '{name}'")]
    DuplicateName {
        /// The position of the second.
        at: usize,
        /// The name.
        name: SmolStr,
    },
    /// One does not hold.
    #[error("metrics[{at}]: {message}")]
    Metric {
        /// Its position.
        at: usize,
        /// What is wrong.
        message: String,
    },
    /// A pattern names no metric.
    #[error("rule '{pattern}' matches no metric of the run")]
    NoMatch {
        /// The pattern.
        pattern: SmolStr,
    },
    /// A pattern is no regular expression.
    #[error("rule '{pattern}' is not a regular expression")]
    Pattern {
        /// The pattern.
        pattern: SmolStr,
    },
}

impl AnalysisError {
    /// What the user can do about it, if that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoMatch { .. } => {
                Some("`metricName` is a regular expression that may match any part of a name")
            }
            Self::NoMetrics | Self::DuplicateName { .. } | Self::Metric { .. } | Self::Pattern { .. } => None,
        }
    }
}

/// Checks the metrics of a run (`ValidateMetrics`).
pub fn validate_metrics(metrics: &[Metric]) -> Result<(), AnalysisError> {
    if metrics.is_empty() {
        return Err(AnalysisError::NoMetrics);
    }
    for (at, metric) in metrics.iter().enumerate() {
        if metrics.iter().take(at).any(|earlier| earlier.name == metric.name) {
            return Err(AnalysisError::DuplicateName { at, name: metric.name.clone() });
        }
        validate_metric(metric).map_err(|message| AnalysisError::Metric { at, message })?;
    }
    Ok(())
}

/// Checks one metric, and says in Argo's words what is wrong (`ValidateMetric`).
pub fn validate_metric(metric: &Metric) -> Result<(), String> {
    validate_limits(metric)?;
    let count = value(metric.count.as_ref());
    if count > 1 && metric.interval.is_empty() {
        return Err("interval must be specified when count > 1".to_owned());
    }
    for (field, text) in [("interval", &metric.interval), ("startDelay", &metric.initial_delay)] {
        if !text.is_empty() && parse_duration(text).is_err() {
            return Err(format!("invalid {field} string: {}", duration_error(text)));
        }
    }
    match metric.provider.kinds.len() {
        0 => Err("no provider specified".to_owned()),
        1 => Ok(()),
        _ => Err("multiple providers specified".to_owned()),
    }
}

fn value(limit: Option<&IntOrString>) -> i32 {
    limit.map_or(0, IntOrString::int_value)
}

fn validate_limits(metric: &Metric) -> Result<(), String> {
    let limits = &metric.limits;
    let (failure, success) = (value(limits.failure.as_ref()), value(limits.consecutive_success.as_ref()));
    let inconclusive = value(limits.inconclusive.as_ref());
    let count = value(metric.count.as_ref());
    let is_short = |needed: i32| count > 0 && count < needed;
    let checks = [
        (success < 0, "consecutiveSuccessLimit must be >= 0".to_owned()),
        (failure < -1, "failureLimit must be >= 0, or -1 to be disabled".to_owned()),
        (
            failure == -1 && success == 0,
            "failureLimit and consecutiveSuccessLimit cannot both be disabled".to_owned(),
        ),
        (inconclusive < 0, "inconclusiveLimit must be >= 0".to_owned()),
        (value(limits.consecutive_error.as_ref()) < 0, "consecutiveErrorLimit must be >= 0".to_owned()),
        (
            failure >= 0 && is_short(failure.saturating_add(success)),
            format!(
                "count ({count}) must be >= failureLimit + consecutiveSuccessLimit ({failure} + {success}) \
                 if both >= 0"
            ),
        ),
        (failure < 0 && is_short(success), "count must be >= consecutiveSuccessLimit".to_owned()),
        (is_short(inconclusive), "count must be >= inconclusiveLimit".to_owned()),
    ];
    let wrong = checks.into_iter().find(|(is_wrong, _)| *is_wrong);
    wrong.map_or(Ok(()), |(_, message)| Err(message))
}

/// Go's words for a duration that cannot be read.
fn duration_error(text: &str) -> String {
    let is_number = |character: char| character.is_ascii_digit() || character == '.';
    let mut rest = text.trim_start_matches(['+', '-']);
    while rest.starts_with(is_number) {
        rest = rest.trim_start_matches(is_number);
        let end = rest.find(is_number).unwrap_or(rest.len());
        let (unit, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if unit.is_empty() {
            return format!("time: missing unit in duration \"{text}\"");
        }
        if parse_duration(&format!("1{unit}")).is_err() {
            return format!("time: unknown unit \"{unit}\" in duration \"{text}\"");
        }
        rest = after;
    }
    format!("time: invalid duration \"{text}\"")
}

/// The metrics that patterns name; each pattern must match one, in any part of its name.
pub fn matching_metrics(patterns: &[SmolStr], metrics: &[Metric]) -> Result<Vec<SmolStr>, AnalysisError> {
    let mut names = vec![];
    for pattern in patterns {
        let regex =
            regex::Regex::new(pattern).map_err(|_| AnalysisError::Pattern { pattern: pattern.clone() })?;
        let matching = metrics.iter().filter(|metric| regex.is_match(&metric.name));
        let matching: Vec<SmolStr> = matching.map(|metric| metric.name.clone()).collect();
        if matching.is_empty() {
            return Err(AnalysisError::NoMatch { pattern: pattern.clone() });
        }
        names.extend(matching);
    }
    Ok(names)
}
