//! Comments that take a finding back: `# gitops-lint: ignore GK003 reason`, on the line of the finding or on a
//! line of its own above it; `ignore-file` for all of a file.

use std::collections::BTreeSet;

use super::sources::Sources;
use crate::diagnostic::Diagnostic;

const MARK: &str = "gitops-lint:";

/// How many comments above a line are looked at.
const MOST_ABOVE: u32 = 100;

/// The codes that comments take back.
#[derive(Default)]
pub(super) struct Marks<'t> {
    /// Whether there is such a comment.
    is_marked: bool,
    /// Those for all of the file.
    in_file: BTreeSet<&'t str>,
}

impl<'t> Marks<'t> {
    /// The comments of a file.
    pub(super) fn of(text: &'t str) -> Self {
        if !text.contains(MARK) {
            return Self::default();
        }
        Self { is_marked: true, in_file: text.lines().flat_map(|line| named(line, "ignore-file")).collect() }
    }
}

/// Whether a comment takes `finding` back.
pub(super) fn is_suppressed(sources: &Sources<'_>, finding: &Diagnostic) -> bool {
    let path = &finding.at.path;
    let is_named = |line| sources.line(path, line).is_some_and(|text| names(text, "ignore", finding.code));
    sources.with_marks(path, |marks| {
        marks.is_marked
            && (marks.in_file.contains(finding.code) || is_named(finding.at.line) || above(sources, finding))
    })
}

/// Whether one of the comments directly above the line names the code.
fn above(sources: &Sources<'_>, finding: &Diagnostic) -> bool {
    let first = finding.at.line.saturating_sub(MOST_ABOVE).max(1);
    let lines = (first..finding.at.line).rev().map_while(|line| sources.line(&finding.at.path, line));
    let mut comments = lines.take_while(|text| text.trim_start().starts_with('#'));
    comments.any(|text| names(text, "ignore", finding.code))
}

/// Whether the comment of `line` says `word` and names `code`, alone or in a list with commas.
fn names(line: &str, word: &str, code: &str) -> bool {
    named(line, word).any(|named| named == code)
}

/// The codes that the comment of `line` names behind `word`.
fn named<'t>(line: &'t str, word: &str) -> impl Iterator<Item = &'t str> {
    let after = line.split_once(MARK).filter(|(before, _)| before.contains('#')).map(|(_, after)| after);
    let mut words = after.unwrap_or_default().split_whitespace();
    let says_word = words.next() == Some(word);
    words.next().filter(|_| says_word).into_iter().flat_map(|codes| codes.split(','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_names_codes() {
        assert!(names("a: 1 # gitops-lint: ignore GK001 the tag is right", "ignore", "GK001"));
        assert!(names("# gitops-lint: ignore GK001,GK002", "ignore", "GK002"));
        assert!(!names("# gitops-lint: ignore GK001", "ignore", "GK002"));
        assert!(!names("# gitops-lint: ignore-file GK001", "ignore", "GK001"));
        assert!(!names("gitops-lint: ignore GK001", "ignore", "GK001"));
    }
}
