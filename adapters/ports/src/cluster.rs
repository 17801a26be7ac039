//! The port of a Kubernetes cluster.
//!
//! The words are those of the Kubernetes API: resource versions, preconditions, field managers, propagation.

mod error;

use std::collections::BTreeMap;
use std::future::Future;

use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml::Node;
use smol_str::SmolStr;

pub use error::{ClusterError, FieldConflict};

/// A Kubernetes cluster.
///
/// Objects name their kind by `apiVersion` and `kind`; a namespaced object carries its namespace. An object that
/// is read carries `metadata.uid` and `metadata.resourceVersion`; an object that is written with one of them
/// states a precondition, and a write against another state answers [`ClusterError::Conflict`].
pub trait Cluster: Send + Sync {
    /// The stream that [`Cluster::watch`] answers with.
    type Watch: Watch;

    /// The kinds that the cluster serves.
    fn discover(&self) -> impl Future<Output = Result<Discovery, ClusterError>> + Send;

    /// The objects that match `query`, in the order of their keys. Kinds that the cluster does not serve match
    /// nothing.
    fn list(&self, query: &ListQuery) -> impl Future<Output = Result<ObjectList, ClusterError>> + Send;

    /// The object at `key`; `None` where there is none.
    fn get(&self, key: &ObjectKey) -> impl Future<Output = Result<Option<Object>, ClusterError>> + Send;

    /// Server-side apply: the fields of `object` become those of the field manager, fields that it owned alone
    /// and no longer states are removed, others stay. Creates the object where there is none.
    ///
    /// Without `force`, a field that another manager set to another value answers
    /// [`ClusterError::FieldConflicts`].
    fn apply(
        &self,
        object: &Object,
        options: &ApplyOptions,
    ) -> impl Future<Output = Result<Object, ClusterError>> + Send;

    /// Creates an object; `metadata.generateName` is served.
    fn create(
        &self,
        object: &Object,
        options: &WriteOptions,
    ) -> impl Future<Output = Result<Object, ClusterError>> + Send;

    /// Replaces an object, all but its status where the kind has a status subresource.
    fn update(
        &self,
        object: &Object,
        options: &WriteOptions,
    ) -> impl Future<Output = Result<Object, ClusterError>> + Send;

    /// Replaces the `status` of an object and nothing else: through the status subresource where the kind has
    /// one, else by a patch of the object.
    fn update_status(
        &self,
        object: &Object,
        options: &WriteOptions,
    ) -> impl Future<Output = Result<Object, ClusterError>> + Send;

    /// Applies a JSON merge patch (RFC 7396), all but its `status` where the kind has a status subresource. A
    /// `metadata.resourceVersion` or `metadata.uid` in the patch is a precondition.
    fn patch(
        &self,
        key: &ObjectKey,
        patch: &Node,
        options: &WriteOptions,
    ) -> impl Future<Output = Result<Object, ClusterError>> + Send;

    /// Deletes an object. An object with finalizers stays, with a `metadata.deletionTimestamp`, until they are
    /// removed.
    fn delete(
        &self,
        key: &ObjectKey,
        options: &DeleteOptions,
    ) -> impl Future<Output = Result<(), ClusterError>> + Send;

    /// The changes after `resource_version` of the objects that match `query`; [`ClusterError::Expired`] where
    /// the cluster no longer knows them, and the caller must list again.
    fn watch(
        &self,
        query: &ListQuery,
        resource_version: &str,
    ) -> impl Future<Output = Result<Self::Watch, ClusterError>> + Send;
}

/// A stream of changes.
pub trait Watch: Send {
    /// The next change; `None` where the stream has ended and the caller must watch again from the last
    /// resource version that it has seen.
    fn next(&mut self) -> impl Future<Output = Option<Result<WatchEvent, ClusterError>>> + Send;
}

/// An API group and a kind in it, in any version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct GroupKind {
    /// API group; empty for the core group.
    pub group: SmolStr,
    /// Kind.
    pub kind: SmolStr,
}

impl GroupKind {
    /// The kind `kind` of `group`.
    pub fn new(group: impl Into<SmolStr>, kind: impl Into<SmolStr>) -> Self {
        Self { group: group.into(), kind: kind.into() }
    }
}

/// Which objects are meant; the default means all.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ListQuery {
    /// The kinds; all that the cluster serves where there is none.
    pub kinds: Vec<GroupKind>,
    /// The namespace; all, and cluster-scoped objects too, where there is none; cluster-scoped objects alone where it
    /// is empty.
    pub namespace: Option<SmolStr>,
    /// Labels that an object must carry with these values.
    pub labels: BTreeMap<SmolStr, SmolStr>,
}

