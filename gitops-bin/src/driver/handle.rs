//! The calls that a running driver answers, and the handle through which they are made.
//!
//! The driver is one task that owns its state; everybody else asks it through this channel, so no lock is
//! needed and every answer is of one moment.

use tokio::sync::{mpsc, oneshot};

use crate::view::{
    ApplicationView, ApprovalView, DiffView, ErrorKind, ErrorView, EventView, HistoryView, ImageUpdateView,
    ImageView, ListView, OperationView, RolloutView,
};

/// How many calls may wait for the driver.
const WAITING_CALLS: usize = 64;

/// What a call answers.
pub type Answer<T> = Result<T, ErrorView>;

/// Where the answer of a call goes.
pub type Reply<T> = oneshot::Sender<Answer<T>>;

/// A call.
#[derive(Debug)]
pub enum Call {
    /// Every Application.
    Applications(Reply<ListView<ApplicationView>>),
    /// What a sync of the named Application would change.
    Diff(String, Reply<DiffView>),
    /// Start a sync.
    Sync(SyncCall, Reply<OperationView>),
    /// Approve exact changes.
    Approve(ApproveCall, Reply<ApprovalView>),
    /// What was synced before.
    History(String, Reply<ListView<HistoryView>>),
    /// Sync an earlier revision.
    Rollback(RollbackCall, Reply<OperationView>),
    /// Every Rollout.
    Rollouts(Reply<ListView<RolloutView>>),
    /// Move a Rollout.
    MoveRollout(RolloutCall, Reply<RolloutView>),
    /// The images of the registries.
    Images(Reply<ListView<ImageView>>),
    /// Commit the tags that the policy chooses; `true` only shows the commit.
    UpdateImages(bool, Reply<ImageUpdateView>),
    /// Push a tag to the embedded registry.
    PushImage(PushCall, Reply<ImageView>),
    /// The events after a sequence number, the oldest first.
    Events(u64, Reply<ListView<EventView>>),
}

/// Arguments of [`Call::Sync`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncCall {
    /// The Application.
    pub application: String,
    /// Delete what is no longer in Git, whatever the Application says.
    pub prune: bool,
    /// SHA-256 of the desired objects that a plan showed; the sync is refused when they are others.
    pub desired: Option<String>,
    /// Who asks.
    pub initiated_by: String,
}

/// Arguments of [`Call::Approve`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproveCall {
    /// The Application.
    pub application: String,
    /// SHA-256 of the changes that were seen.
    pub changes: String,
    /// SHA-256 of the desired objects that a plan showed; the approval is refused when they are others.
    pub desired: Option<String>,
    /// Who approves.
    pub approver: String,
    /// Why.
    pub message: String,
    /// Start the sync at once.
    pub sync: bool,
}

/// Arguments of [`Call::Rollback`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackCall {
    /// The Application.
    pub application: String,
    /// The entry of its history; the one before the newest when left out.
    pub id: Option<i64>,
    /// Who asks.
    pub initiated_by: String,
}

/// Arguments of [`Call::MoveRollout`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutCall {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What to do.
    pub verb: RolloutVerb,
    /// Who asks.
    pub initiated_by: String,
}

/// What can be asked of a Rollout, by the verbs of the Argo Rollouts plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RolloutVerb {
    /// Go on from a pause.
    Promote,
    /// Skip all steps and analysis.
    PromoteFull,
    /// Send all traffic back to the stable version.
    Abort,
    /// Try an aborted update again.
    Retry,
}

impl RolloutVerb {
    /// Reads a verb as it stands in a URL.
    pub fn parse(text: &str) -> Option<Self> {
        const VERBS: [(&str, RolloutVerb); 4] = [
            ("promote", RolloutVerb::Promote),
            ("promote-full", RolloutVerb::PromoteFull),
            ("abort", RolloutVerb::Abort),
            ("retry", RolloutVerb::Retry),
        ];
        VERBS.iter().find(|(name, _)| *name == text).map(|(_, verb)| *verb)
    }
}

/// Arguments of [`Call::PushImage`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushCall {
    /// The tag.
    pub tag: String,
    /// Whether the image serves badly.
    pub bad: bool,
}

/// The way to a running driver; clones reach the same one.
#[derive(Debug, Clone)]
pub struct Handle {
    calls: mpsc::Sender<Call>,
}

impl Handle {
    /// A handle, and the end at which the driver takes the calls.
    pub fn new() -> (Self, mpsc::Receiver<Call>) {
        let (calls, receiver) = mpsc::channel(WAITING_CALLS);
        (Self { calls }, receiver)
    }

    /// Makes a call and waits for its answer: `handle.ask(Call::Applications).await`.
    pub async fn ask<T>(&self, call: impl FnOnce(Reply<T>) -> Call) -> Answer<T> {
        let (reply, answer) = oneshot::channel();
        self.calls.send(call(reply)).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

fn stopped() -> ErrorView {
    ErrorView { kind: ErrorKind::Outside, message: "the engine has stopped".to_owned(), hint: None }
}
