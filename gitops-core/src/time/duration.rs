//! Durations in Go's form: `5m`, `1h30m`, `1.5s`, `300ms`.

use std::fmt::Write as _;
use std::time::Duration;

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a duration such as `30s` or `1h30m`")]
pub struct DurationError {
    /// What was read.
    pub text: String,
}

/// Units by size, with their length in nanoseconds.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a duration as Go's `time.ParseDuration` does; negative durations are refused, since no field of the
/// manifests that this engine reads gives them a meaning.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    parse(text).ok_or_else(|| DurationError { text: text.to_owned() })
}

fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut total: u128 = 0;
    while {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(number_end)?;
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at_checked(unit_end)?;
        let (_, nanos) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(scaled(number, u128::from(*nanos))?)?;
        rest = next;
        !rest.is_empty()
    } {}
    let nanos = u64::try_from(total).ok()?;
    Some(Duration::from_nanos(nanos))
}

/// `number` (digits with at most one point) times `unit`, rounded down.
fn scaled(number: &str, unit: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction = fraction.get(..fraction.len().min(18))?;
    let part = if fraction.is_empty() { 0 } else { fraction.parse::<u128>().ok()? * unit };
    let divisor = 10u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    whole.checked_mul(unit)?.checked_add(part / divisor)
}

/// Prints a duration as Go's `Duration.String` does, down to milliseconds: `1h30m0s`, `5m0s`, `1.5s`, `300ms`.
pub fn format_duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    if ms == 0 {
        return "0s".to_owned();
    }
    if ms < 1000 {
        return format!("{ms}ms");
    }
    let mut text = String::new();
    let seconds = ms / 1000;
    if seconds >= 3600 {
        let _ = write!(text, "{}h", seconds / 3600);
    }
    if seconds >= 60 {
        let _ = write!(text, "{}m", seconds / 60 % 60);
    }
    let _ = write!(text, "{}", seconds % 60);
    if !ms.is_multiple_of(1000) {
        let fraction = format!(".{:03}", ms % 1000);
        text.push_str(fraction.trim_end_matches('0'));
    }
    text.push('s');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_print_as_go_does() {
        let cases = [
            ("5m", "5m0s"),
            ("1h30m", "1h30m0s"),
            ("1.5s", "1.5s"),
            ("300ms", "300ms"),
            ("0", "0s"),
            ("90s", "1m30s"),
            ("1h", "1h0m0s"),
        ];
        for (text, printed) in cases {
            assert_eq!(format_duration(parse_duration(text).unwrap()), printed, "{text}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for text in ["", "5", "m", "5 m", "1.2.3s", ".s", "1d", "-5m", "99999999999999h"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
