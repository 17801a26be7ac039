//! What the API server fills in: the fields that a manifest leaves out and a live object has.

use crate::yaml::Node;

/// A default: a path, and its value as JSON text.
type Default = (&'static [&'static str], &'static str);

const DEPLOYMENT: &[Default] = &[
    (&["spec", "progressDeadlineSeconds"], "600"),
    (&["spec", "replicas"], "1"),
    (&["spec", "revisionHistoryLimit"], "10"),
    (&["spec", "strategy", "type"], "\"RollingUpdate\""),
];
const ROLLING_UPDATE: &[Default] = &[
    (&["spec", "strategy", "rollingUpdate", "maxSurge"], "\"25%\""),
    (&["spec", "strategy", "rollingUpdate", "maxUnavailable"], "\"25%\""),
];
const REPLICAS: &[Default] = &[(&["spec", "replicas"], "1")];
const SERVICE: &[Default] = &[
    (&["spec", "internalTrafficPolicy"], "\"Cluster\""),
    (&["spec", "sessionAffinity"], "\"None\""),
    (&["spec", "type"], "\"ClusterIP\""),
];
const JOB: &[Default] = &[
    (&["spec", "backoffLimit"], "6"),
    (&["spec", "completions"], "1"),
    (&["spec", "parallelism"], "1"),
    (&["spec", "suspend"], "false"),
];
const NAMESPACE: &[Default] =
    &[(&["spec", "finalizers"], "[\"kubernetes\"]"), (&["status", "phase"], "\"Active\"")];
const POD_SPEC: &[Default] = &[
    (&["dnsPolicy"], "\"ClusterFirst\""),
    (&["restartPolicy"], "\"Always\""),
    (&["schedulerName"], "\"default-scheduler\""),
    (&["securityContext"], "{}"),
    (&["terminationGracePeriodSeconds"], "30"),
];
const CONTAINER: &[Default] = &[
    (&["resources"], "{}"),
    (&["terminationMessagePath"], "\"/dev/termination-log\""),
    (&["terminationMessagePolicy"], "\"File\""),
];
const PROBE: &[Default] = &[
    (&["failureThreshold"], "3"),
    (&["periodSeconds"], "10"),
    (&["successThreshold"], "1"),
    (&["timeoutSeconds"], "1"),
];
const PROBES: &[&str] = &["livenessProbe", "readinessProbe", "startupProbe"];

/// Fills in the defaults of an object of a built-in kind, as far as a comparison meets them.
pub fn fill_defaults(root: &mut Node, group: &str, kind: &str) {
    let own = match (group, kind) {
        ("apps", "Deployment") => DEPLOYMENT,
        ("apps", "ReplicaSet" | "StatefulSet") => REPLICAS,
        ("batch", "Job") => JOB,
        ("", "Namespace") => NAMESPACE,
        ("", "Service") => SERVICE,
        _ => &[],
    };
    set_missing(root, own);
    if root.str_at(&["spec", "strategy", "type"]) == Some("RollingUpdate") && group == "apps" {
        set_missing(root, ROLLING_UPDATE);
    }
    if (group, kind) == ("", "Service") {
        fill_ports(root, "spec", true);
    }
    let pod_spec = match (group, kind) {
        ("apps", _) | ("batch", "Job") => root.at_mut(&["spec", "template", "spec"]),
        ("", "Pod") => root.get_mut("spec"),
        _ => None,
    };
    if let Some(pod_spec) = pod_spec {
        fill_pod_defaults(pod_spec);
    }
}

/// Fills in the defaults of the specification of a pod.
pub fn fill_pod_defaults(pod_spec: &mut Node) {
    set_missing(pod_spec, POD_SPEC);
    if let Some(account) = pod_spec.get("serviceAccountName").cloned()
        && pod_spec.get("serviceAccount").is_none()
    {
        pod_spec.set("serviceAccount", account);
    }
    for list in ["initContainers", "containers"] {
        let containers = pod_spec.get_mut(list).and_then(Node::items_mut);
        for container in containers.into_iter().flatten() {
            fill_container(container);
        }
    }
}

fn fill_container(container: &mut Node) {
    set_missing(container, CONTAINER);
    if container.get("imagePullPolicy").is_none() {
        let image = container.str_at(&["image"]).unwrap_or_default();
        let name = image.rsplit_once('/').map_or(image, |(_, name)| name);
        let moves = !name.contains([':', '@']) || name.ends_with(":latest");
        container.set("imagePullPolicy", Node::string(if moves { "Always" } else { "IfNotPresent" }));
    }
    for probe in PROBES {
        let Some(probe) = container.get_mut(probe) else { continue };
        set_missing(probe, PROBE);
        if let Some(get) = probe.get_mut("httpGet")
            && get.get("scheme").is_none()
        {
            get.set("scheme", Node::string("HTTP"));
        }
    }
    let ports = container.get_mut("ports").and_then(Node::items_mut);
    for port in ports.into_iter().flatten() {
        set_missing(port, &[(&["protocol"], "\"TCP\"")]);
    }
}

fn fill_ports(root: &mut Node, parent: &str, target: bool) {
    let ports = root.at_mut(&[parent, "ports"]).and_then(Node::items_mut);
    for port in ports.into_iter().flatten() {
        set_missing(port, &[(&["protocol"], "\"TCP\"")]);
        if target
            && port.get("targetPort").is_none()
            && let Some(number) = port.get("port").cloned()
        {
            port.set("targetPort", number);
        }
    }
}

fn set_missing(node: &mut Node, defaults: &[Default]) {
    for (path, value) in defaults {
        if node.at(path).is_none()
            && let Ok(json) = serde_json::from_str(value)
        {
            node.set_at(path, Node::from_json(&json));
        }
    }
}
