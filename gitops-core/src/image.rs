//! Container images: references, which tag to run next, and writing it into a kustomization.
//!
//! Never talks to a registry or to Git: tags and commits are handed in as facts.

pub mod edit;

pub use edit::{EditError, ImageUpdate, edit};
