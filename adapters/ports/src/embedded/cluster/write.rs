//! The requests that change objects, with the API server's checks.

use gitops_core::diagnostic::Location;
use gitops_core::kind::fill_defaults;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::time::Timestamp;
use gitops_core::yaml::Node;
use smol_str::SmolStr;

use super::store::{Store, finalizers, is_terminating, uid_of};
use super::{apply, fields, kinds, validate};
use crate::cluster::{
    ApplyOptions, ClusterError, DeleteOptions, PropagationPolicy, ServedKind, WriteOptions,
};

/// The finalizer that keeps an owner until what it owns is gone.
pub(super) const FOREGROUND: &str = "foregroundDeletion";
/// The finalizer that keeps an owner until what it owns is cut loose.
pub(super) const ORPHAN: &str = "orphan";

/// Fields that no update may change: group, kind, path.
const IMMUTABLE: &[(&str, &str, &[&str])] = &[
    ("", "ConfigMap", &["immutable"]),
    ("", "Secret", &["type"]),
    ("apps", "DaemonSet", &["spec", "selector"]),
    ("apps", "Deployment", &["spec", "selector"]),
    ("apps", "ReplicaSet", &["spec", "selector"]),
    ("apps", "StatefulSet", &["spec", "selector"]),
    ("apps", "StatefulSet", &["spec", "serviceName"]),
    ("apps", "StatefulSet", &["spec", "volumeClaimTemplates"]),
    ("batch", "Job", &["spec", "selector"]),
    ("batch", "Job", &["spec", "template"]),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", &["roleRef"]),
    ("rbac.authorization.k8s.io", "RoleBinding", &["roleRef"]),
];

/// Metadata that an update keeps as it is.
const SERVER_METADATA: &[&str] =
    &["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"];

/// Server-side apply.
pub(super) fn apply(
    store: &mut Store,
    object: &Object,
    options: &ApplyOptions,
    now: Timestamp,
) -> Result<Object, ClusterError> {
    let (kind, mut applied) = admit(store, &object.root)?;
    let key = ObjectKey::of(&applied);
    if kind.status_subresource {
        applied.remove("status");
    }
    let Some(live) = store.get(&key).cloned() else {
        let identity =
            ["uid", "resourceVersion"].iter().any(|name| applied.at(&["metadata", name]).is_some());
        if identity {
            return Err(ClusterError::NotFound { key });
        }
        let mut root = applied.clone();
        set_managers_of_new(&key, &mut root, &applied, options, now)?;
        return insert(store, root, &kind, options.dry_run, now);
    };
    preconditions(&key, &live, &applied)?;
    for name in SERVER_METADATA.iter().chain(&["resourceVersion", "managedFields"]) {
        if let Some(metadata) = applied.get_mut("metadata") {
            metadata.remove(name);
        }
    }
    let merged = apply::apply(&key, &live.root, &applied, options, now)?;
    replace(store, &live, merged, &kind, options.dry_run)
}

fn set_managers_of_new(
    key: &ObjectKey,
    root: &mut Node,
    applied: &Node,
    options: &ApplyOptions,
    now: Timestamp,
) -> Result<(), ClusterError> {
    *root = apply::apply(key, root, applied, options, now)?;
    Ok(())
}

/// Creates an object.
pub(super) fn create(
    store: &mut Store,
    object: &Object,
    options: &WriteOptions,
    now: Timestamp,
) -> Result<Object, ClusterError> {
    let mut root = object.root.clone();
    if let Some(prefix) = root.str_at(&["metadata", "generateName"]).map(ToOwned::to_owned)
        && root.at(&["metadata", "name"]).is_none()
    {
        let name = format!("{prefix}{}", store.name_suffix());
        root.set_at(&["metadata", "name"], Node::string(name));
    }
    let (kind, mut root) = admit(store, &root)?;
    let key = ObjectKey::of(&root);
    if store.get(&key).is_some() {
        return Err(ClusterError::AlreadyExists { key });
    }
    if root.at(&["metadata", "resourceVersion"]).is_some() {
        return Err(invalid(&key, "metadata.resourceVersion must not be set on an object to be created"));
    }
    if kind.status_subresource {
        root.remove("status");
    }
    fields::record_update(None, &mut root, &options.field_manager, now);
    insert(store, root, &kind, options.dry_run, now)
}

