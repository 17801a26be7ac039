//! A control plane of Kubernetes on loopback, for tests against the real thing.
//!
//! etcd, kube-apiserver and, where asked, kube-controller-manager, kube-scheduler and kwok (nodes and pods that
//! become ready without a container being run). All state lies in a temporary directory; everything ends with
//! the value.

mod credentials;
mod definitions;
mod error;
mod plane;
mod process;
mod programs;

pub use credentials::Certificate;
pub use definitions::definitions;
pub use error::ControlPlaneError;
pub use plane::{ControlPlane, Parts, User};
pub use process::Process;
pub use programs::Programs;
