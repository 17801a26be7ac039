//! Keys and items of lists that are there twice in a rendered object.

use std::collections::BTreeSet;

use super::findings::Findings;
use super::{Subject, walk};
use crate::diagnostic::{Rule, Severity};
use crate::object::Object;
use crate::yaml::Node;

/// The rules, in the order of their codes.
pub(super) const RULES: &[Rule] = &[REPEATED_FIELD, REPEATED_ITEM];

const REPEATED_FIELD: Rule = Rule {
    code: "GK104",
    name: "repeated-field",
    severity: Severity::Error,
    summary: "a field is there twice in one mapping of a manifest",
    explanation: "`gitops build` ends with an error, as kustomize does; kubectl takes the last one in silence.",
    hint: "take one of the two out",
};

const REPEATED_ITEM: Rule = Rule {
    code: "GK208",
    name: "repeated-item",
    severity: Severity::Warning,
    summary: "two items of a list have the key by which the list is merged",
    explanation: "Of two environment variables with one name the last one counts. A list whose key repeats cannot \
                  be merged: a patch, a later apply or another field manager changes or drops the wrong item.",
    hint: "take one of the two out",
};

/// Lists of a container, and the keys by which they are merged.
const IN_CONTAINERS: &[(&str, &[&str])] =
    &[("env", &["name"]), ("ports", &["containerPort", "protocol"]), ("volumeMounts", &["mountPath"])];
/// Lists of a pod.
const IN_PODS: &[(&str, &[&str])] =
    &[("containers", &["name"]), ("initContainers", &["name"]), ("volumes", &["name"])];

/// The findings.
pub(super) fn find(subject: &Subject<'_>) -> Findings {
    let mut findings = Findings::default();
    for object in &subject.rendered.objects {
        walk::mappings(&object.root, &mut |entries| {
            // Most mappings are small, and a set costs more than looking.
            let mut seen = BTreeSet::new();
            let is_large = entries.len() > 64;
            for (at, entry) in entries.iter().enumerate() {
                let key = entry.key.text();
                let before = entries.get(..at).unwrap_or_default();
                let is_known = if is_large {
                    !seen.insert(key)
                } else {
                    before.iter().any(|known| known.key.text() == key)
                };
                if is_known {
                    let at = subject.sources.locate(&subject.rendered.provenance, object, entry.key_origin);
                    findings.push(REPEATED_FIELD.at(at, format!("`{key}` is there twice in {}", object.key)));
                }
            }
        });
        let Some(template) = walk::pod_template(object) else { continue };
        for (list, keys) in IN_PODS {
            items(subject, object, template.at(&["spec", list]), (list, keys), &mut findings);
        }
        for container in walk::containers(template) {
            for (list, keys) in IN_CONTAINERS {
                items(subject, object, container.get(list), (list, keys), &mut findings);
            }
        }
    }
    findings
}

fn items(
    subject: &Subject<'_>,
    object: &Object,
    list: Option<&Node>,
    (name, keys): (&str, &[&str]),
    findings: &mut Findings,
) {
    let mut seen = BTreeSet::new();
    for item in list.map_or(&[][..], Node::items) {
        let value = |key: &&str| {
            let default = if *key == "protocol" { "TCP" } else { "" };
            item.get(key).and_then(Node::text).unwrap_or(default)
        };
        let values: Vec<&str> = keys.iter().map(value).collect();
        if values.first().is_some_and(|first| !first.is_empty()) && !seen.insert(values.clone()) {
            let at = subject.sources.locate(&subject.rendered.provenance, object, item.origin);
            let message = format!("`{name}` of {} has `{}` twice", object.key, values.join("/"));
            findings.push(REPEATED_ITEM.at(at, message));
        }
    }
}
