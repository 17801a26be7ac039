//! What kustomize loses, or writes into the output, without a word.

mod patches;
mod texts;

use super::findings::Findings;
use super::{Subject, walk};
use crate::diagnostic::{Rule, Severity};
use crate::kind::Schemas;

/// The rules, in the order of their codes.
pub(super) const RULES: &[Rule] = &[
    patches::LOST_PORT_CHANGE,
    DIRECTIVE_IN_OUTPUT,
    texts::LOST_TEXT,
    STRAY_NAMESPACE,
    patches::POINTER_WITHOUT_SLASH,
    patches::OLD_BOOLEAN,
];

const DIRECTIVE_IN_OUTPUT: Rule = Rule {
    code: "GK303",
    name: "directive-in-output",
    severity: Severity::Error,
    summary: "a directive of a patch is rendered as a field",
    explanation: "kustomize does not understand `$setElementOrder`, `$retainKeys` and `$deleteFromPrimitiveList`, \
                  nor `$patch` in the lists of custom kinds: they end up in the object.",
    hint: "take the directive out, or write the change as a JSON patch",
};

const STRAY_NAMESPACE: Rule = Rule {
    code: "GK305",
    name: "stray-namespace",
    severity: Severity::Note,
    summary: "a cluster-scoped object says a namespace",
    explanation: "kustomize keeps it as it is. The object belongs to no namespace, and tools that pair objects by \
                  namespace take it for another one.",
    hint: "take `metadata.namespace` out",
};

/// The findings.
pub(super) fn find(subject: &Subject<'_>) -> Findings {
    let mut findings = patches::find(subject);
    findings.extend(texts::find(subject));
    let schemas = Schemas::built_in();
    for object in &subject.rendered.objects {
        let locate = |origin| subject.sources.locate(&subject.rendered.provenance, object, origin);
        let is_directive = |key: &str| {
            matches!(key, "$patch" | "$retainKeys")
                || key.starts_with("$setElementOrder/")
                || key.starts_with("$deleteFromPrimitiveList/")
        };
        walk::mappings(&object.root, &mut |entries| {
            for entry in entries.iter().filter(|entry| is_directive(entry.key.text())) {
                let message = format!("`{}` is rendered as a field of {}", entry.key.text(), object.key);
                findings.push(DIRECTIVE_IN_OUTPUT.at(locate(entry.key_origin), message));
            }
        });
        let is_cluster_scoped =
            || schemas.is_namespaced(object.api_version(), &object.key.kind) == Some(false);
        if let Some(node) = object.root.at(&["metadata", "namespace"]).filter(|node| !node.is_null())
            && is_cluster_scoped()
        {
            let message = format!("{} is cluster-scoped, and says a namespace", object.key);
            findings.push(STRAY_NAMESPACE.at(locate(node.origin), message));
        }
    }
    findings
}
