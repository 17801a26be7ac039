//! The driver: carries the core's decisions out through the ports, observes, and asks again.
//!
//! It decides nothing itself. It is level-triggered: a restart, a duplicate or a missed event changes nothing.

mod alerts;
mod applications;
mod calls;
mod commit;
mod cycle;
pub mod embedded;
mod error;
mod events;
mod handle;
mod images;
pub mod kubernetes;
mod lease;
mod live;
mod objects;
mod outside;
mod overlay;
mod promotion;
mod render;
mod rollout_actions;
mod rollouts;
mod settings;
mod sync_actions;
mod views;

use std::collections::{BTreeMap, BTreeSet};

use gitops_core::api::application::Application;
use gitops_core::decision::Event;
use gitops_core::kind::Schemas;
use gitops_core::object::ObjectKey;
use gitops_core::sync::Predictions;
use gitops_core::time::Timestamp;
use gitops_ports::Clock as _;
use smol_str::SmolStr;

pub use error::DriverError;
pub use handle::{
    Answer, ApproveCall, Call, Handle, PushCall, Reply, RollbackCall, RolloutCall, RolloutVerb, SyncCall,
};
pub use outside::Outside;
pub use settings::Settings;

use applications::SyncMemory;
use events::EventLog;
use render::Renders;

/// How many problems are remembered as told.
const MOST_TOLD: usize = 1_000;

/// The engine itself, as the object of an event.
fn engine_key() -> ObjectKey {
    ObjectKey::new("", "Engine", "", "gitopsd")
}

/// The key of an Application.
fn key_of(app: &Application) -> ObjectKey {
    let metadata = &app.metadata;
    ObjectKey::new("argoproj.io", "Application", metadata.namespace.clone(), metadata.name.clone())
}

/// The loops that join the core and the outside.
#[derive(Debug)]
pub struct Driver<O> {
    outside: O,
    settings: Settings,
    schemas: Schemas,
    renders: Renders,
    syncs: BTreeMap<SmolStr, SyncMemory>,
    alerts: BTreeSet<ObjectKey>,
    events: EventLog,
    /// Problems that were told, so that each is told once and not in every pass.
    told: BTreeSet<(ObjectKey, String)>,
    predictions: Predictions,
    next_scan: Timestamp,
    next_discovery: Timestamp,
    wake_at: Option<Timestamp>,
}

impl<O: Outside> Driver<O> {
    /// A driver that has done nothing yet; the registry is scanned in its first cycle.
    pub fn new(outside: O, settings: Settings) -> Self {
        let renders = Renders::new(settings.fetcher.clone());
        Self {
            outside,
            settings,
            schemas: Schemas::built_in(),
            renders,
            syncs: BTreeMap::new(),
            alerts: BTreeSet::new(),
            events: EventLog::default(),
            told: BTreeSet::new(),
            predictions: Predictions::default(),
            next_scan: Timestamp::default(),
            next_discovery: Timestamp::default(),
            wake_at: None,
        }
    }

    /// A driver on the same outside that remembers nothing, as after a crash.
    pub fn restarted(self) -> Self {
        Self::new(self.outside, self.settings)
    }

    /// The outside that the driver works with.
    pub fn outside(&self) -> &O {
        &self.outside
    }

    /// The events after a sequence number, the oldest first.
    pub fn events_after(&self, sequence: u64) -> Vec<crate::view::EventView> {
        self.events.after(sequence)
    }

    /// Tells of a problem of one object, once: what is wrong with one must not stop the others.
    fn note_once(&mut self, key: &ObjectKey, reason: &'static str, problem: String) {
        if self.told.len() >= MOST_TOLD {
            self.told.clear();
        }
        if self.told.insert((key.clone(), problem.clone())) {
            let now = self.outside.clock().now();
            self.events.note(Event::warning(key.clone(), reason, problem), now);
        }
    }

    fn note_failure(&mut self, error: &DriverError) {
        let key = engine_key();
        let again =
            if error.is_transient() { "it is tried again" } else { "it is tried again, and needs a look" };
        let now = self.outside.clock().now();
        self.events.note(Event::warning(key, "CycleFailed", format!("{error}: {again}")), now);
    }
}
