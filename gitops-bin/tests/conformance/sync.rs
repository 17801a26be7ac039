//! Judges planning, comparing and the rules around a sync against Argo CD's.

use std::path::Path;
use std::time::Duration;

use gitops_core::api::app_project::ClusterResource;
use gitops_core::api::application::{Automated, OperationPhase, RetryStrategy, SyncPhase, SyncStatusCode};
use gitops_core::diagnostic::Location;
use gitops_core::health::HealthStatus;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::sync::{
    self, AutomatedFacts, AutomatedSync, LastOperation, PruneDecision, ResourceFact, ResourceHealth,
    SelfHealBackoff, Step, SyncOptions, Tracking, TrackingId, TrackingMethod,
};
use gitops_core::time::Timestamp;
use gitops_core::yaml::Node;
use serde_json::{Value, json};

use crate::report::{Report, Suite, equal, facts};

/// The suites of the sync module.
pub(crate) fn suites() -> Vec<Suite> {
    vec![
        Suite { path: "argocd/annotation-options.json", run: |path| facts(path, annotation_option) },
        Suite { path: "argocd/app-health.json", run: |path| facts(path, app_health) },
        Suite { path: "argocd/apply-verb.json", run: |path| facts(path, apply_verb) },
        Suite { path: "argocd/auto-sync.json", run: |path| facts(path, auto_sync) },
        Suite { path: "argocd/hooks.json", run: |path| facts(path, hook) },
        Suite { path: "argocd/kind-order.json", run: kind_order },
        Suite { path: "argocd/orphaned-resources.json", run: |path| facts(path, orphan) },
        Suite { path: "argocd/prune-decision.json", run: |path| facts(path, prune) },
        Suite { path: "argocd/refresh-paths.json", run: |path| facts(path, refresh) },
        Suite { path: "argocd/retry-backoff.json", run: |path| facts(path, retry) },
        Suite { path: "argocd/sync-order.json", run: |path| facts(path, order) },
        Suite { path: "argocd/tracking.json", run: |path| facts(path, tracking) },
        Suite { path: "argocd/waves.json", run: |path| facts(path, wave) },
    ]
}

/// The member of an object at a JSON pointer; null where there is none.
pub(crate) fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    at(value, pointer).as_str().unwrap_or_default()
}

fn flag(value: &Value, pointer: &str) -> bool {
    at(value, pointer).as_bool().unwrap_or_default()
}

fn list(value: &Value, pointer: &str) -> Vec<Value> {
    at(value, pointer).as_array().cloned().unwrap_or_default()
}

fn texts<T: for<'s> From<&'s str>>(value: &Value, pointer: &str) -> Vec<T> {
    list(value, pointer).iter().map(|item| T::from(item.as_str().unwrap_or_default())).collect()
}

/// The object of a manifest given as JSON.
pub(crate) fn object(manifest: &Value) -> Object {
    Object::new(Node::from_json(manifest), Location::default())
}

fn annotated(annotations: &Value) -> Object {
    object(&json!({"metadata": {"name": "o", "annotations": annotations}}))
}

fn with_options(kind: &str, options: &str) -> Object {
    object(&json!({"kind": kind, "metadata": {"name": "o", "annotations": {sync::SYNC_OPTIONS: options}}}))
}

fn annotation_option(fact: &Value) -> Result<(), String> {
    let object = annotated(at(fact, "/input/annotations"));
    if text(fact, "/op") == "get" {
        let found =
            sync::annotation_option(&object, text(fact, "/input/annotation"), text(fact, "/input/option"));
        return equal("value", &json!(found), at(fact, "/expect"));
    }
    let (key, value) = (text(fact, "/input/key"), text(fact, "/input/value"));
    let found = json!({
        "values": sync::annotation_values(&object, key),
        "has": sync::has_annotation_value(&object, key, value),
    });
    equal("values", &found, at(fact, "/expect"))
}

fn app_health(fact: &Value) -> Result<(), String> {
    let resources: Vec<ResourceHealth> = list(fact, "/input/resources")
        .iter()
        .enumerate()
        .map(|(index, resource)| ResourceHealth {
            key: ObjectKey::new(
                text(resource, "/group"),
                text(resource, "/kind"),
                "dev",
                format!("r{index}"),
            ),
            live: flag(resource, "/live"),
            health: HealthStatus::from_word(text(resource, "/health")),
            hook: flag(resource, "/hook"),
            ignored: flag(resource, "/ignoreHealthcheck"),
        })
        .collect();
    let found = sync::application_health(&resources, None);
    equal("health", &json!(found.as_str()), at(fact, "/expect"))
}

fn apply_verb(fact: &Value) -> Result<(), String> {
    let kind = text(fact, "/input/kind");
    let target = with_options(kind, text(fact, "/input/targetSyncOptions"));
    let live = at(fact, "/input/liveSyncOptions").as_str().map(|options| with_options(kind, options));
    let options = SyncOptions::new(&texts(fact, "/input/appSyncOptions"), &[]);
    let mode = sync::apply_mode(&target, live.as_ref(), &options, false);
    let found = json!({"verb": mode.verb.as_str(), "force": mode.force, "serverSide": mode.server_side});
    equal("mode", &found, at(fact, "/expect"))
}

