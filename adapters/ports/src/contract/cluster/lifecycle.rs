//! Creating, changing and deleting.

use gitops_core::yaml::Node;

use super::{Bench, Checked, Failure, check, manifest, options, said, same, text, that, version};
use crate::cluster::{Cluster, ClusterError, DeleteOptions, PropagationPolicy};

pub(super) async fn run<C: Cluster>(bench: &Bench<'_, C>, failures: &mut Vec<Failure>) {
    check(failures, "a created object has an identity", creates(bench)).await;
    check(failures, "what exists is not created again", creates_once(bench)).await;
    check(failures, "what is not served or placed is refused", refuses(bench)).await;
    check(failures, "an update needs the current resource version", updates(bench)).await;
    check(failures, "generation counts changes of the spec alone", generations(bench)).await;
    check(failures, "status and spec are written apart", statuses(bench)).await;
    check(failures, "a patch changes what it names", patches(bench)).await;
    check(failures, "a deletion keeps to its preconditions", deletes(bench)).await;
    check(failures, "finalizers hold an object", finalizes(bench)).await;
    check(failures, "a dry run changes nothing", dry_runs(bench)).await;
    check(failures, "selectors are immutable", immutable(bench)).await;
    check(failures, "names are generated", generates(bench)).await;
}

async fn creates<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let created = bench.create(&bench.config("creates", "{a: '1'}")).await?;
    for field in ["uid", "resourceVersion", "creationTimestamp"] {
        that(!text(&created, &["metadata", field]).is_empty(), &format!("metadata.{field} is empty"))?;
    }
    let live = bench.live(&created.key).await?;
    same("the uid", text(&live, &["metadata", "uid"]), text(&created, &["metadata", "uid"]))?;
    same("data.a", text(&live, &["data", "a"]), "1")
}

async fn creates_once<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let object = bench.config("once", "{}");
    bench.create(&object).await?;
    let again = bench.cluster.create(&object, &options()).await;
    that(
        matches!(again, Err(ClusterError::AlreadyExists { .. })),
        "a second create did not say AlreadyExists",
    )
}

async fn refuses<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let unknown = manifest(&format!(
        "{{apiVersion: nobody.example.com/v1, kind: Nothing, metadata: {{name: x, namespace: {}}}}}",
        bench.namespace
    ));
    let answer = bench.cluster.create(&unknown, &options()).await;
    that(matches!(answer, Err(ClusterError::UnknownKind { .. })), "an unknown kind was not called so")?;
    let mut elsewhere = bench.config("elsewhere", "{}");
    elsewhere.root.set_at(&["metadata", "namespace"], Node::string("contract-no-such-namespace"));
    let elsewhere = gitops_core::object::Object::new(elsewhere.root, elsewhere.at);
    let answer = bench.cluster.create(&elsewhere, &options()).await;
    that(matches!(answer, Err(ClusterError::NotFound { .. })), "a missing namespace was not called so")?;
    let gone = bench.cluster.update(&bench.config("never-made", "{}"), &options()).await;
    that(matches!(gone, Err(ClusterError::NotFound { .. })), "an update of nothing did not say NotFound")?;
    let absent = bench.cluster.get(&bench.key("ConfigMap", "never-made")).await.map_err(said)?;
    that(absent.is_none(), "an object that was never made was read")
}

async fn updates<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let first = bench.create(&bench.config("updates", "{a: '1'}")).await?;
    let mut second = first.clone();
    second.root.set_at(&["data", "a"], Node::string("2"));
    let second = bench.cluster.update(&second, &options()).await.map_err(said)?;
    that(version(&second) != version(&first), "the resource version did not move")?;
    let mut late = first.clone();
    late.root.set_at(&["data", "a"], Node::string("3"));
    let answer = bench.cluster.update(&late, &options()).await;
    that(matches!(answer, Err(ClusterError::Conflict { .. })), "a stale update did not say Conflict")?;
    let unchanged = bench.cluster.update(&second, &options()).await.map_err(said)?;
    same("the resource version after an update without a change", version(&unchanged), version(&second))?;
    same("data.a", text(&bench.live(&first.key).await?, &["data", "a"]), "2")
}

async fn generations<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let created = bench.create(&bench.deployment("generations")).await?;
    same("the first generation", text(&created, &["metadata", "generation"]), "1")?;
    let label = manifest("{metadata: {labels: {team: blue}}}").root;
    let labelled = bench.cluster.patch(&created.key, &label, &options()).await.map_err(said)?;
    same("the generation after a label", text(&labelled, &["metadata", "generation"]), "1")?;
    let spec = manifest("{spec: {revisionHistoryLimit: 3}}").root;
    let changed = bench.cluster.patch(&created.key, &spec, &options()).await.map_err(said)?;
    same("the generation after a change of the spec", text(&changed, &["metadata", "generation"]), "2")
}

