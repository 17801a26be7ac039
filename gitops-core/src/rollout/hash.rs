//! The hashes by which Argo Rollouts names pod templates and steps.
//!
//! They are taken of the JSON that Go prints of the typed value, so the order of fields and what is left out are
//! part of the name; the printer beside this module writes it.

use smol_str::SmolStr;

use crate::api::rollout::RolloutSpec;
use crate::yaml::Node;

use super::go_json::{Form, GoJsonError, print};

/// The hash of the canary's steps (`ComputeStepHash`); empty for another strategy.
pub fn step_hash(spec: &RolloutSpec) -> Result<SmolStr, GoJsonError> {
    match (&spec.blue_green, &spec.canary) {
        (None, Some(canary)) => {
            let mut text = String::new();
            match &canary.steps_node {
                Some(steps) => print(steps, &Form::List(&Form::Named("CanaryStep")), &mut text)?,
                None => text.push_str("null"),
            }
            Ok(encode(fnv32a(text.as_bytes())))
        }
        (Some(_), _) | (None, None) => Ok(SmolStr::default()),
    }
}

/// The hash of a pod template (`ComputePodTemplateHash`), with the count of collisions where there were any.
pub fn pod_template_hash(template: &Node, collision_count: Option<i32>) -> Result<SmolStr, GoJsonError> {
    let mut text = String::new();
    print(template, &Form::Named("PodTemplateSpec"), &mut text)?;
    let mut bytes = text.into_bytes();
    if let Some(count) = collision_count {
        bytes.extend(count.to_le_bytes());
        bytes.extend([0; 4]);
    }
    Ok(encode(fnv32a(&bytes)))
}

/// FNV-1a of 32 bits.
fn fnv32a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// The decimal digits in letters that spell no words (`SafeEncodeString`).
fn encode(hash: u32) -> SmolStr {
    const LETTERS: [char; 27] = [
        'b', 'c', 'd', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'z',
        '2', '4', '5', '6', '7', '8', '9',
    ];
    let letter = |byte: u8| LETTERS.get(usize::from(byte) % LETTERS.len()).copied().unwrap_or('b');
    hash.to_string().bytes().map(letter).collect()
}
