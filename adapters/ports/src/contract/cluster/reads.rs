//! Lists, watches and discovery.

use std::collections::BTreeMap;

use gitops_core::object::ObjectKey;

use super::{Bench, Checked, Failure, check, manifest, options, said, same, that, version};
use crate::cluster::{Cluster, ClusterError, DeleteOptions, GroupKind, ListQuery, Watch, WatchEvent};

pub(super) async fn run<C: Cluster>(bench: &Bench<'_, C>, failures: &mut Vec<Failure>) {
    check(failures, "a list keeps to kind, namespace and labels", lists(bench)).await;
    check(failures, "a watch goes on where a list ended", watches(bench)).await;
    check(failures, "a watch from the unknown expires", expires(bench)).await;
    check(failures, "discovery tells the scope of kinds", discovers(bench)).await;
}

fn configs(bench: &Bench<'_, impl Cluster>, label: &str) -> ListQuery {
    let labels = BTreeMap::from([("contract".into(), label.into())]);
    ListQuery { labels, ..ListQuery::kind(GroupKind::new("", "ConfigMap"), Some(bench.namespace)) }
}

async fn lists<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    for (name, label) in [("lists-b", "listed"), ("lists-a", "listed"), ("lists-c", "other")] {
        let mut object = bench.config(name, "{}");
        object.root.set_at(&["metadata", "labels", "contract"], gitops_core::yaml::Node::string(label));
        bench.create(&object).await?;
    }
    let found = bench.cluster.list(&configs(bench, "listed")).await.map_err(said)?;
    let names: Vec<&str> = found.objects.iter().map(|object| object.key.name.as_str()).collect();
    same("the names", names, vec!["lists-a", "lists-b"])?;
    let complete =
        found.objects.iter().all(|object| object.key.kind == "ConfigMap" && !version(object).is_empty());
    that(complete, "a listed object lacks its kind or its resource version")?;
    let unknown = ListQuery::kind(GroupKind::new("nobody.example.com", "Nothing"), None);
    same("an unknown kind", bench.cluster.list(&unknown).await.map_err(said)?.objects.len(), 0)?;
    let kinds = vec![GroupKind::new("", "ConfigMap"), GroupKind::new("", "Namespace")];
    let unscoped = ListQuery { kinds, namespace: Some("".into()), ..ListQuery::default() };
    let found = bench.cluster.list(&unscoped).await.map_err(said)?.objects;
    let only_namespaces = found.iter().all(|object| object.key.kind == "Namespace");
    let own = found.iter().any(|object| object.key.name == bench.namespace);
    that(own && only_namespaces, "an empty namespace means something else than objects without one")
}

async fn watches<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let query = configs(bench, "watched");
    let start = bench.cluster.list(&query).await.map_err(said)?.resource_version;
    let mut object = bench.config("watched", "{a: '1'}");
    object.root.set_at(&["metadata", "labels", "contract"], gitops_core::yaml::Node::string("watched"));
    let key = bench.create(&object).await?.key;
    bench.create(&bench.config("unwatched", "{}")).await?;
    let mut watch = bench.cluster.watch(&query, &start).await.map_err(said)?;
    same("the first event", next(&mut watch).await?, ("added", key.clone()))?;
    let patch = manifest("{data: {a: '2'}}").root;
    bench.cluster.patch(&key, &patch, &options()).await.map_err(said)?;
    same("the second event", next(&mut watch).await?, ("modified", key.clone()))?;
    bench.cluster.delete(&key, &DeleteOptions::default()).await.map_err(said)?;
    same("the third event", next(&mut watch).await?, ("deleted", key))
}

/// The next event that is no bookmark: what happened, and to which object.
async fn next(watch: &mut impl Watch) -> Result<(&'static str, ObjectKey), String> {
    loop {
        match watch.next().await {
            Some(Ok(WatchEvent::Added(object))) => return Ok(("added", object.key)),
            Some(Ok(WatchEvent::Modified(object))) => return Ok(("modified", object.key)),
            Some(Ok(WatchEvent::Deleted(object))) => return Ok(("deleted", object.key)),
            Some(Ok(WatchEvent::Bookmark(_))) => {}
            Some(Err(error)) => return Err(said(error)),
            None => return Err("the watch ended".to_owned()),
        }
    }
}

async fn expires<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let query = configs(bench, "expired");
    let opened = bench.cluster.watch(&query, "not-a-version").await;
    // A cluster may say so at once or in the stream; `Invalid` and `Other` are how some versions word it.
    let answer = match opened {
        Ok(mut watch) => watch.next().await.and_then(Result::err),
        Err(error) => Some(error),
    };
    let refused = matches!(
        answer,
        Some(ClusterError::Expired { .. } | ClusterError::Invalid { .. } | ClusterError::Other { .. })
    );
    that(refused, &format!("a watch from an unknown resource version answered {answer:?}"))
}

async fn discovers<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let discovery = bench.cluster.discover().await.map_err(said)?;
    that(discovery.server_version.starts_with('v'), "the server has no version")?;
    for (group, kind, namespaced) in
        [("", "ConfigMap", true), ("", "Namespace", false), ("apps", "Deployment", true)]
    {
        same(kind, discovery.is_namespaced(group, kind), Some(namespaced))?;
    }
    same("an unknown kind", discovery.is_namespaced("nobody.example.com", "Nothing"), None)
}
