//! The Kubernetes adapter on kube: not written yet.
//!
//! The driver works on the `Cluster` port of `gitops-ports`; until this adapter serves it for a real API server, the
//! daemon runs with `--embedded` only and says so.