async fn statuses<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    // A load balancer that no controller of a bare cluster provides: its status is the suite's to write.
    let service = manifest(&format!(
        "{{apiVersion: v1, kind: Service, metadata: {{name: statuses, namespace: {}}}, spec: {{type: LoadBalancer, selector: {{app: x}}, \
         ports: [{{port: 80}}]}}, status: {{loadBalancer: {{ingress: [{{ip: 192.0.2.9}}]}}}}}}",
        bench.namespace
    ));
    let created = bench.create(&service).await?;
    let ip = |object| match object {
        Some(status) => Node::at(status, &["loadBalancer", "ingress"]).map_or(0, |list| list.items().len()),
        None => 0,
    };
    same("the status after a create", ip(created.root.get("status")), 0)?;
    let mut reported = created.clone();
    reported.root.set("status", service.root.get("status").cloned().unwrap_or_else(Node::null));
    reported.root.set_at(&["spec", "sessionAffinity"], Node::string("ClientIP"));
    let reported = bench.cluster.update_status(&reported, &options()).await.map_err(said)?;
    same("the status after a status update", ip(reported.root.get("status")), 1)?;
    same("the spec after a status update", text(&reported, &["spec", "sessionAffinity"]), "None")?;
    let mut cleared = reported.clone();
    cleared.root.remove("status");
    cleared.root.set_at(&["metadata", "labels", "a"], Node::string("b"));
    let updated = bench.cluster.update(&cleared, &options()).await.map_err(said)?;
    same("the status after an update without one", ip(updated.root.get("status")), 1)?;
    let stale = bench.cluster.update_status(&created, &options()).await;
    that(matches!(stale, Err(ClusterError::Conflict { .. })), "a stale status update did not say Conflict")
}

async fn patches<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let created = bench.create(&bench.config("patches", "{a: '1', b: '2'}")).await?;
    let patch = manifest("{data: {a: null, c: '3'}}").root;
    let patched = bench.cluster.patch(&created.key, &patch, &options()).await.map_err(said)?;
    let data = patched.root.get("data").map(Node::entries).unwrap_or_default();
    let mut keys: Vec<&str> = data.iter().map(|entry| entry.key.text()).collect();
    keys.sort_unstable();
    same("the keys of data", keys, vec!["b", "c"])?;
    let mut stale = patch.clone();
    stale.set_at(&["metadata", "resourceVersion"], Node::string(version(&created)));
    let answer = bench.cluster.patch(&created.key, &stale, &options()).await;
    that(matches!(answer, Err(ClusterError::Conflict { .. })), "a stale patch did not say Conflict")
}

async fn deletes<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let created = bench.create(&bench.config("deletes", "{}")).await?;
    let wrong = DeleteOptions {
        uid: Some("00000000-0000-0000-0000-000000000000".into()),
        ..DeleteOptions::default()
    };
    let answer = bench.cluster.delete(&created.key, &wrong).await;
    that(matches!(answer, Err(ClusterError::Conflict { .. })), "a wrong uid did not say Conflict")?;
    let right = DeleteOptions {
        uid: Some(text(&created, &["metadata", "uid"]).into()),
        resource_version: Some(version(&created).into()),
        ..DeleteOptions::default()
    };
    bench.cluster.delete(&created.key, &right).await.map_err(said)?;
    that(bench.cluster.get(&created.key).await.map_err(said)?.is_none(), "it is still there")?;
    let again = bench.cluster.delete(&created.key, &DeleteOptions::default()).await;
    that(matches!(again, Err(ClusterError::NotFound { .. })), "a second delete did not say NotFound")?;
    let fresh = bench.create(&bench.config("deletes", "{}")).await?;
    that(
        text(&fresh, &["metadata", "uid"]) != text(&created, &["metadata", "uid"]),
        "an object that was made anew has the uid of the deleted one",
    )
}

async fn finalizes<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let mut object = bench.config("finalizes", "{}");
    let finalizer = Node::sequence([Node::string("contract.example.com/hold")]);
    object.root.set_at(&["metadata", "finalizers"], finalizer);
    let created = bench.create(&object).await?;
    let options_ = DeleteOptions { propagation: PropagationPolicy::Background, ..DeleteOptions::default() };
    bench.cluster.delete(&created.key, &options_).await.map_err(said)?;
    let held = bench.live(&created.key).await?;
    that(!text(&held, &["metadata", "deletionTimestamp"]).is_empty(), "it has no deletionTimestamp")?;
    let release = manifest("{metadata: {finalizers: null}}").root;
    bench.cluster.patch(&created.key, &release, &options()).await.map_err(said)?;
    that(bench.cluster.get(&created.key).await.map_err(said)?.is_none(), "it outlived its finalizers")
}

async fn dry_runs<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let dry = crate::cluster::WriteOptions { dry_run: true, ..options() };
    bench.cluster.create(&bench.config("dry", "{}"), &dry).await.map_err(said)?;
    let key = bench.key("ConfigMap", "dry");
    that(bench.cluster.get(&key).await.map_err(said)?.is_none(), "a dry run created an object")?;
    let created = bench.create(&bench.config("dry", "{a: '1'}")).await?;
    let patch = manifest("{data: {a: '2'}}").root;
    let would = bench.cluster.patch(&key, &patch, &dry).await.map_err(said)?;
    same("data.a of the answer", text(&would, &["data", "a"]), "2")?;
    let gone = DeleteOptions { dry_run: true, ..DeleteOptions::default() };
    bench.cluster.delete(&key, &gone).await.map_err(said)?;
    same("the resource version", version(&bench.live(&key).await?), version(&created))
}

async fn immutable<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let created = bench.create(&bench.deployment("immutable")).await?;
    let patch = manifest(
        "{spec: {selector: {matchLabels: {app: other}}, template: {metadata: {labels: {app: other}}}}}",
    );
    let answer = bench.cluster.patch(&created.key, &patch.root, &options()).await;
    that(matches!(answer, Err(ClusterError::Invalid { .. })), "a new selector was not called Invalid")
}

async fn generates<C: Cluster>(bench: &Bench<'_, C>) -> Checked {
    let mut object = bench.config("x", "{}");
    if let Some(metadata) = object.root.get_mut("metadata") {
        metadata.remove("name");
        metadata.set("generateName", Node::string("generates-"));
    }
    let first = bench.create(&object).await?;
    let second = bench.create(&object).await?;
    that(first.key.name.starts_with("generates-"), "the name does not start as asked")?;
    that(first.key.name != second.key.name, "two generated names are the same")
}
