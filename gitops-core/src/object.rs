//! Kubernetes objects: a document with its identity and the place that it was read from.

mod field_path;

use std::fmt;

use smol_str::SmolStr;

use crate::diagnostic::Location;
use crate::yaml::Node;

pub(crate) use field_path::is_called;
pub use field_path::{FieldPath, FieldPathError, Step};

/// Which object: group, kind, namespace and name, as Argo CD pairs desired and live objects (the version does
/// not count).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ObjectKey {
    /// API group; empty for the core group.
    pub group: SmolStr,
    /// Kind.
    pub kind: SmolStr,
    /// Namespace; empty for cluster-scoped objects, and where none is given.
    pub namespace: SmolStr,
    /// Name.
    pub name: SmolStr,
}

impl ObjectKey {
    /// The key with these parts.
    pub fn new(
        group: impl Into<SmolStr>,
        kind: impl Into<SmolStr>,
        namespace: impl Into<SmolStr>,
        name: impl Into<SmolStr>,
    ) -> Self {
        Self { group: group.into(), kind: kind.into(), namespace: namespace.into(), name: name.into() }
    }

    /// The identity that a manifest states; missing parts are empty.
    pub fn of(root: &Node) -> Self {
        let text = |path: &[&str]| SmolStr::from(root.at(path).and_then(Node::text).unwrap_or_default());
        Self {
            group: group_and_version(&text(&["apiVersion"])).0.into(),
            kind: text(&["kind"]),
            namespace: text(&["metadata", "namespace"]),
            name: text(&["metadata", "name"]),
        }
    }
}

/// `Deployment.apps dev/myapp`, or `Namespace dev` for an object of the core group without a namespace.
impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        f.write_str(" ")?;
        if !self.namespace.is_empty() {
            write!(f, "{}/", self.namespace)?;
        }
        f.write_str(&self.name)
    }
}

/// Splits an `apiVersion` into group (empty for the core group) and version.
pub fn group_and_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// A Kubernetes object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Which object it is.
    pub key: ObjectKey,
    /// The whole manifest.
    pub root: Node,
    /// Where it was read; the default [`Location`] where it was not read from a file.
    pub at: Location,
}

impl Object {
    /// The object of a manifest; its key is read from the manifest.
    pub fn new(root: Node, at: Location) -> Self {
        Self { key: ObjectKey::of(&root), root, at }
    }

    /// The `apiVersion`; empty where there is none.
    pub fn api_version(&self) -> &str {
        self.root.at(&["apiVersion"]).and_then(Node::text).unwrap_or_default()
    }

    /// The value of an annotation.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.root.at(&["metadata", "annotations", name]).and_then(Node::text)
    }

    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.root.at(&["metadata", "labels", name]).and_then(Node::text)
    }
}
