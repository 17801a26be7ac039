//! Which tags count at all.

use regex::Regex;

/// A filter of tag names.
#[derive(Clone, Debug)]
pub enum TagFilter {
    /// Every tag.
    Any,
    /// No tag: what an unreadable setting comes to, which is the safe side.
    Nothing,
    /// The tags in which the regular expression finds a match.
    Regex(Regex),
}

/// Why a filter is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is not a regular expression: {message}")]
pub struct FilterError {
    /// The expression.
    pub pattern: String,
    /// What is wrong with it.
    pub message: String,
}

impl TagFilter {
    /// The tags in which `pattern` finds a match; it is not anchored.
    pub fn regex(pattern: &str) -> Result<Self, FilterError> {
        Regex::new(pattern).map(Self::Regex).map_err(|error| FilterError {
            pattern: pattern.to_owned(),
            message: error
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned(),
        })
    }

    /// The filter of an `allowTags` setting: nothing or `any` for all, `regexp:RE`; every other form, and a
    /// broken expression, matches nothing, as in Argo CD Image Updater.
    pub fn of_updater(allow_tags: &str) -> Self {
        if allow_tags.is_empty() || allow_tags.eq_ignore_ascii_case("any") {
            return Self::Any;
        }
        allow_tags
            .strip_prefix("regexp:")
            .and_then(|pattern| Self::regex(pattern).ok())
            .unwrap_or(Self::Nothing)
    }

    /// Whether the tag counts.
    pub fn admits(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Nothing => false,
            Self::Regex(regex) => regex.is_match(tag),
        }
    }
}

impl PartialEq for TagFilter {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, Self::Any) | (Self::Nothing, Self::Nothing) => true,
            (Self::Regex(a), Self::Regex(b)) => a.as_str() == b.as_str(),
            (Self::Any | Self::Nothing | Self::Regex(_), _) => false,
        }
    }
}

impl Eq for TagFilter {}
