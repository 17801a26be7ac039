//! More kinds whose health takes more than facts.

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

fn is_true(object: View<'_>, kind: &str) -> bool {
    object.condition(kind).is_some_and(|found| found.is_true())
}

/// KEDA: `Ready`, `Paused`, and one more condition that means a fault.
pub(super) fn scaled(object: View<'_>, fault: (&str, &str)) -> Found {
    let (mut healthy, mut degraded, mut suspended, mut message) = (false, false, false, "");
    for found in object.conditions() {
        match (found.kind, found.status) {
            ("Ready", "True") => healthy = true,
            ("Paused", "True") => suspended = true,
            (kind, status) if (kind, status) == ("Ready", "False") || (kind, status) == fault => {
                degraded = true;
            }
            _ => continue,
        }
        message = found.message;
    }
    match (degraded, healthy, suspended) {
        (true, _, _) => said(D, message),
        (false, true, true) => said(S, message),
        (false, true, false) => said(H, message),
        (false, false, _) => None,
    }
}

pub(super) fn external_secret(object: View<'_>) -> Found {
    object.node(&["status"])?;
    match field(object, "status.status") {
        "SUCCESS" => said(H, "Fetched ExternalSecret."),
        text if text.starts_with("ERROR") => said(D, text.replace("ERROR, ", "")),
        _ => None,
    }
}

pub(super) fn virtual_machine(object: View<'_>) -> Found {
    object.node(&["status"])?;
    if is_true(object, "Paused") {
        return said(S, "Paused");
    }
    let printed = scalar(object, "status.printableStatus");
    let (status, text) = match object.condition("Ready") {
        Some(ready) if ready.is_true() => (H, "Running"),
        Some(_) if object.flag(&["status", "created"]) => (P, "Starting"),
        Some(_) => (S, "Stopped"),
        None => (P, "No status available"),
    };
    said(status, printed.unwrap_or(text))
}

pub(super) fn virtual_machine_instance(object: View<'_>) -> Found {
    let phase = field(object, "status.phase");
    match phase {
        "Failed" => return said(D, phase),
        "Pending" | "Scheduling" | "Scheduled" => return said(P, phase),
        "Succeeded" => return said(S, phase),
        "Unknown" => return said(U, phase),
        _ => {}
    }
    if let Some(paused) = object.condition("Paused").filter(Condition::is_true) {
        return said(S, paused.message);
    }
    match object.condition("Ready") {
        Some(ready) if ready.is_true() => said(H, "Running"),
        Some(ready) => said(D, ready.message),
        None => (!phase.is_empty()).then(|| Health::progressing(phase)),
    }
}

pub(super) fn kyverno(object: View<'_>) -> Found {
    let ready = object.condition("Ready").filter(Condition::is_true)?;
    (ready.reason == "Succeeded" && ready.message == "Ready").then(|| Health::healthy("Policy is ready"))
}

pub(super) fn managed_certificate(object: View<'_>) -> Found {
    let failed = |item: View<'_>| item.text(&["status"]) == "FailedNotVisible";
    if object.items(&["status", "domainStatus"]).any(failed) {
        return said(D, "At least one certificate has failed to be provisioned");
    }
    let active = field(object, "status.certificateStatus") == "Active";
    active.then(|| Health::healthy("All certificates are active"))
}

pub(super) fn node_network(object: View<'_>) -> Found {
    object.conditions().filter(Condition::is_true).find_map(|found| {
        let status = match found.kind {
            "Available" => H,
            "Degraded" => D,
            "Progressing" => P,
            "Ignored" => S,
            _ => return None,
        };
        let text = if found.message.is_empty() {
            found.reason.to_owned()
        } else {
            format!("{}: {}", found.reason, found.message)
        };
        said(status, text)
    })
}

pub(super) fn bucket_claim(object: View<'_>) -> Found {
    object.node(&["status"])?;
    said(P, "Waiting for phase to be reported")
}

