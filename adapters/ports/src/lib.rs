//! The ports that the driver needs, and the embedded adapters that serve them in memory.
