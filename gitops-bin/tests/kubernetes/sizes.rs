//! Large objects, and many.

use gitops_core::object::ObjectKey;
use gitops_ports::Cluster as _;
use gitops_ports::cluster::{GroupKind, ListQuery};

use crate::Case;
use crate::bench::{Bench, config};
use crate::stage::Stage;

pub(crate) const CASES: &[Case] = &[
    ("an object of almost 1 MB is synced, and a key is taken from it", large),
    ("an object of more than 1 MB is refused with its name", too_large),
    ("2,000 objects in one Application", many),
];

/// A ConfigMap with a value of `size` bytes.
fn of_size(size: usize, more: &str) -> String {
    let value = "x".repeat(size);
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: large}}\ndata:\n  large: {value}\n{more}")
}

fn large(bench: &mut Bench) {
    let stage = Stage::of(bench, "large", &of_size(900_000, "  small: there\n"));
    stage.until_synced("large");
    let key = config("large", "large");
    assert!(stage.live(&key).root.at(&["data", "small"]).is_some());
    // The object is too large to remember in an annotation what was applied.
    stage.commit("large", &of_size(900_000, ""));
    stage.until("the key is gone", || stage.live(&key).root.at(&["data", "small"]).is_none().then_some(()));
    stage.until_synced("large");
}

fn too_large(bench: &mut Bench) {
    let stage = Stage::prepared(bench, "too-large", &of_size(1_100_000, ""));
    stage.application("too-large", "retry: {limit: 0}");
    let stage = stage.with_daemon("gitopsd", &[]);
    let text = stage.until_failed("too-large").to_string();
    assert!(text.contains("Too long") || text.contains("too large"), "{text}");
    assert!(text.contains("\"name\":\"large\""), "{text}");
    assert!(text.len() < 10_000, "the value is told: {} bytes", text.len());
}

fn many(bench: &mut Bench) {
    let objects = 2_000;
    let manifest = |value: &str| -> String {
        let one = |at: usize| {
            format!(
                "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: many-{at:04}}}\ndata: {{value: '{value}'}}\n"
            )
        };
        (0..objects).map(one).collect()
    };
    let stage = Stage::of(bench, "many", &manifest("1"));
    stage.until_synced("many");
    let query = ListQuery::kind(GroupKind::new("", "ConfigMap"), Some("many"));
    let count = || {
        let list = stage.bench.runtime.block_on(stage.bench.cluster.list(&query)).unwrap();
        list.objects.iter().filter(|object| object.key.name.starts_with("many-")).count()
    };
    assert_eq!(count(), objects);
    stage.bench.delete(&ObjectKey::new("", "ConfigMap", "many", "many-1234"));
    stage.until("the deleted one is back", || (count() == objects).then_some(()));
    stage.commit(
        "many",
        &manifest("1").replacen(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: many-0000}\ndata: {value: '1'}\n",
            "",
            1,
        ),
    );
    stage.until("the one that left is pruned", || (count() == objects - 1).then_some(()));
}
