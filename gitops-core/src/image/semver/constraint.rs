//! Constraints on versions: `>=1.2 <2 || ^3`, `~1.4`, `1.x`, `1.2 - 1.4`.

use super::Version;

/// Why a text is not a constraint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version constraint")]
pub struct ConstraintError(pub String);

impl ConstraintError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        "write something like `^1.2`, `~1.2.3`, `>=1.0, <2.0` or `1.x`"
    }
}

/// A constraint: groups of which one must hold, of comparisons that must hold together.
///
/// Pre-releases are admitted by a group only if one of its comparisons names a pre-release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    text: String,
    groups: Vec<Vec<Comparison>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

/// Longer spellings first.
const OPERATORS: &[(&str, Operator)] = &[
    ("!=", Operator::NotEqual),
    (">=", Operator::GreaterOrEqual),
    ("=>", Operator::GreaterOrEqual),
    ("<=", Operator::LessOrEqual),
    ("=<", Operator::LessOrEqual),
    ("~>", Operator::Tilde),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
];

/// Up to where the version of a comparison is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Precision {
    /// `*`
    Nothing,
    /// `1`, `1.x`
    Major,
    /// `1.2`, `1.2.x`
    Minor,
    /// `1.2.3`
    Patch,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Comparison {
    operator: Operator,
    version: Version,
    precision: Precision,
}

impl Constraint {
    /// Reads a constraint. The empty text is none.
    pub fn parse(text: &str) -> Result<Self, ConstraintError> {
        let error = || ConstraintError(text.to_owned());
        let rewritten = rewrite_ranges(text);
        let groups = rewritten.split("||").map(parse_group).collect::<Option<_>>().ok_or_else(error)?;
        Ok(Self { text: text.to_owned(), groups })
    }

    /// Any release: `*`.
    pub fn any() -> Self {
        let comparison = Comparison {
            operator: Operator::Equal,
            version: Version::default(),
            precision: Precision::Nothing,
        };
        Self { text: "*".to_owned(), groups: vec![vec![comparison]] }
    }

    /// The constraint as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether `version` satisfies the constraint.
    pub fn admits(&self, version: &Version) -> bool {
        self.admits_with(version, false)
    }

    /// As [`Constraint::admits`]; with `include_prereleases`, pre-releases need no mention.
    pub fn admits_with(&self, version: &Version, include_prereleases: bool) -> bool {
        self.groups.iter().any(|group| {
            let prereleases =
                include_prereleases || group.iter().any(|comparison| comparison.version.is_prerelease());
            group.iter().all(|comparison| comparison.holds(version, prereleases))
        })
    }
}

impl Comparison {
    fn holds(&self, version: &Version, prereleases: bool) -> bool {
        if version.is_prerelease() && !self.version.is_prerelease() && !prereleases {
            return false;
        }
        let wanted = &self.version;
        match self.operator {
            Operator::Equal if self.precision == Precision::Patch => version == wanted,
            Operator::Equal | Operator::Tilde => self.tilde(version),
            Operator::NotEqual => self.differs(version),
            Operator::Greater => match self.precision {
                Precision::Major => version.major > wanted.major,
                Precision::Minor => (version.major, version.minor) > (wanted.major, wanted.minor),
                Precision::Nothing => version.major > wanted.major || version > wanted,
                Precision::Patch => version > wanted,
            },
            Operator::Less => version < wanted,
            Operator::GreaterOrEqual => version >= wanted,
            Operator::LessOrEqual => match self.precision {
                Precision::Patch => version <= wanted,
                Precision::Major => version.major <= wanted.major,
                Precision::Minor | Precision::Nothing => {
                    (version.major, version.minor) <= (wanted.major, wanted.minor)
                }
            },
            Operator::Caret => self.caret(version),
        }
    }

    fn differs(&self, version: &Version) -> bool {
        let wanted = &self.version;
        match self.precision {
            Precision::Major => version.major != wanted.major,
            Precision::Minor => {
                (version.major, version.minor) != (wanted.major, wanted.minor)
                    || version.prerelease != wanted.prerelease
            }
            Precision::Nothing | Precision::Patch => version != wanted,
        }
    }

    /// At least the version, and the same in all but the last number that is written out.
    fn tilde(&self, version: &Version) -> bool {
        let wanted = &self.version;
        let zero = (wanted.major, wanted.minor, wanted.patch) == (0, 0, 0);
        if version < wanted {
            return false;
        }
        match self.precision {
            Precision::Nothing => true,
            // `~0.0.0` means any version at all.
            Precision::Patch if zero => true,
            Precision::Major => version.major == wanted.major,
            Precision::Minor | Precision::Patch => {
                (version.major, version.minor) == (wanted.major, wanted.minor)
            }
        }
    }

    /// At least the version, and the same up to the first number that is not zero.
    fn caret(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version < wanted || version.major != wanted.major {
            return false;
        }
        if wanted.major > 0 || self.precision == Precision::Major {
            return true;
        }
        if wanted.minor > 0 || self.precision == Precision::Minor {
            return version.minor == wanted.minor;
        }
        (version.minor, version.patch) == (wanted.minor, wanted.patch)
    }
}

