//! References of rendered objects to others that are not rendered.

use std::collections::BTreeSet;

use super::findings::Findings;
use super::{Subject, walk};
use crate::diagnostic::{Rule, Severity};
use crate::object::{Object, group_and_version};
use crate::yaml::Node;

/// The rules, in the order of their codes.
pub(super) const RULES: &[Rule] = &[MISSING_SCALE_TARGET, INGRESS_WITHOUT_SERVICE, MISSING_REFERENCE];

const MISSING_SCALE_TARGET: Rule = Rule {
    code: "GK204",
    name: "missing-scale-target",
    severity: Severity::Warning,
    summary: "an autoscaler names a workload that is not rendered",
    explanation: "An overlay that replaces a Deployment by a Rollout, or renames it, leaves the autoscaler with a \
                  target that does not exist: it scales nothing, in silence.",
    hint: "name the kind and name of the workload that is rendered in `scaleTargetRef`",
};

const INGRESS_WITHOUT_SERVICE: Rule = Rule {
    code: "GK205",
    name: "ingress-without-service",
    severity: Severity::Warning,
    summary: "an Ingress names a Service, or a port of one, that is not rendered",
    explanation: "The load balancer answers such a path with an error.",
    hint: "name a Service that is rendered, and one of its ports",
};

const MISSING_REFERENCE: Rule = Rule {
    code: "GK206",
    name: "missing-reference",
    severity: Severity::Note,
    summary: "a pod names a ConfigMap, Secret or ServiceAccount that is not rendered",
    explanation: "The build renders others of the kind, so that this one may be misspelt or forgotten; or something else makes it. \
                  If it is not there when the pods start, they wait for it.",
    hint: "check the name, and that something makes it",
};

/// The findings.
pub(super) fn find(subject: &Subject<'_>) -> Findings {
    let known = Known::new(&subject.rendered.objects);
    let mut findings = Findings::default();
    for object in &subject.rendered.objects {
        let mut finder =
            Finder { subject, known: &known, object, told: BTreeSet::new(), findings: &mut findings };
        match (object.key.group.as_str(), object.key.kind.as_str()) {
            ("autoscaling", "HorizontalPodAutoscaler") | ("keda.sh", "ScaledObject") => {
                finder.scale_target(&["spec", "scaleTargetRef"]);
            }
            ("autoscaling.k8s.io", "VerticalPodAutoscaler") => finder.scale_target(&["spec", "targetRef"]),
            ("networking.k8s.io", "Ingress") => finder.ingress(),
            _ => {}
        }
        if let Some(template) = walk::pod_template(object) {
            finder.pod(template);
        }
    }
    findings
}

/// What is rendered, by group, kind, namespace and name; and every text outside of pods, which may be the name of
/// something that a controller makes.
struct Known<'o> {
    keys: BTreeSet<(&'o str, &'o str, &'o str, &'o str)>,
    made: BTreeSet<&'o str>,
    /// The kinds of the core group that are rendered, by namespace.
    kinds: BTreeSet<(&'o str, &'o str)>,
}

impl<'o> Known<'o> {
    fn new(objects: &'o [Object]) -> Self {
        let key = |object: &'o Object| {
            let key = &object.key;
            (key.group.as_str(), key.kind.as_str(), walk::namespace(object), key.name.as_str())
        };
        let mut made = BTreeSet::new();
        // An ExternalSecret, a Certificate and the like name the Secret that is made of them.
        let makers = objects.iter().filter(|object| {
            !matches!(object.key.group.as_str(), "" | "apps" | "batch" | "rbac.authorization.k8s.io")
                && walk::pod_template(object).is_none()
                && object.key.kind != "CustomResourceDefinition"
        });
        for maker in makers {
            made.insert(maker.key.name.as_str());
            walk::scalars(&maker.root, &mut |node| {
                made.extend(node.text());
            });
        }
        let keys: BTreeSet<_> = objects.iter().map(key).collect();
        let core = keys.iter().filter(|(group, ..)| group.is_empty());
        let kinds = core.map(|(_, kind, namespace, _)| (*kind, *namespace)).collect();
        Self { keys, made, kinds }
    }

    fn has(&self, group: &str, kind: &str, namespace: &str, name: &str) -> bool {
        self.keys.contains(&(group, kind, namespace, name))
    }
}

struct Finder<'f, 's> {
    subject: &'f Subject<'s>,
    known: &'f Known<'f>,
    object: &'f Object,
    /// What was told of this object.
    told: BTreeSet<(&'static str, String)>,
    findings: &'f mut Findings,
}

impl Finder<'_, '_> {
    fn find(&mut self, rule: &Rule, node: &Node, message: String) {
        let at = self.subject.sources.locate(&self.subject.rendered.provenance, self.object, node.origin);
        self.findings.push(rule.at(at, message));
    }

    fn namespace(&self) -> &str {
        walk::namespace(self.object)
    }

    fn scale_target(&mut self, path: &[&str]) {
        let Some(target) = self.object.root.at(path) else { return };
        let text = |field: &str| target.get(field).and_then(Node::text);
        let kind = text("kind").unwrap_or("Deployment");
        let (group, _) = group_and_version(text("apiVersion").unwrap_or("apps/v1"));
        let Some(node) = target.get("name") else { return };
        let name = node.text().unwrap_or_default();
        // A `$` stands for what something else puts in.
        if self.known.has(group, kind, self.namespace(), name) || name.contains('$') {
            return;
        }
        let rendered = self.known.keys.iter().find(|(_, kind, namespace, known)| {
            *known == name
                && *namespace == self.namespace()
                && matches!(*kind, "Deployment" | "StatefulSet" | "Rollout" | "ReplicaSet" | "DaemonSet")
        });
        let instead = rendered.map(|(_, kind, ..)| format!("; a {kind} of that name is")).unwrap_or_default();
        let message =
            format!("{} scales the {kind} `{name}`, which is not rendered{instead}", self.object.key);
        self.find(&MISSING_SCALE_TARGET, node, message);
    }

