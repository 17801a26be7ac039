//! Applications: observe, ask the engine, carry out.

use std::collections::BTreeMap;

use gitops_core::api::app_project::AppProject;
use gitops_core::api::application::Application;
use gitops_core::api::sync_approval::SyncApproval;
use gitops_core::engine::{self, ApplicationAction, ApplicationSeen, Assessment, Target};
use gitops_core::object::{Object, ObjectKey};
use gitops_core::sync::{DryRunReport, LiveState, Outcome, TaskId};
use gitops_core::time::Timestamp;
use gitops_core::yaml::Node;
use gitops_ports::cluster::{ClusterError, ListQuery, WriteOptions};
use gitops_ports::git::CommitId;
use gitops_ports::{Clock as _, Cluster as _, GitRepository as _};

use super::objects::{self, FIELD_MANAGER};
use super::render::{RenderResult, Wanted};
use super::{Driver, DriverError, Outside, sync_actions};

/// What the driver remembers of a sync between two passes. It may be lost: the machine then asks again.
#[derive(Debug, Default)]
pub(super) struct SyncMemory {
    outcomes: BTreeMap<TaskId, Outcome>,
    dry_run: Option<DryRunReport>,
}

/// Everything that was observed of one Application.
pub(super) struct Observed {
    pub(super) object: Object,
    pub(super) app: Application,
    project: Option<AppProject>,
    head: Result<CommitId, String>,
    pub(super) head_render: RenderResult,
    operation: Option<(CommitId, RenderResult)>,
    live: LiveState,
    approvals: Vec<SyncApproval>,
}

impl<O: Outside> Driver<O> {
    /// One pass over every Application; says whether anything was done.
    pub(super) async fn reconcile_applications(&mut self) -> Result<bool, DriverError> {
        for (key, problem) in objects::broken_applications(self.outside.cluster()).await? {
            self.note_once(&key, "InvalidSpecError", problem);
        }
        let mut worked = false;
        for (object, app) in objects::applications(self.outside.cluster()).await? {
            let key = object.key.clone();
            match self.reconcile_application(object, app).await {
                Ok(acted) => worked |= acted,
                Err(error) => self.note_once(&key, "ReconcileError", error.to_string()),
            }
        }
        Ok(worked)
    }

    async fn reconcile_application(&mut self, object: Object, app: Application) -> Result<bool, DriverError> {
        let name = app.metadata.name.clone();
        let observed = self.observe(object, app).await?;
        let memory = self.syncs.remove(&name).unwrap_or_default();
        let now = self.outside.clock().now();
        let decision = {
            let seen = observed.seen(self, &memory);
            engine::reconcile(&observed.app, &seen, now)
        };
        for event in decision.events {
            self.events.note(event, now);
        }
        self.wake(decision.wake_at);
        let worked = !decision.actions.is_empty();
        let running = decision.next.operation_state.as_ref().is_some_and(|state| !state.phase.is_completed());
        let memory = self.carry_out(&observed, decision.actions, memory).await?;
        if running {
            self.syncs.insert(name, memory);
        }
        Ok(worked)
    }

    /// Looks at everything that decides about an Application.
    pub(super) async fn observe(
        &mut self,
        object: Object,
        app: Application,
    ) -> Result<Observed, DriverError> {
        let cluster = self.outside.cluster();
        let project = objects::project(cluster, app.spec.project_name()).await?;
        let approvals = objects::approvals(cluster, &app.metadata.name).await?;
        let live = self.live_state(&app).await?;
        let source = app.spec.sources.first();
        let (path, revision) = source
            .map(|source| (source.path.to_string(), source.target_revision.to_string()))
            .unwrap_or_default();
        let foreign = source.is_none_or(|source| !self.settings.serves(&source.repo_url));
        let head = if foreign {
            Err("the source is in a repository that this engine does not serve".to_owned())
        } else {
            let revision = if revision.is_empty() { "HEAD" } else { revision.as_str() };
            self.outside.git().resolve(revision).await.map_err(|error| error.to_string())
        };
        let now = self.outside.clock().now();
        let wanted = |commit| Wanted { commit, path: &path, project: project.as_ref() };
        let head_render = match &head {
            Ok(commit) => self.renders.render(self.outside.git(), wanted(commit), now).await?,
            Err(error) => Err(error.clone()),
        };
        let operation = match (operation_revision(&app), &head) {
            (Some(revision), Ok(commit)) if revision != commit.as_str() => match CommitId::parse(&revision) {
                Some(commit) => {
                    let render = self.renders.render(self.outside.git(), wanted(&commit), now).await?;
                    Some((commit, render))
                }
                None => None,
            },
            (Some(_) | None, _) => None,
        };
        Ok(Observed { object, app, project, head, head_render, operation, live, approvals })
    }

