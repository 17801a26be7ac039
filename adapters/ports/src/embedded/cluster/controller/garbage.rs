//! Garbage: objects whose owners are gone, owners that wait for what they own, namespaces that empty out.

use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml::Node;

use super::World;
use crate::cluster::{DeleteOptions, PropagationPolicy};
use crate::embedded::cluster::store::{finalizers, is_terminating, owners, uid_of};
use crate::embedded::cluster::write::{self, FOREGROUND, ORPHAN};

pub(super) fn collect(world: &mut World) {
    loop {
        let before = world.store.resource_version();
        terminate_namespaces(world);
        for owner in world.store.terminating() {
            release(world, &owner);
        }
        for key in world.store.take_orphans() {
            if world.store.get(&key).is_some_and(|object| is_orphan(world, object)) {
                delete(world, &key, PropagationPolicy::Background);
            }
        }
        if world.store.resource_version() == before {
            return;
        }
    }
}

/// Whether the object has owners and all of them are gone.
fn is_orphan(world: &World, object: &Object) -> bool {
    let mut owners = owners(object).peekable();
    owners.peek().is_some()
        && !owners.any(|owner| world.store.has_uid(owner.str_at(&["uid"]).unwrap_or_default()))
}

fn delete(world: &mut World, key: &ObjectKey, propagation: PropagationPolicy) {
    let gone = world.store.get(key).is_none_or(is_terminating);
    if !gone {
        let options = DeleteOptions { propagation, ..DeleteOptions::default() };
        // It is there and there is no precondition, so nothing can refuse.
        let _ = write::delete(&mut world.store, key, &options, world.now);
    }
}

/// Carries the finalizers of the garbage collector out.
fn release(world: &mut World, owner: &Object) {
    let dependents = world.store.owned_by(owner);
    let held: Vec<&str> = finalizers(&owner.root).collect();
    if held.contains(&ORPHAN) {
        for dependent in &dependents {
            write::modify(&mut world.store, &dependent.key, super::MANAGER, world.now, |root| {
                let kept: Vec<Node> =
                    owners(dependent).filter(|each| !refers(each, owner)).cloned().collect();
                if kept.is_empty() {
                    root.get_mut("metadata").and_then(|metadata| metadata.remove("ownerReferences"));
                } else {
                    root.set_at(&["metadata", "ownerReferences"], Node::sequence(kept));
                }
            });
        }
        drop_finalizer(world, owner, ORPHAN);
    } else if held.contains(&FOREGROUND) {
        for dependent in &dependents {
            delete(world, &dependent.key, PropagationPolicy::Foreground);
        }
        let blocked = world.store.owned_by(owner).iter().any(|object| {
            owners(object).any(|each| {
                refers(each, owner) && each.get("blockOwnerDeletion").and_then(Node::as_bool) == Some(true)
            })
        });
        if !blocked {
            drop_finalizer(world, owner, FOREGROUND);
        }
    }
}

fn refers(reference: &Node, owner: &Object) -> bool {
    reference.str_at(&["uid"]) == Some(uid_of(owner))
}

fn drop_finalizer(world: &mut World, owner: &Object, finalizer: &str) {
    let Some(live) = world.store.get(&owner.key).cloned() else { return };
    let mut root = live.root.clone();
    let kept: Vec<Node> =
        finalizers(&live.root).filter(|each| *each != finalizer).map(Node::string).collect();
    if kept.is_empty() {
        root.get_mut("metadata").and_then(|metadata| metadata.remove("finalizers"));
    } else {
        root.set_at(&["metadata", "finalizers"], Node::sequence(kept));
    }
    world.store.replace(root);
}

/// Deletes what is in a namespace that is going, and the namespace when it is empty.
fn terminate_namespaces(world: &mut World) {
    let mut terminating = world.store.terminating();
    terminating.retain(|object| object.key.group.is_empty() && object.key.kind == "Namespace");
    for Object { key: namespace, .. } in terminating {
        let inside = |world: &World| -> Vec<ObjectKey> {
            let inside = world.store.objects().filter(|object| object.key.namespace == namespace.name);
            inside.map(|object| object.key.clone()).collect()
        };
        for key in inside(world) {
            delete(world, &key, PropagationPolicy::Background);
        }
        let held = world.store.get(&namespace).is_some_and(|live| finalizers(&live.root).next().is_some());
        if inside(world).is_empty() && !held {
            world.store.remove(&namespace);
        }
    }
}
