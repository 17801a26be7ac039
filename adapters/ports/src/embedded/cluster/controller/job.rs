//! Jobs complete once their pods would have started, or fail where their image is bad.

use gitops_core::object::ObjectKey;
use gitops_core::yaml::Node;

use super::conditions::{self, Condition};
use super::{World, instant, integer};

pub(super) fn reconcile(world: &mut World, key: &ObjectKey) {
    let Some(job) = world.store.get(key).cloned() else { return };
    let over = ["Complete", "Failed"].iter().any(|name| conditions::find(&job.root, name).is_some());
    let suspended = job.root.at(&["spec", "suspend"]).and_then(Node::as_bool) == Some(true);
    if over || suspended {
        return;
    }
    let started = instant(&job.root, &["metadata", "creationTimestamp"]).unwrap_or(world.now);
    let due = started.after(world.script.start_delay());
    let start_time = ("startTime", Node::string(started.to_string()));
    if world.now < due {
        world.wake(key, due);
        world.set_status(key, Node::mapping([("active", Node::integer(1)), start_time]));
        return;
    }
    let containers = job.root.at(&["spec", "template", "spec", "containers"]).map(Node::items);
    let images = containers.unwrap_or_default().iter().filter_map(|container| container.str_at(&["image"]));
    let failed = images.into_iter().any(|image| world.script.bad_image(image).is_some());
    let condition = if failed {
        let message = "Job has reached the specified backoff limit";
        Condition { name: "Failed", status: "True", reason: "BackoffLimitExceeded", message }
    } else {
        Condition { name: "Complete", status: "True", reason: "CompletionsReached", message: "" }
    };
    let conditions = Node::sequence([conditions::node(&job.root, &condition, world.now)]);
    let mut status = Node::mapping([("conditions", conditions), start_time]);
    if failed {
        status.set("failed", Node::integer(1));
    } else {
        status.set("completionTime", Node::string(world.now.to_string()));
        status.set("succeeded", Node::integer(integer(&job.root, &["spec", "completions"], 1)));
    }
    world.set_status(key, status);
}
