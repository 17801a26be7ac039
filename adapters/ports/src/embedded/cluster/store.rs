//! The objects, their resource versions and the log of their changes.
//!
//! Knows nothing about requests: whoever writes here has checked the preconditions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

use gitops_core::diagnostic::Location;
use gitops_core::object::{Object, ObjectKey, group_and_version};
use gitops_core::time::Timestamp;
use gitops_core::yaml::Node;
use serde_json::Value as Json;
use smol_str::{SmolStr, format_smolstr};

use crate::cluster::{ListQuery, WatchEvent};

/// How many changes a watch can fall behind.
const LOG_LIMIT: usize = 10_000;

/// The objects of the cluster.
#[derive(Debug, Default)]
pub(super) struct Store {
    objects: BTreeMap<ObjectKey, Object>,
    uids: BTreeSet<SmolStr>,
    /// What refers to an owner, by the uid of the owner.
    owned: BTreeMap<SmolStr, BTreeSet<ObjectKey>>,
    terminating: BTreeSet<ObjectKey>,
    resource_version: u64,
    names: u64,
    log: VecDeque<Change>,
    /// Changes up to this resource version are no longer in the log.
    forgotten: u64,
    /// Objects that changed, and their owners, since somebody took note.
    touched: BTreeSet<ObjectKey>,
    /// Objects that may have lost their owners since garbage was last collected.
    orphans: BTreeSet<ObjectKey>,
    /// The objects as they were last saved, where they ever were; what changed since is unsaved.
    texts: Option<BTreeMap<ObjectKey, String>>,
    unsaved: BTreeSet<ObjectKey>,
}

/// A change: what stood there before and after, and at which resource version.
#[derive(Debug)]
struct Change {
    resource_version: u64,
    before: Option<Object>,
    /// The last state where the object is gone.
    after: Object,
    gone: bool,
}

impl Change {
    /// The change as a watch of `query` sees it: an object that it no longer means is gone for it.
    fn seen_by(&self, query: &ListQuery) -> Option<WatchEvent> {
        let was = self.before.as_ref().is_some_and(|before| query.matches(before));
        let is = !self.gone && query.matches(&self.after);
        let object = || self.after.clone();
        match (was, is) {
            (false, false) => None,
            (false, true) => Some(WatchEvent::Added(object())),
            (true, true) => Some(WatchEvent::Modified(object())),
            (true, false) => Some(WatchEvent::Deleted(object())),
        }
    }
}

impl Store {
    pub(super) fn resource_version(&self) -> u64 {
        self.resource_version
    }

    pub(super) fn get(&self, key: &ObjectKey) -> Option<&Object> {
        self.objects.get(key)
    }

