//! The daemon and the command line as people use them: two processes, a real clock, a real disk. The daemon is
//! killed at several moments, and goes on where it was.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise; a JSON value without the field is null"
)]

#[path = "../support/repository.rs"]
mod repository;
mod system;

use serde_json::{Value, json};
use system::System;

/// The tag that the overlays name.
const FIRST: &str = "9f1c2d3";
/// A newer tag.
const SECOND: &str = "a3f2c1b";

/// The Rollout of prod.
fn rollout(system: &System) -> Value {
    system.json(&["rollout", "status", "myapp"])
}

#[test]
fn the_command_line_reads_and_moves_what_the_daemon_runs() {
    let system = System::start();
    for app in ["myapp-dev", "myapp-staging"] {
        system.until_runs(app, FIRST);
    }
    lists(&system);
    differences(&system);
    approval_of_exactly_what_was_seen(&system);
    images(&system);
    refusals_to_start(&system);
}

fn lists(system: &System) {
    let table = system.done(&["get", "apps"]);
    assert!(table.starts_with("NAME "), "{table}");
    assert_eq!(table.lines().count(), 4, "{table}");
    let names = system.done(&["get", "apps", "-o", "name"]);
    let expected = ["myapp-dev", "myapp-prod", "myapp-staging"];
    assert_eq!(names, expected.map(|name| format!("application.argoproj.io/{name}\n")).concat());
    let yaml = system.done(&["get", "apps", "-o", "yaml"]);
    assert!(yaml.starts_with("apiVersion: gitops.cli/v1\nitems:\n"), "{yaml}");
    assert_eq!(system.json(&["get", "images"])["items"][0]["tag"], FIRST);
    assert_eq!(system.gitops(&["get", "nothing"]).code, 2);
}

