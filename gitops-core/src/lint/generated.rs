//! ConfigMaps and Secrets that generators make: whether their names, which end in a hash, are used.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::findings::Findings;
use super::{Subject, walk};
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::object::Object;
use crate::yaml::{Node, Tag};

/// The rules, in the order of their codes.
pub(super) const RULES: &[Rule] = &[UNUSED_GENERATED, UNHASHED_REFERENCE, INVALID_DATA_KEY];

const UNUSED_GENERATED: Rule = Rule {
    code: "GK017",
    name: "unused-generated",
    severity: Severity::Note,
    summary: "nothing that is rendered names a generated ConfigMap or Secret",
    explanation: "The name ends in a hash of the content, which nothing outside of the build can know. An object \
                  that no other one names is then of no use to anybody.",
    hint: "name it where it is needed, set `disableNameSuffixHash`, or take the generator out",
};

const UNHASHED_REFERENCE: Rule = Rule {
    code: "GK018",
    name: "unhashed-reference",
    severity: Severity::Error,
    summary: "a field names a generated ConfigMap or Secret without its hash",
    explanation: "kustomize updates the names in the fields that it knows, which are those of Kubernetes' own kinds. \
                  In a custom kind such as a Rollout the name stays without its hash, and the pods do not start.",
    hint: "name the field under `nameReference` in a file of `configurations`",
};

const INVALID_DATA_KEY: Rule = Rule {
    code: "GK309",
    name: "invalid-data-key",
    severity: Severity::Error,
    summary: "a ConfigMap or Secret has a key that the API server refuses",
    explanation: "kustomize checks no keys: a line `export A=1` of an env file makes the key `export A`. Keys are \
                  made of letters, digits, `-`, `_` and `.`.",
    hint: "mend the key where it is written",
};

/// Fields that hold the name of a ConfigMap or Secret below one of these keys.
const REFERENCES: &[&str] =
    &["configMapRef", "configMapKeyRef", "configMap", "secretRef", "secretKeyRef", "secret"];

/// The findings.
pub(super) fn find(subject: &Subject<'_>) -> Findings {
    let mut findings = Findings::default();
    let objects = &subject.rendered.objects;
    for object in objects {
        keys(subject, object, &mut findings);
    }
    let hashed: Vec<(&Object, SmolStr)> =
        objects.iter().filter_map(|object| Some((object, base_name(subject, object)?))).collect();
    if hashed.is_empty() {
        return findings;
    }
    let names: BTreeSet<&str> = hashed.iter().map(|(object, _)| object.key.name.as_str()).collect();
    let used = used(objects, &names);
    for (object, base) in &hashed {
        let is_found_by_label =
            object.root.at(&["metadata", "labels"]).is_some_and(|labels| !labels.entries().is_empty());
        if !used.contains(object.key.name.as_str()) && !is_found_by_label {
            let message = format!("nothing names the generated {} `{base}`", object.key.kind);
            findings.push(UNUSED_GENERATED.at(object.at.clone(), message));
        }
    }
    unhashed(subject, &hashed, &mut findings);
    findings
}

/// Leaves out what follows from a name without its hash: that nothing has that name, and that nothing names what
/// has the hash.
pub(super) fn keep_the_cause(findings: &mut Vec<Diagnostic>) {
    let causes: Vec<Diagnostic> =
        findings.iter().filter(|finding| finding.code == UNHASHED_REFERENCE.code).cloned().collect();
    if causes.is_empty() {
        return;
    }
    let follows = |finding: &Diagnostic| {
        let here = causes.iter().any(|cause| cause.at == finding.at) && finding.code == "GK206";
        let named = finding.message.rsplit('`').nth(1).unwrap_or_default();
        let there = causes.iter().any(|cause| cause.message.contains(&format!("`{named}`, which")));
        here || there && finding.code == UNUSED_GENERATED.code
    };
    findings.retain(|finding| !follows(finding));
}

/// The name of a generated object without its hash; nothing for any other object.
fn base_name(subject: &Subject<'_>, object: &Object) -> Option<SmolStr> {
    let name = object.root.at(&["metadata", "name"])?;
    let record = subject.rendered.provenance.record(name.origin)?;
    let (base, _) = object.key.name.rsplit_once('-')?;
    (record.transformer == "hash").then(|| base.into())
}

/// Which of `names` stand somewhere in an object: as a whole text, or as a word in one.
fn used<'n>(objects: &[Object], names: &BTreeSet<&'n str>) -> BTreeSet<&'n str> {
    let mut used = BTreeSet::new();
    for object in objects {
        walk::scalars(&object.root, &mut |node| {
            let text = node.text().unwrap_or_default();
            let is_separator = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
            for word in text.split(is_separator) {
                if let Some(name) = names.get(word).filter(|name| object.key.name != **name) {
                    used.insert(*name);
                }
            }
        });
    }
    used
}

/// References to a generated object by its name without the hash, where nothing else has that name.
fn unhashed(subject: &Subject<'_>, hashed: &[(&Object, SmolStr)], findings: &mut Findings) {
    let objects = &subject.rendered.objects;
    let mut bases: BTreeMap<(&str, &str), &Object> = BTreeMap::new();
    for (object, base) in hashed {
        bases.insert((object.key.kind.as_str(), base.as_str()), object);
    }
    for object in objects {
        bases.remove(&(object.key.kind.as_str(), object.key.name.as_str()));
    }
    for object in objects {
        walk::mappings(&object.root, &mut |entries| {
            for entry in entries {
                let key = entry.key.text();
                if !REFERENCES.contains(&key) {
                    continue;
                }
                let kind = if key.starts_with("secret") { "Secret" } else { "ConfigMap" };
                let field = if key == "secret" { "secretName" } else { "name" };
                let Some(node) = entry.value.get(field) else { continue };
                let Some(made) = node.as_str().and_then(|name| bases.get(&(kind, name))) else { continue };
                if walk::namespace(made) != walk::namespace(object) {
                    continue;
                }
                let at = subject.sources.locate(&subject.rendered.provenance, object, node.origin);
                let name = node.text().unwrap_or_default();
                let message = format!(
                    "{} names the {kind} `{name}`, which is rendered as `{}`",
                    object.key, made.key.name
                );
                findings.push(UNHASHED_REFERENCE.at(at, message));
            }
        });
    }
}

/// Keys of data that the API server refuses.
fn keys(subject: &Subject<'_>, object: &Object, findings: &mut Findings) {
    let is_data = object.key.group.is_empty() && matches!(object.key.kind.as_str(), "ConfigMap" | "Secret");
    if !is_data {
        return;
    }
    let valid = |key: &str| {
        !key.is_empty()
            && key.len() <= 253
            && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    let fields = ["data", "binaryData", "stringData"].iter().filter_map(|field| object.root.get(field));
    for entry in fields.flat_map(Node::entries) {
        if entry.key.tag() == Tag::Str && !valid(entry.key.text()) {
            let at = subject.sources.locate(&subject.rendered.provenance, object, entry.key_origin);
            // A line of an env file that was read as a key may hold a secret.
            let shown =
                if object.key.kind == "Secret" { String::new() } else { format!(" `{}`", entry.key.text()) };
            findings.push(INVALID_DATA_KEY.at(at, format!("{} has the invalid key{shown}", object.key)));
        }
    }
}
