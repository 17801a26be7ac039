//! Kinds whose health takes more than facts.

use super::super::view::{Condition, View};
use super::{D, H, Health, HealthStatus, P, S, U, scalar};
use crate::yaml::Node;

type Found = Option<Health>;

#[expect(clippy::unnecessary_wraps, reason = "every caller answers with an option")]
fn said(status: HealthStatus, message: impl Into<String>) -> Found {
    Some(Health::new(status, message))
}

fn field<'a>(object: View<'a>, path: &str) -> &'a str {
    scalar(object, path).unwrap_or_default()
}

fn status_node<'a>(object: View<'a>, name: &str) -> Option<&'a Node> {
    object.node(&["status", name])
}

fn observed(object: View<'_>) -> bool {
    object.generation() == object.observed_generation()
}

pub(super) fn config_connector(object: View<'_>) -> Found {
    let kind = object.text(&["kind"]);
    let is_connector = matches!(kind, "ConfigConnector" | "ConfigConnectorContext");
    let healthy = status_node(object, "healthy").filter(|_| is_connector)?;
    let current = status_node(object, "observedGeneration").is_none() || observed(object);
    if !current {
        return None;
    }
    if healthy.as_bool() == Some(true) {
        said(H, format!("{kind} is healthy"))
    } else {
        said(D, format!("{kind} is not healthy"))
    }
}

const NO_STATUS: [&str; 7] = [
    "Composition",
    "CompositionRevision",
    "DeploymentRuntimeConfig",
    "ClusterProviderConfig",
    "ProviderConfig",
    "ProviderConfigUsage",
    "ControllerConfig",
];

pub(super) fn crossplane(object: View<'_>) -> Found {
    let kind = object.text(&["kind"]);
    if object.node(&["status"]).is_none_or(|status| status.entries().is_empty()) {
        return NO_STATUS.contains(&kind).then(|| Health::healthy("Resource is up-to-date."));
    }
    if status_node(object, "conditions").is_none() {
        let in_use = kind.ends_with("ProviderConfig") && status_node(object, "users").is_some();
        return in_use.then(|| Health::healthy("Resource is in use."));
    }
    let failed =
        |found: &Condition<'_>| found.is_false() && matches!(found.kind, "LastAsyncOperation" | "Synced");
    if let Some(failure) = object.conditions().find(failed) {
        return said(D, failure.message);
    }
    let ready = |found: Condition<'_>| {
        let kinds = ["Ready", "Healthy", "Offered", "Established", "ValidPipeline", "RevisionHealthy"];
        found.is_true() && kinds.contains(&found.kind)
    };
    object.conditions().any(ready).then(|| Health::healthy("Resource is up-to-date."))
}

pub(super) fn synced_and_ready(object: View<'_>, waiting: &str) -> Found {
    status_node(object, "conditions")?;
    let ready = object.condition("Ready");
    let synced = object.condition("Synced");
    let is_true = |found: Option<Condition<'_>>| found.is_some_and(|found| found.is_true());
    let reason = |wanted: &str| synced.filter(|found| found.reason == wanted);
    match (is_true(ready), is_true(synced), reason("ReconcilePaused")) {
        (true, true, _) => said(H, ready.map_or("", |found| found.reason)),
        (_, false, Some(paused)) => said(S, paused.reason),
        (false, true, None) => said(P, waiting),
        (_, _, _) => said(D, reason("ReconcileError").map_or("", |found| found.message)),
    }
}

pub(super) fn three_scale_application(object: View<'_>) -> Found {
    let ready = object.condition("Ready")?;
    if ready.is_true() {
        return said(H, "3scale Application is ready");
    }
    let message = if ready.message.is_empty() { "3scale Application is not ready" } else { ready.message };
    (object.count(&["status", "adminId"]) <= 0).then(|| Health::degraded(message))
}

