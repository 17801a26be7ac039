//! Whether a release that was synced must be taken back because its workload does not come up.
//!
//! Kubernetes alone only says that such a rollout stalled. Here a Deployment that exceeds its
//! `progressDeadlineSeconds` after a commit that changed its images counts as an aborted release.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::object::{Object, ObjectKey};
use crate::yaml::Node;

/// What to do about the release that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReleaseDecision {
    /// Nothing: no workload stalled, or what stalled is not the release.
    Keep,
    /// Take the commit back and hold the images, so that they are not proposed again.
    RollBack {
        /// The workload that does not come up.
        workload: ObjectKey,
        /// Why, as the workload says it.
        message: String,
        /// The images that the release brought and that are held, in byte order.
        images: Vec<SmolStr>,
    },
}

/// Judges a release from the live workloads and the images that ran before it, per workload.
///
/// A workload that is not known from before is no release to take back: there is nothing to go back to.
pub fn judge_release(live: &[Object], images_before: &BTreeMap<ObjectKey, Vec<SmolStr>>) -> ReleaseDecision {
    for workload in live {
        let Some(message) = stalled(workload) else { continue };
        let Some(before) = images_before.get(&workload.key) else { continue };
        let mut images: Vec<SmolStr> =
            images_of(&workload.root).into_iter().filter(|image| !before.contains(image)).collect();
        images.sort();
        images.dedup();
        if !images.is_empty() {
            return ReleaseDecision::RollBack { workload: workload.key.clone(), message, images };
        }
    }
    ReleaseDecision::Keep
}

/// Why the rollout of a Deployment stalled: it exceeded its deadline, and says so of its newest spec.
fn stalled(workload: &Object) -> Option<String> {
    if workload.key.kind != "Deployment" || workload.key.group != "apps" {
        return None;
    }
    let number = |path: &[&str]| workload.root.at(path).and_then(Node::as_i64);
    let generation = number(&["metadata", "generation"]).unwrap_or_default();
    if number(&["status", "observedGeneration"]).unwrap_or_default() < generation {
        return None;
    }
    let conditions = workload.root.at(&["status", "conditions"]).map_or(&[][..], Node::items);
    let deadline = conditions.iter().find(|condition| {
        condition.str_at(&["type"]) == Some("Progressing")
            && condition.str_at(&["reason"]) == Some("ProgressDeadlineExceeded")
    })?;
    Some(deadline.str_at(&["message"]).unwrap_or("the progress deadline was exceeded").to_owned())
}

/// The images of the containers that a workload's template runs, in order.
pub fn images_of(root: &Node) -> Vec<SmolStr> {
    let lists = [["spec", "template", "spec", "initContainers"], ["spec", "template", "spec", "containers"]];
    let pods = [["spec", "initContainers"], ["spec", "containers"]];
    let found = lists.iter().map(|path| root.at(path)).chain(pods.iter().map(|path| root.at(path)));
    found
        .flatten()
        .flat_map(Node::items)
        .filter_map(|container| container.str_at(&["image"]).map(SmolStr::from))
        .collect()
}