    /// The objects of the destination namespace, and the namespace itself.
    async fn live_state(&self, app: &Application) -> Result<LiveState, DriverError> {
        let cluster = self.outside.cluster();
        let namespace = app.spec.destination.namespace.clone();
        let query = ListQuery { namespace: Some(namespace.clone()), ..ListQuery::default() };
        let mut live = LiveState::new(cluster.list(&query).await?.objects);
        if let Some(object) = cluster.get(&ObjectKey::new("", "Namespace", "", namespace)).await? {
            live.insert(object);
        }
        Ok(live)
    }

    async fn carry_out(
        &mut self,
        observed: &Observed,
        actions: Vec<ApplicationAction>,
        mut memory: SyncMemory,
    ) -> Result<SyncMemory, DriverError> {
        for action in actions {
            let done = match action {
                ApplicationAction::SetStatus(status) => {
                    objects::set_status(self.outside.cluster(), &observed.object, status.to_node()).await
                }
                ApplicationAction::TakeOperation => self.take_operation(observed).await,
                ApplicationAction::Sync(action) => {
                    let cluster = self.outside.cluster();
                    match sync_actions::carry_out(cluster, action).await? {
                        sync_actions::Done::DryRun(report) => memory.dry_run = Some(report),
                        sync_actions::Done::Task(task, outcome) => {
                            memory.outcomes.insert(task, outcome);
                        }
                        sync_actions::Done::Hook => {}
                    }
                    Ok(())
                }
            };
            match done {
                Ok(()) => {}
                // Somebody wrote in between: drop the rest and observe again.
                Err(ClusterError::Conflict { .. }) => return Ok(memory),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(memory)
    }

    async fn take_operation(&self, observed: &Observed) -> Result<(), ClusterError> {
        let patch = Node::mapping([("operation", Node::null())]);
        let options = WriteOptions::new(FIELD_MANAGER);
        self.outside.cluster().patch(&observed.object.key, &patch, &options).await.map(|_| ())
    }

    /// What a sync of the head revision would mean.
    pub(super) fn assess_head(&self, observed: &Observed) -> Result<Assessment, DriverError> {
        let memory = SyncMemory::default();
        let seen = observed.seen(self, &memory);
        let target = seen.head.clone().map_err(DriverError::Outside)?;
        engine::assess(&observed.app, target, &seen)
            .map_err(|error| DriverError::Refused { message: error.to_string(), hint: None })
    }

    /// Asks to be called at `at` at the latest.
    pub(super) fn wake(&mut self, at: Option<Timestamp>) {
        if let Some(at) = at {
            self.wake_at = Some(self.wake_at.map_or(at, |earlier| earlier.min(at)));
        }
    }
}

impl Observed {
    /// The observation in the engine's terms.
    fn seen<'a, O: Outside>(&'a self, driver: &'a Driver<O>, memory: &'a SyncMemory) -> ApplicationSeen<'a> {
        ApplicationSeen {
            project: self.project.as_ref(),
            head: target(self.head.as_ref(), &self.head_render),
            operation_target: self.operation.as_ref().map(|(commit, render)| target(Ok(commit), render)),
            live: &self.live,
            schemas: &driver.schemas,
            approvals: &self.approvals,
            outcomes: &memory.outcomes,
            dry_run: memory.dry_run.as_ref(),
        }
    }
}

fn target<'a>(
    commit: Result<&'a CommitId, &'a String>,
    render: &'a RenderResult,
) -> Result<Target<'a>, String> {
    let commit = commit.map_err(Clone::clone)?;
    let rendered = render.as_ref().map_err(Clone::clone)?;
    Ok(Target { revision: commit.as_str(), objects: &rendered.objects })
}

/// The revision that the running or the requested operation names.
fn operation_revision(app: &Application) -> Option<String> {
    let running = app.status.operation_state.as_ref().filter(|state| !state.phase.is_completed());
    let operation = running.map(|state| &state.operation).or(app.operation.as_ref())?;
    Some(operation.sync.revision.to_string()).filter(|revision| !revision.is_empty())
}
