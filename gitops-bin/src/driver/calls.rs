//! The calls of people and pages, answered between two cycles.

use gitops_core::api::application::{
    Application, Operation, OperationInitiator, OperationPhase, SyncOperation,
};
use gitops_core::api::sync_approval::SyncApprovalSpec;
use gitops_core::diagnostic::Location;
use gitops_core::object::Object;
use gitops_core::sync;
use gitops_core::yaml::Node;
use gitops_ports::cluster::WriteOptions;
use gitops_ports::{Clock as _, Cluster as _};
use smol_str::SmolStr;

use super::handle::{Answer, ApproveCall, Call, PushCall, RollbackCall, RolloutCall, RolloutVerb, SyncCall};
use super::objects::{self, CONTROL_NAMESPACE, FIELD_MANAGER};
use super::{Driver, DriverError, Outside, views};
use crate::view::{ApprovalView, DiffView, HistoryView, ImageView, ListView, OperationView, RolloutView};

/// The longest name of a person that is recorded.
const LONGEST_NAME: usize = 100;

impl<O: Outside> Driver<O> {
    /// Answers one call.
    ///
    /// A replica that does not act shows what it sees, and refuses to change anything.
    pub async fn answer(&mut self, call: Call) {
        match call {
            Call::Applications(reply) => send(reply, self.application_views().await.map(ListView::new)),
            Call::Diff(name, reply) => send(reply, self.diff(&name).await),
            Call::Sync(call, reply) => send(reply, self.sync(call).await),
            Call::Approve(call, reply) => send(reply, self.approve(call).await),
            Call::History(name, reply) => send(reply, self.history(&name).await.map(ListView::new)),
            Call::Rollback(call, reply) => send(reply, self.rollback(call).await),
            Call::Rollouts(reply) => send(reply, self.rollout_views().await.map(ListView::new)),
            Call::MoveRollout(call, reply) => send(reply, self.move_rollout(call).await),
            Call::Images(reply) => send(reply, self.image_views().await.map(ListView::new)),
            Call::UpdateImages(dry_run, reply) => {
                let answer = match self.must_lead() {
                    Ok(()) => self.update_images(dry_run).await,
                    Err(error) => Err(error),
                };
                send(reply, answer);
            }
            Call::PushImage(call, reply) => send(reply, self.push_image(call).await),
            Call::Events(after, reply) => send(reply, Ok(ListView::new(self.events.after(after)))),
        }
    }

    /// Refuses where another replica acts.
    fn must_lead(&self) -> Result<(), DriverError> {
        if self.outside.leads() {
            return Ok(());
        }
        Err(DriverError::Refused {
            message: "another replica acts, and this one does not".to_owned(),
            hint: Some("ask the one that holds the Lease `gitopsd`, or try again in a moment"),
        })
    }

    /// What a sync of the head revision would change.
    pub async fn diff(&mut self, name: &str) -> Result<DiffView, DriverError> {
        let (object, app) = objects::application(self.outside.cluster(), name).await?;
        let observed = self.observe(object, app).await?;
        let assessment = self.assess_head(&observed)?;
        let rendered = observed.head_render.as_ref().ok();
        Ok(views::diff(name, &assessment, rendered.map(std::convert::AsRef::as_ref)))
    }

    /// Asks for a sync: of what was approved last where an approval is needed, else of the head revision.
    pub async fn sync(&mut self, call: SyncCall) -> Result<OperationView, DriverError> {
        self.must_lead()?;
        let person = named(&call.initiated_by)?;
        let (object, app) = objects::application(self.outside.cluster(), &call.application).await?;
        let revision = match &call.desired {
            Some(desired) => self.planned_revision(&object, &app, desired).await?,
            None => self.newest_approval(&app).await?.map(|approved| approved.revision).unwrap_or_default(),
        };
        let operation = Operation {
            sync: SyncOperation { revision, prune: call.prune || prunes(&app), ..SyncOperation::default() },
            initiated_by: OperationInitiator { username: person.into(), automated: false },
            ..Operation::default()
        };
        self.begin(&object, &operation).await
    }

    /// The newest approval, where syncs need one.
    async fn newest_approval(&self, app: &Application) -> Result<Option<SyncApprovalSpec>, DriverError> {
        if !gitops_core::engine::needs_approval(app) {
            return Ok(None);
        }
        let approvals = objects::approvals(self.outside.cluster(), &app.metadata.name).await?;
        Ok(approvals.into_iter().map(|approval| approval.spec).max_by_key(|spec| spec.approved_at))
    }

