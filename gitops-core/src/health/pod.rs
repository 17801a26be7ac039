//! Health of a Pod.

use super::view::View;
use super::{Assess, Health};

/// The kinds judged here.
pub(super) const KINDS: &[(&str, &str, Assess)] = &[("", "Pod", |object| Some(pod(object)))];

/// A Pod with this annotation set to `true` is a service, whatever its restart policy says.
const IGNORE_RESTART_POLICY: &str = "argocd.argoproj.io/ignore-restart-policy";

const HOOK_ANNOTATIONS: [&str; 2] = ["argocd.argoproj.io/hook", "helm.sh/hook"];

fn pod(object: View<'_>) -> Health {
    let is_service = is_service(object);
    if let Some(reason) = is_service.then(|| failing_containers(object)).flatten() {
        return Health::degraded(reason);
    }
    let message = object.text(&["status", "message"]);
    match object.text(&["status", "phase"]) {
        "Succeeded" => Health::healthy(message),
        "Failed" => Health::degraded(failure(object, message)),
        "Running" if is_service => running(object, message),
        // A running Pod that is expected to end is on its way.
        "Pending" | "Running" => Health::progressing(message),
        _ => Health::unknown(message),
    }
}

/// Whether the Pod is meant to run for ever.
fn is_service(object: View<'_>) -> bool {
    let is_hook = HOOK_ANNOTATIONS.iter().any(|name| object.annotation(name).is_some());
    let policy = object.text(&["spec", "restartPolicy"]);
    let always = policy.is_empty() || policy == "Always";
    always || (!is_hook && object.annotation(IGNORE_RESTART_POLICY) == Some("true"))
}

fn failing_containers(object: View<'_>) -> Option<String> {
    let mut messages = vec![];
    for container in object.items(&["status", "containerStatuses"]) {
        let reason = container.text(&["state", "waiting", "reason"]);
        if reason.starts_with("Err") || reason.ends_with("Error") || reason.ends_with("BackOff") {
            messages.push(container.text(&["state", "waiting", "message"]));
        }
    }
    (!messages.is_empty()).then(|| messages.join(", "))
}

fn running(object: View<'_>, message: &str) -> Health {
    if object.condition("Ready").is_some_and(|ready| ready.is_true()) {
        return Health::healthy(message);
    }
    let restarted = |container: View<'_>| container.node(&["lastState", "terminated"]).is_some();
    if object.items(&["status", "containerStatuses"]).any(restarted) {
        return Health::degraded(message);
    }
    Health::progressing(message)
}

/// The best reason there is for a Pod that failed.
fn failure(object: View<'_>, message: &str) -> String {
    if !message.is_empty() {
        return message.to_owned();
    }
    let init = object.items(&["status", "initContainerStatuses"]);
    init.chain(object.items(&["status", "containerStatuses"])).find_map(container_failure).unwrap_or_default()
}

fn container_failure(container: View<'_>) -> Option<String> {
    let terminated = |field: &str| container.text(&["state", "terminated", field]);
    if !terminated("message").is_empty() {
        return Some(terminated("message").to_owned());
    }
    if terminated("reason") == "OOMKilled" {
        return Some("OOMKilled".to_owned());
    }
    let code = container.count(&["state", "terminated", "exitCode"]);
    let name = container.text(&["name"]);
    (code != 0).then(|| format!("container {name:?} failed with exit code {code}"))
}
