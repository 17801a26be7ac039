//! One Application as a whole: admission, comparison, the production gate, syncs, health and history, composed
//! into decisions.
//!
//! Never talks to Git or to a cluster: what was rendered and what was observed are handed in.

mod assessment;
mod gate;
mod operation;
mod orphans;
mod status;

use std::collections::BTreeMap;
use std::time::Duration;

use smol_str::SmolStr;

use crate::api::app_project::AppProject;
use crate::api::application::{Application, ApplicationStatus, OperationPhase};
use crate::api::sync_approval::SyncApproval;
use crate::decision::{Decision, Event};
use crate::kind::Schemas;
use crate::object::{Object, ObjectKey};
use crate::sync::{self, DryRunReport, LiveState, Outcome, Predictions, SyncAction, TaskId};
use crate::time::Timestamp;

pub use assessment::{AssessError, Assessment, assess};
pub use gate::{GateRefusal, approvable, check_gate, check_restoration, needs_approval};

/// The rendered objects of one revision.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The revision: a full commit id.
    pub revision: &'a str,
    /// The objects as they were rendered.
    pub objects: &'a [Object],
}

/// What is seen of an Application's surroundings: everything, not what changed.
#[derive(Clone, Debug)]
pub struct ApplicationSeen<'a> {
    /// Its project; `None` where there is none of that name.
    pub project: Option<&'a AppProject>,
    /// The render of the revision that the source names, or why there is none.
    pub head: Result<Target<'a>, String>,
    /// The render of the revision that the operation in progress names, where it is another.
    pub operation_target: Option<Result<Target<'a>, String>>,
    /// The objects of the destination namespace, and all others that the Application tracks.
    pub live: &'a LiveState,
    /// What is known about kinds.
    pub schemas: &'a Schemas,
    /// What dry runs said of objects that differed although they were applied.
    pub predictions: &'a Predictions,
    /// How long a sync may take; for ever where there is none.
    pub sync_timeout: Option<Duration>,
    /// The approvals of the Application.
    pub approvals: &'a [SyncApproval],
    /// How the actions of the operation in progress went.
    pub outcomes: &'a BTreeMap<TaskId, Outcome>,
    /// What its dry run found, once it was made.
    pub dry_run: Option<&'a DryRunReport>,
}

/// What the driver does for an Application, in order.
#[derive(Clone, Debug)]
pub enum ApplicationAction {
    /// Write the status.
    SetStatus(Box<ApplicationStatus>),
    /// Remove `operation` from the Application: it was taken up, and stands in the status.
    TakeOperation,
    /// An action of the sync in progress.
    Sync(SyncAction),
    /// Ask the API server by a dry run what an apply of each would make; the answers go into
    /// [`ApplicationSeen::predictions`].
    Predict(Vec<Object>),
}

/// What a pass has to do, first match wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The Application, its project or its source is not valid: say so, touch nothing.
    Invalid,
    /// An operation runs: carry it on.
    Operate,
    /// An operation was asked for: check the gate and take it up.
    Begin,
    /// Nothing runs: decide whether a sync starts by itself.
    Settle,
}

/// One pass over an Application.
///
/// The driver carries the actions out in order, observes again and calls again, until there are none. At
/// `wake_at` it calls even if nothing changed.
pub fn reconcile(
    app: &Application,
    seen: &ApplicationSeen<'_>,
    now: Timestamp,
) -> Decision<ApplicationStatus, ApplicationAction> {
    let assessment = assessment::admit(app, seen)
        .and_then(|()| seen.head.clone().map_err(AssessError::Render))
        .and_then(|target| assess(app, target, seen));
    let mut pass = Pass { app, seen, now, decision: Decision::settled(app.status.clone()) };
    let stage = pass.stage(&assessment);
    match (stage, &assessment) {
        (Stage::Invalid, assessed) => pass.note_invalid(assessed.as_ref().err()),
        (_, Err(error)) => pass.note_invalid(Some(error)),
        (Stage::Operate, Ok(assessment)) => {
            pass.note_comparison(assessment);
            pass.operate(assessment);
        }
        (Stage::Begin, Ok(assessment)) => {
            pass.note_comparison(assessment);
            pass.begin(assessment);
        }
        (Stage::Settle, Ok(assessment)) => {
            let unpredicted = pass.unpredicted(assessment);
            if unpredicted.is_empty() {
                pass.note_comparison(assessment);
                pass.settle(assessment);
            } else {
                pass.decision.actions.push(ApplicationAction::Predict(unpredicted));
            }
        }
    }
    pass.decide()
}

struct Pass<'a> {
    app: &'a Application,
    seen: &'a ApplicationSeen<'a>,
    now: Timestamp,
    decision: Decision<ApplicationStatus, ApplicationAction>,
}

impl Pass<'_> {
    fn stage(&self, assessment: &Result<Assessment, AssessError>) -> Stage {
        let running =
            self.app.status.operation_state.as_ref().is_some_and(|state| !state.phase.is_completed());
        match assessment {
            Err(_) => Stage::Invalid,
            Ok(_) if running => Stage::Operate,
            Ok(_) if self.app.operation.is_some() => Stage::Begin,
            Ok(_) => Stage::Settle,
        }
    }

    /// The objects that differ although this very revision was applied, and of which nobody has asked yet whether
    /// another apply would change that.
    fn unpredicted(&self, assessment: &Assessment) -> Vec<Object> {
        let state = self.app.status.operation_state.as_ref();
        let applied = state.filter(|state| succeeded(state.phase)).and_then(|state| {
            let result = state.sync_result.as_ref()?;
            Some(result.revision == assessment.revision)
        });
        if applied != Some(true) {
            return vec![];
        }
        let asked = |object: &sync::ObjectComparison| {
            let (Some(desired), Some(live)) = (&object.desired, &object.live) else { return None };
            let differs = matches!(object.change, sync::Change::Update(_));
            (differs && self.seen.predictions.get(desired, live).is_none()).then(|| desired.clone())
        };
        assessment.comparison.objects.iter().filter_map(asked).collect()
    }

    fn key(&self) -> ObjectKey {
        let metadata = &self.app.metadata;
        ObjectKey::new("argoproj.io", "Application", metadata.namespace.clone(), metadata.name.clone())
    }

    fn normal(&mut self, reason: &'static str, message: impl Into<String>) {
        let event = Event::normal(self.key(), reason, message);
        self.decision.events.push(event);
    }

    fn warning(&mut self, reason: &'static str, message: impl Into<String>) {
        let event = Event::warning(self.key(), reason, message);
        self.decision.events.push(event);
    }

    /// The decision, with the status written first where it changed.
    fn decide(mut self) -> Decision<ApplicationStatus, ApplicationAction> {
        if self.decision.next != self.app.status {
            let status = Box::new(self.decision.next.clone());
            self.decision.actions.insert(0, ApplicationAction::SetStatus(status));
        }
        self.decision
    }
}

/// Whether an operation in this phase has ended well.
fn succeeded(phase: OperationPhase) -> bool {
    phase == OperationPhase::Succeeded
}

/// Who an operation is by, in one word.
fn initiator(by: &crate::api::application::OperationInitiator) -> SmolStr {
    if by.automated { "automated".into() } else { by.username.clone() }
}

#[cfg(test)]
mod tests;
