use super::*;
use crate::diagnostic::Location;
use crate::time::Timestamp;
use crate::yaml::read_one;

fn project(spec: &str) -> AppProject {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {{name: demo}}\nspec:\n{spec}"
    );
    AppProject::from_node(&read_one("p.yaml", &text).unwrap(), &Location::file("p.yaml")).unwrap()
}

fn application(repo_url: &str, namespace: &str) -> Application {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  \
         source: {{repoURL: '{repo_url}'}}\n  destination: {{server: https://k, namespace: {namespace}}}\n"
    );
    Application::from_node(&read_one("a.yaml", &text).unwrap(), &Location::file("a.yaml")).unwrap()
}

const SPEC: &str = "
  sourceRepos: [https://git.example.com/demo]
  destinations: [{server: https://k, namespace: dev}]
  namespaceResourceWhitelist: [{group: apps, kind: Deployment}]
";

#[test]
fn each_refusal_is_a_sentence() {
    let manifest = project(SPEC);
    let project = Project::new(&manifest, &[]);
    let app = application("https://token:secret@git.example.com/other", "prod");
    let object = |text: &str| Object::new(read_one("o.yaml", text).unwrap(), Location::file("o.yaml"));
    let objects = [
        (object("{apiVersion: v1, kind: Secret, metadata: {name: s}}"), Some(true)),
        (object("{apiVersion: v1, kind: Namespace, metadata: {name: n}}"), Some(false)),
        (object("{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: dev}}"), Some(true)),
        (object("{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}"), Some(true)),
        (object("{apiVersion: x.io/v1, kind: X, metadata: {name: x}}"), None),
    ];
    let given = objects.iter().map(|(object, scope)| (object, *scope));
    let refusals = project.admit(&app, &app.spec.destination, given);
    let sentences: Vec<_> = refusals.iter().map(ToString::to_string).collect();
    assert_eq!(
        sentences,
        [
            "project `demo` does not permit the source repository `https://git.example.com/other`",
            "project `demo` does not permit the destination: cluster `https://k`, namespace `prod`",
            "project `demo` does not permit Secret s: the namespaced kind `Secret` is not allowed",
            "project `demo` does not permit Namespace n: the cluster-scoped kind `Namespace` is not allowed",
            "project `demo` does not permit Deployment.apps d: namespace `prod` is no destination of it",
            "project `demo` cannot judge X.x.io x: the cluster has no such kind, so its scope is unknown",
        ]
    );
}

#[test]
fn what_the_project_names_is_admitted() {
    let manifest = project(SPEC);
    let project = Project::new(&manifest, &[]);
    let app = application("https://git.example.com/DEMO.git", "dev");
    let deployment = ObjectKey::new("apps", "Deployment", "", "web");
    assert_eq!(project.admit_application(&app, &app.spec.destination), []);
    assert_eq!(project.admit_object(&deployment, Some(true), &app.spec.destination), None);
}

#[test]
fn a_destination_names_the_service_account() {
    let manifest = project(
        "  destinationServiceAccounts: [{server: 'https://*', namespace: dev-*, defaultServiceAccount: deployer}, \
         {server: '*', namespace: '*', defaultServiceAccount: 'ops:admin'}]\n",
    );
    let account = |namespace: &str| {
        let destination =
            Destination { server: "https://k".into(), namespace: namespace.into(), ..Default::default() };
        Project::new(&manifest, &[]).service_account(&destination)
    };
    assert_eq!(account("dev-1").as_deref(), Some("dev-1:deployer"));
    assert_eq!(account("prod").as_deref(), Some("ops:admin"));
}

const NIGHTS: &str = "
  syncWindows:
  - {kind: deny, schedule: '0 22 * * *', duration: 8h, applications: ['*'], timeZone: Europe/Berlin}
  - {kind: allow, schedule: '0 6 * * 1-5', duration: 12h, applications: ['*'], manualSync: true}
";

#[test]
fn the_next_permitted_instant_is_just_after_an_opening() {
    let manifest = project(NIGHTS);
    let windows: Vec<_> = manifest.spec.sync_windows.iter().collect();
    let next = |now: &str, manual| {
        let moment = SyncMoment { now: now.parse().unwrap(), manual, operation_start: None };
        next_permitted(&windows, moment).unwrap().map(|at| at.to_string())
    };
    // 2026-07-17 is a Friday; 22:00 in Berlin is 20:00Z in summer.
    assert_eq!(next("2026-07-17T12:00:00Z", false).as_deref(), Some("2026-07-17T12:00:00Z"));
    assert_eq!(next("2026-07-17T21:00:00Z", false).as_deref(), Some("2026-07-20T06:00:00Z"));
    assert_eq!(next("2026-07-17T21:00:00Z", true).as_deref(), Some("2026-07-18T04:00:00Z"));
}

#[test]
fn a_window_that_cannot_be_read_blocks_with_its_reason() {
    let manifest = project(
        "  syncWindows: [{kind: allow, schedule: '* * * * *', duration: 1h}, {kind: deny, schedule: '0 0 * * 7', duration: 1h}]\n",
    );
    let windows: Vec<_> = manifest.spec.sync_windows.iter().collect();
    let moment = SyncMoment { now: Timestamp::from_seconds(0), manual: true, operation_start: None };
    let error = can_sync(&windows, moment).unwrap_err();
    assert_eq!(error.to_string(), "sync window schedule `0 0 * * 7` is not a cron expression of five fields");
}

#[test]
fn an_expression_may_look_ahead_and_never_takes_long() {
    assert!(matches_glob_or_expression("/^((?!denied).)*$/", "team-a"));
    assert!(!matches_glob_or_expression("/^((?!denied).)*$/", "team-denied"));
    assert!(!matches_glob_or_expression("/(a/", "a"));
    let long = "a".repeat(200) + "!";
    assert!(!matches_glob_or_expression(r"/^(?=((a+)+)+$)\w/", &long));
}
