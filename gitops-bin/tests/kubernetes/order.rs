//! The order of a sync: waves forwards, prunes backwards, hooks before.

use std::sync::{Arc, Mutex};

use gitops_ports::cluster::{GroupKind, ListQuery, WatchEvent};
use gitops_ports::{Cluster as _, cluster::Watch as _};

use crate::Case;
use crate::bench::{Bench, config};
use crate::stage::Stage;

pub(crate) const CASES: &[Case] = &[
    ("waves are applied forwards and pruned backwards", waves),
    ("a PreSync hook that fails stops the sync", failing_hook),
];

/// ConfigMaps in three waves, and one that stays.
const WAVES: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: third, annotations: {argocd.argoproj.io/sync-wave: '2'}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: first, annotations: {argocd.argoproj.io/sync-wave: '-1'}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: second}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: stays}
";

const STAYS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: stays}\n";

fn waves(bench: &mut Bench) {
    let stage = Stage::prepared(bench, "waves", WAVES);
    let seen = recorded(&stage, "waves");
    let stage = stage.with_daemon("gitopsd", &[]);
    stage.until_synced("waves");
    let made = order(&seen, '+');
    assert_eq!(made.iter().position(|name| name == "first"), Some(0), "{made:?}");
    assert_eq!(made.last().map(String::as_str), Some("third"), "{made:?}");
    stage.commit("waves", STAYS);
    stage.until_synced("waves");
    stage.until("three are gone", || (order(&seen, '-').len() == 3).then_some(()));
    assert_eq!(order(&seen, '-'), ["third", "second", "first"]);
}

/// What appeared (`+`) and went (`-`), in order.
type Seen = Arc<Mutex<Vec<(char, String)>>>;

/// Watches the ConfigMaps of a namespace from now on.
fn recorded(stage: &Stage<'_>, namespace: &str) -> Seen {
    let seen = Seen::default();
    let query = ListQuery::kind(GroupKind::new("", "ConfigMap"), Some(namespace));
    let cluster = stage.bench.cluster.clone();
    let list = stage.bench.runtime.block_on(cluster.list(&query)).unwrap();
    let into = Arc::clone(&seen);
    stage.bench.runtime.spawn(async move {
        let mut watch = cluster.watch(&query, &list.resource_version).await.unwrap();
        while let Some(Ok(event)) = watch.next().await {
            let (sign, object) = match event {
                WatchEvent::Added(object) => ('+', object),
                WatchEvent::Deleted(object) => ('-', object),
                WatchEvent::Modified(_) | WatchEvent::Bookmark(_) => continue,
            };
            into.lock().unwrap().push((sign, object.key.name.to_string()));
        }
    });
    seen
}

/// The names with this sign, without the one that every namespace has.
fn order(seen: &Seen, sign: char) -> Vec<String> {
    let seen = seen.lock().unwrap();
    let ours = seen.iter().filter(|(of, name)| *of == sign && name != "kube-root-ca.crt");
    ours.map(|(_, name)| name.clone()).collect()
}

/// A Job whose pod ends with an exit code of 1.
const FAILING_HOOK: &str = "\
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {argocd.argoproj.io/hook: PreSync}}
spec:
  backoffLimit: 0
  template:
    metadata: {annotations: {e2e/exit-code: '1'}}
    spec:
      restartPolicy: Never
      containers: [{name: migrate, image: registry.example.com/migrate:1}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: after}
";

fn failing_hook(bench: &mut Bench) {
    let stage = Stage::prepared(bench, "failing-hook", FAILING_HOOK);
    stage.application("failing-hook", "retry: {limit: 0}");
    let stage = stage.with_daemon("gitopsd", &[]);
    let state = stage.until_failed("failing-hook");
    let text = state.to_string();
    assert!(text.contains("backoff limit"), "{text}");
    assert!(stage.bench.get(&config("failing-hook", "after")).is_none(), "the sync went on");
}