    pub(super) fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    /// The objects of one kind in one namespace; cluster-scoped ones live in namespace "".
    pub(super) fn of_kind<'a>(
        &'a self,
        group: &str,
        kind: &str,
        namespace: &str,
    ) -> impl Iterator<Item = &'a Object> + use<'a> {
        let from = ObjectKey::new(group, kind, namespace, "");
        let first = from.clone();
        self.objects
            .range((Bound::Included(from), Bound::Unbounded))
            .take_while(move |(key, _)| {
                (&key.group, &key.kind, &key.namespace) == (&first.group, &first.kind, &first.namespace)
            })
            .map(|(_, object)| object)
    }

    /// The keys of one kind in every namespace.
    pub(super) fn keys_of_kind(&self, group: &str, kind: &str) -> Vec<ObjectKey> {
        self.objects
            .range(ObjectKey::new(group, kind, "", "")..)
            .take_while(|(key, _)| key.group == group && key.kind == kind)
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// The objects of a kind that `owner` controls.
    pub(super) fn controlled_by(&self, owner: &Object, group: &str, kind: &str) -> Vec<Object> {
        let uid = uid_of(owner);
        let mut controlled = self.owned_by(owner);
        controlled.retain(|object| {
            object.key.group == group && object.key.kind == kind && controller_of(object) == Some(uid)
        });
        controlled
    }

    /// The objects that refer to `owner`.
    pub(super) fn owned_by(&self, owner: &Object) -> Vec<Object> {
        let keys = self.owned.get(uid_of(owner)).into_iter().flatten();
        keys.filter_map(|key| self.objects.get(key)).cloned().collect()
    }

    /// The objects that are being deleted.
    pub(super) fn terminating(&self) -> Vec<Object> {
        self.terminating.iter().filter_map(|key| self.objects.get(key)).cloned().collect()
    }

    /// The objects that changed, and their owners, since this was last asked.
    pub(super) fn take_touched(&mut self) -> BTreeSet<ObjectKey> {
        std::mem::take(&mut self.touched)
    }

    /// The objects that may have lost their owners since this was last asked.
    pub(super) fn take_orphans(&mut self) -> BTreeSet<ObjectKey> {
        std::mem::take(&mut self.orphans)
    }

    pub(super) fn has_uid(&self, uid: &str) -> bool {
        self.uids.contains(uid)
    }

    /// The objects that `query` means, in the order of their keys.
    pub(super) fn list(&self, query: &ListQuery) -> Vec<Object> {
        let matching = |object: &&Object| query.matches(object);
        if query.kinds.is_empty() {
            return self.objects.values().filter(matching).cloned().collect();
        }
        let kinds: BTreeSet<_> = query.kinds.iter().collect();
        let of_kinds = kinds.into_iter().flat_map(|kind| {
            let from = ObjectKey::new(kind.group.clone(), kind.kind.clone(), "", "");
            let is_kind = move |key: &ObjectKey| key.group == kind.group && key.kind == kind.kind;
            self.objects.range(from..).take_while(move |(key, _)| is_kind(key)).map(|(_, object)| object)
        });
        of_kinds.filter(matching).cloned().collect()
    }

    /// The first change after `seen` that `query` means, and its resource version.
    pub(super) fn change_after(&self, seen: u64, query: &ListQuery) -> Option<(u64, WatchEvent)> {
        let start = self.log.partition_point(|change| change.resource_version <= seen);
        let mut changes = self.log.iter().skip(start);
        changes.find_map(|change| Some((change.resource_version, change.seen_by(query)?)))
    }

    pub(super) fn knows_changes_after(&self, resource_version: u64) -> bool {
        resource_version >= self.forgotten && resource_version <= self.resource_version
    }

    /// A suffix for generated names: five characters of a counter.
    pub(super) fn name_suffix(&mut self) -> String {
        const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
        self.names += 1;
        let mut rest = self.names;
        let mut suffix = String::new();
        for _ in 0..5 {
            let digit = usize::try_from(rest % 27).unwrap_or_default();
            suffix.insert(0, ALPHABET.get(digit).map_or('b', |byte| char::from(*byte)));
            rest /= 27;
        }
        suffix
    }

    /// Puts a new object in: sets uid, creation time and generation.
    pub(super) fn insert(&mut self, mut root: Node, has_generation: bool, now: Timestamp) -> Object {
        let uid = format_smolstr!("00000000-0000-4000-8000-{:012x}", self.resource_version + 1);
        root.set_at(&["metadata", "uid"], Node::string(uid.clone()));
        root.set_at(&["metadata", "creationTimestamp"], Node::string(now.to_string()));
        if has_generation {
            root.set_at(&["metadata", "generation"], Node::integer(1));
        }
        let object = self.store(root);
        let known = |owner: &Node| self.has_uid(owner.str_at(&["uid"]).unwrap_or_default());
        if owners(&object).next().is_some() && !owners(&object).all(known) {
            self.orphans.insert(object.key.clone());
        }
        object
    }

    /// Replaces an object; without a change nothing happens. An object that waits only for its last finalizer
    /// goes.
    pub(super) fn replace(&mut self, root: Node) -> Object {
        let key = ObjectKey::of(&root);
        if let Some(stored) = self.objects.get(&key)
            && same_but_version(&stored.root, &root)
        {
            return stored.clone();
        }
        let waits = root.at(&["metadata", "deletionTimestamp"]).is_some();
        if waits && finalizers(&root).next().is_none() && key.kind != "Namespace" {
            return self.remove(&key).unwrap_or_else(|| Object::new(root, Location::default()));
        }
        self.store(root)
    }

    /// Removes an object and returns its last state.
    pub(super) fn remove(&mut self, key: &ObjectKey) -> Option<Object> {
        let before = self.objects.remove(key)?;
        self.unlink(&before);
        if let Some(left) = self.owned.get(uid_of(&before)) {
            self.orphans.extend(left.iter().cloned());
        }
        self.resource_version += 1;
        let mut after = before.clone();
        set_version(&mut after.root, self.resource_version);
        self.log(Some(before), after.clone(), true);
        Some(after)
    }

    fn store(&mut self, mut root: Node) -> Object {
        self.resource_version += 1;
        set_version(&mut root, self.resource_version);
        let object = Object::new(root, Location::default());
        let before = self.link(object.clone());
        self.log(before, object.clone(), false);
        object
    }

    /// Puts an object into all indexes, and returns the one that stood there.
    fn link(&mut self, object: Object) -> Option<Object> {
        let before = self.objects.remove(&object.key);
        if let Some(before) = &before {
            self.unlink(before);
        }
        self.uids.insert(uid_of(&object).into());
        for owner in owners(&object) {
            let uid = owner.str_at(&["uid"]).unwrap_or_default();
            self.owned.entry(uid.into()).or_default().insert(object.key.clone());
        }
        if is_terminating(&object) {
            self.terminating.insert(object.key.clone());
        }
        self.objects.insert(object.key.clone(), object);
        before
    }

    fn unlink(&mut self, object: &Object) {
        self.uids.remove(uid_of(object));
        self.terminating.remove(&object.key);
        for owner in owners(object) {
            let uid = owner.str_at(&["uid"]).unwrap_or_default();
            if let Some(siblings) = self.owned.get_mut(uid) {
                siblings.remove(&object.key);
                if siblings.is_empty() {
                    self.owned.remove(uid);
                }
            }
        }
    }

    fn log(&mut self, before: Option<Object>, after: Object, gone: bool) {
        for object in before.iter().chain([&after]) {
            self.touched.extend(owners(object).map(|owner| owner_key(object, owner)));
        }
        self.touched.insert(after.key.clone());
        if self.texts.is_some() {
            self.unsaved.insert(after.key.clone());
        }
        self.log.push_back(Change { resource_version: self.resource_version, before, after, gone });
        while self.log.len() > LOG_LIMIT {
            if let Some(change) = self.log.pop_front() {
                self.forgotten = change.resource_version;
            }
        }
    }

    /// Forgets the log of changes: watches must list again.
    pub(super) fn forget_changes(&mut self) {
        self.log.clear();
        self.forgotten = self.resource_version;
    }

    /// The store as JSON text. Only what changed since the last call is written out anew.
    pub(super) fn json_text(&mut self) -> String {
        let texts = self.texts.get_or_insert_with(|| {
            self.unsaved = self.objects.keys().cloned().collect();
            BTreeMap::new()
        });
        for key in std::mem::take(&mut self.unsaved) {
            match self.objects.get(&key) {
                // What was read from JSON or YAML has a JSON form, but for NaN, which is no field of any kind.
                Some(object) => {
                    let text = object.root.to_json().unwrap_or(Json::Null).to_string();
                    texts.insert(key, text);
                }
                None => {
                    texts.remove(&key);
                }
            }
        }
        let objects = texts.values().map(String::as_str).collect::<Vec<_>>().join(",\n");
        let (version, names) = (self.resource_version, self.names);
        format!("{{\"resourceVersion\":{version},\"names\":{names},\"objects\":[\n{objects}\n]}}")
    }

    /// The store that [`Store::json_text`] wrote. Watches of before must list again.
    pub(super) fn from_json(json: &Json) -> Option<Self> {
        let number = |name: &str| json.get(name).and_then(Json::as_u64);
        let mut store = Self {
            resource_version: number("resourceVersion")?,
            names: number("names")?,
            forgotten: number("resourceVersion")?,
            ..Self::default()
        };
        for object in json.get("objects")?.as_array()? {
            let object = Object::new(Node::from_json(object), Location::default());
            store.orphans.insert(object.key.clone());
            store.touched.insert(object.key.clone());
            store.link(object);
        }
        Some(store)
    }
}

