//! Server-side apply: who owns which field.

use super::{Bench, Checked, Failure, check, manifest, options, said, same, text, that, version};
use crate::cluster::{Cluster, ClusterError};

pub(super) async fn run<C: Cluster>(bench: &Bench<'_, C>, failures: &mut Vec<Failure>) {
    check(failures, "an apply creates what is not there", creates(bench)).await;
    check(failures, "an apply without a change writes nothing", is_idempotent(bench)).await;
    check(failures, "an apply keeps what others set", keeps(bench)).await;
    check(failures, "an apply removes what it no longer states", removes(bench)).await;
    check(failures, "a field of another manager needs force", conflicts(bench)).await;
    check(failures, "items of keyed lists are merged", merges_lists(bench)).await;
}

async fn creates<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let applied =
        bench.apply(&bench.config("apply-creates", "{a: '1'}"), "one", false).await.map_err(said)?;
    that(!text(&applied, &["metadata", "uid"]).is_empty(), "it has no uid")?;
    same("data.a", text(&bench.live(&applied.key).await?, &["data", "a"]), "1")
}

async fn is_idempotent<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    // A kind with defaults that no controller writes to.
    let object = manifest(&format!(
        "{{apiVersion: v1, kind: Service, metadata: {{name: apply-same, namespace: {}}}, spec: {{selector: {{app: x}}, \
         ports: [{{port: 80}}]}}}}",
        bench.namespace
    ));
    let before = bench.apply(&object, "one", false).await.map_err(said)?;
    bench.apply(&object, "one", false).await.map_err(said)?;
    let after = bench.live(&object.key).await?;
    same("the resource version", version(&after), version(&before))
}

async fn keeps<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    bench.apply(&bench.config("apply-keeps", "{a: '1'}"), "one", false).await.map_err(said)?;
    let key = bench.key("ConfigMap", "apply-keeps");
    let patch = manifest("{data: {b: '2'}, metadata: {labels: {team: blue}}}").root;
    bench.cluster.patch(&key, &patch, &options()).await.map_err(said)?;
    bench.apply(&bench.config("apply-keeps", "{a: '3'}"), "one", false).await.map_err(said)?;
    let live = bench.live(&key).await?;
    same("data.a", text(&live, &["data", "a"]), "3")?;
    same("data.b", text(&live, &["data", "b"]), "2")?;
    same("the label", live.label("team"), Some("blue"))
}

async fn removes<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    bench.apply(&bench.config("apply-removes", "{a: '1', b: '2'}"), "one", false).await.map_err(said)?;
    bench.apply(&bench.config("apply-removes", "{b: '2'}"), "two", false).await.map_err(said)?;
    let applied = bench.apply(&bench.config("apply-removes", "{}"), "one", false).await.map_err(said)?;
    let data = applied.root.get("data");
    that(data.is_none_or(|data| data.get("a").is_none()), "a field that nobody states is still there")?;
    same("a field that another manager states", text(&applied, &["data", "b"]), "2")
}

async fn conflicts<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    bench.apply(&bench.config("apply-conflicts", "{a: '1'}"), "one", false).await.map_err(said)?;
    let other = bench.config("apply-conflicts", "{a: '2'}");
    match bench.apply(&other, "two", false).await {
        Err(ClusterError::FieldConflicts { conflicts, .. }) => {
            let named = conflicts.iter().any(|each| each.manager == "one" && each.field == ".data.a");
            that(named, &format!("the conflict names {conflicts:?}"))?;
        }
        other => return Err(format!("a field of another manager was taken: {other:?}")),
    }
    let same_value = bench.apply(&bench.config("apply-conflicts", "{a: '1'}"), "three", false).await;
    that(same_value.is_ok(), "the same value from another manager was refused")?;
    let forced = bench.apply(&other, "two", true).await.map_err(said)?;
    same("data.a after force", text(&forced, &["data", "a"]), "2")?;
    let back = bench.apply(&bench.config("apply-conflicts", "{a: '1'}"), "one", false).await;
    that(matches!(back, Err(ClusterError::FieldConflicts { .. })), "the field did not change hands")
}

async fn merges_lists<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let object = bench.deployment("apply-lists");
    bench.apply(&object, "one", false).await.map_err(said)?;
    let sidecar = manifest(&format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: apply-lists, namespace: {}}}, spec: {{template: \
         {{spec: {{containers: [{{name: sidecar, image: 'registry.example.com/sidecar:v1'}}]}}}}}}}}",
        bench.namespace
    ));
    bench.apply(&sidecar, "two", false).await.map_err(said)?;
    bench.apply(&object, "one", false).await.map_err(said)?;
    let names = |object: &gitops_core::object::Object| {
        let list =
            object.root.at(&["spec", "template", "spec", "containers"]).map(|list| list.items().to_vec());
        let names = list
            .unwrap_or_default()
            .iter()
            .filter_map(|item| item.str_at(&["name"]).map(str::to_owned))
            .collect();
        let mut names: Vec<String> = names;
        names.sort();
        names
    };
    same(
        "the containers",
        names(&bench.live(&object.key).await?),
        vec!["app".to_owned(), "sidecar".to_owned()],
    )?;
    let mut without = sidecar.clone();
    without.root.remove("spec");
    bench.apply(&without, "two", false).await.map_err(said)?;
    same("the containers left", names(&bench.live(&object.key).await?), vec!["app".to_owned()])
}
