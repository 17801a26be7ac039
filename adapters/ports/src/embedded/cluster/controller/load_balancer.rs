//! An Ingress gets an address at once, as an ingress controller gives it.

use gitops_core::object::ObjectKey;
use gitops_core::yaml::Node;

use super::World;

pub(super) fn reconcile(world: &mut World, key: &ObjectKey) {
    let Some(ingress) = world.store.get(key).cloned() else { return };
    let addresses = ingress.root.at(&["status", "loadBalancer", "ingress"]).map_or(&[][..], Node::items);
    if !addresses.is_empty() {
        return;
    }
    let host = format!("{}-{}.elb.example.com", key.namespace, key.name);
    let address = Node::mapping([("hostname", Node::string(host))]);
    let balancer = Node::mapping([("ingress", Node::sequence([address]))]);
    world.set_status(key, Node::mapping([("loadBalancer", balancer)]));
}
