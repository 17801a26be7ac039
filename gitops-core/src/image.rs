//! Container images: references, which tag to run next, and writing it into a kustomization.
//!
//! Never talks to a registry or to Git: tags and commits are handed in as facts.

pub mod board;
pub mod edit;
pub mod flux;
pub mod history;
pub mod hold;
pub mod message;
pub mod policy;
pub mod promotion;
pub mod reference;
pub mod semver;
pub mod template;

pub use edit::{EditError, ImageUpdate, edit};
pub use policy::{Choice, PassedOver, Reason, Tag, TagFilter, TagOrder, TagPolicy, UpdateStrategy};
pub use reference::{Reference, ReferenceError, UpdaterImage};
