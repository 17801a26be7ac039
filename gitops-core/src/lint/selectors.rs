//! Selectors of rendered objects that select none of the rendered pods.

use super::findings::Findings;
use super::{Subject, walk};
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::object::Object;
use crate::selector::{LabelSelector, Operator, Requirement};
use crate::yaml::Node;

/// The rules, in the order of their codes.
pub(super) const RULES: &[Rule] = &[SELECTOR_WITHOUT_TEMPLATE, SERVICE_WITHOUT_PODS, BUDGET_WITHOUT_PODS];

const SELECTOR_WITHOUT_TEMPLATE: Rule = Rule {
    code: "GK201",
    name: "selector-without-template",
    severity: Severity::Error,
    summary: "the selector of a workload does not select its own pods",
    explanation: "The API server refuses a workload whose `spec.selector` does not match the labels of its template.",
    hint: "give the template the labels of the selector",
};

const SERVICE_WITHOUT_PODS: Rule = Rule {
    code: "GK202",
    name: "service-without-pods",
    severity: Severity::Warning,
    summary: "the selector of a Service misses the rendered pods by a label",
    explanation: "No rendered workload of the namespace has all labels of the selector, and one has all but one: the \
                  Service sends its traffic nowhere.",
    hint: "make the selector and the labels of the pods the same",
};

const BUDGET_WITHOUT_PODS: Rule = Rule {
    code: "GK203",
    name: "budget-without-pods",
    severity: Severity::Warning,
    summary: "the selector of a PodDisruptionBudget misses the rendered pods by a label",
    explanation: "No rendered workload of the namespace has all labels of the selector, and one has all but one: the \
                  budget protects nothing.",
    hint: "make the selector and the labels of the pods the same",
};

/// Labels that controllers give to pods beyond those of the template.
const SET_BY_CONTROLLERS: &[&str] = &[
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "controller-revision-hash",
    "pod-template-hash",
    "rollouts-pod-template-hash",
    "job-name",
    "batch.kubernetes.io/job-name",
    "role",
];

/// The findings.
pub(super) fn find(subject: &Subject<'_>) -> Findings {
    let objects = &subject.rendered.objects;
    let mut findings = Findings::default();
    for object in objects {
        let key = (object.key.group.as_str(), object.key.kind.as_str());
        let (rule, node) = match key {
            ("", "Service") => (&SERVICE_WITHOUT_PODS, object.root.at(&["spec", "selector"])),
            ("policy", "PodDisruptionBudget") => {
                (&BUDGET_WITHOUT_PODS, object.root.at(&["spec", "selector"]))
            }
            _ => {
                findings.extend(own_template(subject, object));
                continue;
            }
        };
        let Some(node) = node.filter(|node| !node.entries().is_empty()) else { continue };
        let selector = match key.1 {
            "Service" => pairs(node),
            _ => LabelSelector::from_node(node).unwrap_or_default(),
        };
        let same_namespace = |other: &&Object| walk::namespace(other) == walk::namespace(object);
        let pods = objects.iter().filter(same_namespace).filter_map(walk::pod_template);
        let pods: Vec<Option<&Node>> = pods.map(|template| template.at(&["metadata", "labels"])).collect();
        let selects = pods.iter().any(|labels| selector.matches_mapping(*labels));
        let nearly = || pods.iter().any(|labels| nearly_selects(&selector, *labels));
        if !selector.requirements.is_empty() && !selects && nearly() {
            let at = subject.sources.locate(&subject.rendered.provenance, object, node.origin);
            let message = format!("{} selects none of the rendered pods", object.key);
            findings.push(rule.at(at, message));
        }
    }
    findings
}

/// The selector of a Service.
fn pairs(node: &Node) -> LabelSelector {
    let requirement = |entry: &crate::yaml::Entry| Requirement {
        key: entry.key.shared_text(),
        operator: Operator::In(vec![entry.value.text().unwrap_or_default().into()]),
    };
    LabelSelector { requirements: node.entries().iter().map(requirement).collect() }
}

/// Whether the labels meet all requirements but one, as after a slip: not the selector of pods that something else
/// makes.
fn nearly_selects(selector: &LabelSelector, labels: Option<&Node>) -> bool {
    let missed = selector.requirements.iter().filter(|requirement| {
        let one = LabelSelector { requirements: vec![(*requirement).clone()] };
        !one.matches_mapping(labels)
    });
    let mut missed = missed.map(|requirement| requirement.key.as_str());
    let is_slip = |key: &str| !SET_BY_CONTROLLERS.contains(&key);
    selector.requirements.len() > 1 && missed.next().is_some_and(is_slip) && missed.next().is_none()
}

/// A workload whose selector does not fit its own template.
fn own_template(subject: &Subject<'_>, object: &Object) -> Option<Diagnostic> {
    let selects = matches!(
        (object.key.group.as_str(), object.key.kind.as_str()),
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") | ("argoproj.io", "Rollout")
    );
    let template = walk::pod_template(object).filter(|_| selects)?;
    let node = object.root.at(&["spec", "selector"]).filter(|node| node.is_mapping())?;
    let selector = LabelSelector::from_node(node).ok()?;
    if selector.matches_mapping(template.at(&["metadata", "labels"])) {
        return None;
    }
    let at = subject.sources.locate(&subject.rendered.provenance, object, node.origin);
    Some(SELECTOR_WITHOUT_TEMPLATE.at(at, format!("the selector of {} does not select its pods", object.key)))
}
