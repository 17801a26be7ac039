//! The Prometheus adapter on reqwest.