pub(super) fn three_scale_tenant(object: View<'_>) -> Found {
    let ready = object.condition("Ready")?;
    if !ready.is_true() {
        let message = if ready.message.is_empty() { "3scale Tenant is degraded" } else { ready.message };
        return said(D, message);
    }
    let has = |name: &str| object.count(&["status", name]) > 0;
    (has("tenantId") && has("adminId")).then(|| Health::healthy("3scale Tenant is ready"))
}

pub(super) fn api_manager(object: View<'_>) -> Found {
    let has = |name: &str| object.node(&["status", "deployments", name]).is_some();
    object.node(&["status", "deployments"])?;
    if has("ready") && !has("starting") && !has("stopped") {
        return said(H, "3scale APIManager is available");
    }
    said(P, "Waiting for 3scale APIManager status...")
}

pub(super) fn broadcast_job(object: View<'_>) -> Found {
    let count = |name: &str| object.count(&["status", name]);
    match field(object, "status.phase") {
        "completed" if count("desired") == count("succeeded") => {
            said(H, "BroadcastJob is completed successfully")
        }
        "failed" if count("failed") != 0 => said(D, "BroadcastJob failed"),
        "paused" if object.flag(&["spec", "paused"]) => said(S, "BroadcastJob is Paused"),
        _ => None,
    }
}

pub(super) fn advanced_cron_job(object: View<'_>) -> Found {
    let scheduled = status_node(object, "lastScheduleTime").is_some();
    if !scheduled && object.flag(&["spec", "paused"]) {
        return said(S, "AdvancedCronJob is Paused");
    }
    if object.items(&["status", "active"]).next().is_some() {
        return None;
    }
    if scheduled {
        said(H, "AdvancedCronJobs has run successfully")
    } else {
        said(D, "AdvancedCronJobs has not run successfully")
    }
}

pub(super) fn clone_set(object: View<'_>) -> Found {
    let count = |name: &str| object.number(&["status", name]);
    if !observed(object) {
        return None;
    }
    let available = count("updatedAvailableReplicas");
    if object.flag(&["spec", "updateStrategy", "paused"]) || available.is_none() {
        return said(S, "Cloneset is paused");
    }
    if object.number(&["spec", "updateStrategy", "partition"]) != Some(0) && object.generation() > 1 {
        let stands = count("updatedReplicas") >= count("expectedUpdatedReplicas");
        return stands.then(|| Health::suspended("Cloneset needs manual intervention"));
    }
    replicas(available == count("replicas"), "Cloneset")
}

fn replicas(ready: bool, what: &str) -> Found {
    if ready {
        said(H, format!("All {what} workloads are ready and updated"))
    } else {
        said(D, "Some replicas are not ready or available")
    }
}

pub(super) fn kruise_stateful_set(object: View<'_>) -> Found {
    let count = |name: &str| object.number(&["status", name]);
    let rolling = |name| ["spec", "updateStrategy", "rollingUpdate", name];
    if !observed(object) {
        return None;
    }
    let available = count("updatedAvailableReplicas");
    if object.flag(&rolling("paused")) || available.is_none() {
        return said(S, "Statefulset is paused");
    }
    let partition = object.number(&rolling("partition"));
    if partition != Some(0) && object.generation() > 1 {
        let left = count("replicas").unwrap_or(0).saturating_sub(partition.unwrap_or(0));
        let stands = count("updatedReplicas").unwrap_or(0) > left;
        return stands.then(|| Health::suspended("Statefulset needs manual intervention"));
    }
    replicas(available == count("replicas"), "Statefulset")
}

