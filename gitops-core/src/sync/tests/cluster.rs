//! A cluster in memory that carries out what a sync asks for.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::NOW;
use crate::api::application::{Operation, OperationPhase, OperationState, RetryStrategy, SyncOperation};
use crate::diagnostic::Location;
use crate::diff::{IgnoreRules, predict};
use crate::health::{Health, HealthStatus};
use crate::kind::Schemas;
use crate::object::{Object, ObjectKey};
use crate::sync::*;
use crate::time::Timestamp;
use crate::yaml::{Node, read_one};

pub(super) fn object(text: &str) -> Object {
    Object::new(read_one("o.yaml", text).unwrap(), Location::default())
}

pub(super) struct Cluster {
    schemas: Schemas,
    ignore: IgnoreRules,
    tracking: Tracking,
    pub(super) state: LiveState,
    /// Health by name; what is not listed is healthy.
    pub(super) health: BTreeMap<SmolStr, HealthStatus>,
    /// Names whose writes are refused.
    pub(super) refused: BTreeSet<SmolStr>,
    /// What was done, as `verb name`.
    pub(super) log: Vec<String>,
    pub(super) now: Timestamp,
    outcomes: BTreeMap<TaskId, Outcome>,
    dry_run: Option<DryRunReport>,
}

impl Cluster {
    /// A cluster in which the application owns these objects.
    pub(super) fn with(application: &str, live: &[&str]) -> Self {
        let mut cluster = Self {
            schemas: Schemas::built_in(),
            ignore: IgnoreRules::default(),
            tracking: Tracking::by_annotation(application, "dev"),
            state: LiveState::default(),
            health: BTreeMap::new(),
            refused: BTreeSet::new(),
            log: vec![],
            now: NOW,
            outcomes: BTreeMap::new(),
            dry_run: None,
        };
        for object in cluster.targets(live) {
            cluster.insert(object);
        }
        cluster
    }

    pub(super) fn insert(&mut self, mut object: Object) {
        object.root.set_at(&["metadata", "uid"], Node::string(format!("uid-{}", object.key.name)));
        self.state.insert(object);
    }

    pub(super) fn targets(&self, texts: &[&str]) -> Vec<Object> {
        let rendered: Vec<Object> = texts.iter().map(|text| object(text)).collect();
        prepare(&rendered, &self.schemas, &self.tracking).unwrap().objects
    }

    fn rules(&self) -> CompareRules<'_> {
        CompareRules {
            schemas: &self.schemas,
            ignore: &self.ignore,
            tracking: &self.tracking,
            predictions: None,
        }
    }

    pub(super) fn compare(&self, targets: &[Object]) -> Comparison {
        compare(targets, &self.state, &self.rules())
    }

    pub(super) fn plan(&self, targets: &[Object], operation: &SyncOperation) -> SyncPlan {
        let policy = SyncPolicy {
            operation,
            options: SyncOptions::new(&[], &operation.sync_options),
            namespace: "dev".into(),
            namespace_metadata: None,
            revision: "0123456789",
            started_at: NOW,
            prune_confirmed: false,
            rules: self.rules(),
        };
        plan(&self.compare(targets), &policy).unwrap()
    }

    pub(super) fn observe(&self, plan: &SyncPlan) -> SyncObserved {
        let keys = plan.tasks().chain(&plan.on_failure).map(|task| task.key.clone());
        let live = keys.filter_map(|key| Some((key.clone(), self.fact(self.state.get(&key)?)))).collect();
        SyncObserved { live, outcomes: self.outcomes.clone(), dry_run: self.dry_run.clone(), blocked: None }
    }

    fn fact(&self, object: &Object) -> LiveFact {
        let status = self.health.get(&object.key.name).copied().unwrap_or(HealthStatus::Healthy);
        let finalizers = object.root.at(&["metadata", "finalizers"]).map_or(&[][..], Node::items);
        LiveFact {
            uid: object.root.str_at(&["metadata", "uid"]).unwrap_or_default().into(),
            health: Some(Health { status, message: String::new() }),
            deleting: false,
            finalizers: vec![],
            has_hook_finalizer: finalizers.iter().any(|finalizer| finalizer.as_str() == Some(HOOK_FINALIZER)),
            hook_run: object.annotation(HOOK_RUN).map(SmolStr::from),
        }
    }

    pub(super) fn start(operation: SyncOperation, retry: RetryStrategy) -> OperationState {
        OperationState {
            operation: Operation { sync: operation, retry, ..Operation::default() },
            phase: OperationPhase::Running,
            message: String::new(),
            sync_result: None,
            started_at: NOW,
            finished_at: None,
            retry_count: 0,
        }
    }

    /// Syncs until nothing moves any more.
    pub(super) fn sync(
        &mut self,
        targets: &[Object],
        operation: SyncOperation,
        retry: RetryStrategy,
    ) -> OperationState {
        let mut state = Self::start(operation, retry);
        for _ in 0..200 {
            let (next, wake_at, acted) = self.step(targets, state.clone());
            let settled = !acted && next == state;
            state = next;
            match wake_at {
                Some(at) if settled => self.now = at,
                None if settled => break,
                Some(_) | None => {}
            }
        }
        state
    }

    pub(super) fn step(
        &mut self,
        targets: &[Object],
        state: OperationState,
    ) -> (OperationState, Option<Timestamp>, bool) {
        let plan = self.plan(targets, &state.operation.sync);
        let decision = sync_step(&plan, state, &self.observe(&plan), self.now);
        let acted = !decision.actions.is_empty();
        for action in decision.actions {
            self.carry_out(action);
        }
        (decision.next, decision.wake_at, acted)
    }

    fn carry_out(&mut self, action: SyncAction) {
        match action {
            SyncAction::DryRun { attempt, .. } => {
                self.dry_run = Some(DryRunReport { attempt, failures: vec![] });
            }
            SyncAction::Apply { task, target, .. } => {
                self.log.push(format!("apply {}", target.key.name));
                let outcome = if self.refused.contains(&target.key.name) {
                    Err(format!("{} is refused", target.key.name))
                } else {
                    let mut object = *target;
                    if let Some(live) = self.state.get(&object.key) {
                        object.root = predict(&object, live, &self.schemas);
                    }
                    self.insert(object);
                    Ok("configured".to_owned())
                };
                self.outcomes.insert(task, outcome);
            }
            SyncAction::Prune { task, uid, .. } => {
                self.log.push(format!("prune {}", task.key.name));
                assert_eq!(uid, format!("uid-{}", task.key.name));
                self.state.remove(&task.key);
                self.outcomes.insert(task, Ok("pruned".to_owned()));
            }
            SyncAction::DeleteHook { key, .. } => {
                self.log.push(format!("delete {}", key.name));
                self.state.remove(&key);
            }
            SyncAction::RemoveHookFinalizer { key } => self.remove_finalizer(&key),
        }
    }

    fn remove_finalizer(&mut self, key: &ObjectKey) {
        self.log.push(format!("release {}", key.name));
        let mut object = self.state.get(key).unwrap().clone();
        object.root.at_mut(&["metadata"]).unwrap().remove("finalizers");
        self.state.insert(object);
    }

    /// Forgets every outcome, as a restart does.
    pub(super) fn restart(&mut self) {
        self.outcomes.clear();
        self.dry_run = None;
    }
}
