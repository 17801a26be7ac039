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
    let limits = &metric.limits;
    let value = |limit: &Option<IntOrString>| limit.as_ref().map_or(0, IntOrString::int_value);
    let count = value(&metric.count);
    let (failure, success) = (value(&limits.failure), value(&limits.consecutive_success));
    let inconclusive = value(&limits.inconclusive);
    if count > 0 {
        if count < failure.max(0).saturating_add(success) {
            return Err("count must be >= failureLimit + consecutiveSuccessLimit".to_owned());
        }
        if count < inconclusive {
            return Err("count must be >= inconclusiveLimit".to_owned());
        }
    }
    if count > 1 && metric.interval.is_empty() {
        return Err("interval must be specified when count > 1".to_owned());
    }
    for (field, text) in [("interval", &metric.interval), ("startDelay", &metric.initial_delay)] {
        if !text.is_empty() && parse_duration(text).is_err() {
            return Err(format!("invalid {field} string: time: invalid duration \"{text}\""));
        }
    }
    if failure < -1 {
        return Err("failureLimit must be >= 0, or -1 to be disabled".to_owned());
    }
    if success < 0 {
        return Err("consecutiveSuccessLimit must be >= 0".to_owned());
    }
    if failure == -1 && success == 0 {
        return Err("failureLimit and consecutiveSuccessLimit cannot both be disabled".to_owned());
    }
    if inconclusive < 0 {
        return Err("inconclusiveLimit must be >= 0".to_owned());
    }
    if limits.consecutive_error.as_ref().is_some_and(|limit| limit.int_value() < 0) {
        return Err("consecutiveErrorLimit must be >= 0".to_owned());
    }
    match metric.provider.kinds.len() {
        0 => Err("no provider specified".to_owned()),
        1 => Ok(()),
        _ => Err("multiple providers specified".to_owned()),
    }
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
