//! YAML as kustomize reads and prints it: nodes in order, each with its place of origin.
//!
//! Scalars are read by go-yaml's rules, because kustomize, kubectl and Argo CD read them so. Nothing here
//! knows what a Kubernetes object is.

pub mod edit;
mod emitter;
mod escape;
mod fault;
mod json;
mod node;
mod number;
mod reader;
mod resolve;
mod scalar;
mod scalar_places;
mod scanner;
mod syntax;
mod timestamp;

pub use emitter::{PrintError, print, print_as_written, print_document};
pub use fault::{Fault, ReadError};
pub use json::JsonError;
pub use node::{Entry, Mapping, Node, Origin, Value};
pub(crate) use reader::source::count_values;
pub use reader::{Document, Limits, read, read_one, read_one_with, read_resources, read_with};
pub use resolve::Dialect;
pub use scalar::{Scalar, Tag};
pub use scalar_places::ScalarPlaces;

#[cfg(test)]
mod tests;