/// Replaces an object, all but its status.
pub(super) fn update(
    store: &mut Store,
    object: &Object,
    options: &WriteOptions,
    now: Timestamp,
) -> Result<Object, ClusterError> {
    let (kind, mut root) = admit(store, &object.root)?;
    let key = ObjectKey::of(&root);
    let live = existing(store, &key)?;
    preconditions(&key, &live, &root)?;
    if kind.status_subresource {
        copy_field(&live.root, &mut root, "status");
    }
    if let (Some(from), Some(to)) = (live.root.get("metadata"), root.get_mut("metadata")) {
        for name in SERVER_METADATA {
            copy_field(from, to, name);
        }
        copy_field(from, to, "managedFields");
    }
    fill_defaults(&mut root, &kind.group, &kind.kind);
    fields::record_update(Some(&live.root), &mut root, &options.field_manager, now);
    replace(store, &live, root, &kind, options.dry_run)
}

/// Replaces the status of an object and nothing else.
pub(super) fn update_status(
    store: &mut Store,
    object: &Object,
    options: &WriteOptions,
) -> Result<Object, ClusterError> {
    let (kind, root) = admit(store, &object.root)?;
    let key = ObjectKey::of(&root);
    let live = existing(store, &key)?;
    preconditions(&key, &live, &root)?;
    let mut changed = live.root.clone();
    copy_field(&root, &mut changed, "status");
    replace(store, &live, changed, &kind, options.dry_run)
}

/// Applies a merge patch.
pub(super) fn patch(
    store: &mut Store,
    key: &ObjectKey,
    patch: &Node,
    options: &WriteOptions,
    now: Timestamp,
) -> Result<Object, ClusterError> {
    let live = existing(store, key)?;
    preconditions(key, &live, patch)?;
    let mut root = live.root.clone();
    merge_patch(&mut root, patch);
    let patched = Object::new(root, Location::default());
    if patched.key != *key {
        return Err(invalid(key, "a patch must not change kind, namespace or name"));
    }
    update(store, &patched, options, now)
}

/// RFC 7396.
fn merge_patch(node: &mut Node, patch: &Node) {
    if !patch.is_mapping() {
        *node = patch.clone();
        return;
    }
    if !node.is_mapping() {
        *node = Node::mapping::<SmolStr>([]);
    }
    for entry in patch.entries() {
        let name = entry.key.text();
        if entry.value.is_null() {
            node.remove(name);
            continue;
        }
        if node.get(name).is_none() {
            node.set(entry.key.shared_text(), Node::null());
        }
        if let Some(child) = node.get_mut(name) {
            merge_patch(child, &entry.value);
        }
    }
}

/// Deletes an object, or marks it where finalizers hold it.
pub(super) fn delete(
    store: &mut Store,
    key: &ObjectKey,
    options: &DeleteOptions,
    now: Timestamp,
) -> Result<(), ClusterError> {
    kinds::kind_of_key(store, key)?;
    let live = existing(store, key)?;
    let wrong = |what: &str| ClusterError::Conflict { key: key.clone(), message: format!("{what} differs") };
    if options.uid.as_ref().is_some_and(|uid| uid != uid_of(&live)) {
        return Err(wrong("uid"));
    }
    let version = live.root.str_at(&["metadata", "resourceVersion"]);
    if options.resource_version.as_deref().is_some_and(|wanted| Some(wanted) != version) {
        return Err(wrong("resourceVersion"));
    }
    if options.dry_run {
        return Ok(());
    }
    let mut root = live.root.clone();
    match options.propagation {
        PropagationPolicy::Background => {}
        PropagationPolicy::Foreground => add_finalizer(&mut root, FOREGROUND),
        PropagationPolicy::Orphan => add_finalizer(&mut root, ORPHAN),
    }
    let is_namespace = key.group.is_empty() && key.kind == "Namespace";
    if finalizers(&root).next().is_none() && !is_namespace {
        store.remove(key);
        return Ok(());
    }
    if !is_terminating(&live) {
        root.set_at(&["metadata", "deletionTimestamp"], Node::string(now.to_string()));
        root.set_at(&["metadata", "deletionGracePeriodSeconds"], Node::integer(0));
        if is_namespace {
            root.set_at(&["status", "phase"], Node::string("Terminating"));
        }
    }
    store.replace(root);
    Ok(())
}

fn add_finalizer(root: &mut Node, finalizer: &str) {
    let mut all: Vec<Node> = finalizers(root).filter(|each| *each != finalizer).map(Node::string).collect();
    all.push(Node::string(finalizer));
    root.set_at(&["metadata", "finalizers"], Node::sequence(all));
}

/// Changes an object in the name of a controller of the cluster; without a change nothing happens.
pub(super) fn modify(
    store: &mut Store,
    key: &ObjectKey,
    manager: &str,
    now: Timestamp,
    change: impl FnOnce(&mut Node),
) {
    let Some(live) = store.get(key).cloned() else { return };
    let mut root = live.root.clone();
    change(&mut root);
    if root == live.root {
        return;
    }
    if without_status(&root) != without_status(&live.root) {
        fields::record_update(Some(&live.root), &mut root, manager, now);
    }
    bump_generation(&live.root, &mut root, true);
    store.replace(root);
}

