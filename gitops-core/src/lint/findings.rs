//! The findings of the rules while they are gathered, with a bound: an absurd input must not fill the memory, nor the
//! terminal.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::diagnostic::Diagnostic;

/// How many findings with one code are kept of one file.
const MOST_OF_A_KIND: usize = 1_000;

/// Findings, no more than [`MOST_OF_A_KIND`] of them with one code in one file.
#[derive(Debug, Default)]
pub(super) struct Findings {
    kept: Vec<Diagnostic>,
    counts: BTreeMap<(&'static str, SmolStr), usize>,
}

impl Findings {
    /// Adds a finding, and drops it where there are too many like it; then the last one that is kept says so.
    pub(super) fn push(&mut self, mut finding: Diagnostic) {
        let count = self.counts.entry((finding.code, finding.at.path.clone())).or_default();
        *count += 1;
        match (*count).cmp(&MOST_OF_A_KIND) {
            std::cmp::Ordering::Less => self.kept.push(finding),
            std::cmp::Ordering::Equal => {
                finding.message.push_str("; there may be more of these in this file");
                self.kept.push(finding);
            }
            std::cmp::Ordering::Greater => {}
        }
    }

    /// Those that were kept.
    pub(super) fn into_kept(self) -> Vec<Diagnostic> {
        self.kept
    }
}

impl Extend<Diagnostic> for Findings {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, findings: T) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

impl FromIterator<Diagnostic> for Findings {
    fn from_iter<T: IntoIterator<Item = Diagnostic>>(findings: T) -> Self {
        let mut all = Self::default();
        all.extend(findings);
        all
    }
}

impl IntoIterator for Findings {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.kept.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Location, Rule, Severity};

    #[test]
    fn of_very_many_findings_the_first_are_kept() {
        let rule =
            |code| Rule { code, name: "x", severity: Severity::Note, summary: "", explanation: "", hint: "" };
        let mut findings = Findings::default();
        for line in 1..5_000 {
            findings.push(rule("A").at(Location::new("a.yaml", line, 1), "odd"));
            findings.push(rule("A").at(Location::new("b.yaml", line, 1), "odd"));
        }
        findings.push(rule("B").at(Location::new("a.yaml", 1, 1), "odd"));
        let kept = findings.into_kept();
        assert_eq!(kept.len(), 2 * MOST_OF_A_KIND + 1);
        let told = kept.iter().filter(|finding| finding.message.contains("there may be more"));
        assert_eq!(told.count(), 2);
    }
}