fn status(word: &str) -> SyncStatusCode {
    SyncStatusCode::WORDS
        .iter()
        .find(|(known, _)| *known == word)
        .map_or(SyncStatusCode::Unknown, |(_, status)| *status)
}

fn auto_sync(fact: &Value) -> Result<(), String> {
    let input = at(fact, "/input");
    let automated = Some(at(input, "/automated")).filter(|automated| !automated.is_null());
    let automated = automated
        .map(|automated| Automated::from_node(&Node::from_json(automated), &Location::default()))
        .transpose()
        .map_err(|error| error.to_string())?;
    let resources: Vec<ResourceFact> = list(input, "/resources")
        .iter()
        .map(|resource| ResourceFact {
            going: false,
            key: ObjectKey::new("", "ConfigMap", "dev", "c"),
            status: status(text(resource, "/status")),
            requires_pruning: flag(resource, "/requiresPruning"),
            hook: false,
        })
        .collect();
    let last = Some(at(input, "/lastOperation")).filter(|last| !last.is_null()).map(|last| LastOperation {
        revision: text(last, "/revision").into(),
        phase: OperationPhase::WORDS
            .iter()
            .find(|(word, _)| *word == text(last, "/phase"))
            .map_or(OperationPhase::Running, |(_, phase)| *phase),
        same_source: flag(last, "/sameSource"),
        finished_at: None,
        self_heal_attempts: 0,
    });
    let facts = AutomatedFacts {
        automated,
        operation_in_progress: flag(input, "/operationInProgress"),
        deleting: flag(input, "/deleting"),
        sync_status: status(text(input, "/syncStatus")),
        revision: text(input, "/desiredRevision"),
        last,
        resources: &resources,
    };
    let now = Timestamp::from_seconds(0);
    let found = match sync::automated_sync(&facts, None, SelfHealBackoff::default(), now) {
        AutomatedSync::Skip(_) => json!({"sync": false, "condition": null}),
        AutomatedSync::Refuse(_) => json!({"sync": false, "condition": "SyncError"}),
        AutomatedSync::Wait(at) => json!({"sync": false, "wait": at.to_string()}),
        AutomatedSync::Start(operation) => {
            json!({"sync": true, "partial": operation.sync.is_selective()})
        }
    };
    let expected = at(fact, "/expect").as_object().cloned().unwrap_or_default();
    expected.iter().try_for_each(|(key, value)| equal(key, at(&found, &format!("/{key}")), value))
}

fn hook(fact: &Value) -> Result<(), String> {
    let object = annotated(at(fact, "/input/annotations"));
    let types: Vec<_> = sync::hook_types(&object).into_iter().map(sync::HookType::as_str).collect();
    let phases: Vec<_> = sync::sync_phases(&object).into_iter().map(SyncPhase::as_str).collect();
    let policies: Vec<_> =
        sync::delete_policies(&object).into_iter().map(sync::DeletePolicy::as_str).collect();
    let is_hook = sync::is_hook(&object);
    let found = json!({
        "isHook": is_hook,
        "skip": sync::is_skipped(&object),
        "types": types,
        "phases": phases,
        "ignored": is_hook && phases.is_empty(),
        "deletePolicies": policies,
        "preDelete": sync::is_pre_delete(&object),
        "postDelete": sync::is_post_delete(&object),
        "inSyncSet": sync::is_in_sync(&object),
    });
    equal("hook", &found, at(fact, "/expect"))
}

/// The file is one list: each kind comes after those before it, and an unknown kind after all.
fn kind_order(path: &Path) -> Report {
    let mut report = Report::default();
    let data: Value = std::fs::read_to_string(path)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let kinds: Vec<String> = texts(&data, "/kinds");
    for (index, kind) in kinds.iter().enumerate() {
        report.add(kind.as_str(), equal("position", &sync::kind_order(kind), &index));
    }
    report.add("a kind that is not listed", equal("position", &sync::kind_order("NoSuchKind"), &kinds.len()));
    let phases: Vec<String> = SyncPhase::WORDS.iter().map(|(word, _)| (*word).to_owned()).collect();
    report.add("phases", equal("phases", &phases, &texts(&data, "/phases")));
    report
}

fn orphan(fact: &Value) -> Result<(), String> {
    let resource = at(fact, "/input/resource");
    let part = |name: &str| text(resource, name);
    let key = ObjectKey::new(part("/group"), part("/kind"), part("/namespace"), part("/name"));
    let ignore: Vec<ClusterResource> = list(fact, "/input/ignore")
        .iter()
        .map(|entry| ClusterResource {
            group: text(entry, "/group").into(),
            kind: text(entry, "/kind").into(),
            name: text(entry, "/name").into(),
        })
        .collect();
    let found = sync::is_default_object(&key) || sync::is_orphan_ignored(&key, &ignore);
    equal("excluded", &json!(found), at(fact, "/expect"))
}

