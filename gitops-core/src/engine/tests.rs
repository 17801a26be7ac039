//! Applications from manifests and live objects to the decision: one line an action or event.

use std::collections::BTreeMap;

use super::*;
use crate::api::sync_approval::SyncApprovalSpec;
use crate::diagnostic::Location;
use crate::sync::LiveState;
use crate::yaml::read_one;

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
const REVISION: &str = "0123456789012345678901234567890123456789";
const MAP: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: v}}";

fn object(text: &str) -> Object {
    Object::new(read_one("o.yaml", text).unwrap(), Location::default())
}

fn app(policy: &str, rest: &str) -> Application {
    let text = format!(
        "{{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {{name: web, namespace: argocd, uid: u1}}, \
         spec: {{project: p, source: {{repoURL: 'https://git.example.com/a.git', path: x}}, \
         destination: {{server: 'https://kubernetes.default.svc', namespace: dev}}, syncPolicy: {policy}}}{rest}}}"
    );
    Application::from_node(&read_one("app.yaml", &text).unwrap(), &Location::default()).unwrap()
}

fn project(spec: &str) -> AppProject {
    let text = format!(
        "{{apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {{name: p}}, spec: {spec}}}"
    );
    AppProject::from_node(&read_one("p.yaml", &text).unwrap(), &Location::default()).unwrap()
}

fn open_project() -> AppProject {
    project("{sourceRepos: ['*', '**'], destinations: [{server: '*', namespace: dev}]}")
}

struct World {
    project: AppProject,
    desired: Vec<Object>,
    live: LiveState,
    approvals: Vec<SyncApproval>,
    schemas: Schemas,
    predictions: crate::sync::Predictions,
    outcomes: BTreeMap<TaskId, Outcome>,
}

impl World {
    fn of(desired: &[&str]) -> Self {
        Self {
            project: open_project(),
            desired: desired.iter().map(|text| object(text)).collect(),
            live: LiveState::default(),
            approvals: vec![],
            schemas: Schemas::built_in(),
            predictions: crate::sync::Predictions::default(),
            outcomes: BTreeMap::new(),
        }
    }

    fn seen(&self) -> ApplicationSeen<'_> {
        ApplicationSeen {
            predictions: &self.predictions,
            sync_timeout: None,
            project: Some(&self.project),
            head: Ok(Target { revision: REVISION, objects: &self.desired }),
            operation_target: None,
            live: &self.live,
            schemas: &self.schemas,
            approvals: &self.approvals,
            outcomes: &self.outcomes,
            dry_run: None,
        }
    }

    fn approve(&mut self, app: &Application) {
        let assessment =
            assess(app, Target { revision: REVISION, objects: &self.desired }, &self.seen()).unwrap();
        let spec = SyncApprovalSpec {
            application: "web".into(),
            application_uid: "u1".into(),
            revision: REVISION.into(),
            desired: assessment.comparison.desired_hash().into(),
            changes: assessment.comparison.changes_hash().into(),
            approver: "operator".into(),
            approved_at: NOW,
            ..SyncApprovalSpec::default()
        };
        self.approvals.push(SyncApproval::from_node(&spec.to_node("argocd"), &Location::default()).unwrap());
    }
}

/// What the decision says, in words: the operation's phase and message, then the conditions.
fn check(app: &Application, world: &World, expected: &str) {
    let decision = reconcile(app, &world.seen(), NOW);
    let state = decision.next.operation_state.as_ref();
    let operation =
        state.map_or("no operation".to_owned(), |state| format!("{} {}", state.phase, state.message));
    let conditions =
        decision.next.conditions.iter().map(|found| format!("; {}: {}", found.condition_type, found.message));
    assert_eq!(operation.trim().to_owned() + &conditions.collect::<String>(), expected);
}

const MANUAL: &str = "{}";
const ASKED: &str = ", operation: {initiatedBy: {username: operator}, sync: {prune: true}}";

#[test]
fn an_automated_application_starts_by_itself_and_a_manual_one_does_not() {
    let world = World::of(&[MAP]);
    check(&app("{automated: {}}", ""), &world, "Running");
    check(&app(MANUAL, ""), &world, "no operation");
}

#[test]
fn a_manual_sync_needs_an_approval_of_exactly_this() {
    let manual = app(MANUAL, ASKED);
    let mut world = World::of(&[MAP]);
    check(&manual, &world, "Error nobody has approved these changes: look at the difference and approve it");
    world.approve(&manual);
    check(&manual, &world, "Running");
    world.desired.push(object("{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}"));
    let expected = "Error the approval of operator does not hold: the desired objects are others by now: look at the difference and approve it";
    check(&manual, &world, expected);
}

#[test]
fn the_project_is_asked_before_the_source_is_rendered() {
    let mut world = World::of(&[]);
    world.project = project(
        "{sourceRepos: ['https://git.example.com/b.git'], destinations: [{server: '*', namespace: dev}]}",
    );
    let mut seen = world.seen();
    seen.head = Err("not rendered".to_owned());
    let decision = reconcile(&app("{automated: {}}", ""), &seen, NOW);
    let condition = decision.next.conditions.first().unwrap();
    assert_eq!(condition.condition_type, "InvalidSpecError");
    assert!(condition.message.contains("https://git.example.com/a.git"), "{}", condition.message);
}

#[test]
fn an_object_of_a_kind_that_the_project_refuses_stops_the_sync() {
    let mut world = World::of(&[MAP]);
    world.project = project(
        "{sourceRepos: ['**'], destinations: [{server: '*', namespace: dev}], namespaceResourceWhitelist: [{group: '', kind: Secret}]}",
    );
    let decision = reconcile(&app("{automated: {}}", ""), &world.seen(), NOW);
    assert!(decision.next.operation_state.is_none());
    assert!(decision.next.conditions.iter().any(|found| found.message.contains("ConfigMap")));
}

#[test]
fn a_settled_application_asks_for_nothing() {
    let mut world = World::of(&[MAP]);
    let automated = app("{automated: {selfHeal: true}}", "");
    let tracking = crate::sync::Tracking::by_annotation("web", "dev");
    let live = crate::sync::prepare(&world.desired, &world.schemas, &tracking).unwrap();
    world.live = LiveState::new(live.objects);
    let first = reconcile(&automated, &world.seen(), NOW);
    let mut settled = automated;
    settled.status = first.next;
    let second = reconcile(&settled, &world.seen(), NOW);
    assert!(second.actions.is_empty() && second.events.is_empty(), "{second:?}");
}

#[test]
fn a_rollback_is_covered_by_the_approval_of_the_state_that_it_restores() {
    let rollback = ", operation: {initiatedBy: {username: operator}, sync: {syncStrategy: {apply: {}}, source: {repoURL: 'https://git.example.com/a.git', path: x}}}";
    let asked = app(MANUAL, rollback);
    let mut world = World::of(&[MAP]);
    check(&asked, &world, "Error nobody has approved these changes: look at the difference and approve it");
    world.approve(&asked);
    // The cluster has moved since: another release runs.
    let tracking = crate::sync::Tracking::by_annotation("web", "dev");
    let newer = object("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: newer}}");
    world.live = LiveState::new(crate::sync::prepare(&[newer], &world.schemas, &tracking).unwrap().objects);
    check(&asked, &world, "Running");
    check(
        &app(MANUAL, ASKED),
        &world,
        "Error the approval of operator does not hold: the changes are others by now: look at the difference and approve it",
    );
}
