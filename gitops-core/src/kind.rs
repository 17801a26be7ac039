//! Facts per kind, as tables: which lists merge by which keys, which kinds live in a namespace, and what the API
//! server fills in.
//!
//! The tables are those of the Kubernetes release that kustomize v5.8.1 embeds; a build may bring its own
//! OpenAPI document instead. Never asks a cluster.

#[rustfmt::skip]
mod builtin;
mod defaults;
mod schema;

pub use builtin::VERSION;
pub use defaults::{fill_defaults, fill_pod_defaults};
pub use schema::{BuiltIn, Schema, Schemas, Scopes};
