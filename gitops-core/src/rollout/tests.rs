//! The machine in a small world: pods that come and go, a load balancer that does as it is told, and a clock that
//! jumps to the next instant at which something is due.

mod canary;
mod properties;
mod world;