pub(super) fn kruise_daemon_set(object: View<'_>) -> Found {
    let count = |name: &str| object.number(&["status", name]);
    let rolling = |name| ["spec", "updateStrategy", "rollingUpdate", name];
    if !observed(object) {
        return None;
    }
    let (updated, desired) = (count("updatedNumberScheduled"), count("desiredNumberScheduled"));
    if object.flag(&rolling("paused")) || updated.is_none() {
        return said(S, "Daemonset is paused");
    }
    if let Some(partition) = object.number(&rolling("partition")).filter(|partition| *partition != 0)
        && object.generation() > 1
    {
        let stands = updated.unwrap_or(0) > desired.unwrap_or(0).saturating_sub(partition);
        return stands.then(|| Health::suspended("Daemonset needs manual intervention"));
    }
    if updated == desired && count("numberAvailable") == desired {
        return said(H, "All Daemonset workloads are ready and updated");
    }
    let none = updated == desired && count("numberUnavailable") == desired;
    none.then(|| Health::degraded("Some pods are not ready or available"))
}

pub(super) fn deployment_config(object: View<'_>) -> Found {
    status_node(object, "conditions")?;
    let replicas = object.number(&["status", "replicas"])?;
    let works = |found: &Condition<'_>| {
        let rolled_out = found.kind == "Progressing" && found.reason == "NewReplicationControllerAvailable";
        found.is_true() && (found.kind == "Available" || rolled_out)
    };
    match object.conditions().filter(works).count() {
        _ if replicas == 0 => said(H, "replication controller successfully rolled out"),
        2 => said(H, "replication controller successfully rolled out"),
        1 => None,
        _ => said(D, "Deployment config is degraded"),
    }
}

pub(super) fn beat(object: View<'_>) -> Found {
    let has = |name: &str| status_node(object, name).is_some();
    let text = |name: &str| object.text(&["status", name]);
    match text("health") {
        "red" => said(D, "Elastic Beat status is Red"),
        "green" => said(H, "Elastic Beat status is Green"),
        "yellow" if has("availableNodes") && has("expectedNodes") => said(
            P,
            format!(
                "Elastic Beat status is deploying, there is {} instance(s) on {} expected",
                text("availableNodes"),
                text("expectedNodes")
            ),
        ),
        "yellow" => said(P, "Elastic Beat phase is progressing"),
        "" if has("expectedNodes") => said(P, "Elastic Beat phase is progressing"),
        _ => None,
    }
}

pub(super) fn elasticsearch(object: View<'_>) -> Found {
    let available = object.number(&["status", "availableNodes"])?;
    let wanted: i64 = object.items(&["spec", "nodeSets"]).map(|set| set.count(&["count"])).sum();
    if available < wanted {
        return said(
            P,
            format!("The desired amount of availableNodes is {wanted} but the current amount is {available}"),
        );
    }
    if available > wanted {
        return None;
    }
    let hint = "Check the status of indices, replicas and shards";
    match (field(object, "status.phase"), field(object, "status.health")) {
        ("Ready", "green") => said(H, "Elasticsearch Cluster status is Green"),
        ("Ready", "yellow") => said(P, format!("Elasticsearch Cluster status is Yellow. {hint}")),
        ("Ready", "red") => said(D, format!("Elasticsearch Cluster status is Red. {hint}")),
        (phase @ ("ApplyingChanges" | "MigratingData"), _) => {
            said(P, format!("Elasticsearch phase is {phase}"))
        }
        ("Invalid", _) => said(D, "Elasticsearch phase is Invalid"),
        _ => None,
    }
}

pub(super) fn ceph_cluster(object: View<'_>) -> Found {
    object.node(&["status"])?;
    let mut status = P;
    let mut parts = vec![];
    let health = field(object, "status.ceph.health");
    if !health.is_empty() {
        let details = object.node(&["status", "ceph", "details"]).map_or(&[][..], Node::entries);
        let mut details: Vec<_> = details
            .iter()
            .filter_map(|entry| Some((entry.key.text(), entry.value.get("message")?.text()?)))
            .collect();
        details.sort_unstable();
        let texts: Vec<_> = details.into_iter().map(|(_, text)| text).collect();
        let suffix = if texts.is_empty() { String::new() } else { format!(" ({})", texts.join("; ")) };
        status = match health {
            "HEALTH_ERR" | "HEALTH_WARN" => D,
            "HEALTH_OK" => H,
            _ => P,
        };
        parts.push(format!("Ceph health is {health}{suffix}"));
    }
    let state = field(object, "status.state");
    if !state.is_empty() && status == H {
        parts.push(format!("Ceph cluster state is {state}"));
        status = match state {
            "Created" | "Connected" => H,
            "Error" => D,
            _ => P,
        };
    }
    parts.extend(Some(field(object, "status.message").to_owned()).filter(|text| !text.is_empty()));
    said(status, parts.join(" - "))
}

