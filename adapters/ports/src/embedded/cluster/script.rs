//! What an embedded cluster's surroundings do: how fast pods start, which images are bad, how much load there
//! is, and which requests fail.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::cluster::ClusterError;

/// What happens to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: the request passes.
    Pass,
    /// It fails and nothing happens.
    Fail(ClusterError),
    /// It is carried out, and the answer is lost.
    FailAfter(ClusterError),
    /// Every watch ends; the request passes.
    LoseWatches,
    /// Every watch ends and the log of changes is forgotten, as when a watch cache is rebuilt; the request
    /// passes.
    ForgetChanges,
}

/// Why pods with an image do not become ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BadImage {
    /// It cannot be pulled: `ImagePullBackOff`.
    PullFails,
    /// Its process exits: `CrashLoopBackOff`.
    Crashes,
    /// It runs and never passes its readiness probe.
    NeverReady,
}

/// The standing part of the script; it is stored with the cluster.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Script {
    pub(super) start_ms: u64,
    pub(super) bad_images: BTreeMap<SmolStr, BadImage>,
    /// By `namespace/name` of the autoscaler and name of the metric: the sum over its pods.
    pub(super) loads: BTreeMap<SmolStr, BTreeMap<SmolStr, f64>>,
    #[serde(skip)]
    pub(super) faults: VecDeque<Fault>,
}

impl Default for Script {
    fn default() -> Self {
        Self { start_ms: 2000, bad_images: BTreeMap::new(), loads: BTreeMap::new(), faults: VecDeque::new() }
    }
}

impl Script {
    pub(super) fn start_delay(&self) -> Duration {
        Duration::from_millis(self.start_ms)
    }

    /// What is wrong with an image; the first text in byte order that the image holds counts.
    pub(super) fn bad_image(&self, image: &str) -> Option<BadImage> {
        self.bad_images.iter().find(|(text, _)| image.contains(text.as_str())).map(|(_, bad)| *bad)
    }
}
