//! What was observed of an application and how its last sync went, in Argo CD's shape.

use smol_str::SmolStr;

use super::super::ApiError;
use super::super::app_project::Destination;
use super::super::reader::Reader;
use super::{ApplicationSource, Fields, Operation, OperationInitiator};
use crate::health::HealthStatus;
use crate::object::ObjectKey;
use crate::time::Timestamp;
use crate::yaml::Node;

/// Declares an enumeration with the words that Argo CD writes for it.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every value with its word.
            pub const WORDS: &'static [(&'static str, Self)] = &[$((stringify!($variant), Self::$variant)),+];

            /// The word that Argo CD writes.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// Whether the cluster holds what is wanted.
    SyncStatusCode {
        /// It was not found out.
        Unknown,
        /// It does.
        Synced,
        /// It does not.
        OutOfSync,
    }
}

words! {
    /// How far an operation, a hook or an object of a sync is.
    OperationPhase {
        /// It is under way.
        Running,
        /// It is being stopped.
        Terminating,
        /// What it did failed.
        Failed,
        /// It could not be done.
        Error,
        /// It is done.
        Succeeded,
    }
}

impl OperationPhase {
    /// Whether nothing more will happen.
    pub fn is_completed(self) -> bool {
        match self {
            Self::Failed | Self::Error | Self::Succeeded => true,
            Self::Running | Self::Terminating => false,
        }
    }

    /// Whether it ended badly.
    pub fn is_failed(self) -> bool {
        match self {
            Self::Failed | Self::Error => true,
            Self::Running | Self::Terminating | Self::Succeeded => false,
        }
    }
}

words! {
    /// A phase of a sync, in the order in which they run.
    SyncPhase {
        /// Before the objects are applied.
        PreSync,
        /// The objects.
        Sync,
        /// After the objects are healthy.
        PostSync,
        /// After the sync failed.
        SyncFail,
    }
}

words! {
    /// What became of one object of a sync.
    ResultCode {
        /// It was applied.
        Synced,
        /// It could not be applied or deleted.
        SyncFailed,
        /// It was deleted.
        Pruned,
        /// It should be deleted and was not.
        PruneSkipped,
    }
}

/// `status` of an `Application`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ApplicationStatus {
    /// Whether it is synced.
    pub sync: Option<SyncRecord>,
    /// How it does.
    pub health: Option<HealthRecord>,
    /// Its objects.
    pub resources: Vec<ResourceStatus>,
    /// What is wrong with it.
    pub conditions: Vec<Condition>,
    /// How its last operation went.
    pub operation_state: Option<OperationState>,
    /// Its last full syncs, oldest first.
    pub history: Vec<RevisionHistory>,
    /// When it was last compared.
    pub reconciled_at: Option<Timestamp>,
    /// `Kustomize`, `Directory` and so on.
    pub source_type: SmolStr,
    /// The images that its objects run.
    pub images: Vec<SmolStr>,
    /// The URLs under which its objects are reached.
    pub external_urls: Vec<SmolStr>,
    /// Which controller wrote it.
    pub controller_namespace: SmolStr,
}

/// `status.sync`.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncRecord {
    /// Whether the cluster holds what is wanted.
    pub status: SyncStatusCode,
    /// The commit that was compared; empty with several sources.
    pub revision: SmolStr,
    /// The commits, where the application has several sources.
    pub revisions: Vec<SmolStr>,
    /// What was compared.
    pub compared_to: Option<ComparedTo>,
}

/// What the cluster was compared to.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ComparedTo {
    /// The sources.
    pub sources: Vec<ApplicationSource>,
    /// Whether they were written as `sources`.
    pub has_multiple_sources: bool,
    /// The destination.
    pub destination: Destination,
}

/// `status.health`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthRecord {
    /// How it does.
    pub status: HealthStatus,
    /// Why.
    pub message: SmolStr,
    /// Since when.
    pub last_transition_time: Option<Timestamp>,
}

/// One item of `status.resources`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ResourceStatus {
    /// Which object.
    pub key: ObjectKey,
    /// Its API version.
    pub version: SmolStr,
    /// Whether it is synced; absent for a hook.
    pub status: Option<SyncStatusCode>,
    /// How it does; absent for a kind without health.
    pub health: Option<HealthStatus>,
    /// Why it does so.
    pub health_message: SmolStr,
    /// Whether it is a hook.
    pub hook: bool,
    /// Whether it left the source and would be deleted.
    pub requires_pruning: bool,
    /// Whether deleting it needs a confirmation.
    pub requires_deletion_confirmation: bool,
    /// Its sync wave.
    pub sync_wave: i64,
}

/// One item of `status.conditions`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Condition {
    /// `ComparisonError`, `SyncError` and so on.
    pub condition_type: SmolStr,
    /// What is wrong.
    pub message: String,
    /// Since when.
    pub last_transition_time: Option<Timestamp>,
}

