//! What happened, newest last, bounded.

use std::collections::VecDeque;

use gitops_core::decision::{Event, EventType};
use gitops_core::time::Timestamp;

use crate::view::EventView;

/// How many events are kept.
const KEPT: usize = 2_000;

/// The events of one driver.
#[derive(Debug, Default)]
pub(super) struct EventLog {
    events: VecDeque<EventView>,
    last: u64,
}

impl EventLog {
    /// Notes an event.
    pub(super) fn note(&mut self, event: Event, at: Timestamp) {
        self.last += 1;
        if self.events.len() == KEPT {
            self.events.pop_front();
        }
        self.events.push_back(EventView {
            sequence: self.last,
            time: at.to_string(),
            event_type: match event.event_type {
                EventType::Normal => "Normal".to_owned(),
                EventType::Warning => "Warning".to_owned(),
            },
            object: event.object.to_string(),
            reason: event.reason.to_string(),
            message: event.message,
        });
    }

    /// The events after a sequence number, the oldest first.
    pub(super) fn after(&self, sequence: u64) -> Vec<EventView> {
        self.events.iter().filter(|event| event.sequence > sequence).cloned().collect()
    }
}
