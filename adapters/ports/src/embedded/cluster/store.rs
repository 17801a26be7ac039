//! The objects, their resource versions and the log of their changes.
//!
//! Knows nothing about requests: whoever writes here has checked the preconditions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

use gitops_core::diagnostic::Location;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::time::Timestamp;
use gitops_core::yaml::Node;
use serde_json::{Value as Json, json};
use smol_str::{SmolStr, format_smolstr};

use crate::cluster::{ListQuery, WatchEvent};

/// How many changes a watch can fall behind.
const LOG_LIMIT: usize = 10_000;

/// The objects of the cluster.
#[derive(Debug, Default)]
pub(super) struct Store {
    objects: BTreeMap<ObjectKey, Object>,
    uids: BTreeSet<SmolStr>,
    resource_version: u64,
    names: u64,
    log: VecDeque<Change>,
    /// Changes up to this resource version are no longer in the log.
    forgotten: u64,
    /// Whether owners may have gone since garbage was last collected.
    pub(super) garbage: bool,
}

#[derive(Debug)]
struct Change {
    resource_version: u64,
    event: WatchEvent,
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

    /// The objects of a kind whose controller has `uid`.
    pub(super) fn controlled_by(&self, owner: &Object, group: &str, kind: &str) -> Vec<Object> {
        let uid = uid_of(owner);
        self.of_kind(group, kind, &owner.key.namespace)
            .filter(|object| controller_of(object).is_some_and(|found| found == uid))
            .cloned()
            .collect()
    }

    pub(super) fn has_uid(&self, uid: &str) -> bool {
        self.uids.contains(uid)
    }

    pub(super) fn list(&self, query: &ListQuery) -> Vec<Object> {
        self.objects.values().filter(|object| query.matches(object)).cloned().collect()
    }

    /// The first change after `seen` that `query` means, and its resource version.
    pub(super) fn change_after(&self, seen: u64, query: &ListQuery) -> Option<(u64, WatchEvent)> {
        let start = self.log.partition_point(|change| change.resource_version <= seen);
        self.log
            .iter()
            .skip(start)
            .find(|change| change.event.object().is_some_and(|object| query.matches(object)))
            .map(|change| (change.resource_version, change.event.clone()))
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
        self.uids.insert(uid);
        let object = self.store(root);
        self.garbage |= owners(&object).next().is_some();
        self.log(WatchEvent::Added(object.clone()));
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
        let object = self.store(root);
        self.log(WatchEvent::Modified(object.clone()));
        object
    }

    /// Removes an object and returns its last state.
    pub(super) fn remove(&mut self, key: &ObjectKey) -> Option<Object> {
        let mut object = self.objects.remove(key)?;
        self.uids.remove(uid_of(&object));
        self.garbage = true;
        self.resource_version += 1;
        set_version(&mut object.root, self.resource_version);
        self.log(WatchEvent::Deleted(object.clone()));
        Some(object)
    }

    fn store(&mut self, mut root: Node) -> Object {
        self.resource_version += 1;
        set_version(&mut root, self.resource_version);
        let object = Object::new(root, Location::default());
        self.objects.insert(object.key.clone(), object.clone());
        object
    }

    fn log(&mut self, event: WatchEvent) {
        self.log.push_back(Change { resource_version: self.resource_version, event });
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

    pub(super) fn to_json(&self) -> Json {
        // A node that was read from JSON or YAML within 64 bits has a JSON form; NaN is no field of any kind.
        let objects: Vec<Json> =
            self.objects.values().map(|object| object.root.to_json().unwrap_or(Json::Null)).collect();
        json!({ "resourceVersion": self.resource_version, "names": self.names, "objects": objects })
    }

    /// The store that [`Store::to_json`] wrote. Watches of before must list again.
    pub(super) fn from_json(json: &Json) -> Option<Self> {
        let number = |name: &str| json.get(name).and_then(Json::as_u64);
        let mut store = Self {
            resource_version: number("resourceVersion")?,
            names: number("names")?,
            forgotten: number("resourceVersion")?,
            garbage: true,
            ..Self::default()
        };
        for object in json.get("objects")?.as_array()? {
            let object = Object::new(Node::from_json(object), Location::default());
            store.uids.insert(uid_of(&object).into());
            store.objects.insert(object.key.clone(), object);
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

/// The uid of the owner that controls the object.
pub(super) fn controller_of(object: &Object) -> Option<&str> {
    owners(object)
        .find(|owner| owner.get("controller").and_then(Node::as_bool) == Some(true))
        .and_then(|owner| owner.str_at(&["uid"]))
}
