//! The controllers of the embedded cluster: each looks at one object and what belongs to it, and changes what is
//! not as it should be. They run until nothing changes, and say when to look again.

mod autoscaler;
mod conditions;
mod deployment;
mod disruption;
mod garbage;
mod job;
mod load_balancer;
mod pod;
mod replica_set;

use gitops_core::object::{Object, ObjectKey};
use gitops_core::time::Timestamp;
use gitops_core::yaml::Node;
use smol_str::SmolStr;

use std::collections::BTreeSet;

pub(super) use pod::is_ready;

use super::script::Script;
use super::store::{Store, uid_of};

/// The name under which the controllers write.
const MANAGER: &str = "kube-controller-manager";
/// More rounds without rest than any object takes; reaching it would be a fault of a controller.
const ROUND_LIMIT: u32 = 10_000;

/// The objects, the script and the time.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) store: Store,
    pub(super) script: Script,
    pub(super) now: Timestamp,
    /// When an object wants to be looked at again.
    due: BTreeSet<(Timestamp, ObjectKey)>,
}

impl World {
    /// A world of stored objects, last seen at `now`.
    pub(super) fn new(store: Store, script: Script, now: Timestamp) -> Self {
        Self { store, script, now, due: BTreeSet::new() }
    }

    /// Lets time pass up to `to`: everything that falls due happens at its own time, in order.
    pub(super) fn advance(&mut self, to: Timestamp) -> Option<Timestamp> {
        self.settle();
        while let Some((at, _)) = self.due.first().filter(|(at, _)| *at <= to) {
            self.now = self.now.max(*at);
            let due: BTreeSet<ObjectKey> =
                self.due.iter().take_while(|(at, _)| *at <= self.now).map(|(_, key)| key.clone()).collect();
            self.due.retain(|(at, _)| *at > self.now);
            self.reconcile(&due);
            self.settle();
        }
        self.now = self.now.max(to);
        self.due.first().map(|(at, _)| *at)
    }

    /// Runs the controllers until nothing changes.
    pub(super) fn settle(&mut self) {
        for _ in 0..ROUND_LIMIT {
            garbage::collect(self);
            let touched = self.store.take_touched();
            if touched.is_empty() {
                return;
            }
            self.reconcile(&touched);
        }
    }

    /// Looks at every object again, after the script changed.
    pub(super) fn settle_all(&mut self) {
        let all = CONTROLLERS.iter().flat_map(|(group, kind, _)| self.store.keys_of_kind(group, kind));
        let all = all.collect();
        self.reconcile(&all);
        self.settle();
    }

    fn reconcile(&mut self, keys: &BTreeSet<ObjectKey>) {
        let mut keys = keys.clone();
        let scaled: BTreeSet<SmolStr> = keys.iter().map(|key| key.namespace.clone()).collect();
        for namespace in scaled {
            let autoscalers = self.store.of_kind("autoscaling", "HorizontalPodAutoscaler", &namespace);
            let moved: Vec<ObjectKey> = autoscalers
                .filter(|autoscaler| keys.contains(&autoscaler::target_key(autoscaler)))
                .map(|autoscaler| autoscaler.key.clone())
                .collect();
            keys.extend(moved);
        }
        let with_pods: BTreeSet<SmolStr> =
            keys.iter().filter(|key| key.kind == "Pod").map(|key| key.namespace.clone()).collect();
        for namespace in with_pods {
            let budgets = self.store.of_kind("policy", "PodDisruptionBudget", &namespace);
            keys.extend(budgets.map(|budget| budget.key.clone()).collect::<Vec<_>>());
        }
        for (group, kind, reconcile) in CONTROLLERS {
            for key in keys.iter().filter(|key| key.group == *group && key.kind == *kind) {
                reconcile(self, key);
            }
        }
    }

    /// Asks that the object at `key` is looked at again at `at`.
    fn wake(&mut self, key: &ObjectKey, at: Timestamp) {
        if at > self.now {
            self.due.insert((at, key.clone()));
        }
    }

    /// Replaces the status of an object.
    fn set_status(&mut self, key: &ObjectKey, status: Node) {
        super::write::modify(&mut self.store, key, MANAGER, self.now, |root| {
            root.set("status", status);
        });
    }
}

type Reconcile = fn(&mut World, &ObjectKey);

const CONTROLLERS: &[(&str, &str, Reconcile)] = &[
    ("autoscaling", "HorizontalPodAutoscaler", autoscaler::reconcile),
    ("apps", "Deployment", deployment::reconcile),
    ("apps", "ReplicaSet", replica_set::reconcile),
    ("apps", "StatefulSet", replica_set::reconcile_stateful_set),
    ("batch", "Job", job::reconcile),
    ("", "Pod", pod::reconcile),
    ("policy", "PodDisruptionBudget", disruption::reconcile),
    ("networking.k8s.io", "Ingress", load_balancer::reconcile),
];

/// The integer at `path`, or `otherwise`.
fn integer(root: &Node, path: &[&str], otherwise: i64) -> i64 {
    root.at(path).and_then(Node::as_i64).unwrap_or(otherwise)
}

/// The instant at `path`.
fn instant(root: &Node, path: &[&str]) -> Option<Timestamp> {
    root.at(path).and_then(Node::text).and_then(|text| text.parse().ok())
}

/// Makes `owner` the controller of a new object.
fn set_controller(root: &mut Node, owner: &Object) {
    let reference = Node::mapping([
        ("apiVersion", Node::string(owner.api_version())),
        ("blockOwnerDeletion", Node::boolean(true)),
        ("controller", Node::boolean(true)),
        ("kind", Node::string(owner.key.kind.clone())),
        ("name", Node::string(owner.key.name.clone())),
        ("uid", Node::string(uid_of(owner))),
    ]);
    root.set_at(&["metadata", "ownerReferences"], Node::sequence([reference]));
}

/// A status that leaves zero counts out, as Kubernetes' `omitempty` does.
fn counts(pairs: &[(&str, i64)]) -> Node {
    let present = pairs.iter().filter(|(name, count)| *count != 0 || *name == "replicas");
    Node::mapping(present.map(|(name, count)| (*name, Node::integer(*count))))
}