pub(super) fn ceph_object_store(object: View<'_>) -> Found {
    let phase = Some(field(object, "status.phase")).filter(|phase| !phase.is_empty());
    let endpoint = field(object, "status.info.endpoint");
    let suffix = if endpoint.is_empty() { String::new() } else { format!(" - endpoint: {endpoint}") };
    let status = match phase? {
        "Ready" => H,
        "Failure" => D,
        _ => P,
    };
    said(status, format!("Ceph object store phase is {}{suffix}", phase?))
}

pub(super) fn cassandra(object: View<'_>) -> Found {
    let racks = status_node(object, "racks")?.entries();
    let full = racks.iter().all(|rack| rack.value.get("members") == rack.value.get("readyMembers"));
    full.then(|| Health::healthy(""))
}

pub(super) fn cluster(object: View<'_>) -> Found {
    if object.flag(&["spec", "paused"]) {
        return said(S, "Cluster is paused");
    }
    let severity = |item: &View<'_>| item.text(&["severity"]) != "Info";
    let failed = object
        .items(&["status", "conditions"])
        .filter(severity)
        .map(Condition::of)
        .find(|found| found.kind == "Ready" && found.is_false());
    if let Some(failed) = failed {
        return said(D, failed.message);
    }
    match field(object, "status.phase") {
        "Provisioned" => said(H, "Cluster is running"),
        "Failed" => said(D, ""),
        _ => None,
    }
}

pub(super) fn machine(object: View<'_>) -> Found {
    let failed = object.condition("Ready").filter(Condition::is_false);
    let message = failed.map_or("Condition is unknown", |found| found.message);
    said(if field(object, "status.phase") == "Failed" { D } else { P }, message)
}

pub(super) fn machine_health_check(object: View<'_>) -> Found {
    let healthy = object.number(&["status", "currentHealthy"])?;
    let all = object.number(&["status", "expectedMachines"]) == Some(healthy);
    said(if all { H } else { D }, "")
}

pub(super) fn machine_pool(object: View<'_>) -> Found {
    let phase = field(object, "status.phase");
    let status = match phase {
        "Running" | "Scaling" => H,
        "Failed" | "Unknown" => D,
        _ => P,
    };
    let lacking: Vec<_> = object
        .conditions()
        .filter(Condition::is_false)
        .map(|found| match found.reason {
            "" => format!("Not {}", found.kind),
            reason => format!("Not {} ({reason})", found.kind),
        })
        .collect();
    let base = if phase.is_empty() { String::new() } else { format!("MachinePool is {phase}") };
    said(status, if lacking.is_empty() { base } else { format!("{base}: {}", lacking.join(", ")) })
}

pub(super) fn aws_control_plane(object: View<'_>) -> Found {
    status_node(object, "conditions")?;
    if object.condition("EKSControlPlaneUpdating").is_some_and(|found| found.is_true()) {
        return said(P, "EKS control plane is updating");
    }
    let mut errors = String::new();
    for item in object.items(&["status", "conditions"]) {
        let found = Condition::of(item);
        if found.kind == "Ready" && found.is_true() {
            return said(H, "Control plane is ready");
        }
        if found.is_false() && item.text(&["severity"]) == "Error" {
            errors.push_str(found.message);
            errors.push(' ');
        }
    }
    if !errors.is_empty() {
        return said(D, errors);
    }
    match status_node(object, "ready").and_then(Node::as_bool) {
        Some(false) => said(P, "Control plane is not ready (.status.ready is false)"),
        Some(true) | None => said(P, "Control plane is not ready"),
    }
}

