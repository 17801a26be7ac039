//! What is added to the pods of a ReplicaSet: labels and annotations by role, and a rule that keeps them off the nodes
//! of the stable pods.

use serde_json::{Map, Value as Json};

use super::hash::pod_template_hash;
use super::replica_set::{EPHEMERAL_METADATA_ANNOTATION, ReplicaSet};
use crate::api::rollout::{POD_TEMPLATE_HASH_LABEL, Rollout};
use crate::yaml::Node;

/// The ReplicaSet with the labels and annotations of `wanted` (a mapping with `labels` and `annotations`) on its pods,
/// and without those of an earlier role that are no longer wanted; `None` where nothing changes
/// (`SyncReplicaSetEphemeralPodMetadata`).
///
/// What was added is remembered in an annotation, so that nobody else's labels are touched.
pub fn with_ephemeral_metadata(replica_set: &Node, wanted: Option<&Node>) -> Option<Node> {
    let remembered = replica_set
        .str_at(&["metadata", "annotations", EPHEMERAL_METADATA_ANNOTATION])
        .and_then(|text| serde_json::from_str::<Json>(text).ok())
        .map(|json| Node::from_json(&json));
    let mut changed = replica_set.clone();
    let mut is_changed = false;
    for map in ["annotations", "labels"] {
        let before = remembered.as_ref().and_then(|node| node.get(map)).map_or(&[][..], Node::entries);
        let wanted = wanted.and_then(|node| node.get(map));
        let path = ["spec", "template", "metadata", map];
        for entry in wanted.map_or(&[][..], Node::entries) {
            let key = entry.key.text();
            if changed.at(&path).and_then(|node| node.get(key)) != Some(&entry.value) {
                changed.set_at(&[&path[..], &[key]].concat(), entry.value.clone());
                is_changed = true;
            }
        }
        for entry in before {
            let key = entry.key.text();
            let is_wanted = wanted.is_some_and(|node| node.get(key).is_some());
            if !is_wanted && let Some(node) = changed.at_mut(&path) {
                is_changed |= node.remove(key).is_some();
            }
        }
    }
    is_changed.then(|| {
        remember(&mut changed, wanted);
        changed
    })
}

fn remember(replica_set: &mut Node, wanted: Option<&Node>) {
    let path = ["metadata", "annotations"];
    if let Some(wanted) = wanted {
        let part = |map: &str| {
            let json = wanted.get(map).filter(|node| !node.entries().is_empty())?.to_json().ok()?;
            Some((map.to_owned(), json))
        };
        // Go prints the labels first.
        let text: Vec<String> = ["labels", "annotations"]
            .into_iter()
            .filter_map(part)
            .map(|(map, json)| format!("\"{map}\":{}", sorted(json)))
            .collect();
        let text = format!("{{{}}}", text.join(","));
        replica_set.set_at(&["metadata", "annotations", EPHEMERAL_METADATA_ANNOTATION], Node::string(text));
    } else if let Some(annotations) = replica_set.at_mut(&path) {
        annotations.remove(EPHEMERAL_METADATA_ANNOTATION);
    }
}

/// The JSON text of a mapping with its keys in order.
fn sorted(json: Json) -> String {
    let Json::Object(pairs) = json else { return json.to_string() };
    let mut pairs: Vec<(String, Json)> = pairs.into_iter().collect();
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    Json::Object(Map::from_iter(pairs)).to_string()
}

/// The affinity of new pods: that of the template, and with `antiAffinity` a rule that keeps them off the nodes of the
/// stable pods while there are others (`GenerateReplicaSetAffinity`).
pub fn affinity(rollout: &Rollout) -> Option<Node> {
    let own = rollout.spec.template.at(&["spec", "affinity"]).cloned();
    let (canary, blue_green) = (&rollout.spec.canary, &rollout.spec.blue_green);
    let wanted = match (blue_green, canary) {
        (Some(strategy), _) => strategy.anti_affinity.as_ref(),
        (None, Some(strategy)) => strategy.anti_affinity.as_ref(),
        (None, None) => None,
    };
    let revisions = &rollout.status.revisions;
    let hash = pod_template_hash(&rollout.spec.template, revisions.collision_count).unwrap_or_default();
    let Some(wanted) = wanted.filter(|_| !revisions.stable_rs.is_empty() && revisions.stable_rs != hash)
    else {
        return own;
    };
    let stable = Node::sequence([Node::string(revisions.stable_rs.clone())]);
    let requirement = Node::mapping([
        ("key", Node::string(POD_TEMPLATE_HASH_LABEL)),
        ("operator", Node::string("In")),
        ("values", stable),
    ]);
    let selector = Node::mapping([("matchExpressions", Node::sequence([requirement]))]);
    let rule = Node::mapping([
        ("labelSelector", selector),
        ("namespaces", Node::sequence([Node::string(rollout.key.namespace.clone())])),
        ("topologyKey", Node::string("kubernetes.io/hostname")),
    ]);
    let preferred = wanted.get("preferredDuringSchedulingIgnoredDuringExecution");
    let (list, item) = match preferred {
        Some(preferred) => {
            let weight = preferred.get("weight").and_then(Node::as_i64).unwrap_or(0);
            let item = Node::mapping([("weight", Node::integer(weight)), ("podAffinityTerm", rule)]);
            ("preferredDuringSchedulingIgnoredDuringExecution", item)
        }
        None => ("requiredDuringSchedulingIgnoredDuringExecution", rule),
    };
    let mut affinity = own.unwrap_or_else(|| Node::mapping::<&str>([]));
    let path = ["podAntiAffinity", list];
    let mut items = affinity.at(&path).map(Node::items).unwrap_or_default().to_vec();
    items.push(item);
    affinity.set_at(&path, Node::sequence(items));
    Some(affinity)
}

/// The only ReplicaSet that wants pods; the newest where none does, `None` where several do (`FindActiveOrLatest`).
pub fn active_or_latest<'a>(new: Option<&'a ReplicaSet>, old: &[&'a ReplicaSet]) -> Option<&'a ReplicaSet> {
    let mut active = old.iter().copied().chain(new).filter(|set| set.counts.wanted > 0);
    match (active.next(), active.next()) {
        (None, _) => new.or_else(|| old.iter().copied().max_by_key(|set| set.created)),
        (Some(only), None) => Some(only),
        (Some(_), Some(_)) => None,
    }
}
