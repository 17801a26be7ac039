//! Others who write: people with `kubectl edit`, and admission webhooks.

use gitops_core::diff;
use gitops_core::object::FieldPath;
use gitops_core::sync::FIELD_MANAGER;

use crate::Case;
use crate::bench::{Bench, config, object};
use crate::stage::Stage;
use crate::webhook;

pub(crate) const CASES: &[Case] = &[
    ("a field that another manager took is taken back, its own are left", edited),
    ("what a webhook changes at every write is no drift", mutated),
];

fn manifest(value: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: one}}\ndata: {{ours: '{value}', both: '{value}'}}\n"
    )
}

fn edited(bench: &mut Bench) {
    let stage = Stage::of(bench, "edited", &manifest("1"));
    stage.until_synced("edited");
    let key = config("edited", "one");
    stage.bench.patch(&key, "{data: {both: '2', theirs: '2'}}");
    stage.until("the field is taken back", || {
        (stage.live(&key).root.str_at(&["data", "both"]) == Some("1")).then_some(())
    });
    let live = stage.live(&key);
    assert_eq!(live.root.str_at(&["data", "theirs"]), Some("2"));
    let owners = diff::owners(&live.root);
    let last = diff::owners_of(&owners, &FieldPath::of(&["data", "both"]));
    assert_eq!(last.first().map(|owner| owner.manager.as_str()), Some(FIELD_MANAGER));
    stage.until_synced("edited");
    stage.stays("edited");
}

fn mutated(bench: &mut Bench) {
    let webhook = webhook::Webhook::start(bench, "mutated");
    let stage = Stage::of(bench, "mutated", &manifest("1"));
    stage.until_synced("mutated");
    let key = config("mutated", "one");
    assert_eq!(stage.live(&key).root.str_at(&["data", "both"]), Some("by the webhook"));
    stage.stays("mutated");
    // What the webhook leaves alone is drift as ever.
    stage.bench.patch(&key, "{data: {ours: '2'}}");
    stage.until("drift is healed", || {
        (stage.live(&key).root.str_at(&["data", "ours"]) == Some("1")).then_some(())
    });
    stage.until_synced("mutated");
    stage.commit("mutated", &manifest("3"));
    stage.until_synced("mutated");
    assert_eq!(stage.live(&key).root.str_at(&["data", "ours"]), Some("3"));
    assert!(webhook.calls() > 0);
    stage.bench.delete(&object(&webhook.configuration()).key);
}