pub(super) fn shoot(object: View<'_>) -> Found {
    match object.text(&["metadata", "labels", "shoot.gardener.cloud/status"]) {
        "healthy" => said(H, "Component state: Healthy"),
        "progressing" => said(P, "Component state: Update in progress"),
        "unhealthy" => said(D, "Component state: Unhealthy"),
        "unknown" => said(U, "Component state: Unknown"),
        _ => None,
    }
}

pub(super) fn spin_app(object: View<'_>) -> Found {
    object.node(&["status"])?;
    let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    let failed = |found: &Condition<'_>| {
        let text = found.message.to_lowercase();
        let late = found.reason == "ProgressDeadlineExceeded";
        found.kind == "Progressing"
            && found.is_false()
            && (late || text.contains("timeout") || text.contains("failed"))
    };
    if let Some(found) = object.conditions().find(failed) {
        return said(D, or(found.message, "Application deployment has failed"));
    }
    let available = object.condition("Available");
    if !available.is_some_and(|found| found.is_true()) {
        let message =
            available.map_or(String::new(), |found| or(found.message, "Application is not available"));
        return said(D, message);
    }
    let ready = object.count(&["status", "readyReplicas"]);
    let desired = object.number(&["spec", "replicas"]).unwrap_or(1);
    if ready < desired {
        return said(P, format!("Waiting for replicas to be ready ({ready}/{desired})"));
    }
    match object.condition("Progressing").filter(Condition::is_true) {
        Some(found) => said(P, or(found.message, "Application progress status")),
        None => said(H, format!("Application is healthy with {ready}/{desired} replicas ready")),
    }
}

pub(super) fn atlas_schema(object: View<'_>) -> Found {
    let ready = object.condition("Ready")?;
    let waits = matches!(ready.message, "Reconciling" | "GettingDevDB");
    let status = match (ready.is_true(), waits) {
        (true, _) => H,
        (false, true) => P,
        (false, false) => D,
    };
    said(status, ready.reason)
}

pub(super) fn cluster_external_secret(object: View<'_>) -> Found {
    let last = object.conditions().last().filter(Condition::is_true)?;
    match last.kind {
        "Ready" => said(H, last.message),
        "PartiallyReady" | "NotReady" => said(D, last.message),
        _ => None,
    }
}

pub(super) fn canary(object: View<'_>) -> Found {
    object.node(&["status"])?;
    let phase = field(object, "status.phase");
    let weight = field(object, "status.canaryWeight");
    let mut parts = vec![phase.to_owned()];
    if weight.parse::<i64>().is_ok_and(|weight| weight > 0) {
        parts.push(format!("Canary Weight: {weight} %"));
    }
    parts.extend(object.conditions().map(|found| found.message.to_owned()));
    if parts.len() == 1 {
        parts.push(String::new());
    }
    let status = match phase {
        "Failed" => D,
        "Progressing" | "Finalising" | "Promoting" => P,
        "Succeeded" | "Initialized" => H,
        _ => U,
    };
    said(status, parts.join(" --- "))
}

pub(super) fn grafana(object: View<'_>) -> Found {
    let stage = field(object, "status.stage");
    status_node(object, "stageStatus")?;
    match (field(object, "status.stageStatus"), stage) {
        ("failed", _) => said(D, format!("Failed at stage {stage}")),
        ("success", "complete") => said(H, ""),
        _ => said(P, stage),
    }
}

pub(super) fn grafana_content(object: View<'_>) -> Found {
    let mut texts = vec![];
    let mut status = P;
    for found in object.conditions() {
        let because =
            if found.message.is_empty() { String::new() } else { format!(" because {}", found.message) };
        texts.push(format!("{} for {}{because}", found.reason, found.kind));
        if found.is_false() {
            return said(D, texts.join(", "));
        }
        if found.is_true() {
            status = H;
        }
    }
    said(status, texts.join(", "))
}