/// Rewrites `1.2 - 1.4` to `>= 1.2, <= 1.4`.
fn rewrite_ranges(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some((before, low, high, after)) = find_range(rest) {
        out.push_str(before);
        out.extend([">= ", low, ", <= ", high, " "]);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The first range of `text`: what stands before it, its two versions, and what stands behind it.
fn find_range(text: &str) -> Option<(&str, &str, &str, &str)> {
    let mut starts = text.char_indices().filter(|(_, c)| matches!(c, 'v' | 'x' | 'X' | '*' | '0'..='9'));
    starts.find_map(|(start, _)| {
        let (before, candidate) = text.split_at_checked(start)?;
        let (low, rest) = take_version(candidate)?;
        let dash = rest.trim_start();
        let after_dash = dash.strip_prefix('-')?;
        let high_text = after_dash.trim_start();
        if dash.len() == rest.len() || high_text.len() == after_dash.len() {
            return None;
        }
        let (high, after) = take_version(high_text)?;
        Some((before.trim_end(), low, high, after.trim_start()))
    })
}

fn parse_group(text: &str) -> Option<Vec<Comparison>> {
    let (first, mut rest) = take_comparison(text.trim_start())?;
    let mut group = vec![first];
    loop {
        let trimmed = rest.trim_start();
        if trimmed.is_empty() {
            return Some(group);
        }
        let next = trimmed.strip_prefix(',');
        if next.is_none() && trimmed.len() == rest.len() {
            return None;
        }
        let (comparison, after) = take_comparison(next.unwrap_or(trimmed).trim_start())?;
        group.push(comparison);
        rest = after;
    }
}

fn take_comparison(text: &str) -> Option<(Comparison, &str)> {
    let (operator, rest) = OPERATORS
        .iter()
        .find_map(|(spelling, operator)| Some((*operator, text.strip_prefix(spelling)?)))
        .unwrap_or((Operator::Equal, text));
    let (version, rest) = take_version(rest.trim_start())?;
    Some((comparison(operator, version)?, rest))
}

/// Splits a version or a pattern such as `1.x` off the front of `text`.
fn take_version(text: &str) -> Option<(&str, &str)> {
    let number = |c: char| c.is_ascii_digit() || matches!(c, 'x' | 'X' | '*');
    let unprefixed = text.strip_prefix('v').unwrap_or(text);
    let mut rest = unprefixed.trim_start_matches(number);
    if rest.len() == unprefixed.len() {
        return None;
    }
    for _ in 0..2 {
        let Some(after_dot) = rest.strip_prefix('.') else { break };
        let after = after_dot.trim_start_matches(number);
        if after.len() == after_dot.len() {
            break;
        }
        rest = after;
    }
    for sign in ['-', '+'] {
        rest = rest.strip_prefix(sign).and_then(skip_identifiers).unwrap_or(rest);
    }
    text.split_at_checked(text.len() - rest.len())
}

/// What follows `a.b-c.d` at the front of `text`; `None` where no identifier stands there.
fn skip_identifiers(text: &str) -> Option<&str> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut rest = text.trim_start_matches(part);
    if rest.len() == text.len() {
        return None;
    }
    while let Some(after_dot) = rest.strip_prefix('.') {
        let after = after_dot.trim_start_matches(part);
        if after.len() == after_dot.len() {
            break;
        }
        rest = after;
    }
    Some(rest)
}

fn comparison(operator: Operator, text: &str) -> Option<Comparison> {
    let unprefixed = text.strip_prefix('v').unwrap_or(text);
    let core_end = unprefixed.find(['-', '+']).unwrap_or(unprefixed.len());
    let (core, suffix) = unprefixed.split_at_checked(core_end)?;
    let prerelease = suffix.split('+').next().unwrap_or_default();
    let is_any = |part: &&str| matches!(*part, "x" | "X" | "*");
    let written: Vec<&str> = core.split('.').take_while(|part| !is_any(part)).collect();
    let (precision, numbers) = match written.as_slice() {
        [] => (Precision::Nothing, "0.0.0".to_owned()),
        [major] => (Precision::Major, format!("{major}.0.0")),
        [major, minor] => (Precision::Minor, format!("{major}.{minor}.0")),
        [..] => (Precision::Patch, core.to_owned()),
    };
    let version = Version::parse_loose(&format!("{numbers}{prerelease}"))?;
    Some(Comparison { operator, version, precision })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Constraint, Version};

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[v0-9.x*<>=~^!, |+a-z-]{0,30}") {
            let _ = Constraint::parse(&text);
        }

        #[test]
        fn a_version_satisfies_itself_and_its_ranges(numbers in (0_u64..30, 0_u64..30, 0_u64..30)) {
            let (major, minor, patch) = numbers;
            let version = Version { major, minor, patch, ..Version::default() };
            for (operator, expected) in
                [("", true), ("=", true), (">=", true), ("<=", true), ("~", true), ("^", true), ("!=", false), (">", false), ("<", false)]
            {
                let constraint = Constraint::parse(&format!("{operator}{version}")).unwrap();
                prop_assert_eq!(constraint.admits(&version), expected);
            }
        }
    }
}
