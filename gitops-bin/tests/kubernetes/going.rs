//! Objects and namespaces that go slowly, or never.

use gitops_core::object::ObjectKey;

use crate::Case;
use crate::bench::{Bench, config, object};
use crate::stage::Stage;

pub(crate) const CASES: &[Case] = &[
    ("a namespace that is being deleted is waited for", namespace),
    ("a finalizer that never ends stops a sync in time", never),
    ("what is being deleted is not deleted again", going),
];

const ONE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n";

/// Keeps an object for as long as nobody takes it away.
const KEPT: &str = "{metadata: {finalizers: [example.com/never]}}";
const RELEASED: &str = "{metadata: {finalizers: null}}";

fn namespace(bench: &mut Bench) {
    bench.apply(&object("{apiVersion: v1, kind: Namespace, metadata: {name: closing}}"));
    bench.apply(&object("{apiVersion: v1, kind: ConfigMap, metadata: {name: kept, namespace: closing}}"));
    bench.patch(&config("closing", "kept"), KEPT);
    bench.delete(&ObjectKey::new("", "Namespace", "", "closing"));
    let stage = Stage::prepared(bench, "closing", ONE);
    stage.application("closing", "retry: {limit: 30, backoff: {duration: 1s, factor: 1}}");
    let stage = stage.with_daemon("gitopsd", &[]);
    stage.until_app("closing", "says that the namespace is being deleted", |status| {
        status["operationState"].to_string().contains("being terminated")
    });
    stage.bench.patch(&config("closing", "kept"), RELEASED);
    stage.until_synced("closing");
    stage.live(&config("closing", "one"));
}

/// Pruned from the last wave to the first.
const TWO_WAVES: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: kept, finalizers: [example.com/never], annotations: {argocd.argoproj.io/sync-wave: '1'}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: next}
---
";

fn never(bench: &mut Bench) {
    let stage = Stage::prepared(bench, "never", &format!("{TWO_WAVES}{ONE}"));
    let stage = stage.with_daemon("gitopsd", &["--sync-timeout", "4s"]);
    stage.until_synced("never");
    stage.commit("never", ONE);
    let text = stage.until_failed("never")["message"].to_string();
    assert!(text.contains("took too long") && text.contains("example.com/never"), "{text}");
    stage.live(&config("never", "next"));
    stage.bench.patch(&config("never", "kept"), RELEASED);
}

fn going(bench: &mut Bench) {
    let stage =
        Stage::of(bench, "going", &format!("{TWO_WAVES}{ONE}").replace("sync-wave: '1'", "sync-wave: '0'"));
    stage.until_synced("going");
    stage.commit("going", ONE);
    stage.until_app("going", "says what keeps the object", |status| {
        let ended = status["operationState"]["phase"] == "Succeeded";
        ended && status["health"]["message"].to_string().contains("kept by example.com/never")
    });
    stage.stays("going");
    stage.bench.patch(&config("going", "kept"), RELEASED);
    stage.until_synced("going");
}
