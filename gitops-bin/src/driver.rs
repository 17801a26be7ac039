//! The driver: carries the core's decisions out through the ports, observes, and asks again.

mod handle;

pub use handle::{
    Answer, ApproveCall, Call, Handle, PushCall, Reply, RollbackCall, RolloutCall, RolloutVerb, SyncCall,
};
