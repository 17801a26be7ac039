//! Glob patterns, in the dialects that the manifests use.

mod path_match;
mod wildcard;

pub use path_match::{PatternError, path_match};
pub use wildcard::wildcard_match;