/// `status.operationState`: a sync, under way or done.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationState {
    /// What was asked for.
    pub operation: Operation,
    /// How far it is.
    pub phase: OperationPhase,
    /// Where it stands, for people.
    pub message: String,
    /// What it did so far.
    pub sync_result: Option<SyncResult>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, or the last try of it.
    pub finished_at: Option<Timestamp>,
    /// How often it was tried again.
    pub retry_count: i64,
}

/// `status.operationState.syncResult`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SyncResult {
    /// The commit that is synced; empty with several sources.
    pub revision: SmolStr,
    /// The commits, where the application has several sources.
    pub revisions: Vec<SmolStr>,
    /// The sources.
    pub sources: Vec<ApplicationSource>,
    /// What became of each object.
    pub resources: Vec<ResourceResult>,
}

/// What became of one object of a sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceResult {
    /// Which object.
    pub key: ObjectKey,
    /// Its API version.
    pub version: SmolStr,
    /// What became of it; absent while nothing did.
    pub status: Option<ResultCode>,
    /// What the API server said.
    pub message: String,
    /// The hook type, where it is a hook.
    pub hook_type: SmolStr,
    /// How far it is.
    pub hook_phase: OperationPhase,
    /// The phase in which it was handled.
    pub sync_phase: SyncPhase,
    /// The images that it runs.
    pub images: Vec<SmolStr>,
}

/// One item of `status.history`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RevisionHistory {
    /// Its number, counted up without end.
    pub id: i64,
    /// The commit that was synced; empty with several sources.
    pub revision: SmolStr,
    /// The commits, where the application has several sources.
    pub revisions: Vec<SmolStr>,
    /// The sources.
    pub sources: Vec<ApplicationSource>,
    /// When the sync began.
    pub deploy_started_at: Option<Timestamp>,
    /// When the sync ended.
    pub deployed_at: Timestamp,
    /// Who asked for it.
    pub initiated_by: OperationInitiator,
}

impl ApplicationStatus {
    pub(super) fn read(status: &Reader<'_>) -> Result<Self, ApiError> {
        let (sync, health) = (status.field("sync")?, status.field("health")?);
        let (operation, summary) = (status.field("operationState")?, status.field("summary")?);
        Ok(Self {
            sync: if sync.is_set() { Some(SyncRecord::read(&sync)?) } else { None },
            health: HealthRecord::read(&health)?,
            resources: status.field("resources")?.each(ResourceStatus::read)?.unwrap_or_default(),
            conditions: status.field("conditions")?.each(Condition::read)?.unwrap_or_default(),
            operation_state: if operation.is_set() { Some(OperationState::read(&operation)?) } else { None },
            history: status.field("history")?.each(RevisionHistory::read)?.unwrap_or_default(),
            reconciled_at: status.field("reconciledAt")?.time()?,
            source_type: status.field("sourceType")?.text_or_empty()?,
            images: summary.field("images")?.texts()?,
            external_urls: summary.field("externalURLs")?.texts()?,
            controller_namespace: status.field("controllerNamespace")?.text_or_empty()?,
        })
    }

    /// The status as it is written to the API server.
    pub fn to_node(&self) -> Node {
        let summary = Fields::default()
            .texts("externalURLs", &self.external_urls)
            .texts("images", &self.images)
            .into_node();
        Fields::default()
            .list("conditions", self.conditions.iter().map(Condition::to_node).collect())
            .text("controllerNamespace", &self.controller_namespace)
            .some("health", self.health.as_ref().map(HealthRecord::to_node))
            .list("history", self.history.iter().map(RevisionHistory::to_node).collect())
            .some("operationState", self.operation_state.as_ref().map(OperationState::to_node))
            .time("reconciledAt", self.reconciled_at)
            .list("resources", self.resources.iter().map(ResourceStatus::to_node).collect())
            .text("sourceType", &self.source_type)
            .always("summary", summary)
            .some("sync", self.sync.as_ref().map(SyncRecord::to_node))
            .into_node()
    }

    /// Reads the `status` alone, as a node that stands at `at`.
    pub fn from_node(status: &Node, at: &crate::diagnostic::Location) -> Result<Self, ApiError> {
        Self::read(&Reader::new(status, at))
    }
}

/// `source` or `sources` of a record.
fn read_sources(record: &Reader<'_>) -> Result<(Vec<ApplicationSource>, bool), ApiError> {
    let several = record.field("sources")?.each(ApplicationSource::read)?.unwrap_or_default();
    if !several.is_empty() {
        return Ok((several, true));
    }
    // A record of several sources writes an empty `source`, which names no repository.
    let source = record.field("source")?;
    let one = source.is_set() && source.field("repoURL")?.text()?.is_some_and(|url| !url.is_empty());
    Ok((if one { vec![ApplicationSource::read(&source)?] } else { vec![] }, false))
}

