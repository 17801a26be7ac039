//! Applications: observe, ask the engine, carry out.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use gitops_core::api::app_project::AppProject;
use gitops_core::api::application::Application;
use gitops_core::api::sync_approval::SyncApproval;
use gitops_core::engine::{self, ApplicationAction, ApplicationSeen, Assessment, Target};
use gitops_core::kind::Schemas;
use gitops_core::object::Object;
use gitops_core::sync::{self, DryRunReport, LiveState, Outcome, SyncAction, TaskId};
use gitops_core::time::Timestamp;
use gitops_core::yaml::Node;
use gitops_ports::cluster::{ClusterError, WriteOptions};
use gitops_ports::git::CommitId;
use gitops_ports::{Clock as _, Cluster as _, GitRepository as _};

use super::cycle::backoff;
use super::objects::{self, FIELD_MANAGER};
use super::render::{RenderResult, Wanted};
use super::{Driver, DriverError, Outside, live, sync_actions};

/// What the driver remembers of a sync between two passes. It may be lost: the machine then asks again.
#[derive(Debug, Default)]
pub(super) struct SyncMemory {
    outcomes: BTreeMap<TaskId, Outcome>,
    dry_run: Option<DryRunReport>,
    /// How often the cluster could not be asked, in a row.
    failures: u32,
}

/// How soon after a discovery the next one may come.
const DISCOVER: Duration = Duration::from_secs(5);

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
        let mut memory = memory;
        let done = self.carry_out(&observed, decision.actions, &mut memory).await;
        memory.failures = if done.is_ok() { 0 } else { memory.failures.saturating_add(1) };
        let failures = memory.failures;
        if running || failures > 0 {
            // What was done before a failure is done.
            self.syncs.insert(name, memory);
        }
        match done {
            Ok(()) => Ok(worked),
            Err(error) => {
                self.wake(Some(now.after(backoff(failures))));
                Err(error)
            }
        }
    }

    /// Asks the cluster for the scope of kinds that neither the tables nor the manifests know.
    async fn learn_scopes(&mut self, rendered: &[&Object]) -> Result<(), DriverError> {
        let unknown =
            |schemas: &Schemas, object: &&Object| sync::is_namespaced(object, &[], schemas).is_none();
        let now = self.outside.clock().now();
        if self.next_discovery > now || !rendered.iter().any(|object| unknown(&self.schemas, object)) {
            return Ok(());
        }
        self.next_discovery = now.after(DISCOVER);
        for kind in self.outside.cluster().discover().await?.kinds {
            let version = match kind.group.as_str() {
                "" => kind.version.to_string(),
                group => format!("{group}/{}", kind.version),
            };
            self.schemas.learn_scope(&version, &kind.kind, kind.namespaced);
        }
        Ok(())
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
        let renders = [Some(&head_render), operation.as_ref().map(|(_, render)| render)];
        let rendered: Vec<&Object> =
            renders.into_iter().flatten().flatten().flat_map(|rendered| &rendered.objects).collect();
        self.learn_scopes(&rendered).await?;
        let live = live::of(self.outside.cluster(), &app, &rendered, &self.schemas).await?;
        Ok(Observed { object, app, project, head, head_render, operation, live, approvals })
    }

    async fn carry_out(
        &mut self,
        observed: &Observed,
        actions: Vec<ApplicationAction>,
        memory: &mut SyncMemory,
    ) -> Result<(), DriverError> {
        let mut actions = actions.into_iter().peekable();
        while let Some(action) = actions.next() {
            if !self.outside.leads() {
                return Ok(());
            }
            let done = match action {
                ApplicationAction::SetStatus(status) => {
                    objects::set_status(self.outside.cluster(), &observed.object, status.to_node()).await
                }
                ApplicationAction::TakeOperation => self.take_operation(observed).await,
                ApplicationAction::Predict(objects) => {
                    self.predict(observed, &objects).await?;
                    Ok(())
                }
                ApplicationAction::Sync(action) => {
                    let mut together = vec![action];
                    while let Some(next) = actions.next_if(|next| goes_with(together.first(), next)) {
                        if let ApplicationAction::Sync(next) = next {
                            together.push(next);
                        }
                    }
                    self.carry_out_together(together, memory).await?;
                    Ok(())
                }
            };
            match done {
                Ok(()) => {}
                // Somebody wrote in between: drop the rest and observe again.
                Err(ClusterError::Conflict { .. }) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Carries out actions that do not wait for each other; all are tried, and the first failure is told.
    async fn carry_out_together(
        &self,
        actions: Vec<SyncAction>,
        memory: &mut SyncMemory,
    ) -> Result<(), DriverError> {
        let cluster = self.outside.cluster();
        let going: Vec<_> =
            actions.into_iter().map(|action| sync_actions::carry_out(cluster, action)).collect();
        let mut going = stream::iter(going).buffered(sync_actions::AT_ONCE);
        let mut result = Ok(());
        while let Some(done) = going.next().await {
            match done {
                Ok(sync_actions::Done::DryRun(report)) => memory.dry_run = Some(report),
                Ok(sync_actions::Done::Task(task, outcome)) => {
                    memory.outcomes.insert(task, outcome);
                }
                Ok(sync_actions::Done::Hook) => {}
                Err(error) => result = result.and(Err(error)),
            }
        }
        result
    }

    /// Asks what an apply of each would make. An apply that would be refused leaves the object as it is.
    async fn predict(&mut self, observed: &Observed, objects: &[Object]) -> Result<(), DriverError> {
        for object in objects {
            let Some(live) = observed.live.get(&object.key) else { continue };
            let answer = sync_actions::predict(self.outside.cluster(), object).await?;
            self.predictions.insert(object, live, answer.map_or_else(Node::null, |answer| answer.root));
        }
        Ok(())
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
            predictions: &driver.predictions,
            sync_timeout: driver.settings.sync_timeout,
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

/// Whether an action may be carried out beside `first`: both apply objects of one kind.
fn goes_with(first: Option<&SyncAction>, action: &ApplicationAction) -> bool {
    match (first, action) {
        (
            Some(SyncAction::Apply { task: first, .. }),
            ApplicationAction::Sync(SyncAction::Apply { task, .. }),
        ) => first.key.group == task.key.group && first.key.kind == task.key.kind,
        (_, _) => false,
    }
}

/// The revision that the running or the requested operation names.
fn operation_revision(app: &Application) -> Option<String> {
    let running = app.status.operation_state.as_ref().filter(|state| !state.phase.is_completed());
    let operation = running.map(|state| &state.operation).or(app.operation.as_ref())?;
    Some(operation.sync.revision.to_string()).filter(|revision| !revision.is_empty())
}
