//! The Kubernetes adapter on kube.