fn without_status(root: &Node) -> Node {
    let mut root = root.clone();
    root.remove("status");
    root
}

/// The kind of a manifest, and the manifest without what its kind does not carry.
fn admit(store: &Store, root: &Node) -> Result<(ServedKind, Node), ClusterError> {
    let kind = kinds::kind_of(store, root)?;
    let mut root = root.clone();
    let key = ObjectKey::of(&root);
    if key.name.is_empty() {
        return Err(invalid(&key, "metadata.name is required"));
    }
    if !kind.namespaced {
        if let Some(metadata) = root.get_mut("metadata") {
            metadata.remove("namespace");
        }
        return Ok((kind, root));
    }
    if key.namespace.is_empty() {
        return Err(invalid(&key, "metadata.namespace is required for this kind"));
    }
    Ok((kind, root))
}

fn insert(
    store: &mut Store,
    mut root: Node,
    kind: &ServedKind,
    dry_run: bool,
    now: Timestamp,
) -> Result<Object, ClusterError> {
    let key = ObjectKey::of(&root);
    validate::check(&key, &root)?;
    if kind.namespaced {
        let namespace = ObjectKey::new("", "Namespace", "", key.namespace.clone());
        let found = store.get(&namespace).ok_or(ClusterError::NotFound { key: namespace })?;
        if is_terminating(found) {
            let message = format!("namespace `{}` is being terminated", key.namespace);
            return Err(ClusterError::Forbidden { key, message });
        }
    }
    fill_defaults(&mut root, &kind.group, &kind.kind);
    if dry_run {
        return Ok(Object::new(root, Location::default()));
    }
    let custom = kind.group.contains('.') && !kind.group.ends_with(".k8s.io");
    Ok(store.insert(root, kind.status_subresource || custom, now))
}

fn replace(
    store: &mut Store,
    live: &Object,
    mut root: Node,
    kind: &ServedKind,
    dry_run: bool,
) -> Result<Object, ClusterError> {
    fill_defaults(&mut root, &kind.group, &kind.kind);
    validate::check(&live.key, &root)?;
    let rows = IMMUTABLE.iter().filter(|(group, name, _)| *group == kind.group && *name == kind.kind);
    for (_, _, path) in rows {
        let (old, new) = (live.root.at(path), root.at(path));
        if old != new && (old.is_some() || kind.kind != "ConfigMap") {
            return Err(invalid(&live.key, &format!("{}: field is immutable", path.join("."))));
        }
    }
    bump_generation(&live.root, &mut root, kind.status_subresource);
    if dry_run {
        return Ok(Object::new(root, Location::default()));
    }
    Ok(store.replace(root))
}

/// The generation counts the changes outside metadata, and outside status where that is a subresource.
fn bump_generation(old: &Node, new: &mut Node, status_subresource: bool) {
    let Some(generation) = old.at(&["metadata", "generation"]).and_then(Node::as_i64) else { return };
    let desired = |root: &Node| {
        let mut root = root.clone();
        root.remove("metadata");
        if status_subresource {
            root.remove("status");
        }
        root
    };
    let next = if desired(old) == desired(new) { generation } else { generation.saturating_add(1) };
    new.set_at(&["metadata", "generation"], Node::integer(next));
}

fn existing(store: &Store, key: &ObjectKey) -> Result<Object, ClusterError> {
    store.get(key).cloned().ok_or_else(|| ClusterError::NotFound { key: key.clone() })
}

/// A uid or resource version in what is written must be that of the live object.
fn preconditions(key: &ObjectKey, live: &Object, wanted: &Node) -> Result<(), ClusterError> {
    for name in ["uid", "resourceVersion"] {
        let path = ["metadata", name];
        let asked = wanted.str_at(&path).filter(|text| !text.is_empty());
        if asked.is_some() && asked != live.root.str_at(&path) {
            let message = format!("{name} differs");
            return Err(ClusterError::Conflict { key: key.clone(), message });
        }
    }
    Ok(())
}

fn copy_field(from: &Node, to: &mut Node, name: &str) {
    match from.get(name) {
        Some(value) => {
            to.set(name, value.clone());
        }
        None => {
            to.remove(name);
        }
    }
}

fn invalid(key: &ObjectKey, message: &str) -> ClusterError {
    ClusterError::Invalid { key: key.clone(), message: message.to_owned() }
}
