//! Deployments: a ReplicaSet for each template, rolled over within surge and unavailability, reported as
//! progressing, complete or stalled.

mod rolling;
mod status;

use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml::Node;
use smol_str::SmolStr;

use super::{MANAGER, World, integer, set_controller};
use crate::embedded::cluster::store::is_terminating;
use crate::embedded::cluster::write;

const REVISION: &str = "deployment.kubernetes.io/revision";
const HASH_LABEL: &str = "pod-template-hash";

pub(super) fn reconcile(world: &mut World, key: &ObjectKey) {
    let Some(deployment) = world.store.get(key).cloned() else { return };
    if is_terminating(&deployment) {
        return;
    }
    let mut sets = world.store.controlled_by(&deployment, "apps", "ReplicaSet");
    sets.retain(|set| !is_terminating(set));
    let paused = deployment.root.at(&["spec", "paused"]).and_then(Node::as_bool) == Some(true);
    let found = sets.iter().find(|set| same_template(set, &deployment)).map(|set| set.key.clone());
    let created = found.is_none() && !paused;
    let new = match found {
        Some(found) => Some(found),
        None if paused => None,
        None => Some(make_replica_set(world, &deployment)),
    };
    if let Some(new) = &new {
        number(world, &deployment, new, &sets);
        if !paused {
            rolling::step(world, &deployment, new);
        }
    }
    let deployment = world.store.get(key).cloned().unwrap_or(deployment);
    status::report(world, &deployment, new.as_ref(), created);
    if !paused {
        forget_old_sets(world, &deployment, new.as_ref());
    }
}

/// Whether the ReplicaSet is of the deployment's template, its hash aside.
fn same_template(set: &Object, deployment: &Object) -> bool {
    let mut template = set.root.at(&["spec", "template"]).cloned().unwrap_or_else(Node::null);
    if let Some(labels) = template.at_mut(&["metadata", "labels"]) {
        labels.remove(HASH_LABEL);
    }
    deployment.root.at(&["spec", "template"]).is_some_and(|wanted| *wanted == template)
}

fn make_replica_set(world: &mut World, deployment: &Object) -> ObjectKey {
    let template = deployment.root.at(&["spec", "template"]).cloned().unwrap_or_else(Node::null);
    let hash = free_hash(world, deployment, &template);
    let text = |text: &str| Node::string(text);
    let mut set = Node::mapping([("apiVersion", text("apps/v1")), ("kind", text("ReplicaSet"))]);
    let key = ObjectKey::new(
        "apps",
        "ReplicaSet",
        deployment.key.namespace.clone(),
        format!("{}-{hash}", deployment.key.name),
    );
    set.set_at(&["metadata", "name"], Node::string(key.name.clone()));
    set.set_at(&["metadata", "namespace"], Node::string(key.namespace.clone()));
    if let Some(labels) = template.at(&["metadata", "labels"]) {
        set.set_at(&["metadata", "labels"], labels.clone());
    }
    set_controller(&mut set, deployment);
    if let Some(wait) = deployment.root.at(&["spec", "minReadySeconds"]) {
        set.set_at(&["spec", "minReadySeconds"], wait.clone());
    }
    set.set_at(&["spec", "replicas"], Node::integer(0));
    if let Some(selector) = deployment.root.at(&["spec", "selector"]) {
        set.set_at(&["spec", "selector"], selector.clone());
    }
    set.set_at(&["spec", "template"], template);
    for path in [
        &["metadata", "labels"][..],
        &["spec", "selector", "matchLabels"],
        &["spec", "template", "metadata", "labels"],
    ] {
        let path: Vec<&str> = path.iter().copied().chain([HASH_LABEL]).collect();
        set.set_at(&path, Node::string(hash.clone()));
    }
    world.store.insert(set, true, world.now).key
}

/// The hash of a template that no other ReplicaSet of the deployment's name has.
fn free_hash(world: &World, deployment: &Object, template: &Node) -> SmolStr {
    let text = template.to_json().map(|json| json.to_string()).unwrap_or_default();
    let mut collisions = 0_u32;
    loop {
        let hash = safe_hash(&text, collisions);
        let name = format!("{}-{hash}", deployment.key.name);
        let key = ObjectKey::new("apps", "ReplicaSet", deployment.key.namespace.clone(), name);
        if world.store.get(&key).is_none() {
            return hash;
        }
        collisions += 1;
    }
}

/// FNV-1a in the alphabet of Kubernetes' template hashes.
fn safe_hash(text: &str, collisions: u32) -> SmolStr {
    const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    let salt = if collisions == 0 { String::new() } else { collisions.to_string() };
    let hash = text
        .bytes()
        .chain(salt.bytes())
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let letter = |byte: u8| ALPHABET.get(usize::from(byte) % 27).map_or('b', |byte| char::from(*byte));
    hash.to_string().bytes().map(letter).collect()
}

/// Gives the ReplicaSet of the current template the highest revision.
fn number(world: &mut World, deployment: &Object, new: &ObjectKey, sets: &[Object]) {
    let others = sets.iter().filter(|set| set.key != *new).map(revision).max().unwrap_or(0);
    let current = world.store.get(new).map_or(0, revision);
    let wanted = if current > others { current } else { others.saturating_add(1) };
    for key in [new, &deployment.key] {
        write::modify(&mut world.store, key, MANAGER, world.now, |root| {
            root.set_at(&["metadata", "annotations", REVISION], Node::string(wanted.to_string()));
        });
    }
}

fn revision(object: &Object) -> i64 {
    object.annotation(REVISION).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Removes the oldest replica sets without pods beyond `revisionHistoryLimit`.
fn forget_old_sets(world: &mut World, deployment: &Object, new: Option<&ObjectKey>) {
    let limit =
        usize::try_from(integer(&deployment.root, &["spec", "revisionHistoryLimit"], 10)).unwrap_or(0);
    let mut old = world.store.controlled_by(deployment, "apps", "ReplicaSet");
    old.retain(|set| {
        Some(&set.key) != new
            && !is_terminating(set)
            && integer(&set.root, &["spec", "replicas"], 0) == 0
            && integer(&set.root, &["status", "replicas"], 0) == 0
    });
    old.sort_by_key(|set| std::cmp::Reverse(revision(set)));
    for set in old.iter().skip(limit) {
        world.store.remove(&set.key);
    }
}
