//! One resource on its way through a render: the manifest, and what kustomize keeps in internal annotations.

use smol_str::SmolStr;

use super::kustomization::Gvk;
use super::twins::Twins;
use crate::kind::Scopes;
use crate::object::{ObjectKey, group_and_version};
use crate::provenance::{DroppedObject, NodeOrigin, Place, Removal};
use crate::yaml::{Node, Value};

/// The namespace under which cluster-scoped objects are filed.
const NO_NAMESPACE: &str = "_non_namespaceable_";
/// The namespace that an empty one stands for.
const DEFAULT_NAMESPACE: &str = "default";

/// The identity of a resource: two resources of one render may not share it. The namespace is the effective
/// one: `default` where none is given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceId {
    /// Name.
    pub name: SmolStr,
    /// Kind.
    pub kind: SmolStr,
    /// Effective namespace.
    pub namespace: SmolStr,
    /// API group; empty for the core group.
    pub group: SmolStr,
    /// API version.
    pub version: SmolStr,
}

impl ResourceId {
    /// The identity with these parts; `namespace` as written.
    pub fn new(gvk: Gvk, namespace: &str, name: impl Into<SmolStr>) -> Self {
        Self::in_scopes(&Scopes::default(), gvk, namespace, name)
    }

    fn in_scopes(scopes: &Scopes, gvk: Gvk, namespace: &str, name: impl Into<SmolStr>) -> Self {
        let namespace = effective_namespace(scopes, &gvk, namespace);
        Self { name: name.into(), kind: gvk.kind, namespace, group: gvk.group, version: gvk.version }
    }

    /// Whether group, version and kind are those of `gvk`, whose empty parts stand for any.
    pub fn is_selected_by(&self, gvk: &Gvk) -> bool {
        (gvk.group.is_empty() || gvk.group == self.group)
            && (gvk.version.is_empty() || gvk.version == self.version)
            && (gvk.kind.is_empty() || gvk.kind == self.kind)
    }

    /// Whether the kind is known to be cluster-scoped.
    pub fn is_cluster_scoped(&self) -> bool {
        self.namespace == NO_NAMESPACE
    }
}

/// `Deployment.v1.apps dev/myapp`.
impl std::fmt::Display for ResourceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.kind)?;
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        write!(f, " `{}`", self.name)?;
        if self.is_cluster_scoped() { Ok(()) } else { write!(f, " in namespace `{}`", self.namespace) }
    }
}

fn effective_namespace(scopes: &Scopes, gvk: &Gvk, namespace: &str) -> SmolStr {
    if is_cluster_scoped(scopes, gvk) {
        SmolStr::new_static(NO_NAMESPACE)
    } else if namespace.is_empty() {
        SmolStr::new_static(DEFAULT_NAMESPACE)
    } else {
        namespace.into()
    }
}

/// Whether the kind is known as cluster-scoped; unknown kinds count as namespaced.
fn is_cluster_scoped(scopes: &Scopes, gvk: &Gvk) -> bool {
    let api_version = match gvk.group.as_str() {
        "" => gvk.version.clone(),
        group => smol_str::format_smolstr!("{group}/{}", gvk.version),
    };
    scopes.is_namespaced(&api_version, &gvk.kind) == Some(false)
}

/// What a resource was called before a transformer renamed it. Group and version are always the current ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousId {
    /// The name.
    pub name: SmolStr,
    /// The effective namespace.
    pub namespace: SmolStr,
    /// The kind.
    pub kind: SmolStr,
}

impl PreviousId {
    /// The whole identity, group and version being those of `gvk`.
    fn with(&self, gvk: &Gvk) -> ResourceId {
        ResourceId {
            name: self.name.clone(),
            kind: self.kind.clone(),
            namespace: self.namespace.clone(),
            group: gvk.group.clone(),
            version: gvk.version.clone(),
        }
    }
}

/// What a generator does when the resource is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Behavior {
    /// No `behavior`, or one that kustomize does not know: as [`Behavior::Create`].
    #[default]
    Unspecified,
    /// The resource must be new.
    Create,
    /// The resource must be there; labels and annotations are merged, the rest is replaced.
    Replace,
    /// The resource must be there, and is merged.
    Merge,
}

/// A resource on its way through a render.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The manifest.
    pub root: Node,
    /// Where the manifest begins; the file is the one that offsets in `root` count in.
    pub place: Place,
    /// What it was called before, oldest first.
    pub previous: Vec<PreviousId>,
    /// The name prefixes that were added, oldest first.
    pub prefixes: Vec<SmolStr>,
    /// The name suffixes that were added, oldest first.
    pub suffixes: Vec<SmolStr>,
    /// What to do when it is there already, for a generated one.
    pub behavior: Behavior,
    /// Whether a hash of its content goes to the end of its name.
    pub needs_hash: bool,
    /// Names of the vars that take their value from it.
    pub var_names: Vec<SmolStr>,
    /// What was taken away from it, in that order.
    pub removals: Vec<Removal>,
    /// Which kinds live in a namespace, by what the build knows.
    pub(crate) scopes: Scopes,
    /// Values that are one node at several places.
    pub(crate) twins: Twins,
    /// Where it came from and what changed it, where `buildMetadata` asks for that.
    pub tracking: Option<super::metadata::Tracking>,
}

