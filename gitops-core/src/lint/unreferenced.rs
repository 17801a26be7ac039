//! Manifests beside kustomizations that none of them names.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Location, Rule, Severity};
use crate::kustomize::{FILE_NAMES, Probe, Reads};
use crate::tree::{Entry, FileTree, TreePath};
use crate::yaml::{self, Node};

/// The rules, in the order of their codes.
pub(super) const RULES: &[Rule] = &[UNREFERENCED_MANIFEST];

const UNREFERENCED_MANIFEST: Rule = Rule {
    code: "GK021",
    name: "unreferenced-manifest",
    severity: Severity::Note,
    summary: "a manifest lies beside a kustomization that does not name it",
    explanation: "A file that nobody added to `resources` is not deployed, and looks as if it were.",
    hint: "name it under `resources`, or move it elsewhere",
};

/// Manifests in the directories of the kustomizations that `reads` (of one or of several renders) names, which
/// none of those renders read.
pub fn unreferenced<'r>(tree: &FileTree, reads: impl IntoIterator<Item = &'r Reads>) -> Vec<Diagnostic> {
    let (mut read, mut directories) = (BTreeSet::new(), BTreeSet::new());
    for (path, probe) in reads.into_iter().flat_map(Reads::probes) {
        if matches!(probe, Probe::File(_)) {
            read.insert(path);
            directories.extend(path.parent().filter(|_| FILE_NAMES.contains(&path.name())));
        }
    }
    let mut findings = vec![];
    for (path, entry) in tree.entries() {
        let (Entry::File(file), Some(parent)) = (entry, path.parent()) else { continue };
        if directories.contains(&parent)
            && !read.contains(path)
            && is_yaml(path)
            && is_manifest(path, &file.content)
        {
            let message = "no kustomization names this manifest";
            findings.push(UNREFERENCED_MANIFEST.at(Location::new(path.as_str(), 1, 1), message));
        }
    }
    findings
}

fn is_yaml(path: &TreePath) -> bool {
    [".yaml", ".yml"].iter().any(|end| path.as_str().ends_with(end))
}

/// Whether a file holds manifests: each document has `apiVersion`, `kind` and a name.
fn is_manifest(path: &TreePath, content: &[u8]) -> bool {
    let Ok(documents) = yaml::read_resources(path.as_str(), content) else { return false };
    let is_one = |root: &Node| {
        root.str_at(&["apiVersion"]).is_some_and(|version| !version.starts_with("kustomize.config.k8s.io/"))
            && root.str_at(&["kind"]).is_some()
            && root.str_at(&["metadata", "name"]).is_some()
    };
    !documents.is_empty() && documents.iter().all(|document| is_one(&document.root))
}
