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

use gitops_core::decision::Event;
use gitops_core::kind::Schemas;
use gitops_core::object::ObjectKey;
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
    next_scan: Timestamp,
    wake_at: Option<Timestamp>,
}

impl<O: Outside> Driver<O> {
    /// A driver that has done nothing yet; the registry is scanned in its first cycle.
    pub fn new(outside: O, settings: Settings) -> Self {
        Self {
            outside,
            settings,
            schemas: Schemas::built_in(),
            renders: Renders::default(),
            syncs: BTreeMap::new(),
            alerts: BTreeSet::new(),
            events: EventLog::default(),
            next_scan: Timestamp::default(),
            wake_at: None,
        }
    }

    /// The outside that the driver works with.
    pub fn outside(&self) -> &O {
        &self.outside
    }

    /// The events after a sequence number, the oldest first.
    pub fn events_after(&self, sequence: u64) -> Vec<crate::view::EventView> {
        self.events.after(sequence)
    }

    fn note_failure(&mut self, error: &DriverError) {
        let key = ObjectKey::new("", "Engine", "", "gitopsd");
        let again =
            if error.is_transient() { "it is tried again" } else { "it is tried again, and needs a look" };
        let now = self.outside.clock().now();
        self.events.note(Event::warning(key, "CycleFailed", format!("{error}: {again}")), now);
    }
}