impl Resource {
    /// The resource of a manifest that begins at `place`.
    pub fn new(root: Node, place: Place) -> Self {
        Self {
            previous: claimed_previous(&root),
            root,
            place,
            prefixes: vec![],
            suffixes: vec![],
            behavior: Behavior::default(),
            needs_hash: false,
            var_names: vec![],
            removals: vec![],
            scopes: Scopes::default(),
            twins: Twins::default(),
            tracking: None,
        }
    }

    /// Group, version and kind.
    pub fn gvk(&self) -> Gvk {
        let (group, version) = group_and_version(self.field(&["apiVersion"]));
        Gvk { group: group.into(), version: version.into(), kind: self.kind().into() }
    }

    /// `kind`.
    pub fn kind(&self) -> &str {
        self.field(&["kind"])
    }

    /// `metadata.name`.
    pub fn name(&self) -> &str {
        self.field(&["metadata", "name"])
    }

    /// `metadata.namespace`.
    pub fn namespace(&self) -> &str {
        self.field(&["metadata", "namespace"])
    }

    fn field(&self, path: &[&str]) -> &str {
        self.root.at(path).filter(|node| !node.is_null()).and_then(Node::text).unwrap_or_default()
    }

    /// Where the value at a path of keys comes from; `None` where nothing stands there.
    pub(crate) fn origin_of(&self, path: &[&str]) -> Option<NodeOrigin> {
        let node = self.root.at(path)?;
        Some(NodeOrigin { origin: node.origin, file: self.place.file })
    }

    /// What it is called now.
    pub fn current_id(&self) -> ResourceId {
        ResourceId::in_scopes(&self.scopes, self.gvk(), self.namespace(), self.name())
    }

    /// Whether the kind is known as cluster-scoped; unknown kinds count as namespaced.
    pub(crate) fn is_cluster_scoped(&self) -> bool {
        is_cluster_scoped(&self.scopes, &self.gvk())
    }

    /// What it was called when it was read.
    pub fn original_id(&self) -> ResourceId {
        match self.previous.first() {
            Some(first) => first.with(&self.gvk()),
            None => self.current_id(),
        }
    }

    /// What it was called before, oldest first.
    pub fn previous_ids(&self) -> impl Iterator<Item = ResourceId> {
        let gvk = if self.previous.is_empty() { Gvk::default() } else { self.gvk() };
        self.previous.iter().map(move |previous| previous.with(&gvk))
    }

    /// Keeps what it is called now, before a change.
    pub fn store_previous_id(&mut self) {
        let ResourceId { name, kind, namespace, .. } = self.current_id();
        self.previous.push(PreviousId { name, namespace, kind });
    }

    /// Sets what was set at one place at the others that have the same node.
    pub(crate) fn settle_twins(&mut self) {
        self.twins.settle(&mut self.root);
    }

    /// Whether nothing is left of it: a patch deleted it.
    pub fn is_empty(&self) -> bool {
        match &self.root.value {
            Value::Mapping(mapping) => mapping.is_empty(),
            Value::Sequence(items) => items.is_empty(),
            Value::Scalar(_) => self.root.is_null(),
        }
    }

    /// Leaves nothing of it, and returns what it was, of which the last removal is the whole.
    pub(crate) fn drop_by_removal(&mut self) -> Option<DroppedObject> {
        let removal = self.removals.pop()?;
        self.root = Node::null();
        Some(DroppedObject {
            key: ObjectKey::of(&removal.node),
            former_names: self.former_names(),
            file: self.place.file,
            removal,
            removals: std::mem::take(&mut self.removals),
        })
    }

    /// The names that it had before, oldest first.
    pub fn former_names(&self) -> Vec<SmolStr> {
        self.previous.iter().map(|previous| previous.name.clone()).collect()
    }
}

/// The former identities that a manifest claims in kustomize's internal annotations, which count as if the build
/// had made them.
fn claimed_previous(root: &Node) -> Vec<PreviousId> {
    let Some(annotations) = root.at(&["metadata", "annotations"]).filter(|node| node.is_mapping()) else {
        return vec![];
    };
    let parts = |name: &str| annotations.get(name).and_then(Node::text).map(|text| text.split(','));
    let names = parts("internal.config.kubernetes.io/previousNames");
    let namespaces = parts("internal.config.kubernetes.io/previousNamespaces");
    let kinds = parts("internal.config.kubernetes.io/previousKinds");
    let (Some(names), Some(namespaces), Some(kinds)) = (names, namespaces, kinds) else { return vec![] };
    let parts = names.zip(namespaces).zip(kinds);
    parts
        .map(|((name, namespace), kind)| PreviousId {
            name: name.into(),
            namespace: namespace.into(),
            kind: kind.into(),
        })
        .collect()
}
