//! Instants and durations as the manifests write them.
//!
//! Never asks for the current time: that is an argument.

mod duration;
mod timestamp;

pub use duration::{DurationError, format_duration, parse_duration};
pub use timestamp::{Timestamp, TimestampError};
