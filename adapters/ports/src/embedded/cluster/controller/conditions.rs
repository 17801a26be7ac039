//! Conditions of a status.

use gitops_core::time::Timestamp;
use gitops_core::yaml::Node;

/// What a condition should say.
#[derive(Clone, Debug)]
pub(super) struct Condition<'a> {
    pub(super) name: &'a str,
    pub(super) status: &'a str,
    pub(super) reason: &'a str,
    pub(super) message: &'a str,
}

/// The condition called `name` of an object.
pub(super) fn find<'a>(root: &'a Node, name: &str) -> Option<&'a Node> {
    let conditions = root.at(&["status", "conditions"]).map(Node::items).unwrap_or_default();
    conditions.iter().find(|condition| condition.str_at(&["type"]) == Some(name))
}

/// The node of a condition; its transition time moves only with its status.
pub(super) fn node(root: &Node, condition: &Condition<'_>, now: Timestamp) -> Node {
    let old = find(root, condition.name);
    let same = old.filter(|old| old.str_at(&["status"]) == Some(condition.status));
    let transition = same.and_then(|old| old.get("lastTransitionTime").cloned());
    let mut node =
        Node::mapping([("lastTransitionTime", transition.unwrap_or_else(|| Node::string(now.to_string())))]);
    if !condition.message.is_empty() {
        node.set("message", Node::string(condition.message));
    }
    if !condition.reason.is_empty() {
        node.set("reason", Node::string(condition.reason));
    }
    node.set("status", Node::string(condition.status));
    node.set("type", Node::string(condition.name));
    node
}
