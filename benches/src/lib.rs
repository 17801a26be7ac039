//! Benchmarks: what is measured, and how commands are measured side by side.

pub mod commands;
pub mod floor;
pub mod inputs;
