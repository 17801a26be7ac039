//! Comments that take a finding back: `# gitops-lint: ignore GK003 reason`, on the line of the finding or on a
//! line of its own above it; `ignore-file` for all of a file.

use super::sources::Sources;
use crate::diagnostic::Diagnostic;

const MARK: &str = "gitops-lint:";

/// Whether a comment takes `finding` back.
pub(super) fn is_suppressed(sources: &Sources<'_>, finding: &Diagnostic) -> bool {
    let path = &finding.at.path;
    let Some(text) = sources.text(path).filter(|text| text.contains(MARK)) else { return false };
    let in_file = text.lines().any(|line| names(line, "ignore-file", finding.code));
    let here = sources.line(path, finding.at.line).is_some_and(|line| names(line, "ignore", finding.code));
    in_file || here || above(sources, finding)
}

/// Whether one of the comments directly above the line names the code.
fn above(sources: &Sources<'_>, finding: &Diagnostic) -> bool {
    let mut line = finding.at.line;
    while let Some(above) = line.checked_sub(1).filter(|above| *above > 0) {
        line = above;
        match sources.line(&finding.at.path, line) {
            Some(text) if text.trim_start().starts_with('#') => {
                if names(text, "ignore", finding.code) {
                    return true;
                }
            }
            Some(_) | None => return false,
        }
    }
    false
}

/// Whether the comment of `line` says `word` and names `code`, alone or in a list with commas.
fn names(line: &str, word: &str, code: &str) -> bool {
    let Some((before, after)) = line.split_once(MARK) else { return false };
    let mut words = after.split_whitespace();
    before.contains('#')
        && words.next() == Some(word)
        && words.next().is_some_and(|codes| codes.split(',').any(|named| named == code))
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