pub(super) fn open_faas(object: View<'_>) -> Found {
    object.conditions().find_map(|found| match (found.kind, found.status) {
        ("Ready", "False") | ("Stalled", "True") => said(D, found.message),
        ("Ready", "True") if object.count(&["status", "replicas"]) > 0 => said(H, found.message),
        ("Ready", "True") => said(S, "No replicas available"),
        _ => None,
    })
}

pub(super) fn collector(object: View<'_>) -> Found {
    object.node(&["status"])?;
    let mode = field(object, "spec.mode");
    let Some(text) = scalar(object, "status.scale.statusReplicas") else {
        return if mode == "sidecar" {
            said(H, "Collector is running in sidecar mode")
        } else {
            said(P, "Scale status not available")
        };
    };
    let counts = text.split_once('/').map(|(ready, total)| (ready.parse::<u32>(), total.parse::<u32>()));
    match counts {
        Some((Ok(0), Ok(0))) if mode == "daemonset" => said(H, "DaemonSet has no eligible nodes (0/0)"),
        Some((Ok(0), Ok(_))) => said(D, "No replicas are ready"),
        Some((Ok(ready), Ok(total))) if ready == total => said(H, "All replicas are ready"),
        Some((Ok(_), Ok(_))) => said(P, "Replicas are starting up"),
        _ => said(P, format!("Unable to parse replica status: {text}")),
    }
}

pub(super) fn knative(object: View<'_>, wanted: &[&str]) -> Found {
    object.node(&["status", "conditions"])?;
    let listed: String = numbered(object.conditions());
    let works = |found: &Condition<'_>| found.is_true() && wanted.contains(&found.kind);
    let waits = |found: Condition<'_>| {
        let fails = matches!(found.kind, "Ready" | "DeploymentsAvailable") && wanted.contains(&found.kind);
        found.status == "Unknown" || (found.is_false() && fails)
    };
    if object.conditions().any(waits) {
        return said(P, listed);
    }
    if object.conditions().filter(works).count() == wanted.len() {
        return said(H, format!("{} is healthy.", object.text(&["kind"])));
    }
    said(D, listed)
}

fn numbered<'a>(conditions: impl Iterator<Item = Condition<'a>>) -> String {
    let lines: Vec<_> = conditions
        .enumerate()
        .map(|(at, found)| {
            format!(
                "{}: {} | {}
",
                at + 1,
                found.kind,
                found.status
            )
        })
        .collect();
    lines.concat()
}

pub(super) fn knative_service(object: View<'_>) -> Found {
    object.node(&["status", "conditions"])?;
    let open = |found: &Condition<'_>| matches!(found.status, "False" | "Unknown");
    let lines: Vec<_> = object
        .conditions()
        .filter(open)
        .map(|found| {
            let since =
                if found.reason.is_empty() { String::new() } else { format!(", since {}.", found.reason) };
            let message =
                if found.message.is_empty() { String::new() } else { format!(" {}", found.message) };
            format!("{} is {}{since}{message}\n", found.kind, found.status)
        })
        .collect();
    let text = lines.concat();
    let kinds = ["ConfigurationsReady", "RoutesReady", "Ready"];
    if text.is_empty() && kinds.iter().all(|kind| is_true(object, kind)) {
        return said(H, "Knative Service is healthy.");
    }
    said(if object.conditions().any(|found| found.is_false()) { D } else { P }, text)
}

pub(super) fn unreported(object: View<'_>) -> Found {
    object.node(&["status"])?;
    said(P, "Waiting for the operator to report status")
}