    /// The revision that a sync would apply: it has to want exactly what the plan showed.
    async fn planned_revision(
        &mut self,
        object: &Object,
        app: &Application,
        desired: &str,
    ) -> Result<SmolStr, DriverError> {
        if let Some(approved) = self.newest_approval(app).await? {
            as_planned(&approved.desired, desired)?;
            return Ok(approved.revision);
        }
        let observed = self.observe(object.clone(), app.clone()).await?;
        let assessment = self.assess_head(&observed)?;
        as_planned(&assessment.comparison.desired_hash(), desired)?;
        Ok(assessment.revision)
    }

    /// Writes the operation and lets the engine take it up.
    async fn begin(&mut self, object: &Object, operation: &Operation) -> Result<OperationView, DriverError> {
        let patch = Node::mapping([("operation", operation.to_node())]);
        self.outside.cluster().patch(&object.key, &patch, &WriteOptions::new(FIELD_MANAGER)).await?;
        Box::pin(self.cycle()).await?;
        let (_, app) = objects::application(self.outside.cluster(), &object.key.name).await?;
        let state = app.status.operation_state.as_ref().map(views::operation).ok_or_else(|| {
            DriverError::Outside("the sync was asked for and has not started yet".to_owned())
        })?;
        if app.status.operation_state.is_some_and(|state| state.phase == OperationPhase::Error) {
            return Err(DriverError::Refused { message: state.message, hint: Some("see `gitops diff`") });
        }
        Ok(state)
    }

