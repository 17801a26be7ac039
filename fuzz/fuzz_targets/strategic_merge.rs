//! Strategic merge: it ends, leaves the object alone where it fails, and obeys its laws.
#![no_main]

use gitops_core::kind::Schemas;
use gitops_core::patch::{Outcome, strategic_merge};
use gitops_core::yaml::{Node, read_one};
use gitops_fuzz::two_texts;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((target, patch)) = two_texts(input) else { return };
    let (Ok(target), Ok(patch)) = (read_one("a.yaml", target), read_one("p.yaml", patch)) else { return };
    if !target.is_mapping() || !patch.is_mapping() {
        return;
    }
    let schemas = Schemas::built_in();
    // By kyaml's rules a list that merges may grow with each merge, where items lack their keys.
    if !has_kind(&target) && !has_kind(&patch) {
        merged_once_is_merged(&target, &Node::mapping::<&str>([]));
        merged_once_is_merged(&target, &patch);
    }

    let mut merged = target.clone();
    match strategic_merge(&mut merged, &patch, &schemas, None) {
        Err(_) | Ok(Outcome::Deleted) => assert_eq!(merged, target, "changed in spite of the outcome"),
        Ok(Outcome::Merged) => {
            let mut twin = target.clone();
            assert_eq!(strategic_merge(&mut twin, &patch, &schemas, None), Ok(Outcome::Merged));
            assert_eq!(twin, merged, "the same merge twice");
        }
    }
});

/// Whether a schema may say of a part how its lists merge.
fn has_kind(node: &Node) -> bool {
    node.get("kind").is_some()
        || node.entries().iter().any(|entry| has_kind(&entry.value))
        || node.items().iter().any(has_kind)
}

/// A second merge of the same patch changes nothing.
fn merged_once_is_merged(target: &Node, patch: &Node) {
    let schemas = Schemas::built_in();
    let mut once = target.clone();
    if strategic_merge(&mut once, patch, &schemas, None) == Ok(Outcome::Merged) {
        let mut twice = once.clone();
        assert_eq!(strategic_merge(&mut twice, patch, &schemas, None), Ok(Outcome::Merged));
        assert_eq!(twice, once, "the same patch again");
    }
}