/// What an operator's subscription says: conditions are listed in the message.
pub(super) fn subscription(object: View<'_>) -> Found {
    object.node(&["status", "conditions"])?;
    let pending_approval = |found: Condition<'_>| {
        found.kind == "InstallPlanPending" && found.is_true() && found.reason == "RequiresApproval"
    };
    let manual = field(object, "spec.installPlanApproval") == "Manual"
        && object.conditions().any(pending_approval)
        && object.node(&["status", "installedCSV"]).is_some();
    let (mut degraded, mut pending, mut text) = (false, false, String::new());
    for (at, found) in object.conditions().enumerate() {
        if manual && found.kind == "InstallPlanPending" {
            continue;
        }
        let line = format!("{}: {} | {}\n", at + 1, found.kind, found.status);
        text.push_str(&line);
        match found.kind {
            "InstallPlanPending" => pending |= found.is_true(),
            "InstallPlanMissing" => degraded |= found.reason != "ReferencedInstallPlanNotFound",
            "CatalogSourcesUnhealthy" | "InstallPlanFailed" | "ResolutionFailed" => {
                degraded |= found.is_true();
            }
            _ => {}
        }
    }
    let state = scalar(object, "status.state");
    let note = if manual && state == Some("UpgradePending") {
        " (manual InstallPlan approval pending; treated as healthy)"
    } else {
        ""
    };
    match state {
        None => text.push_str(".status.state not yet known\n"),
        Some(state) => text.push_str(&[".status.state is '", state, "'", note, "\n"].concat()),
    }
    match state {
        None | Some("" | "UpgradeAvailable") => pending = true,
        Some("UpgradePending") => pending |= !manual,
        Some("UpgradeFailed") => degraded = true,
        Some(_) => {}
    }
    let status = match (degraded, pending) {
        (true, _) => D,
        (false, true) => P,
        (false, false) => H,
    };
    said(status, text)
}

pub(super) fn crossplane_provider(object: View<'_>) -> Found {
    object.node(&["status", "conditions"])?;
    let reason = |kind: &str| object.condition(kind).map_or("", |found| found.reason);
    let works = is_true(object, "Installed") && is_true(object, "Healthy");
    said(if works { H } else { D }, format!("{} {}", reason("Installed"), reason("Healthy")))
}

pub(super) fn connector(object: View<'_>) -> Found {
    let failed_tasks = object.number(&["status", "failedTasksCount"]);
    match field(object, "status.state") {
        "CREATED" if field(object, "status.connectorState") == "RUNNING" && failed_tasks.is_none() => {
            said(H, "Connector running")
        }
        "ERROR" => {
            said(D, object.conditions().next().map_or("No conditions available", |found| found.message))
        }
        "" => None,
        _ => failed_tasks.filter(|count| *count > 0).map(|_| Health::degraded("Connector has failed tasks")),
    }
}

pub(super) fn configuration_policy(object: View<'_>) -> Found {
    let compliant = scalar(object, "status.compliant")?;
    if object.number(&["status", "lastEvaluatedGeneration"]) != Some(object.generation()) {
        return said(P, "Waiting for the status to be updated");
    }
    if object.node(&["status", "compliancyDetails"]).is_none() {
        return said(P, "Waiting for compliance");
    }
    let texts: Vec<_> = object
        .items(&["status", "compliancyDetails"])
        .flat_map(|detail| detail.items(&["conditions"]).map(Condition::of).collect::<Vec<_>>())
        .map(|found| format!("{} - {}", found.kind, found.message))
        .collect();
    said(if compliant == "Compliant" { H } else { D }, texts.join("; "))
}

const CNPG_PROGRESS: [&str; 5] = [
    "Setting up primary",
    "Creating a new replica",
    "Upgrading cluster",
    "Waiting for the instances to become active",
    "Promoting to primary cluster",
];
const CNPG_DEGRADED: [&str; 9] = [
    "Switchover in progress",
    "Failing over",
    "Upgrading Postgres major version",
    "Cluster upgrade delayed",
    "Waiting for user action",
    "Primary instance is being restarted in-place",
    "Primary instance is being restarted without a switchover",
    "Online upgrade in progress",
    "Applying configuration",
];
const CNPG_SUSPENDED: [&str; 4] = [
    "Unable to create required cluster objects",
    "Cluster cannot proceed to reconciliation due to an unknown plugin being required",
    "Cluster has incomplete or invalid image catalog",
    "Cluster is unrecoverable and needs manual intervention",
];