fn put_sources(fields: Fields, sources: &[ApplicationSource], several: bool) -> Fields {
    match sources {
        [source] if !several => fields.always("source", source.to_node()),
        sources => fields.list("sources", sources.iter().map(ApplicationSource::to_node).collect()),
    }
}

impl SyncRecord {
    fn read(sync: &Reader<'_>) -> Result<Self, ApiError> {
        let compared = sync.field("comparedTo")?;
        let (sources, has_multiple_sources) = read_sources(&compared)?;
        let destination = Destination::read(&compared.field("destination")?)?;
        Ok(Self {
            status: sync.field("status")?.choice(SyncStatusCode::WORDS)?.unwrap_or(SyncStatusCode::Unknown),
            revision: sync.field("revision")?.text_or_empty()?,
            revisions: sync.field("revisions")?.texts()?,
            compared_to: compared.is_set().then_some(ComparedTo {
                sources,
                has_multiple_sources,
                destination,
            }),
        })
    }

    fn to_node(&self) -> Node {
        let compared = self.compared_to.as_ref().map(|compared| {
            let destination = Fields::default()
                .text("server", &compared.destination.server)
                .text("name", &compared.destination.name)
                .text("namespace", &compared.destination.namespace);
            let fields = Fields::default().always("destination", destination.into_node());
            put_sources(fields, &compared.sources, compared.has_multiple_sources).into_node()
        });
        Fields::default()
            .always("status", Node::string(self.status.as_str()))
            .some("comparedTo", compared)
            .text("revision", &self.revision)
            .texts("revisions", &self.revisions)
            .into_node()
    }
}

fn health_word(field: &Reader<'_>) -> Result<Option<HealthStatus>, ApiError> {
    match field.text()?.filter(|word| !word.is_empty()) {
        None => Ok(None),
        Some(word) => HealthStatus::from_word(&word)
            .map(Some)
            .ok_or_else(|| field.value_error(format!("`{word}` is not a health status"))),
    }
}

impl HealthRecord {
    fn read(health: &Reader<'_>) -> Result<Option<Self>, ApiError> {
        let (message, time) =
            (health.field("message")?.text_or_empty()?, health.field("lastTransitionTime")?);
        let last_transition_time = time.time()?;
        Ok(health_word(&health.field("status")?)?.map(|status| Self {
            status,
            message,
            last_transition_time,
        }))
    }

    fn to_node(&self) -> Node {
        Fields::default()
            .always("status", Node::string(self.status.as_str()))
            .text("message", &self.message)
            .time("lastTransitionTime", self.last_transition_time)
            .into_node()
    }
}

fn read_key(item: &Reader<'_>) -> Result<ObjectKey, ApiError> {
    Ok(ObjectKey {
        group: item.field("group")?.text_or_empty()?,
        kind: item.field("kind")?.text_or_empty()?,
        namespace: item.field("namespace")?.text_or_empty()?,
        name: item.field("name")?.text_or_empty()?,
    })
}

fn put_key(key: &ObjectKey, version: &str) -> Fields {
    Fields::default()
        .text("group", &key.group)
        .text("version", version)
        .text("kind", &key.kind)
        .text("namespace", &key.namespace)
        .text("name", &key.name)
}

impl ResourceStatus {
    fn read(item: &Reader<'_>) -> Result<Self, ApiError> {
        let health = item.field("health")?;
        Ok(Self {
            key: read_key(item)?,
            version: item.field("version")?.text_or_empty()?,
            status: item.field("status")?.choice(SyncStatusCode::WORDS)?,
            health: health_word(&health.field("status")?)?,
            health_message: health.field("message")?.text_or_empty()?,
            hook: item.field("hook")?.flag()?,
            requires_pruning: item.field("requiresPruning")?.flag()?,
            requires_deletion_confirmation: item.field("requiresDeletionConfirmation")?.flag()?,
            sync_wave: item.field("syncWave")?.integer()?.unwrap_or_default(),
        })
    }

    fn to_node(&self) -> Node {
        let health = self.health.map(|status| {
            Fields::default()
                .always("status", Node::string(status.as_str()))
                .text("message", &self.health_message)
                .into_node()
        });
        put_key(&self.key, &self.version)
            .text("status", self.status.map_or("", SyncStatusCode::as_str))
            .some("health", health)
            .flag("hook", self.hook)
            .flag("requiresPruning", self.requires_pruning)
            .flag("requiresDeletionConfirmation", self.requires_deletion_confirmation)
            .integer("syncWave", self.sync_wave)
            .into_node()
    }
}