fn prune(fact: &Value) -> Result<(), String> {
    let live = with_options("ConfigMap", text(fact, "/input/objectSyncOptions"));
    if text(fact, "/op") == "requiresDeletionConfirmation" {
        let options = SyncOptions::new(&texts(fact, "/input/appSyncOptions"), &[]);
        let found = sync::requires_deletion_confirmation(&live, &options);
        return equal("confirmation", &json!(found), at(fact, "/expect"));
    }
    let option = at(fact, "/input/appPruneOption").as_str();
    let decision =
        sync::prune_decision(&live, flag(fact, "/input/prune"), option, flag(fact, "/input/confirmed"));
    let found = match decision {
        PruneDecision::Prune => "Pruned",
        PruneDecision::Skip => "PruneSkipped",
        PruneDecision::WaitConfirmation => "WaitConfirmation",
    };
    equal("decision", &json!(found), at(fact, "/expect"))
}

fn refresh(fact: &Value) -> Result<(), String> {
    if text(fact, "/op") == "filesChanged" {
        let found =
            sync::files_changed(&texts(fact, "/input/refreshPaths"), &texts(fact, "/input/changedFiles"));
        return equal("changed", &json!(found), at(fact, "/expect"));
    }
    let app = at(fact, "/input/app");
    let path = text(fact, "/input/source/path");
    // The source that a hydrator writes to is not the author's: the annotation speaks of the dry one.
    let hydrated = at(app, "/syncSourcePath").as_str() == Some(path);
    let mut found = sync::refresh_paths(at(app, "/annotation").as_str(), path, hydrated);
    let mut expected: Vec<String> = texts(fact, "/expect/paths_any_order");
    found.sort();
    expected.sort();
    equal("paths", &found, &expected)
}

fn retry(fact: &Value) -> Result<(), String> {
    let retry = RetryStrategy::from_node(&Node::from_json(at(fact, "/input/retry")), &Location::default());
    let attempt = at(fact, "/input/attempt").as_i64().unwrap_or_default();
    let delay = retry
        .map_err(|error| error.to_string())
        .and_then(|retry| sync::retry_delay(&retry, attempt).map_err(|error| error.to_string()));
    match at(fact, "/expect/seconds").as_f64() {
        Some(seconds) => equal("delay", &delay, &Ok(Duration::from_secs_f64(seconds))),
        None => equal("refused", &delay.is_err(), &flag(fact, "/expect/error")),
    }
}

fn order(fact: &Value) -> Result<(), String> {
    let mut ids = vec![];
    let mut steps = vec![];
    for (index, task) in list(fact, "/input/tasks").iter().enumerate() {
        ids.push(text(task, "/id").to_owned());
        let phase =
            SyncPhase::WORDS.iter().find(|(word, _)| *word == text(task, "/phase")).map(|(_, phase)| *phase);
        let read = |side: &str| {
            Some(at(task, side)).filter(|manifest| !manifest.is_null()).map(|manifest| {
                // The place in the file tells the task: names may repeat.
                let at = Location::new("task", u32::try_from(index).unwrap_or_default(), 0);
                Object { at, ..object(manifest) }
            })
        };
        steps.extend(Step::new(phase.ok_or("no phase")?, read("/target"), read("/live")));
    }
    let arranged = match text(fact, "/op") {
        "order" => sync::sort(steps),
        _ => sync::arrange(steps, flag(fact, "/input/pruneLast")),
    };
    let found: Vec<Value> = arranged
        .iter()
        .map(|step| {
            let line = step.object().map_or(0, |object| object.at.line);
            let id = usize::try_from(line).ok().and_then(|index| ids.get(index));
            json!({"id": id, "phase": step.phase.as_str(), "wave": step.wave})
        })
        .collect();
    equal("order", &Value::Array(found), at(fact, "/expect"))
}

fn tracking(fact: &Value) -> Result<(), String> {
    let expected = at(fact, "/expect");
    let value = text(fact, "/input/value");
    let found = match text(fact, "/op") {
        "parseTrackingId" => value.parse().map_or(json!({"error": true}), |id: TrackingId| {
            json!({
                "app": id.application.as_str(),
                "group": id.key.group.as_str(),
                "kind": id.key.kind.as_str(),
                "namespace": id.key.namespace.as_str(),
                "name": id.key.name.as_str(),
            })
        }),
        "truncateLabel" => {
            sync::truncate_label(value).map_or(json!({"error": true}), |label| json!(label.as_str()))
        }
        _ => {
            let side = |name: &str| Some(at(fact, name)).filter(|side| !side.is_null()).map(object);
            let method = TrackingMethod::from_word(text(fact, "/input/method")).ok_or("unknown method")?;
            let tracking =
                Tracking { application: text(fact, "/input/app").into(), method, ..Tracking::default() };
            json!(tracking.is_own_mark(side("/input/live").as_ref(), side("/input/config").as_ref()))
        }
    };
    equal("tracking", &found, expected)
}

fn wave(fact: &Value) -> Result<(), String> {
    let found = sync::sync_wave(&annotated(at(fact, "/input/annotations")));
    equal("wave", &json!(found), at(fact, "/expect"))
}
