//! Reading of observed objects: what is absent reads as Go's zero value.

use crate::yaml::Node;

/// An observed object.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a>(&'a Node);

/// One item of `status.conditions`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition<'a> {
    pub(super) kind: &'a str,
    pub(super) status: &'a str,
    pub(super) reason: &'a str,
    pub(super) message: &'a str,
}

impl<'a> View<'a> {
    pub(super) fn new(root: &'a Node) -> Self {
        Self(root)
    }

    /// The value at a path, unless it is null.
    pub(super) fn node(self, path: &[&str]) -> Option<&'a Node> {
        self.0.at(path).filter(|node| !node.is_null())
    }

    /// The scalar at a path as text; empty where there is none.
    pub(super) fn text(self, path: &[&str]) -> &'a str {
        self.node(path).and_then(Node::text).unwrap_or_default()
    }

    /// The integer at a path.
    pub(super) fn number(self, path: &[&str]) -> Option<i64> {
        self.node(path).and_then(Node::as_i64)
    }

    /// The integer at a path; 0 where there is none.
    pub(super) fn count(self, path: &[&str]) -> i64 {
        self.number(path).unwrap_or_default()
    }

    /// Whether the value at a path is true.
    pub(super) fn flag(self, path: &[&str]) -> bool {
        self.node(path).and_then(Node::as_bool).unwrap_or_default()
    }

    /// The items of the list at a path.
    pub(super) fn items(self, path: &[&str]) -> impl Iterator<Item = View<'a>> + use<'a> {
        self.node(path).map(Node::items).unwrap_or_default().iter().map(View)
    }

    /// The conditions in the order in which they stand.
    pub(super) fn conditions(self) -> impl Iterator<Item = Condition<'a>> {
        self.items(&["status", "conditions"]).map(Condition::of)
    }

    /// The condition of a type.
    pub(super) fn condition(self, kind: &str) -> Option<Condition<'a>> {
        self.conditions().find(|condition| condition.kind == kind)
    }

    pub(super) fn generation(self) -> i64 {
        self.count(&["metadata", "generation"])
    }

    pub(super) fn observed_generation(self) -> i64 {
        self.count(&["status", "observedGeneration"])
    }

    pub(super) fn annotation(self, name: &str) -> Option<&'a str> {
        self.node(&["metadata", "annotations", name]).and_then(Node::text)
    }

    pub(super) fn has_finalizer(self, name: &str) -> bool {
        self.items(&["metadata", "finalizers"]).any(|finalizer| finalizer.0.text() == Some(name))
    }
}

impl<'a> Condition<'a> {
    pub(super) fn of(item: View<'a>) -> Self {
        Self {
            kind: item.text(&["type"]),
            status: item.text(&["status"]),
            reason: item.text(&["reason"]),
            message: item.text(&["message"]),
        }
    }

    pub(super) fn is_true(&self) -> bool {
        self.status == "True"
    }

    pub(super) fn is_false(&self) -> bool {
        self.status == "False"
    }
}
