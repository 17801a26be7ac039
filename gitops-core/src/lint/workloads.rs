//! Pod templates that the API server refuses, or that fight with an autoscaler.

use std::collections::BTreeSet;

use super::findings::Findings;
use super::{Subject, walk};
use crate::diagnostic::{Rule, Severity};
use crate::object::{Object, group_and_version};
use crate::yaml::Node;

/// The rules, in the order of their codes.
pub(super) const RULES: &[Rule] =
    &[REPLICAS_BESIDE_AUTOSCALER, MOUNT_WITHOUT_VOLUME, EMPTIED_LIST, CONTAINER_WITHOUT_IMAGE];

const REPLICAS_BESIDE_AUTOSCALER: Rule = Rule {
    code: "GK207",
    name: "replicas-beside-autoscaler",
    severity: Severity::Warning,
    summary: "a workload says `replicas` while an autoscaler scales it",
    explanation: "Every sync puts the number back that stands in the repository, against the autoscaler: pods are \
                  stopped under load, and started again.",
    hint: "take `replicas` out, of the manifest and of the kustomization; `minReplicas` says where to begin",
};

const MOUNT_WITHOUT_VOLUME: Rule = Rule {
    code: "GK209",
    name: "mount-without-volume",
    severity: Severity::Error,
    summary: "a container mounts a volume that the pod has not",
    explanation: "The API server refuses the workload. A patch of a list that does not merge often drops the volume.",
    hint: "add the volume, or take the mount out",
};

const EMPTIED_LIST: Rule = Rule {
    code: "GK302",
    name: "emptied-list",
    severity: Severity::Error,
    summary: "a pod has no containers",
    explanation: "An item of a patch without its merge key, such as a container without `name`, makes kustomize \
                  empty the whole list in silence.",
    hint: "give each item of the patch its `name`",
};

const CONTAINER_WITHOUT_IMAGE: Rule = Rule {
    code: "GK308",
    name: "container-without-image",
    severity: Severity::Error,
    summary: "a container has no image",
    explanation: "Lists merge by their keys only where kustomize knows the kind. In a custom kind such as a Rollout \
                  a patch replaces the whole list of containers, and what it does not repeat is gone; a container \
                  with a misspelt name is added as a new one.",
    hint: "patch with a JSON patch, bring a schema under `openapi`, or mend the name of the container",
};

/// The findings.
pub(super) fn find(subject: &Subject<'_>) -> Findings {
    let scaled = scaled(&subject.rendered.objects);
    let mut findings = Findings::default();
    for object in &subject.rendered.objects {
        let mut find = |rule: &Rule, node: &Node, message: String| {
            let at = subject.sources.locate(&subject.rendered.provenance, object, node.origin);
            findings.push(rule.at(at, message));
        };
        let Some(template) = walk::pod_template(object) else { continue };
        let key = (
            object.key.group.as_str(),
            object.key.kind.as_str(),
            walk::namespace(object),
            object.key.name.as_str(),
        );
        if let Some(replicas) = object.root.at(&["spec", "replicas"]).filter(|_| scaled.contains(&key)) {
            let count = replicas.text().unwrap_or_default();
            let message = format!("{} says `replicas: {count}` while an autoscaler scales it", object.key);
            // Zero turns the autoscaler off.
            if count != "0" && !replicas.is_null() {
                find(&REPLICAS_BESIDE_AUTOSCALER, replicas, message);
            }
        }
        let Some(spec) = template.get("spec") else { continue };
        if let Some(list) =
            spec.get("containers").filter(|list| list.is_sequence() && list.items().is_empty())
        {
            find(&EMPTIED_LIST, list, format!("{} has no containers", object.key));
        }
        let volumes = volumes(object, spec);
        for container in walk::containers(template).filter(|container| container.is_mapping()) {
            let name = container.get("name").and_then(Node::text).unwrap_or_default();
            let image = container.get("image").filter(|image| !image.is_null());
            if image.is_none_or(|image| image.text() == Some("")) {
                find(
                    &CONTAINER_WITHOUT_IMAGE,
                    container,
                    format!("the container `{name}` of {} has no image", object.key),
                );
            }
            for mount in container.get("volumeMounts").map_or(&[][..], Node::items) {
                let Some(node) = mount.get("name") else { continue };
                let volume = node.text().unwrap_or_default();
                if !volumes.contains(volume) {
                    let message = format!(
                        "the container `{name}` of {} mounts `{volume}`, which is no volume",
                        object.key
                    );
                    find(&MOUNT_WITHOUT_VOLUME, node, message);
                }
            }
        }
    }
    findings
}

/// The volumes that containers of a workload may mount.
fn volumes<'o>(object: &'o Object, spec: &'o Node) -> BTreeSet<&'o str> {
    let own = spec.get("volumes").map_or(&[][..], Node::items).iter().filter_map(|volume| volume.get("name"));
    let claims = object.root.at(&["spec", "volumeClaimTemplates"]).map_or(&[][..], Node::items);
    let claims = claims.iter().filter_map(|claim| claim.at(&["metadata", "name"]));
    own.chain(claims).filter_map(Node::text).collect()
}

/// Group, kind, namespace and name of what autoscalers scale.
fn scaled(objects: &[Object]) -> BTreeSet<(&str, &str, &str, &str)> {
    let autoscalers = objects.iter().filter(|object| {
        matches!(
            (object.key.group.as_str(), object.key.kind.as_str()),
            ("autoscaling", "HorizontalPodAutoscaler") | ("keda.sh", "ScaledObject")
        )
    });
    let target = |object| {
        let object: &Object = object;
        let target = object.root.at(&["spec", "scaleTargetRef"])?;
        let text = |field: &str| target.get(field).and_then(Node::text);
        let (group, _) = group_and_version(text("apiVersion").unwrap_or("apps/v1"));
        Some((group, text("kind").unwrap_or("Deployment"), walk::namespace(object), text("name")?))
    };
    autoscalers.filter_map(target).collect()
}