pub(super) fn cnpg_cluster(object: View<'_>) -> Found {
    if object.annotation("cnpg.io/reconciliationLoop") == Some("disabled") {
        return said(S, "Cluster reconciliation is suspended");
    }
    object.node(&["status", "conditions"])?;
    if let Some(found) = object.condition("cnpg.io/hibernation") {
        return said(if found.is_true() { S } else { D }, found.message);
    }
    let status = match field(object, "status.phase") {
        "Cluster in healthy state" => H,
        phase if CNPG_PROGRESS.contains(&phase) => P,
        phase if CNPG_DEGRADED.contains(&phase) || phase.starts_with("Cluster cannot execute instance") => D,
        phase if CNPG_SUSPENDED.contains(&phase) => S,
        _ => U,
    };
    said(status, field(object, "status.phaseReason"))
}

fn contour(object: View<'_>) -> impl Iterator<Item = Condition<'_>> {
    let current = move |item: &View<'_>| item.number(&["observedGeneration"]) == Some(object.generation());
    object.items(&["status", "conditions"]).filter(current).map(Condition::of)
}

pub(super) fn extension_service(object: View<'_>) -> Found {
    let valid = contour(object).find(|found| found.kind == "Valid")?;
    match valid.status {
        "True" => said(H, valid.message),
        "False" => said(D, valid.message),
        _ => None,
    }
}

pub(super) fn http_proxy(object: View<'_>) -> Found {
    let description = field(object, "status.description");
    contour(object).find_map(|found| match (found.kind, found.status) {
        ("Valid", "True") => said(H, description),
        (_, "False") if object.node(&["spec", "includes"]).is_some() => {
            said(H, "HTTPProxy inclusions cannot be health checked")
        }
        ("Valid", "False") => said(D, description),
        _ => None,
    })
}

pub(super) fn pulumi_stack(object: View<'_>) -> Found {
    let waits =
        object.number(&["status", "observedGeneration"]) != object.number(&["metadata", "generation"]);
    waits.then(|| Health::progressing("Waiting for the operator to observe the latest spec change"))
}

pub(super) fn xtradb_error(object: View<'_>) -> Found {
    let texts: Vec<_> = object.items(&["status", "message"]).map(|item| item.text(&[])).collect();
    (field(object, "status.state") == "error")
        .then(|| Health::degraded(format!("Cluster is on error: {}", texts.join(", "))))
}

pub(super) fn rabbit_cluster(object: View<'_>) -> Found {
    let ready = is_true(object, "ClusterAvailable") && is_true(object, "AllReplicasReady");
    ready.then(|| Health::healthy("RabbitMQ cluster ready"))
}

pub(super) fn kruise_rollout(object: View<'_>) -> Found {
    if object.generation() != object.observed_generation() {
        return None;
    }
    match (field(object, "status.canaryStatus.currentStepState"), field(object, "status.phase")) {
        ("StepPaused", "Progressing") => said(S, "Rollout is Paused need manual intervention"),
        ("Completed", "Healthy") => said(H, "Rollout is Completed"),
        ("StepPaused", "Terminating" | "Disabled") => said(D, "Rollout is Disabled or Terminating"),
        _ => None,
    }
}

pub(super) fn route(object: View<'_>) -> Found {
    object.node(&["status", "ingress"])?;
    let rules: Vec<_> = object.items(&["status", "ingress"]).collect();
    let count = |status: &str| {
        let conditions = rules.iter().flat_map(|rule| rule.items(&["conditions"]).map(Condition::of));
        conditions.filter(|found| found.kind == "Admitted" && found.status == status).count()
    };
    if count("True") == rules.len() {
        return said(H, "Route is healthy");
    }
    (count("False") > 0).then(|| Health::degraded("Route is degraded"))
}

pub(super) fn sap_service(object: View<'_>) -> Found {
    if object.node(&["metadata", "deletionTimestamp"]).is_some() {
        return said(P, "Resource is being deleted");
    }
    object.node(&["status", "conditions"])?;
    for item in object.items(&["status", "conditions"]) {
        if item.number(&["observedGeneration"]).is_some_and(|observed| observed != object.generation()) {
            return said(P, "Waiting for spec update to be observed");
        }
        let found = Condition::of(item);
        if matches!((found.kind, found.status), ("Succeeded", "False") | ("Failed", "True")) {
            return said(D, found.message);
        }
    }
    said(H, "Ready to use")
}

pub(super) fn snapshot_error(object: View<'_>) -> Found {
    object.node(&["status", "error"]).map(|_| Health::degraded(field(object, "status.error.message")))
}

pub(super) fn solr(object: View<'_>) -> Found {
    object.node(&["status", "solrNodes"])?;
    if object.items(&["status", "solrNodes"]).all(|node| node.flag(&["ready"])) {
        return said(H, "Solr is ready");
    }
    said(P, "Not all replicas are ready")
}

pub(super) fn stack_install(object: View<'_>) -> Found {
    let conditions = object.items(&["status", "conditionedStatus", "conditions"]).map(Condition::of);
    let ready = conditions.filter(|found| found.kind == "Ready").last()?;
    said(if ready.is_true() { H } else { P }, ready.reason)
}

pub(super) fn trident_backend(object: View<'_>) -> Found {
    let bound = field(object, "status.phase") == "Bound";
    let done = bound && field(object, "status.lastOperationStatus") == "Success";
    done.then(|| Health::healthy(field(object, "status.message")))
}

pub(super) fn karmada_binding(object: View<'_>) -> Found {
    let wanted = object.items(&["spec", "clusters"]).count();
    let states: Vec<_> = object.items(&["status", "aggregatedStatus"]).collect();
    let unset = object.node(&["spec", "clusters"]).is_none();
    let may_be_unset = object.text(&["kind"]) == "ResourceBinding" && unset;
    if states.is_empty() || (!may_be_unset && (wanted == 0 || wanted != states.len())) {
        return None;
    }
    let fails = |item: &View<'_>| match item.text(&["health"]) {
        "Unhealthy" => true,
        "Unknown" => !item.flag(&["applied"]),
        _ => false,
    };
    if states.iter().any(fails) { said(D, "Current resource status is unhealthy") } else { said(H, "") }
}

