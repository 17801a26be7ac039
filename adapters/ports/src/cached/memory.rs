//! The objects that are kept, by namespace and key.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use gitops_core::object::{Object, ObjectKey};
use smol_str::SmolStr;

use crate::cluster::{ClusterError, GroupKind, ListQuery, ObjectList, WatchEvent};

/// How many deleted objects are remembered.
const MOST_GONE: usize = 10_000;

/// What is known of one kind.
#[derive(Debug, Clone)]
enum Known {
    /// Its objects are kept.
    Kept,
    /// The cluster refused to list them.
    Refused(ClusterError),
}

/// The objects that are kept.
#[derive(Debug, Default)]
pub(super) struct Memory {
    kinds: BTreeMap<GroupKind, Known>,
    namespaces: BTreeMap<SmolStr, BTreeMap<ObjectKey, Object>>,
    /// Objects that are gone for good, by uid: an event that is older than the deletion must not bring one back.
    gone: BTreeSet<SmolStr>,
    gone_in_order: VecDeque<SmolStr>,
    resource_version: u64,
}

impl Memory {
    /// The objects that match, where all of the asked kinds are kept; `None` where the cluster must be asked.
    pub(super) fn list(&self, query: &ListQuery) -> Option<Result<ObjectList, ClusterError>> {
        for kind in &query.kinds {
            match self.kinds.get(kind)? {
                Known::Kept => {}
                Known::Refused(error) => return Some(Err(error.clone())),
            }
        }
        let objects = match &query.namespace {
            Some(namespace) => self.namespaces.get(namespace).map(|objects| matching(objects, query)),
            None => Some(self.everywhere(query)),
        };
        let resource_version = self.resource_version.to_string().into();
        Some(Ok(ObjectList { objects: objects.unwrap_or_default(), resource_version }))
    }

    fn everywhere(&self, query: &ListQuery) -> Vec<Object> {
        let mut objects: Vec<Object> =
            self.namespaces.values().flat_map(|objects| matching(objects, query)).collect();
        objects.sort_by(|a, b| a.key.cmp(&b.key));
        objects
    }

    /// The kinds that are refused, with the reason.
    pub(super) fn unreadable(&self) -> Vec<(GroupKind, ClusterError)> {
        let refused = |(kind, known): (&GroupKind, &Known)| match known {
            Known::Kept => None,
            Known::Refused(error) => Some((kind.clone(), error.clone())),
        };
        self.kinds.iter().filter_map(refused).collect()
    }

    /// Notes that the objects of a kind cannot be read.
    pub(super) fn refuse(&mut self, kind: &GroupKind, error: ClusterError) {
        self.drop_objects(kind, |_| true);
        self.kinds.insert(kind.clone(), Known::Refused(error));
    }

    /// Forgets a kind that the cluster no longer serves.
    pub(super) fn drop_kind(&mut self, kind: &GroupKind) {
        self.drop_objects(kind, |_| true);
        self.kinds.remove(kind);
    }

    /// Takes in a complete list of the objects of a kind.
    pub(super) fn replace(&mut self, kind: &GroupKind, list: ObjectList) {
        let keys: BTreeSet<ObjectKey> = list.objects.iter().map(|object| object.key.clone()).collect();
        let version = list.resource_version.parse().unwrap_or(0);
        // What was written after the list was made is newer than the list.
        self.drop_objects(kind, |object| !keys.contains(&object.key) && version_of(object) <= version);
        for object in list.objects {
            self.insert(object);
        }
        self.kinds.insert(kind.clone(), Known::Kept);
        self.resource_version = self.resource_version.max(version);
    }

    fn drop_objects(&mut self, kind: &GroupKind, drops: impl Fn(&Object) -> bool) {
        for objects in self.namespaces.values_mut() {
            let of_kind = |key: &ObjectKey| key.group == kind.group && key.kind == kind.kind;
            objects.retain(|key, object| !of_kind(key) || !drops(object));
        }
    }

    /// Takes in a change; says whether it was new.
    pub(super) fn take_in(&mut self, event: WatchEvent) -> bool {
        match event {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => self.insert(object),
            WatchEvent::Deleted(object) => self.remove(&object),
            WatchEvent::Bookmark(version) => {
                self.resource_version = self.resource_version.max(version.parse().unwrap_or(0));
                false
            }
        }
    }

    /// Keeps an object, unless a newer state of it is known; says whether it was new.
    pub(super) fn insert(&mut self, object: Object) -> bool {
        if self.gone.contains(uid_of(&object)) {
            return false;
        }
        let version = version_of(&object);
        self.resource_version = self.resource_version.max(version);
        let objects = self.namespaces.entry(object.key.namespace.clone()).or_default();
        if objects.get(&object.key).is_some_and(|known| version_of(known) >= version && version > 0) {
            return false;
        }
        objects.insert(object.key.clone(), object);
        true
    }

    /// Forgets what stands at `key`: the cluster has nothing there.
    pub(super) fn forget(&mut self, key: &ObjectKey) {
        let found = self.namespaces.get_mut(&key.namespace).and_then(|objects| objects.remove(key));
        if let Some(object) = found {
            self.bury(uid_of(&object).into());
        }
    }

    /// Forgets a deleted object; one of the same name that was made after it stays.
    fn remove(&mut self, deleted: &Object) -> bool {
        self.bury(uid_of(deleted).into());
        let Some(objects) = self.namespaces.get_mut(&deleted.key.namespace) else { return false };
        if objects.get(&deleted.key).is_none_or(|known| uid_of(known) != uid_of(deleted)) {
            return false;
        }
        objects.remove(&deleted.key).is_some()
    }

    fn bury(&mut self, uid: SmolStr) {
        if uid.is_empty() || !self.gone.insert(uid.clone()) {
            return;
        }
        self.gone_in_order.push_back(uid);
        if self.gone_in_order.len() > MOST_GONE
            && let Some(oldest) = self.gone_in_order.pop_front()
        {
            self.gone.remove(&oldest);
        }
    }
}

fn matching(objects: &BTreeMap<ObjectKey, Object>, query: &ListQuery) -> Vec<Object> {
    objects.values().filter(|object| query.matches(object)).cloned().collect()
}

fn uid_of(object: &Object) -> &str {
    object.root.str_at(&["metadata", "uid"]).unwrap_or_default()
}

/// Resource versions are numbers that grow, in every API server of today; 0 where one is not.
fn version_of(object: &Object) -> u64 {
    let version = object.root.str_at(&["metadata", "resourceVersion"]);
    version.and_then(|version| version.parse().ok()).unwrap_or(0)
}
