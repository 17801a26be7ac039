//! Who takes the traffic: what the Ingresses and Services in the cluster say, down to ready pods.

use std::collections::BTreeMap;

use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml::Node;
use smol_str::SmolStr;

use super::store::Store;
use crate::embedded::metrics::TrafficShare;

const ALB_ACTIONS: &str = "alb.ingress.kubernetes.io/actions.";
const NGINX_CANARY: &str = "nginx.ingress.kubernetes.io/canary";

/// The shares of the versions behind an Ingress, in the order of their images.
pub(super) fn of_ingress(store: &Store, namespace: &str, name: &str) -> Vec<TrafficShare> {
    let key = ObjectKey::new("networking.k8s.io", "Ingress", namespace, name);
    let Some(ingress) = store.get(&key) else { return vec![] };
    let mut versions: BTreeMap<(SmolStr, SmolStr), f64> = BTreeMap::new();
    for (service, weight) in services(store, ingress) {
        for (version, share) in of_service(store, namespace, &service) {
            *versions.entry(version).or_default() += share * weight;
        }
    }
    let share = |((image, pod_template_hash), share)| TrafficShare { image, pod_template_hash, share };
    versions.into_iter().map(share).collect()
}

/// The Services behind an Ingress, with parts that sum up to one.
fn services(store: &Store, ingress: &Object) -> Vec<(SmolStr, f64)> {
    let rules = ingress.root.at(&["spec", "rules"]).map(Node::items).unwrap_or_default();
    let paths = rules.iter().filter_map(|rule| rule.at(&["http", "paths"])).flat_map(Node::items);
    let service = |backend: &Node| backend.str_at(&["service", "name"]).map(SmolStr::from);
    let mut backends: Vec<SmolStr> = paths.filter_map(|path| path.get("backend").and_then(service)).collect();
    backends.extend(ingress.root.at(&["spec", "defaultBackend"]).and_then(service));
    let Some(first) = backends.first() else { return vec![] };
    if let Some(action) = ingress.annotation(&format!("{ALB_ACTIONS}{first}")) {
        return alb_weights(action);
    }
    nginx_weights(store, ingress, first)
}

/// The weights of an AWS Load Balancer Controller action.
fn alb_weights(action: &str) -> Vec<(SmolStr, f64)> {
    let action: serde_json::Value = serde_json::from_str(action).unwrap_or_default();
    let groups =
        action.pointer("/ForwardConfig/TargetGroups").or(action.pointer("/forwardConfig/targetGroups"));
    let groups = groups.and_then(serde_json::Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |group: &serde_json::Value, names: [&str; 2]| {
        names.iter().find_map(|name| group.get(name)).cloned().unwrap_or_default()
    };
    let weighed: Vec<(SmolStr, f64)> = groups
        .iter()
        .map(|group| {
            let name = text(group, ["ServiceName", "serviceName"]);
            let weight = text(group, ["Weight", "weight"]).as_f64().unwrap_or(1.0);
            (SmolStr::from(name.as_str().unwrap_or_default()), weight)
        })
        .collect();
    let total: f64 = weighed.iter().map(|(_, weight)| weight).sum();
    weighed
        .into_iter()
        .filter(|(_, weight)| *weight > 0.0)
        .map(|(name, weight)| (name, weight / total))
        .collect()
}

/// The Service of an nginx Ingress and, by its weight, that of the canary Ingress beside it.
fn nginx_weights(store: &Store, ingress: &Object, stable: &SmolStr) -> Vec<(SmolStr, f64)> {
    let beside = store.of_kind("networking.k8s.io", "Ingress", &ingress.key.namespace);
    let host = |object: &Object| {
        let rules = object.root.at(&["spec", "rules"]).map(Node::items).unwrap_or_default();
        rules.first().and_then(|rule| rule.str_at(&["host"])).map(ToOwned::to_owned)
    };
    let canary = beside
        .filter(|other| other.annotation(NGINX_CANARY) == Some("true") && host(other) == host(ingress))
        .find(|other| other.key != ingress.key);
    let weight = canary.and_then(|canary| {
        let number = |name: &str| canary.annotation(&format!("{NGINX_CANARY}-{name}"))?.parse::<f64>().ok();
        Some(number("weight")? / number("weight-total").unwrap_or(100.0))
    });
    let service = canary.and_then(|canary| {
        let rule = canary.root.at(&["spec", "rules"])?.items().first()?;
        let path = rule.at(&["http", "paths"])?.items().first()?;
        path.str_at(&["backend", "service", "name"]).map(SmolStr::from)
    });
    match (service, weight) {
        (Some(service), Some(weight)) => vec![(stable.clone(), 1.0 - weight), (service, weight)],
        (_, _) => vec![(stable.clone(), 1.0)],
    }
}

/// The versions of the ready pods that a Service selects, by image and hash, each with its part.
fn of_service(store: &Store, namespace: &str, name: &str) -> BTreeMap<(SmolStr, SmolStr), f64> {
    let service = store.get(&ObjectKey::new("", "Service", namespace, name));
    let selector = service.and_then(|service| service.root.at(&["spec", "selector"]));
    let selector = selector.map(Node::entries).unwrap_or_default();
    if selector.is_empty() {
        return BTreeMap::new();
    }
    let selected: Vec<&Object> = store
        .of_kind("", "Pod", namespace)
        .filter(|pod| {
            let labelled = selector.iter().all(|entry| pod.label(entry.key.text()) == entry.value.text());
            labelled && super::controller::is_ready(&pod.root)
        })
        .collect();
    let mut versions: BTreeMap<(SmolStr, SmolStr), f64> = BTreeMap::new();
    for pod in &selected {
        let containers = pod.root.at(&["spec", "containers"]).map(Node::items).unwrap_or_default();
        let image = containers.first().and_then(|first| first.str_at(&["image"])).unwrap_or_default();
        let hash = pod.label("rollouts-pod-template-hash").or(pod.label("pod-template-hash"));
        *versions.entry((image.into(), hash.unwrap_or_default().into())).or_default() += 1.0;
    }
    let total: f64 = versions.values().sum();
    for count in versions.values_mut() {
        *count /= total;
    }
    versions
}