pub(super) fn zookeeper(object: View<'_>) -> Found {
    let ready = object.number(&["status", "readyReplicas"]);
    let all = ready.is_some_and(|ready| ready != 0) && ready == object.number(&["status", "replicas"]);
    all.then(|| Health::healthy("All ZK Nodes have joined the ensemble"))
}

pub(super) fn last_message(object: View<'_>) -> Found {
    object.conditions().last().map(|found| Health::healthy(found.message))
}

pub(super) fn mariadb_backup(object: View<'_>) -> Found {
    let text = |found: &Condition<'_>| format!("{} {}", found.reason, found.message);
    if let Some(found) = object.conditions().find(Condition::is_false) {
        let failed = found.reason == "CronJobScheduled" && found.message == "Failed";
        return said(if failed { D } else { P }, text(&found));
    }
    object.conditions().last().map(|found| Health::healthy(text(&found)))
}

pub(super) fn sql_job(object: View<'_>) -> Found {
    object.conditions().last().map(|found| Health::progressing(format!("{} {}", found.reason, found.message)))
}

pub(super) fn kafka_cluster(object: View<'_>) -> Found {
    let brokers = object.node(&["status", "brokersState"])?.entries();
    let works = |broker: &Node| {
        let action = broker.at(&["gracefulActionState", "cruiseControlState"]).and_then(Node::text);
        broker.get("configurationState").and_then(Node::text) == Some("ConfigInSync")
            && matches!(action, Some("GracefulUpscaleSucceeded" | "GracefulDownscaleSucceeded"))
    };
    if !brokers.iter().all(|broker| works(&broker.value)) {
        return said(D, "Broker Config is out of Sync or CruiseControlState is not Ready");
    }
    match (field(object, "status.cruiseControlTopicStatus"), field(object, "status.state")) {
        ("CruiseControlTopicReady", "ClusterRunning") => {
            said(H, "Kafka Brokers, CruiseControl and cluster are in Healthy State.")
        }
        ("CruiseControlTopicNotReady" | "", "ClusterReconciling") => said(P, "Kafka Cluster is Reconciling."),
        _ => None,
    }
}
