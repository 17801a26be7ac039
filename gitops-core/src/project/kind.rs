//! Which kinds a project permits.

use super::Project;
use crate::api::app_project::{ClusterResource, GroupKind};
use crate::glob::path_match;
use crate::object::ObjectKey;

impl Project<'_> {
    /// Whether objects of this group, kind and name may be written.
    ///
    /// A namespaced kind is permitted where the whitelist is absent or names it, and the blacklist does not. A
    /// cluster-scoped kind is permitted only where the whitelist names it and the blacklist does not; both lists
    /// may narrow it to names.
    pub fn permits_kind(&self, object: &ObjectKey, namespaced: bool) -> bool {
        let lists = &self.manifest.spec.resources;
        if namespaced {
            let listed = |list: &Vec<GroupKind>| list.iter().any(|item| matches_kind(item, object));
            return lists.namespace_whitelist.as_ref().is_none_or(listed)
                && !lists.namespace_blacklist.as_ref().is_some_and(listed);
        }
        let listed = |list: &Vec<ClusterResource>| list.iter().any(|item| matches_resource(item, object));
        lists.cluster_whitelist.as_ref().is_some_and(listed)
            && !lists.cluster_blacklist.as_ref().is_some_and(listed)
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    path_match(pattern, text) == Ok(true)
}

fn matches_kind(item: &GroupKind, object: &ObjectKey) -> bool {
    matches(&item.kind, &object.kind) && matches(&item.group, &object.group)
}

fn matches_resource(item: &ClusterResource, object: &ObjectKey) -> bool {
    matches(&item.kind, &object.kind)
        && matches(&item.group, &object.group)
        && (item.name.is_empty() || matches(&item.name, &object.name))
}
