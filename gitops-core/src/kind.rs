//! Facts per kind, as tables: which lists merge by which keys, and which kinds live in a namespace.
//!
//! The tables are those of the Kubernetes release that kustomize v5.8.1 embeds; a build may bring its own
//! OpenAPI document instead. Never asks a cluster.

#[rustfmt::skip]
mod builtin;
mod schema;

pub use builtin::VERSION;
pub use schema::{BuiltIn, Schema, Schemas};
