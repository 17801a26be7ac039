//! Unified diffs of texts.

use similar::TextDiff;

/// The difference of two texts in unified form, with three lines of context; empty where there is none.
pub fn diff(before: &str, after: &str, before_name: &str, after_name: &str) -> String {
    TextDiff::from_lines(before, after).unified_diff().header(before_name, after_name).to_string()
}