impl ListQuery {
    /// The objects of one kind, in `namespace` if one is given.
    pub fn kind(kind: GroupKind, namespace: Option<&str>) -> Self {
        Self { kinds: vec![kind], namespace: namespace.map(SmolStr::from), labels: BTreeMap::new() }
    }

    /// Whether objects of `kind` can be meant.
    pub fn concerns(&self, kind: &ServedKind) -> bool {
        self.namespace.as_ref().is_none_or(|namespace| kind.namespaced != namespace.is_empty())
    }

    /// Whether `object` is meant.
    pub fn matches(&self, object: &Object) -> bool {
        let key = &object.key;
        let kind_matches = self.kinds.is_empty()
            || self.kinds.iter().any(|kind| kind.group == key.group && kind.kind == key.kind);
        kind_matches
            && self.namespace.as_ref().is_none_or(|namespace| *namespace == key.namespace)
            && self.labels.iter().all(|(name, value)| object.label(name) == Some(value.as_str()))
    }
}

/// Objects, and the state of the cluster that they were read at.
#[derive(Clone, Debug, Default)]
pub struct ObjectList {
    /// The objects in the order of their keys.
    pub objects: Vec<Object>,
    /// Where a watch goes on from.
    pub resource_version: SmolStr,
}

/// How [`Cluster::apply`] writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplyOptions {
    /// Who owns the fields that are written.
    pub field_manager: SmolStr,
    /// Whether fields are taken from other managers.
    pub force: bool,
    /// Whether the answer is only what would be.
    pub dry_run: bool,
}

/// How an object is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteOptions {
    /// Who owns the fields that are written.
    pub field_manager: SmolStr,
    /// Whether the answer is only what would be.
    pub dry_run: bool,
}

impl WriteOptions {
    /// A write in the name of `field_manager`.
    pub fn new(field_manager: impl Into<SmolStr>) -> Self {
        Self { field_manager: field_manager.into(), dry_run: false }
    }
}

/// What becomes of the objects that the deleted one owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PropagationPolicy {
    /// They are deleted after it.
    #[default]
    Background,
    /// They are deleted before it.
    Foreground,
    /// They stay, without their owner reference.
    Orphan,
}

/// How an object is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DeleteOptions {
    /// What becomes of the objects that it owns.
    pub propagation: PropagationPolicy,
    /// The uid that it must have.
    pub uid: Option<SmolStr>,
    /// The resource version that it must have.
    pub resource_version: Option<SmolStr>,
    /// Whether the answer is only what would be.
    pub dry_run: bool,
}

/// A change of one object.
#[derive(Clone, Debug)]
pub enum WatchEvent {
    /// It is there now.
    Added(Object),
    /// It was changed.
    Modified(Object),
    /// It is gone; this is its last state, with the resource version of the deletion.
    Deleted(Object),
    /// Nothing happened up to this resource version.
    Bookmark(SmolStr),
}

impl WatchEvent {
    /// The object that changed.
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::Added(object) | Self::Modified(object) | Self::Deleted(object) => Some(object),
            Self::Bookmark(_) => None,
        }
    }

    /// The version up to which the watch has seen everything.
    pub fn resource_version(&self) -> Option<&str> {
        match self {
            Self::Added(object) | Self::Modified(object) | Self::Deleted(object) => {
                object.root.str_at(&["metadata", "resourceVersion"])
            }
            Self::Bookmark(version) => Some(version),
        }
    }
}

/// What the cluster serves.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Discovery {
    /// The version of the server, such as `v1.34.1`.
    pub server_version: SmolStr,
    /// The kinds in each of their versions, the preferred version of a kind first.
    pub kinds: Vec<ServedKind>,
}

impl Discovery {
    /// Whether the objects of a kind live in namespaces; `None` where the cluster does not serve the kind.
    pub fn is_namespaced(&self, group: &str, kind: &str) -> Option<bool> {
        self.preferred(group, kind).map(|served| served.namespaced)
    }

    /// The kind in its preferred version.
    pub fn preferred(&self, group: &str, kind: &str) -> Option<&ServedKind> {
        self.kinds.iter().find(|served| served.group == group && served.kind == kind)
    }
}

/// A kind in one version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServedKind {
    /// API group; empty for the core group.
    pub group: SmolStr,
    /// Version.
    pub version: SmolStr,
    /// Kind.
    pub kind: SmolStr,
    /// The name in paths, such as `deployments`.
    pub plural: SmolStr,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// Whether it has a status subresource.
    pub status_subresource: bool,
}
