//! An Ingress, and a Service of type LoadBalancer, gets an address at once, as a load balancer controller gives it.

use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml::Node;

use super::World;

pub(super) fn reconcile_ingress(world: &mut World, key: &ObjectKey) {
    let Some(ingress) = world.store.get(key).cloned() else { return };
    give_address(world, &ingress);
}

pub(super) fn reconcile_service(world: &mut World, key: &ObjectKey) {
    let Some(service) = world.store.get(key).cloned() else { return };
    if service.root.str_at(&["spec", "type"]) == Some("LoadBalancer") {
        give_address(world, &service);
    }
}

fn give_address(world: &mut World, object: &Object) {
    let addresses = object.root.at(&["status", "loadBalancer", "ingress"]).map_or(&[][..], Node::items);
    if !addresses.is_empty() {
        return;
    }
    let host = format!("{}-{}.elb.example.com", object.key.namespace, object.key.name);
    let address = Node::mapping([("hostname", Node::string(host))]);
    let balancer = Node::mapping([("ingress", Node::sequence([address]))]);
    world.set_status(&object.key, Node::mapping([("loadBalancer", balancer)]));
}
