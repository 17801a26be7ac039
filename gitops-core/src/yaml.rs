//! YAML as kustomize reads and prints it: nodes in order, each with its place of origin.
//!
//! Scalars are read by go-yaml's rules, because kustomize, kubectl and Argo CD read them so. Nothing here
//! knows what a Kubernetes object is.

mod json;
mod node;
mod reader;
mod scalar;

pub use json::JsonError;
pub use node::{Entry, Mapping, Node, Origin, Value};
pub use reader::{Document, ReadError, read, read_one};
pub use scalar::{Scalar, Tag};
