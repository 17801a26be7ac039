//! What builds and is a trap: findings about kustomizations, and about the objects that they render.
//!
//! Takes one render with its effects and the files that it read; renders nothing itself. Each rule stands in a
//! table with a stable code. A rule that cannot be sure says nothing.

mod data_loss;
mod duplicates;
mod entries;
mod findings;
mod generated;
mod references;
mod selectors;
mod sources;
mod suppress;
mod unreferenced;
mod values;
mod walk;
mod workloads;

use crate::diagnostic::{Diagnostic, Location, Rule};
use crate::kustomize::{Reads, RenderError, Rendered};
use crate::tree::FileTree;
use sources::Sources;

pub use unreferenced::unreferenced;

/// Every rule, in the order of the codes.
pub fn rules() -> Vec<&'static Rule> {
    let tables = [
        entries::RULES,
        generated::RULES,
        unreferenced::RULES,
        values::RULES,
        duplicates::RULES,
        references::RULES,
        selectors::RULES,
        workloads::RULES,
        data_loss::RULES,
    ];
    let mut rules: Vec<&'static Rule> = tables.into_iter().flatten().collect();
    rules.sort_by_key(|rule| rule.code);
    rules
}

/// What there is to look at.
struct Subject<'a> {
    sources: Sources<'a>,
    rendered: &'a Rendered,
}

/// The findings of one render of files of `tree`, sorted by place; `reads` is what the render looked at.
///
/// The render must have been asked for effects. One that failed has its error as a finding, beside what the
/// kustomization files themselves show. Findings that a comment `# gitops-lint: ignore CODE reason` names, on
/// their line or above it, are left out.
pub fn lint(tree: &FileTree, reads: &Reads, result: Result<&Rendered, &RenderError>) -> Vec<Diagnostic> {
    let sources = Sources::new(tree, reads);
    let mut findings = entries::in_files(&sources);
    let (sources, mut findings) = match result {
        Ok(rendered) => {
            let subject = Subject { sources, rendered };
            findings.extend(entries::unprintable(&subject));
            findings.extend(entries::in_effects(&subject));
            findings.extend(generated::find(&subject));
            findings.extend(values::find(&subject));
            findings.extend(duplicates::find(&subject));
            findings.extend(references::find(&subject));
            findings.extend(selectors::find(&subject));
            findings.extend(workloads::find(&subject));
            findings.extend(data_loss::find(&subject));
            let mut findings = findings.into_kept();
            generated::keep_the_cause(&mut findings);
            (subject.sources, findings)
        }
        Err(error) => {
            let mut findings = findings.into_kept();
            for error in error.each() {
                let finding = entries::not_built(error);
                // What a rule says at the same place says more.
                if !findings.iter().any(|known| known.at == finding.at) {
                    findings.push(finding);
                }
            }
            (sources, findings)
        }
    };
    findings.retain(|finding| !suppress::is_suppressed(&sources, finding));
    sort(&mut findings);
    findings
}

/// Sorts findings by place and code, and drops those that are there twice.
pub fn sort(findings: &mut Vec<Diagnostic>) {
    let key = |finding: &Diagnostic| -> (Location, &'static str, String) {
        (finding.at.clone(), finding.code, finding.message.clone())
    };
    findings.sort_by_cached_key(key);
    findings.dedup_by(|a, b| a.code == b.code && a.at == b.at && a.message == b.message);
}