pub(super) fn grafana_source(object: View<'_>) -> Found {
    object.node(&["status"])?;
    if object.flag(&["status", "NoMatchingInstances"]) {
        return said(D, "can't find matching grafana instance");
    }
    let is_set = status_node(object, "uid").and_then(Node::text) != Some("");
    is_set.then(|| Health::healthy(""))
}

/// Flux counts: `Ready` and each of `more` must hold; `Ready` that is `moving` with `Reconciling` is progress.
pub(super) fn flux(object: View<'_>, wanted: usize, more: &[&str], moving: &str) -> Found {
    status_node(object, "conditions")?;
    let (mut progressing, mut succeeded, mut message) = (0, 0, String::new());
    for found in object.conditions() {
        match found.kind {
            "Ready" => {
                succeeded += usize::from(found.is_true());
                progressing += usize::from(found.status == moving);
                found.reason.clone_into(&mut message);
            }
            "Reconciling" => progressing += usize::from(found.is_true()),
            "ArtifactOutdated" if found.is_true() && !more.is_empty() => {
                message = format!("{message} {}", found.reason);
            }
            kind => succeeded += usize::from(found.is_true() && more.contains(&kind)),
        }
    }
    let status = match (progressing, succeeded) {
        (2, _) => P,
        (_, succeeded) if succeeded == wanted => H,
        _ => D,
    };
    said(status, message)
}

pub(super) fn flux_image(object: View<'_>) -> Found {
    let reasons = ["NewGeneration", "AccessingRepository", "ApplyingPolicy", "Scanning"];
    let ready = object.condition("Ready");
    status_node(object, "conditions")?;
    let moves = |found: Condition<'_>| {
        found.kind == "Reconciling" && found.is_true() && reasons.contains(&found.reason)
    };
    let is_false = ready.is_some_and(|found| found.is_false());
    let status = match ready.is_some_and(|found| found.is_true()) {
        true => H,
        false if is_false && object.conditions().any(moves) => P,
        false => D,
    };
    said(status, ready.map_or("", |found| found.reason))
}

pub(super) fn iam_role(object: View<'_>) -> Found {
    let or_none = |name: &str| scalar(object, name).unwrap_or("<none>");
    let (name, arn, id) = (or_none("status.roleName"), or_none("status.roleARN"), or_none("status.roleID"));
    match field(object, "status.state") {
        "Ready" => said(H, format!("Role '{name}' exists with ARN '{arn}' and ID '{id}'.")),
        "Error" | "RolesMaxLimitReached" | "PolicyNotAllowed" | "RoleNameNotAvailable" => {
            let retries = object.count(&["status", "retryCount"]);
            let retry = if retries > 0 { format!("(retry {retries}) ") } else { String::new() };
            let error = scalar(object, "status.errorDescription")
                .map(|text| format!(" Reconciliation error was: {text}"))
                .unwrap_or_default();
            said(
                D,
                format!(
                    "Failed to reconcile the Iamrole {retry}for role '{name}' with ARN '{arn}' and ID '{id}'.{error}"
                ),
            )
        }
        _ => None,
    }
}

pub(super) fn keycloak(object: View<'_>) -> Found {
    status_node(object, "conditions")?;
    let mut items: Vec<_> = object.items(&["status", "conditions"]).collect();
    items.sort_by_key(|item| item.text(&["lastTransitionTime"]));
    let found =
        items.into_iter().map(Condition::of).filter(Condition::is_true).find_map(|found| match found.kind {
            "Ready" => said(H, ""),
            "HasErrors" => said(D, format!("Has Errors: {}", found.message)),
            _ => None,
        });
    found.or_else(|| said(P, ""))
}