    fn ingress(&mut self) {
        let object = self.object;
        let mut backends: Vec<&Node> = object.root.at(&["spec", "defaultBackend"]).into_iter().collect();
        for rule in object.root.at(&["spec", "rules"]).map_or(&[][..], Node::items) {
            let paths = rule.at(&["http", "paths"]).map_or(&[][..], Node::items);
            backends.extend(paths.iter().filter_map(|path| path.get("backend")));
        }
        // An Ingress alone, without a single Service beside it, is for Services of another build.
        let has_services = self.known.keys.iter().any(|(group, kind, namespace, _)| {
            group.is_empty() && *kind == "Service" && *namespace == self.namespace()
        });
        for service in backends.iter().filter_map(|backend| backend.get("service")).filter(|_| has_services) {
            let Some(node) = service.get("name") else { continue };
            let name = node.text().unwrap_or_default();
            // A controller of load balancers takes the name of an action for a Service, with this port.
            let port = service.get("port");
            let port_name = port.and_then(|port| port.get("name")).and_then(Node::text);
            if port_name == Some("use-annotation") {
                continue;
            }
            let Some(rendered) = self.service(name) else {
                let message = format!("{} sends to the Service `{name}`, which is not rendered", object.key);
                self.find(&INGRESS_WITHOUT_SERVICE, node, message);
                continue;
            };
            let number = port.and_then(|port| port.get("number")).and_then(Node::text);
            let has_port = rendered.at(&["spec", "ports"]).map_or(&[][..], Node::items).iter().any(|port| {
                let text = |field: &str| port.get(field).and_then(Node::text);
                port_name.is_none_or(|name| text("name") == Some(name))
                    && number.is_none_or(|number| text("port") == Some(number))
            });
            let is_external = rendered.at(&["spec", "type"]).and_then(Node::text) == Some("ExternalName");
            if let (false, false, Some(wanted)) = (has_port, is_external, port_name.or(number)) {
                let message =
                    format!("{} sends to port `{wanted}`, which the Service `{name}` has not", object.key);
                self.find(&INGRESS_WITHOUT_SERVICE, port.unwrap_or(node), message);
            }
        }
    }

    fn service(&self, name: &str) -> Option<&Node> {
        let same = |other: &&Object| {
            other.key.group.is_empty()
                && other.key.kind == "Service"
                && other.key.name == name
                && walk::namespace(other) == self.namespace()
        };
        self.subject.rendered.objects.iter().find(same).map(|object| &object.root)
    }

    fn pod(&mut self, template: &Node) {
        let Some(spec) = template.get("spec") else { return };
        if let Some(account) = spec.get("serviceAccountName").filter(|node| node.text() != Some("default")) {
            self.reference("ServiceAccount", Some(account), None);
        }
        for volume in spec.get("volumes").map_or(&[][..], Node::items) {
            let projected = volume.at(&["projected", "sources"]).map_or(&[][..], Node::items);
            for source in projected {
                self.source(source, "configMap", ("ConfigMap", "name"));
                self.source(source, "secret", ("Secret", "name"));
            }
            self.source(volume, "configMap", ("ConfigMap", "name"));
            self.source(volume, "secret", ("Secret", "secretName"));
        }
        for container in walk::containers(template) {
            for source in container.get("envFrom").map_or(&[][..], Node::items) {
                self.source(source, "configMapRef", ("ConfigMap", "name"));
                self.source(source, "secretRef", ("Secret", "name"));
            }
            for variable in container.get("env").map_or(&[][..], Node::items) {
                let Some(source) = variable.get("valueFrom") else { continue };
                self.source(source, "configMapKeyRef", ("ConfigMap", "name"));
                self.source(source, "secretKeyRef", ("Secret", "name"));
            }
        }
    }

    fn source(&mut self, holder: &Node, field: &str, (kind, name): (&'static str, &str)) {
        let Some(source) = holder.get(field) else { return };
        self.reference(kind, source.get(name), source.get("optional"));
    }

    fn reference(&mut self, kind: &'static str, node: Option<&Node>, optional: Option<&Node>) {
        let Some(node) = node else { return };
        let name = node.text().unwrap_or_default();
        let is_optional = optional.and_then(Node::as_bool) == Some(true);
        // Made by the cluster itself in every namespace.
        let is_given = name.is_empty() || name == "kube-root-ca.crt" || name.contains('$');
        // A build that renders none of the kind leaves them to another one.
        let is_elsewhere = !self.known.kinds.contains(&(kind, self.namespace()));
        let is_made = kind == "Secret" && self.known.made.contains(name);
        if is_optional
            || is_given
            || is_made
            || is_elsewhere
            || self.known.has("", kind, self.namespace(), name)
        {
            return;
        }
        let message = format!("{} names the {kind} `{name}`, which is not rendered", self.object.key);
        if self.told.insert((kind, name.to_owned())) {
            self.find(&MISSING_REFERENCE, node, message);
        }
    }
}
