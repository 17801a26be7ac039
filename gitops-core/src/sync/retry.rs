//! When a failed sync is tried again.

use std::time::Duration;

use smol_str::SmolStr;

use crate::api::application::RetryStrategy;
use crate::time::parse_duration;

/// Why there is no next try.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`retry.backoff.{field}`: `{text}` is not a duration such as `5s`")]
pub struct BackoffError {
    /// The field.
    pub field: &'static str,
    /// What it holds.
    pub text: SmolStr,
}

/// How often an automated sync is tried again unless the application says otherwise.
pub const AUTOMATED_RETRY_LIMIT: i64 = 5;
const DURATION_MS: f64 = 5_000.0;
const MAX_DURATION_MS: f64 = 180_000.0;
const FACTOR: i64 = 2;

/// How long to wait before try number `attempt` (from 0): `duration · factor^attempt`, at most `maxDuration`.
/// A `maxDuration` of 0 or less sets no limit; a bare number counts seconds.
pub fn retry_delay(retry: &RetryStrategy, attempt: i64) -> Result<Duration, BackoffError> {
    let backoff = retry.backoff.clone().unwrap_or_default();
    let duration = milliseconds("duration", &backoff.duration)?.unwrap_or(DURATION_MS);
    let limit = milliseconds("maxDuration", &backoff.max_duration)?.unwrap_or(MAX_DURATION_MS);
    let factor = backoff.factor.unwrap_or(FACTOR);
    let exponent = i32::try_from(attempt).unwrap_or(i32::MAX);
    let delay = duration * f64::from(i32::try_from(factor).unwrap_or(i32::MAX)).powi(exponent);
    let delay = if limit > 0.0 { delay.min(limit) } else { delay };
    // A delay that no clock can express means: not within a lifetime.
    Ok(Duration::try_from_secs_f64(delay.max(0.0) / 1000.0)
        .unwrap_or(Duration::from_secs(u64::from(u32::MAX))))
}

/// Whether try number `attempt` (from 0) is within the limit: 0 allows none, below 0 all.
pub fn may_retry(retry: &RetryStrategy, attempt: i64) -> bool {
    retry.limit < 0 || attempt < retry.limit
}

fn milliseconds(field: &'static str, text: &SmolStr) -> Result<Option<f64>, BackoffError> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(seconds) = text.parse::<i32>() {
        return Ok(Some(f64::from(seconds) * 1000.0));
    }
    let (sign, magnitude) = text.strip_prefix('-').map_or((1.0, text.as_str()), |rest| (-1.0, rest));
    parse_duration(magnitude)
        .map(|duration| Some(sign * duration.as_secs_f64() * 1000.0))
        .map_err(|_| BackoffError { field, text: text.clone() })
}