    /// Records an approval of exactly what the approver has seen.
    pub async fn approve(&mut self, call: ApproveCall) -> Result<ApprovalView, DriverError> {
        self.must_lead()?;
        let approver = named(&call.approver)?;
        let (object, app) = objects::application(self.outside.cluster(), &call.application).await?;
        let observed = self.observe(object.clone(), app.clone()).await?;
        let assessment = self.assess_head(&observed)?;
        let changes = assessment.comparison.changes_hash();
        if changes != call.changes {
            return Err(DriverError::Refused {
                message: "the changes are others by now".to_owned(),
                hint: Some("look at the difference again, and approve what it shows"),
            });
        }
        let desired = assessment.comparison.desired_hash();
        call.desired.as_deref().map_or(Ok(()), |planned| as_planned(&desired, planned))?;
        let spec = SyncApprovalSpec {
            application: app.metadata.name.clone(),
            application_uid: app.metadata.uid.clone(),
            revision: assessment.revision.clone(),
            desired: desired.into(),
            changes: changes.into(),
            approver: approver.into(),
            verified: false,
            approved_at: self.outside.clock().now(),
            message: call.message.chars().take(500).collect(),
        };
        let manifest = Object::new(spec.to_node(CONTROL_NAMESPACE), Location::default());
        match self.outside.cluster().create(&manifest, &WriteOptions::new(FIELD_MANAGER)).await {
            Ok(_) | Err(gitops_ports::cluster::ClusterError::AlreadyExists { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let short: String = spec.revision.chars().take(7).collect();
        let count = assessment
            .comparison
            .objects
            .iter()
            .filter(|object| object.change != sync::Change::Unchanged)
            .count();
        let noun = if count == 1 { "change" } else { "changes" };
        let message = format!("{} approved {count} {noun} at {short} (name not verified)", spec.approver);
        self.note_commit(&app, "SyncApproved", &message);
        if call.sync {
            let operation = Operation {
                sync: SyncOperation {
                    revision: spec.revision.clone(),
                    prune: true,
                    ..SyncOperation::default()
                },
                initiated_by: OperationInitiator { username: spec.approver.clone(), automated: false },
                ..Operation::default()
            };
            self.begin(&object, &operation).await?;
        }
        Ok(views::approval(&spec))
    }

    async fn history(&mut self, name: &str) -> Result<Vec<HistoryView>, DriverError> {
        let (_, app) = objects::application(self.outside.cluster(), name).await?;
        let approvals = objects::approvals(self.outside.cluster(), name).await?;
        Ok(app.status.history.iter().map(|entry| views::history(entry, &approvals)).collect())
    }

    async fn rollback(&mut self, call: RollbackCall) -> Result<OperationView, DriverError> {
        self.must_lead()?;
        let person = named(&call.initiated_by)?;
        let (object, app) = objects::application(self.outside.cluster(), &call.application).await?;
        let previous = app.status.history.iter().rev().nth(1).map(|entry| entry.id);
        let id =
            call.id.or(previous).ok_or_else(|| DriverError::usage("the history holds no earlier sync"))?;
        let operation = sync::rollback(&app.spec, &app.status, id, true, &person)
            .map_err(|error| DriverError::Refused { message: error.to_string(), hint: error.hint() })?;
        match self.begin(&object, &operation).await {
            // What can be approved is the difference to the head: there is no other way back past a gate.
            Err(DriverError::Refused { message, .. }) if gitops_core::engine::needs_approval(&app) => {
                let hint = Some("revert the commit in Git, then approve what `gitops diff` shows");
                Err(DriverError::Refused { message, hint })
            }
            answer => answer,
        }
    }

    async fn move_rollout(&mut self, call: RolloutCall) -> Result<RolloutView, DriverError> {
        self.must_lead()?;
        let person = named(&call.initiated_by)?;
        let (object, rollout) = self.rollout(&call.namespace, &call.name).await?;
        let mut status = rollout.status.clone();
        let word = match call.verb {
            RolloutVerb::Abort => {
                status.control.abort = true;
                "abort"
            }
            RolloutVerb::Retry => {
                status.control.abort = false;
                "retry"
            }
            RolloutVerb::PromoteFull => {
                status.control.promote_full = true;
                "promote --full"
            }
            RolloutVerb::Promote if status.control.pause_conditions.is_empty() => {
                status.revisions.current_step_index =
                    status.revisions.current_step_index.map(|index| index + 1);
                "promote"
            }
            RolloutVerb::Promote => {
                status.control.pause_conditions.clear();
                "promote"
            }
        };
        objects::set_status(self.outside.cluster(), &object, status.to_node()).await?;
        let now = self.outside.clock().now();
        let message = format!("{person} asked for {word} (name not verified)");
        self.events
            .note(gitops_core::decision::Event::normal(object.key.clone(), "RolloutMoved", message), now);
        Box::pin(self.cycle()).await?;
        self.rollout_view(&call.namespace, &call.name).await
    }

    /// Pushes a tag to the embedded registry.
    pub async fn push_image(&mut self, call: PushCall) -> Result<ImageView, DriverError> {
        if !gitops_core::image::edit::is_valid_tag(&call.tag) {
            return Err(DriverError::usage(format!("`{}` is no tag", call.tag)));
        }
        let followed = self.followed().await?;
        let repository = followed.first().map(|followed| followed.repository().to_owned());
        let repository = repository.ok_or_else(|| DriverError::usage("no ImageUpdater follows an image"))?;
        self.outside.push_image(&repository, &call.tag, call.bad)?;
        self.next_scan = self.outside.clock().now();
        let views = self.image_views().await?;
        let pushed = views.into_iter().find(|view| view.repository == repository && view.tag == call.tag);
        pushed.ok_or_else(|| DriverError::Outside("the registry does not show the tag".to_owned()))
    }
}

fn send<T>(reply: super::handle::Reply<T>, answer: Result<T, DriverError>) {
    let answer: Answer<T> = answer.map_err(Into::into);
    // The caller may have gone away; then nobody wants the answer.
    let _ = reply.send(answer);
}

/// A name that can be recorded.
fn named(name: &str) -> Result<String, DriverError> {
    let name = name.trim();
    let valid =
        !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    valid.then(|| name.to_owned()).ok_or_else(|| DriverError::Usage {
        message: "nobody is named".to_owned(),
        hint: Some("say who acts, in at most 100 characters"),
    })
}

/// Refuses what is not what a plan showed.
fn as_planned(desired: &str, planned: &str) -> Result<(), DriverError> {
    if desired == planned {
        return Ok(());
    }
    Err(DriverError::Refused {
        message: "what would be applied is not what the plan shows".to_owned(),
        hint: Some("the revision, or the Application itself, is another by now: make a new plan"),
    })
}

/// Whether the Application prunes by its own policy.
fn prunes(app: &Application) -> bool {
    app.spec.sync_policy.automated.is_some_and(|automated| automated.prune == Some(true))
}
