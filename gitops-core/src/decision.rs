//! What a machine answers: its next state, what the driver must do, and when to ask again.

use smol_str::SmolStr;

use crate::object::ObjectKey;
use crate::time::Timestamp;

/// The answer of one step of a machine.
///
/// The driver carries the actions out in order; on the first that fails with a conflict it drops the rest and
/// observes again. A settled machine answers without actions and events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<S, A> {
    /// The state after the actions.
    pub next: S,
    /// What to do, in order; each is idempotent.
    pub actions: Vec<A>,
    /// When the machine wants to be asked again, even if nothing changes.
    pub wake_at: Option<Timestamp>,
    /// What happened, for people, logs and Kubernetes Events.
    pub events: Vec<Event>,
}

impl<S, A> Decision<S, A> {
    /// The decision to go to `next` and do nothing.
    pub fn settled(next: S) -> Self {
        Self { next, actions: vec![], wake_at: None, events: vec![] }
    }

    /// Asks to be called again at `at`, or earlier where that was asked before.
    pub fn wake(&mut self, at: Timestamp) {
        self.wake_at = Some(self.wake_at.map_or(at, |earlier| earlier.min(at)));
    }
}

/// Whether an [`Event`] is expected or needs eyes: the two types of a Kubernetes Event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventType {
    /// Expected.
    Normal,
    /// Needs eyes.
    Warning,
}

/// Something that happened to an object, in the shape of a Kubernetes Event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Whether it is expected.
    pub event_type: EventType,
    /// The object that it happened to.
    pub object: ObjectKey,
    /// The reason in upper camel case, as Argo names it where Argo has it (`RolloutAborted`).
    pub reason: SmolStr,
    /// One sentence for people.
    pub message: String,
}

impl Event {
    /// An expected event.
    pub fn normal(object: ObjectKey, reason: impl Into<SmolStr>, message: impl Into<String>) -> Self {
        Self { event_type: EventType::Normal, object, reason: reason.into(), message: message.into() }
    }

    /// An event that needs eyes.
    pub fn warning(object: ObjectKey, reason: impl Into<SmolStr>, message: impl Into<String>) -> Self {
        Self { event_type: EventType::Warning, object, reason: reason.into(), message: message.into() }
    }
}
