//! Hooks: objects that run at a phase of a sync instead of being kept in place.
//!
//! Argo CD's annotations come first; Helm's are read where there is no valid one of Argo CD's.

use super::options::annotation_values;
use crate::api::application::SyncPhase;
use crate::object::Object;

/// The annotation that names the hook types of an object.
pub const HOOK: &str = "argocd.argoproj.io/hook";
/// The annotation that names when a hook is deleted.
pub const HOOK_DELETE_POLICY: &str = "argocd.argoproj.io/hook-delete-policy";
const HELM_HOOK: &str = "helm.sh/hook";
const HELM_DELETE_POLICY: &str = "helm.sh/hook-delete-policy";

/// A hook that runs holds this finalizer, so that it cannot vanish before its end is seen.
pub const HOOK_FINALIZER: &str = "argocd.argoproj.io/hook-finalizer";

/// When a hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HookType {
    /// Before the objects are applied.
    PreSync,
    /// With the objects.
    Sync,
    /// After the objects are healthy.
    PostSync,
    /// After the sync failed.
    SyncFail,
    /// Never: the object is left alone.
    Skip,
}

/// The words of Argo CD's annotation.
const TYPES: [(&str, HookType); 5] = [
    ("PreSync", HookType::PreSync),
    ("Sync", HookType::Sync),
    ("PostSync", HookType::PostSync),
    ("SyncFail", HookType::SyncFail),
    ("Skip", HookType::Skip),
];

/// The words of Helm's annotation that mean something here.
const HELM_TYPES: [(&str, HookType); 4] = [
    ("pre-install", HookType::PreSync),
    ("pre-upgrade", HookType::PreSync),
    ("post-upgrade", HookType::PostSync),
    ("post-install", HookType::PostSync),
];

impl HookType {
    /// The word of Argo CD's annotation.
    pub fn as_str(self) -> &'static str {
        TYPES.iter().find(|(_, found)| *found == self).map_or("", |(word, _)| word)
    }

    /// The phase in which such a hook runs.
    pub fn phase(self) -> Option<SyncPhase> {
        match self {
            Self::PreSync => Some(SyncPhase::PreSync),
            Self::Sync => Some(SyncPhase::Sync),
            Self::PostSync => Some(SyncPhase::PostSync),
            Self::SyncFail => Some(SyncPhase::SyncFail),
            Self::Skip => None,
        }
    }
}

/// When a hook is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeletePolicy {
    /// Before it is made again.
    BeforeHookCreation,
    /// After the sync succeeded.
    HookSucceeded,
    /// After the sync failed.
    HookFailed,
}

const POLICIES: [(&str, &str, DeletePolicy); 3] = [
    ("BeforeHookCreation", "before-hook-creation", DeletePolicy::BeforeHookCreation),
    ("HookSucceeded", "hook-succeeded", DeletePolicy::HookSucceeded),
    ("HookFailed", "hook-failed", DeletePolicy::HookFailed),
];

impl DeletePolicy {
    /// The word of Argo CD's annotation.
    pub fn as_str(self) -> &'static str {
        POLICIES.iter().find(|(_, _, found)| *found == self).map_or("", |(word, _, _)| word)
    }
}

/// The hook types of an object, those of Helm only where Argo CD's annotation names no valid one.
pub fn hook_types(object: &Object) -> Vec<HookType> {
    let read = |annotation: &str, words: &[(&str, HookType)]| {
        let find = |item: &str| words.iter().find(|(word, _)| *word == item).map(|(_, found)| *found);
        let mut types = vec![];
        for found in annotation_values(object, annotation).into_iter().filter_map(find) {
            // Two of Helm's words may mean one type, which runs once.
            if !types.contains(&found) {
                types.push(found);
            }
        }
        types
    };
    let types = read(HOOK, &TYPES);
    if types.is_empty() { read(HELM_HOOK, &HELM_TYPES) } else { types }
}

/// Whether the only type is `Skip`: the object is neither applied nor pruned.
pub fn is_skipped(object: &Object) -> bool {
    hook_types(object) == [HookType::Skip]
}

/// Whether the object is a hook. One without a valid type is a hook that never runs.
pub fn is_hook(object: &Object) -> bool {
    match object.annotation(HOOK) {
        Some(_) => !is_skipped(object),
        // Helm 2's `crd-install` alone marks an ordinary object.
        None => object.annotation(HELM_HOOK).is_some_and(|value| value != "crd-install"),
    }
}

/// The phases in which the object is handled: `Sync` for an ordinary one, none for a skipped one.
pub fn sync_phases(object: &Object) -> Vec<SyncPhase> {
    if is_skipped(object) {
        vec![]
    } else if is_hook(object) {
        hook_types(object).into_iter().filter_map(HookType::phase).collect()
    } else {
        vec![SyncPhase::Sync]
    }
}

/// When the hook is deleted: the policies of both annotations, `BeforeHookCreation` where there is none.
pub fn delete_policies(object: &Object) -> Vec<DeletePolicy> {
    let own = annotation_values(object, HOOK_DELETE_POLICY)
        .into_iter()
        .filter_map(|item| POLICIES.iter().find(|(word, _, _)| *word == item).map(|(_, _, policy)| *policy));
    let helm = annotation_values(object, HELM_DELETE_POLICY)
        .into_iter()
        .filter_map(|item| POLICIES.iter().find(|(_, word, _)| *word == item).map(|(_, _, policy)| *policy));
    let policies: Vec<_> = own.chain(helm).collect();
    if policies.is_empty() { vec![DeletePolicy::BeforeHookCreation] } else { policies }
}

/// Whether the hook runs before the application's objects are deleted.
pub fn is_pre_delete(object: &Object) -> bool {
    annotation_values(object, HOOK).contains(&"PreDelete")
        || annotation_values(object, HELM_HOOK).contains(&"pre-delete")
}

/// Whether the hook runs after the application's objects are deleted.
pub fn is_post_delete(object: &Object) -> bool {
    annotation_values(object, HOOK).contains(&"PostDelete")
        || annotation_values(object, HELM_HOOK).contains(&"post-delete")
}

/// Whether a sync looks at the object at all: hooks of a deletion are left out unless they have a phase too.
pub fn is_in_sync(object: &Object) -> bool {
    !(is_pre_delete(object) || is_post_delete(object)) || !sync_phases(object).is_empty()
}
