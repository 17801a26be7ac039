//! Pods start after a delay, unless their image is bad.

use gitops_core::object::ObjectKey;
use gitops_core::yaml::Node;

use super::conditions::{self, Condition};
use super::{World, instant};
use crate::embedded::cluster::script::BadImage;
use crate::embedded::cluster::store::is_terminating;

/// What a container waits for: reason and message.
type Waiting = Option<(&'static str, &'static str)>;

pub(super) fn reconcile(world: &mut World, key: &ObjectKey) {
    let Some(pod) = world.store.get(key).cloned() else { return };
    let finished = matches!(pod.root.str_at(&["status", "phase"]), Some("Succeeded" | "Failed"));
    if is_ready(&pod.root) || finished || is_terminating(&pod) {
        return;
    }
    let created = instant(&pod.root, &["metadata", "creationTimestamp"]).unwrap_or(world.now);
    let due = created.after(world.script.start_delay());
    let bad = images(&pod.root).into_iter().find_map(|image| world.script.bad_image(&image));
    let (phase, ready, waiting): (&str, bool, Waiting) = if world.now < due {
        world.wake(key, due);
        ("Pending", false, Some(("ContainerCreating", "")))
    } else {
        match bad {
            None => ("Running", true, None),
            Some(BadImage::NeverReady) => ("Running", false, None),
            Some(BadImage::Crashes) => {
                ("Running", false, Some(("CrashLoopBackOff", "back-off restarting failed container")))
            }
            Some(BadImage::PullFails) => {
                ("Pending", false, Some(("ImagePullBackOff", "Back-off pulling image")))
            }
        }
    };
    let status = status(world, &pod.root, phase, ready, waiting);
    world.set_status(key, status);
}

fn status(world: &World, pod: &Node, phase: &str, ready: bool, waiting: Waiting) -> Node {
    let flag = if ready { "True" } else { "False" };
    let reason = if ready { "" } else { "ContainersNotReady" };
    let condition = |name| Condition { name, status: flag, reason, message: "" };
    let conditions = ["Ready", "ContainersReady"]
        .map(|name| conditions::node(pod, &condition(name), world.now))
        .into_iter()
        .chain(["Initialized", "PodScheduled"].map(|name| {
            let condition = Condition { name, status: "True", reason: "", message: "" };
            conditions::node(pod, &condition, world.now)
        }));
    let conditions = Node::sequence(conditions);
    let containers = pod.at(&["spec", "containers"]).map(Node::items).unwrap_or_default();
    let statuses = containers.iter().map(|container| {
        let text = |name: &str| Node::string(container.str_at(&[name]).unwrap_or_default());
        let state = match waiting {
            None => ("running", Node::mapping([("startedAt", Node::string(world.now.to_string()))])),
            Some((reason, message)) => {
                let mut node = Node::mapping([("reason", Node::string(reason))]);
                if !message.is_empty() {
                    node.set("message", Node::string(message));
                }
                ("waiting", node)
            }
        };
        let running = pod.at(&["status", "containerStatuses"]).map(Node::items).unwrap_or_default();
        let kept = running.iter().find(|each| each.str_at(&["name"]) == container.str_at(&["name"]));
        let kept = kept.and_then(|each| each.get("state")).filter(|old| old.get(state.0).is_some());
        let crashes = waiting.is_some_and(|(reason, _)| reason == "CrashLoopBackOff");
        Node::mapping([
            ("image", text("image")),
            ("imageID", Node::string("")),
            ("name", text("name")),
            ("ready", Node::boolean(ready)),
            ("restartCount", Node::integer(i64::from(crashes))),
            ("state", kept.filter(|_| waiting.is_none()).cloned().unwrap_or_else(|| Node::mapping([state]))),
        ])
    });
    let statuses = Node::sequence(statuses);
    Node::mapping([
        ("conditions", conditions),
        ("containerStatuses", statuses),
        ("phase", Node::string(phase)),
    ])
}

/// The images of all containers.
fn images(pod: &Node) -> Vec<String> {
    let lists = ["initContainers", "containers"];
    let containers = lists.iter().filter_map(|list| pod.at(&["spec", list])).flat_map(Node::items);
    containers.filter_map(|container| container.str_at(&["image"])).map(ToOwned::to_owned).collect()
}

/// Whether the pod passes its readiness probe.
pub(in crate::embedded::cluster) fn is_ready(pod: &Node) -> bool {
    conditions::find(pod, "Ready").and_then(|ready| ready.str_at(&["status"])) == Some("True")
}
