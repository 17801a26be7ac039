//! Semantic versions and constraints on them, read as Masterminds/semver v3 reads them: the library of Argo CD
//! Image Updater, Flux and Helm.

mod constraint;

use std::cmp::Ordering;
use std::fmt;

pub use constraint::{Constraint, ConstraintError};

/// A semantic version.
///
/// Versions are ordered by precedence: build metadata does not count, and two versions that differ in nothing
/// else are equal in order but not identical.
#[derive(Clone, Debug, Default)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
    /// The third number.
    pub patch: u64,
    /// What follows the `-`; empty for a release.
    pub prerelease: String,
    /// What follows the `+`; empty where nothing does.
    pub metadata: String,
}

impl Version {
    /// Reads a version with an optional leading `v`, one to three numbers and leading zeros: `v1.2`, `0123456`.
    ///
    /// This is how Argo CD Image Updater reads tags. An all-digit commit SHA is a version to it.
    pub fn parse_loose(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (core, prerelease, metadata) = split(text)?;
        let mut numbers = [0_u64; 3];
        let mut parts = core.split('.');
        for number in &mut numbers {
            match parts.next() {
                Some(part) => *number = parse_number(part)?,
                None => break,
            }
        }
        let [major, minor, patch] = numbers;
        parts.next().is_none().then_some(Self { major, minor, patch, prerelease, metadata })
    }

    /// Reads `X.Y.Z` by the letter of the specification.
    pub fn parse_strict(text: &str) -> Option<Self> {
        let (core, _, _) = split(text)?;
        let complete = core.split('.').count() == 3;
        let no_leading_zeros = core.split('.').all(|part| part == "0" || !part.starts_with('0'));
        (complete && no_leading_zeros && !text.starts_with('v')).then(|| Self::parse_loose(text)).flatten()
    }

    /// Reads a version as Flux reads tags: strictly, behind an optional leading `v`.
    pub fn parse_flux(text: &str) -> Option<Self> {
        Self::parse_strict(text.strip_prefix('v').unwrap_or(text))
    }

    /// Whether this is a version before its release.
    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }
}

/// Numbers, pre-release and metadata, each of the latter checked.
fn split(text: &str) -> Option<(&str, String, String)> {
    let (rest, metadata) = match text.split_once('+') {
        Some((rest, metadata)) => (rest, Some(metadata)),
        None => (text, None),
    };
    let (core, prerelease) = match rest.split_once('-') {
        Some((core, prerelease)) => (core, Some(prerelease)),
        None => (rest, None),
    };
    let identifier = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let no_leading_zero = |part: &str| part.len() < 2 || !part.starts_with('0') || !is_numeric(part);
    let prerelease_fits =
        prerelease.is_none_or(|text| text.split('.').all(|part| identifier(part) && no_leading_zero(part)));
    let metadata_fits = metadata.is_none_or(|text| text.split('.').all(identifier));
    (prerelease_fits && metadata_fits)
        .then(|| (core, prerelease.unwrap_or_default().to_owned(), metadata.unwrap_or_default().to_owned()))
}

fn is_numeric(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_number(text: &str) -> Option<u64> {
    is_numeric(text).then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.major, self.minor, self.patch)
            .cmp(&(other.major, other.minor, other.patch))
            .then_with(|| compare_prereleases(&self.prerelease, &other.prerelease))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

/// A release stands above its pre-releases; numbers stand below words; more parts stand above fewer.
fn compare_prereleases(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => match (parse_number(a), parse_number(b)) {
                (Some(a), Some(b)) => a.cmp(&b),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => a.cmp(b),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Version;

    proptest! {
        #[test]
        fn the_canonical_form_reads_as_the_same_version(text in "v?[0-9]{1,3}([.][0-9]{1,3}){0,2}(-[a-z0-9]{1,3}[.][a-z]{1,2})?([+][a-z0-9]{1,4})?") {
            if let Some(version) = Version::parse_loose(&text) {
                let canonical = version.to_string();
                prop_assert_eq!(Version::parse_strict(&canonical).map(|again| again.to_string()), Some(canonical));
            }
        }
    }
}