impl Condition {
    fn read(item: &Reader<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            condition_type: item.field("type")?.text_or_empty()?,
            message: item.field("message")?.text_or_empty()?.into(),
            last_transition_time: item.field("lastTransitionTime")?.time()?,
        })
    }

    fn to_node(&self) -> Node {
        Fields::default()
            .text("type", &self.condition_type)
            .always("message", Node::string(self.message.as_str()))
            .time("lastTransitionTime", self.last_transition_time)
            .into_node()
    }
}

impl OperationState {
    fn read(state: &Reader<'_>) -> Result<Self, ApiError> {
        let result = state.field("syncResult")?;
        let started = state.field("startedAt")?;
        Ok(Self {
            operation: Operation::read(&state.field("operation")?)?,
            phase: state.field("phase")?.choice(OperationPhase::WORDS)?.unwrap_or(OperationPhase::Running),
            message: state.field("message")?.text_or_empty()?.into(),
            sync_result: if result.is_set() { Some(SyncResult::read(&result)?) } else { None },
            started_at: started.time()?.ok_or_else(|| started.missing())?,
            finished_at: state.field("finishedAt")?.time()?,
            retry_count: state.field("retryCount")?.integer()?.unwrap_or_default(),
        })
    }

    fn to_node(&self) -> Node {
        Fields::default()
            .always("operation", self.operation.to_node())
            .always("phase", Node::string(self.phase.as_str()))
            .text("message", &self.message)
            .some("syncResult", self.sync_result.as_ref().map(SyncResult::to_node))
            .time("startedAt", Some(self.started_at))
            .time("finishedAt", self.finished_at)
            .integer("retryCount", self.retry_count)
            .into_node()
    }
}

impl SyncResult {
    fn read(result: &Reader<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            revision: result.field("revision")?.text_or_empty()?,
            revisions: result.field("revisions")?.texts()?,
            sources: read_sources(result)?.0,
            resources: result.field("resources")?.each(ResourceResult::read)?.unwrap_or_default(),
        })
    }

    fn to_node(&self) -> Node {
        let fields = Fields::default()
            .always("revision", Node::string(self.revision.clone()))
            .texts("revisions", &self.revisions)
            .list("resources", self.resources.iter().map(ResourceResult::to_node).collect());
        put_sources(fields, &self.sources, !self.revisions.is_empty()).into_node()
    }
}

impl ResourceResult {
    fn read(item: &Reader<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            key: read_key(item)?,
            version: item.field("version")?.text_or_empty()?,
            status: item.field("status")?.choice(ResultCode::WORDS)?,
            message: item.field("message")?.text_or_empty()?.into(),
            hook_type: item.field("hookType")?.text_or_empty()?,
            hook_phase: item
                .field("hookPhase")?
                .choice(OperationPhase::WORDS)?
                .unwrap_or(OperationPhase::Running),
            sync_phase: item.field("syncPhase")?.choice(SyncPhase::WORDS)?.unwrap_or(SyncPhase::Sync),
            images: item.field("images")?.texts()?,
        })
    }

    fn to_node(&self) -> Node {
        put_key(&self.key, &self.version)
            .text("status", self.status.map_or("", ResultCode::as_str))
            .text("message", &self.message)
            .text("hookType", &self.hook_type)
            .always("hookPhase", Node::string(self.hook_phase.as_str()))
            .always("syncPhase", Node::string(self.sync_phase.as_str()))
            .texts("images", &self.images)
            .into_node()
    }
}

impl RevisionHistory {
    fn read(item: &Reader<'_>) -> Result<Self, ApiError> {
        let (deployed, by) = (item.field("deployedAt")?, item.field("initiatedBy")?);
        Ok(Self {
            id: item.field("id")?.integer()?.unwrap_or_default(),
            revision: item.field("revision")?.text_or_empty()?,
            revisions: item.field("revisions")?.texts()?,
            sources: read_sources(item)?.0,
            deploy_started_at: item.field("deployStartedAt")?.time()?,
            deployed_at: deployed.time()?.ok_or_else(|| deployed.missing())?,
            initiated_by: OperationInitiator {
                username: by.field("username")?.text_or_empty()?,
                automated: by.field("automated")?.flag()?,
            },
        })
    }

    fn to_node(&self) -> Node {
        let by = Fields::default()
            .text("username", &self.initiated_by.username)
            .flag("automated", self.initiated_by.automated);
        let fields = Fields::default()
            .time("deployStartedAt", self.deploy_started_at)
            .time("deployedAt", Some(self.deployed_at))
            .always("id", Node::integer(self.id))
            .always("initiatedBy", by.into_node())
            .always("revision", Node::string(self.revision.clone()))
            .texts("revisions", &self.revisions);
        put_sources(fields, &self.sources, !self.revisions.is_empty()).into_node()
    }
}