fn set_version(root: &mut Node, version: u64) {
    root.set_at(&["metadata", "resourceVersion"], Node::string(format_smolstr!("{version}")));
}

fn same_but_version(stored: &Node, new: &Node) -> bool {
    let mut new = new.clone();
    match stored.at(&["metadata", "resourceVersion"]) {
        Some(version) => {
            new.set_at(&["metadata", "resourceVersion"], version.clone());
        }
        None => return false,
    }
    new == *stored
}

/// The uid; empty where the object was never stored.
pub(super) fn uid_of(object: &Object) -> &str {
    object.root.str_at(&["metadata", "uid"]).unwrap_or_default()
}

pub(super) fn is_terminating(object: &Object) -> bool {
    object.root.at(&["metadata", "deletionTimestamp"]).is_some()
}

pub(super) fn finalizers(root: &Node) -> impl Iterator<Item = &str> {
    let items = root.at(&["metadata", "finalizers"]).map(Node::items).unwrap_or_default();
    items.iter().filter_map(Node::as_str)
}

/// The owner references.
pub(super) fn owners(object: &Object) -> impl Iterator<Item = &Node> {
    object.root.at(&["metadata", "ownerReferences"]).map(Node::items).unwrap_or_default().iter()
}

/// The key that an owner reference of `object` names.
fn owner_key(object: &Object, owner: &Node) -> ObjectKey {
    let text = |name: &str| owner.str_at(&[name]).unwrap_or_default();
    let (group, _) = group_and_version(text("apiVersion"));
    ObjectKey::new(group, text("kind"), object.key.namespace.clone(), text("name"))
}

/// The uid of the owner that controls the object.
pub(super) fn controller_of(object: &Object) -> Option<&str> {
    owners(object)
        .find(|owner| owner.get("controller").and_then(Node::as_bool) == Some(true))
        .and_then(|owner| owner.str_at(&["uid"]))
}
