//! The pure half of the GitOps engine: every decision as a function of facts.
//!
//! What it takes is handed in (a [`tree::FileTree`], live objects, samples, the time); what it decides is
//! returned (rendered objects, plans, actions, events). It never reads a file, a clock, an environment
//! variable or a socket, never logs and never keeps a global.
//!
//! Modules stand in layers, and a module imports only from layers below its own; `tests/layers.rs` holds the
//! table and proves it.

pub mod api;
pub mod decision;
pub mod diagnostic;
pub mod diff;
pub mod engine;
pub mod explain;
pub mod glob;
pub mod health;
pub mod image;
pub mod kind;
pub mod kustomize;
pub mod lint;
pub mod metric;
pub mod object;
pub mod patch;
pub mod preview;
pub mod project;
pub mod provenance;
pub mod quantity;
pub mod rollout;
pub mod selector;
pub mod sync;
pub mod time;
pub mod tree;
pub mod yaml;
