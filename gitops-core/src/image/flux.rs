//! Flux's image policies and the markers that its image automation writes values into.
//!
//! A way in for repositories that are laid out for Flux: the same tags are selected, and the same values are
//! written, with every other byte left as it was.

mod setters;

use std::collections::BTreeMap;

use super::policy::TagFilter;
use super::semver::{Constraint, Version};
pub use setters::{PolicyImage, set_markers};

/// The selection of an `ImagePolicy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FluxPolicy {
    /// What makes one tag better than another.
    pub order: FluxOrder,
    /// Which tags count, and which part of them is compared.
    pub filter: Option<FluxFilter>,
}

/// What makes one tag better than another, in an `ImagePolicy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FluxOrder {
    /// The highest version in the range; of equal ones the first.
    Semver(Constraint),
    /// The last in byte order, or the first where descending.
    Alphabetical(Direction),
    /// The highest number, or the lowest where descending; of equal ones the later.
    Numerical(Direction),
}

/// The `order` of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Direction {
    /// `ASC`: the highest wins.
    #[default]
    Ascending,
    /// `DESC`: the lowest wins.
    Descending,
}

/// The `filterTags` of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FluxFilter {
    pattern: TagFilter,
    extract: String,
}

/// Why a policy selects nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FluxError {
    /// The settings are not a policy.
    #[error("{0}")]
    InvalidPolicy(String),
    /// The filter is not a regular expression.
    #[error("{0}")]
    InvalidFilter(String),
    /// No tag is left to choose from.
    #[error("no tag fits the policy")]
    NoTag,
    /// A numerical policy met a tag that is not a number.
    #[error("`{0}` is not a number")]
    NotANumber(String),
}

impl FluxError {
    /// A stable word for the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidPolicy(_) => "invalid-policy",
            Self::InvalidFilter(_) => "invalid-filter",
            Self::NoTag | Self::NotANumber(_) => "no-selection",
        }
    }
}

impl Direction {
    /// Reads the `order` of a policy; the empty text is ascending.
    pub fn parse(text: &str) -> Result<Self, FluxError> {
        match text {
            "" | "ASC" => Ok(Self::Ascending),
            "DESC" => Ok(Self::Descending),
            other => Err(FluxError::InvalidPolicy(format!("order `{other}` is neither `ASC` nor `DESC`"))),
        }
    }
}

impl FluxOrder {
    /// `semver.range`
    pub fn semver(range: &str) -> Result<Self, FluxError> {
        Constraint::parse(range)
            .map(Self::Semver)
            .map_err(|error| FluxError::InvalidPolicy(error.to_string()))
    }
}

impl FluxFilter {
    /// `filterTags`: the tags that match `pattern`; `extract` (`$name`, `$1`) says what of them is compared, and
    /// without it the whole tag is.
    pub fn new(pattern: &str, extract: &str) -> Result<Self, FluxError> {
        let pattern =
            TagFilter::regex(pattern).map_err(|error| FluxError::InvalidFilter(error.to_string()))?;
        Ok(Self { pattern, extract: extract.to_owned() })
    }

    /// What is compared of a tag; `None` for a tag that does not count.
    fn value(&self, tag: &str) -> Option<String> {
        let TagFilter::Regex(regex) = &self.pattern else { return Some(tag.to_owned()) };
        let captures = regex.captures(tag)?;
        if self.extract.is_empty() {
            return Some(tag.to_owned());
        }
        let mut value = String::new();
        captures.expand(&self.extract, &mut value);
        Some(value)
    }
}

impl FluxPolicy {
    /// The tag that Flux selects among `tags`, which are in the order of the registry.
    ///
    /// A tag without a place in the order is passed over by `semver` and makes `numerical` fail. What a filter
    /// extracts is compared in byte order, where Flux's own order is random.
    pub fn select(&self, tags: &[&str]) -> Result<String, FluxError> {
        let Some(filter) = &self.filter else { return self.latest(tags.iter().copied()).map(str::to_owned) };
        let filtered: BTreeMap<String, &str> =
            tags.iter().filter_map(|tag| Some((filter.value(tag)?, *tag))).collect();
        let value = self.latest(filtered.keys().map(String::as_str))?;
        filtered.get(value).map(|tag| (*tag).to_owned()).ok_or(FluxError::NoTag)
    }

    fn latest<'t>(&self, values: impl Iterator<Item = &'t str>) -> Result<&'t str, FluxError> {
        let latest = match &self.order {
            FluxOrder::Semver(range) => highest_version(range, values),
            FluxOrder::Alphabetical(Direction::Ascending) => values.max(),
            FluxOrder::Alphabetical(Direction::Descending) => values.min(),
            FluxOrder::Numerical(direction) => extreme_number(*direction, values)?,
        };
        latest.ok_or(FluxError::NoTag)
    }
}

fn highest_version<'t>(range: &Constraint, values: impl Iterator<Item = &'t str>) -> Option<&'t str> {
    let versions = values.filter_map(|value| Some((value, Version::parse_flux(value)?)));
    let admitted = versions.filter(|(_, version)| range.admits(version));
    admitted.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(value, _)| value)
}

fn extreme_number<'t>(
    direction: Direction,
    values: impl Iterator<Item = &'t str>,
) -> Result<Option<&'t str>, FluxError> {
    let mut latest: Option<(&str, f64)> = None;
    for value in values {
        let number = parse_go_float(value).ok_or_else(|| FluxError::NotANumber(value.to_owned()))?;
        let worse = latest.is_some_and(|(_, best)| match direction {
            Direction::Ascending => number < best,
            Direction::Descending => number > best,
        });
        if !worse {
            latest = Some((value, number));
        }
    }
    Ok(latest.map(|(value, _)| value))
}

/// A number as Go's `strconv.ParseFloat` reads it: an overflow is none, and `0x` needs an exponent.
fn parse_go_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(hexadecimal) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        let number = parse_hexadecimal(hexadecimal)?;
        return Some(if text.starts_with('-') { -number } else { number });
    }
    let number: f64 = text.parse().ok()?;
    let spelled_out = unsigned.starts_with(['i', 'I']);
    (number.is_finite() || number.is_nan() || spelled_out).then_some(number)
}

fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits = whole.chars().chain(fraction.chars());
    let value =
        digits.map(|c| c.to_digit(16)).try_fold(0.0, |sum, digit| Some(sum * 16.0 + f64::from(digit?)))?;
    let exponent: i32 = exponent.parse().ok()?;
    let shift = i32::try_from(fraction.len()).ok()?.checked_mul(4)?;
    let number: f64 = value * 2.0_f64.powi(exponent.checked_sub(shift)?);
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::parse_go_float;

    #[test]
    fn numbers_read_as_in_go() {
        for (text, expected) in [
            ("1e1", Some(10.0)),
            ("0x1p4", Some(16.0)),
            ("-0x1.8p1", Some(-3.0)),
            ("0x10", None),
            ("12e4567", None),
            ("Inf", Some(f64::INFINITY)),
            ("", None),
            ("1 ", None),
        ] {
            assert_eq!(parse_go_float(text), expected, "{text}");
        }
    }
}