fn differences(system: &System) {
    let none = system.gitops(&["diff", "myapp-dev"]);
    assert_eq!((none.code, none.out.as_str()), (0, ""), "{none:?}");
    let some = system.gitops(&["diff", "myapp-prod", "-o", "name"]);
    assert_eq!(some.code, 1);
    assert!(some.out.contains("Rollout.argoproj.io prod/myapp\n"), "{some:?}");
    let unknown = system.gitops(&["diff", "myapp-moon"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("`myapp-moon`"), "{unknown:?}");
    assert_eq!(system.gitops(&["diff", "myapp-dev", "--server", "127.0.0.1:1"]).code, 3);
}

fn approval_of_exactly_what_was_seen(system: &System) {
    let refused = system.gitops(&["sync", "myapp-prod", "--as", "operator"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    let wrong = "0".repeat(64);
    let refused = system.gitops(&["approve", "myapp-prod", "--as", "operator", "--changes", &wrong]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert_eq!(system.json(&["history", "myapp-prod"])["items"], json!([]));
    let hash = system.changes_hash("myapp-prod");
    system.done(&["approve", "myapp-prod", "--as", "operator", "--changes", &hash, "--sync", "-m", "go"]);
    system.until_runs("myapp-prod", FIRST);
    let history = system.json(&["history", "myapp-prod"]);
    assert_eq!(history["items"].as_array().unwrap().len(), 1, "{history}");
    let entry = &history["items"][0];
    assert_eq!(
        (&entry["initiatedBy"], &entry["approval"]["approver"]),
        (&json!("operator"), &json!("operator"))
    );
    assert_eq!(entry["approval"]["verified"], json!(false));
    assert_eq!(entry["approval"]["changesHash"], hash);
    let status = system.done(&["rollout", "status", "myapp"]);
    assert!(status.contains("Status:    ✔ Healthy"), "{status}");
    assert_eq!(system.done(&["get", "rollouts", "-o", "name"]), "rollout.argoproj.io/myapp\n");
    let early = system.gitops(&["rollback", "myapp-prod", "--as", "operator"]);
    assert_eq!(early.code, 2, "{early:?}");
    system.done(&["sync", "myapp-dev", "--as", "operator"]);
}

fn images(system: &System) {
    let before = system.json(&["images", "update", "--dry-run"]);
    assert_eq!((&before["commit"], &before["files"]), (&Value::Null, &json!([])));
    assert_eq!(system.gitops(&["images", "push", "not a tag"]).code, 2);
    let pushed = system.done(&["images", "push", SECOND]);
    assert!(pushed.contains(SECOND), "{pushed}");
    system.until_runs("myapp-dev", SECOND);
    let listed = system.json(&["images", "list"]);
    let newest = &listed["items"][0];
    assert_eq!((&newest["tag"], &newest["verdict"]), (&json!(SECOND), &json!("chosen")));
    assert_eq!(newest["runningIn"], json!(["myapp-dev"]));
    let subjects = system.commits("k8s/overlays/dev/kustomization.yaml");
    assert_eq!(subjects[0], format!("Update myapp of myapp-dev to {SECOND}"));
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    // An automated sync would undo it at once.
    let refused = system.gitops(&["rollback", "myapp-dev", "--as", "operator"]);
    assert_eq!(refused.code, 4, "{refused:?}");
}

fn refusals_to_start(system: &System) {
    let second = system.another_daemon(&["--listen", "127.0.0.1:0"]);
    assert_eq!(second.code, 3, "{second:?}");
    assert!(second.err.contains("another daemon uses"), "{second:?}");
    let public = system.another_daemon(&["--listen", "0.0.0.0:0"]);
    assert_eq!(public.code, 2, "{public:?}");
    assert!(public.err.contains("loopback"), "{public:?}");
}

#[test]
fn an_approval_and_a_sync_are_bound_to_a_plan() {
    let system = System::start_after(|git| {
        let path = "k8s/overlays/prod/kustomization.yaml";
        repository::replace(git, path, (FIRST, SECOND), repository::BEGINNING);
    });
    let planned = system.gitops(&["plan", "HEAD~1..HEAD", "--out", "plan.json", "-o", "json"]);
    assert_eq!(planned.code, 1, "{planned:?}");
    let mut plan: Value = serde_json::from_str(&planned.out).unwrap();
    assert_eq!(plan["items"].as_array().unwrap().len(), 1, "{plan}");
    assert_eq!(plan["items"][0]["name"], "myapp-prod");
    assert_eq!(plan["items"][0]["images"].as_array().unwrap().len(), 1, "{plan}");
    let live = system.gitops(&["diff", "myapp-prod", "-o", "json"]);
    let live: Value = serde_json::from_str(&live.out).unwrap();
    assert_eq!(plan["items"][0]["desiredHash"], live["desiredHash"], "a plan and a comparison have one hash");

    plan["items"][0]["desiredHash"] = json!("0".repeat(64));
    system.write("other.json", &plan.to_string());
    let bound =
        |verb: &str, file: &str| system.gitops(&[verb, "myapp-prod", "--plan", file, "--as", "operator"]);
    for verb in ["approve", "sync"] {
        let refused = bound(verb, "other.json");
        assert_eq!(refused.code, 4, "{verb}: {refused:?}");
        assert!(refused.err.contains("not what the plan shows"), "{verb}: {refused:?}");
    }
    assert_eq!(bound("sync", "plan.json").code, 4, "nobody has approved it");
    let approved = bound("approve", "plan.json");
    assert_eq!(approved.code, 0, "{approved:?}");
    assert_eq!(bound("sync", "other.json").code, 4);
    let synced = bound("sync", "plan.json");
    assert_eq!(synced.code, 0, "{synced:?}");
    system.until_runs("myapp-prod", SECOND);
}

#[test]
fn the_page_shows_what_waits_and_its_form_approves_it() {
    let system = System::start();
    system.until("prod waits for an approval", || {
        (system.app("myapp-prod")["awaitingApproval"] == json!(true)).then_some(())
    });
    let (status, page) = system.http("GET", "/", &[], "");
    assert_eq!(status, 200);
    for part in
        ["table class=\"matrix\"", ">dev<", ">staging<", ">prod<", "/applications/myapp-prod", "Needs you"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let (status, page) = system.http("GET", "/applications/myapp-prod", &[], "");
    let hash = system.changes_hash("myapp-prod");
    assert_eq!(status, 200);
    assert!(page.contains("<form method=\"post\">") && page.contains(&hash), "{page}");
    assert_eq!(system.http("GET", "/applications/myapp-moon", &[], "").0, 400);
    let form = "/applications/myapp-prod";
    let body = format!("approver=operator&message=from+the+page&changes={hash}");
    for foreign in [("Host", "example.com"), ("Origin", "http://example.com"), ("Origin", "null")] {
        assert_eq!(system.http("GET", "/", &[foreign], "").0, 403, "{foreign:?}");
        assert_eq!(system.http("POST", form, &[foreign], &body).0, 403, "{foreign:?}");
    }
    assert_eq!(system.http("POST", form, &[], "approver=operator&changes=0").0, 403);
    assert_eq!(system.http("POST", form, &[], &format!("approver=&changes={hash}")).0, 400);
    assert_eq!(system.json(&["history", "myapp-prod"])["items"], json!([]));
    let own = format!("http://{}", system.address());
    let (status, answer) = system.http("POST", form, &[("Origin", &own)], &body);
    assert_eq!(status, 303, "{answer}");
    system.until_runs("myapp-prod", FIRST);
    let entry = system.json(&["history", "myapp-prod"])["items"][0].clone();
    assert_eq!(entry["approval"]["approver"], "operator", "{entry}");
}

#[test]
fn a_killed_daemon_goes_on_where_it_was() {
    let mut system = System::start();
    // While the first syncs run.
    system.kill_and_start();
    system.until("dev is being synced", || (!system.app("myapp-dev")["operation"].is_null()).then_some(()));
    system.kill_and_start();
    for app in ["myapp-dev", "myapp-staging"] {
        system.until_runs(app, FIRST);
        assert_eq!(system.json(&["history", app])["items"].as_array().unwrap().len(), 1, "{app}");
    }
    // Right after it has said that a sync was approved and begun.
    system.until("prod waits for an approval", || {
        (system.app("myapp-prod")["awaitingApproval"] == json!(true)).then_some(())
    });
    system.done(&["approve", "myapp-prod", "--as", "operator", "--sync"]);
    system.kill_and_start();
    system.until_runs("myapp-prod", FIRST);
    assert_eq!(system.json(&["history", "myapp-prod"])["items"].as_array().unwrap().len(), 1);
    canary(&mut system);
}

/// A canary that is killed at 10 % stands there again: the same step, the same weight, the same run.
fn canary(system: &mut System) {
    system.push_tag("prod", FIRST, SECOND);
    system.until("prod waits for an approval", || {
        (system.app("myapp-prod")["awaitingApproval"] == json!(true)).then_some(())
    });
    system.done(&["approve", "myapp-prod", "--as", "operator", "--sync"]);
    system.kill_and_start();
    let judged = |system: &System| {
        let rollout = rollout(system);
        let runs = rollout["analysisRuns"].as_array().unwrap().len();
        (rollout["actualWeight"] == 10 && runs > 0).then_some(rollout)
    };
    let before = system.until("10 % and an analysis", || judged(system));
    system.kill_and_start();
    let after = system.until("10 % and an analysis, again", || judged(system));
    assert_eq!(before["step"], after["step"]);
    let names = |rollout: &Value, list: &str| -> Vec<Value> {
        rollout[list].as_array().unwrap().iter().map(|item| item["name"].clone()).collect()
    };
    for list in ["replicaSets", "analysisRuns"] {
        assert_eq!(names(&before, list), names(&after, list), "{list}");
    }
    assert_eq!(names(&after, "replicaSets").len(), 2);
    aborted_and_taken_back(system);
}

fn aborted_and_taken_back(system: &mut System) {
    system.done(&["rollout", "abort", "myapp", "--as", "operator"]);
    system.kill_and_start();
    system.until("weight 0", || (rollout_of_any_phase(system)["actualWeight"] == 0).then_some(()));
    assert_eq!(system.gitops(&["rollout", "status", "myapp"]).code, 1);
    assert_eq!(system.json(&["history", "myapp-prod"])["items"].as_array().unwrap().len(), 2);
    // What is restored was approved when it was synced first; Git still names the other tag.
    system.done(&["rollback", "myapp-prod", "--as", "operator"]);
    system.until("the old tag serves and the gate waits", || {
        let app = system.app("myapp-prod");
        (app["healthStatus"] == "Healthy"
            && app["images"] == json!([FIRST])
            && app["awaitingApproval"] == json!(true))
        .then_some(())
    });
    assert_eq!(system.json(&["history", "myapp-prod"])["items"].as_array().unwrap().len(), 3);
    // With the commit reverted, Git and the cluster agree without another sync.
    system.push_tag("prod", SECOND, FIRST);
    system.until_runs("myapp-prod", FIRST);
    assert_eq!(system.json(&["history", "myapp-prod"])["items"].as_array().unwrap().len(), 3);
    assert_eq!(system.commits("k8s/overlays/prod/kustomization.yaml").len(), 3);
}

/// The Rollout of prod, also while it is degraded.
fn rollout_of_any_phase(system: &System) -> Value {
    let ran = system.gitops(&["rollout", "status", "myapp", "-o", "json"]);
    serde_json::from_str(&ran.out).unwrap()
}
