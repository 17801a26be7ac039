//! Glob patterns, in the dialects that the manifests use.
//!
//! [`Glob`] reads the patterns of sources, destinations, namespaces and sync windows; [`path_match`] those of
//! kinds and of tags.

mod gobwas;
mod path_match;
mod wildcard;

pub use gobwas::{Glob, glob_match, negatable_match};
pub use path_match::{PatternError, path_match};
pub use wildcard::wildcard_match;
