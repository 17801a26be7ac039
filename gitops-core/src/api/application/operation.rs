//! How an application is synced, and a sync that was asked for.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::super::ApiError;
use super::super::reader::Reader;
use super::{ApplicationSource, Fields};
use crate::object::ObjectKey;
use crate::yaml::Node;

/// `spec.syncPolicy`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SyncPolicy {
    /// How it is synced without anyone asking; absent means not at all.
    pub automated: Option<Automated>,
    /// Options of every sync (`CreateNamespace=true`).
    pub sync_options: Vec<SmolStr>,
    /// How a failed sync is tried again.
    pub retry: Option<RetryStrategy>,
    /// Metadata of the namespace that `CreateNamespace=true` makes.
    pub managed_namespace_metadata: Option<ManagedNamespaceMetadata>,
}

/// `spec.syncPolicy.automated`: an absent field states no opinion, and counts as false (`enabled`: as true).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Automated {
    /// Whether objects that left the source are deleted.
    pub prune: Option<bool>,
    /// Whether drift in the cluster is undone.
    pub self_heal: Option<bool>,
    /// Whether a sync may delete every object.
    pub allow_empty: Option<bool>,
    /// Whether it is on.
    pub enabled: Option<bool>,
}

impl Automated {
    /// Whether it is on: present and not disabled.
    pub fn is_enabled(&self) -> bool {
        self.enabled != Some(false)
    }

    /// Reads `automated` as a node that stands at `at`.
    pub fn from_node(node: &Node, at: &crate::diagnostic::Location) -> Result<Self, ApiError> {
        Self::read(&Reader::new(node, at))
    }

    fn read(automated: &Reader<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            prune: automated.field("prune")?.boolean()?,
            self_heal: automated.field("selfHeal")?.boolean()?,
            allow_empty: automated.field("allowEmpty")?.boolean()?,
            enabled: automated.field("enabled")?.boolean()?,
        })
    }
}

/// How a failed sync is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RetryStrategy {
    /// How often: 0 never, below 0 without end.
    pub limit: i64,
    /// Whether a retry takes the newest revision.
    pub refresh: bool,
    /// How long to wait in between.
    pub backoff: Option<Backoff>,
}

/// How long to wait between tries. Texts are as written.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Backoff {
    /// The first wait; empty means 5 s, a bare number counts seconds.
    pub duration: SmolStr,
    /// What each wait is multiplied by; absent means 2.
    pub factor: Option<i64>,
    /// The longest wait; empty means 3 m.
    pub max_duration: SmolStr,
}

impl RetryStrategy {
    /// Reads `retry` as a node that stands at `at`.
    pub fn from_node(node: &Node, at: &crate::diagnostic::Location) -> Result<Self, ApiError> {
        Self::read(&Reader::new(node, at))
    }

    fn read(retry: &Reader<'_>) -> Result<Self, ApiError> {
        let backoff = retry.field("backoff")?;
        Ok(Self {
            limit: retry.field("limit")?.integer()?.unwrap_or_default(),
            refresh: retry.field("refresh")?.flag()?,
            backoff: if backoff.is_set() {
                Some(Backoff {
                    duration: backoff.field("duration")?.text_or_empty()?,
                    factor: backoff.field("factor")?.integer()?,
                    max_duration: backoff.field("maxDuration")?.text_or_empty()?,
                })
            } else {
                None
            },
        })
    }

    fn to_node(&self) -> Node {
        let backoff = self.backoff.as_ref().map(|backoff| {
            Fields::default()
                .text("duration", &backoff.duration)
                .some("factor", backoff.factor.map(Node::integer))
                .text("maxDuration", &backoff.max_duration)
                .into_node()
        });
        Fields::default()
            .integer("limit", self.limit)
            .flag("refresh", self.refresh)
            .some("backoff", backoff)
            .into_node()
    }
}

/// Labels and annotations of the namespace that a sync makes.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ManagedNamespaceMetadata {
    /// Labels.
    pub labels: BTreeMap<SmolStr, SmolStr>,
    /// Annotations.
    pub annotations: BTreeMap<SmolStr, SmolStr>,
}

impl SyncPolicy {
    pub(super) fn read(policy: &Reader<'_>) -> Result<Self, ApiError> {
        let (automated, retry) = (policy.field("automated")?, policy.field("retry")?);
        let metadata = policy.field("managedNamespaceMetadata")?;
        Ok(Self {
            automated: if automated.is_set() { Some(Automated::read(&automated)?) } else { None },
            sync_options: policy.field("syncOptions")?.texts()?,
            retry: if retry.is_set() { Some(RetryStrategy::read(&retry)?) } else { None },
            managed_namespace_metadata: if metadata.is_set() {
                Some(ManagedNamespaceMetadata {
                    labels: metadata.field("labels")?.text_map()?,
                    annotations: metadata.field("annotations")?.text_map()?,
                })
            } else {
                None
            },
        })
    }
}

/// A sync that was asked for.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Operation {
    /// What to sync.
    pub sync: SyncOperation,
    /// Who asked.
    pub initiated_by: OperationInitiator,
    /// How it is tried again.
    pub retry: RetryStrategy,
    /// Facts for people.
    pub info: Vec<(SmolStr, SmolStr)>,
}

/// What to sync.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SyncOperation {
    /// The revision; empty means the newest of the source.
    pub revision: SmolStr,
    /// The revisions, where the application has several sources.
    pub revisions: Vec<SmolStr>,
    /// Whether objects that left the source are deleted.
    pub prune: bool,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// The objects to sync; `None` means all of them.
    pub resources: Option<Vec<OperationResource>>,
    /// Options of this sync, besides those of the application.
    pub sync_options: Vec<SmolStr>,
    /// Whether hooks run.
    pub strategy: SyncStrategy,
    /// Whether objects are replaced by force.
    pub force: bool,
    /// The sources to sync instead of the application's own, as a rollback names them.
    pub sources: Vec<ApplicationSource>,
    /// How often drift was undone at this revision.
    pub self_heal_attempts: i64,
}

/// Whether hooks run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SyncStrategy {
    /// Hooks run: what a sync does unless it is told otherwise.
    #[default]
    Hook,
    /// Hooks are passed over.
    Apply,
}

/// One object to sync.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct OperationResource {
    /// API group; empty for the core group.
    pub group: SmolStr,
    /// Kind.
    pub kind: SmolStr,
    /// Namespace; empty for the application's own.
    pub namespace: SmolStr,
    /// Name.
    pub name: SmolStr,
}

/// Who asked for a sync.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct OperationInitiator {
    /// The user; empty for the controller.
    pub username: SmolStr,
    /// Whether the controller itself asked.
    pub automated: bool,
}

impl Operation {
    pub(super) fn read(operation: &Reader<'_>) -> Result<Self, ApiError> {
        let by = operation.field("initiatedBy")?;
        Ok(Self {
            sync: SyncOperation::read(&operation.field("sync")?)?,
            initiated_by: OperationInitiator {
                username: by.field("username")?.text_or_empty()?,
                automated: by.field("automated")?.flag()?,
            },
            retry: RetryStrategy::read(&operation.field("retry")?)?,
            info: operation.field("info")?.each(super::name_and_value)?.unwrap_or_default(),
        })
    }

    /// The operation as the status writes it.
    pub fn to_node(&self) -> Node {
        let by = Fields::default()
            .text("username", &self.initiated_by.username)
            .flag("automated", self.initiated_by.automated);
        let info = self
            .info
            .iter()
            .map(|(name, value)| Fields::default().text("name", name).text("value", value).into_node())
            .collect();
        Fields::default()
            .always("sync", self.sync.to_node())
            .always("initiatedBy", by.into_node())
            .always("retry", self.retry.to_node())
            .list("info", info)
            .into_node()
    }
}

impl SyncOperation {
    /// Whether only some objects are synced.
    pub fn is_selective(&self) -> bool {
        self.resources.is_some()
    }

    /// Whether the object is among those to sync.
    pub fn selects(&self, key: &ObjectKey) -> bool {
        self.resources.as_ref().is_none_or(|resources| {
            resources.iter().any(|resource| {
                resource.group == key.group
                    && resource.kind == key.kind
                    && resource.name == key.name
                    && (resource.namespace.is_empty() || resource.namespace == key.namespace)
            })
        })
    }

    fn read(sync: &Reader<'_>) -> Result<Self, ApiError> {
        let strategy = sync.field("syncStrategy")?;
        let (apply, hook) = (strategy.field("apply")?, strategy.field("hook")?);
        let source = sync.field("source")?;
        let mut sources = sync.field("sources")?.each(ApplicationSource::read)?.unwrap_or_default();
        if sources.is_empty() && source.is_set() {
            sources.push(ApplicationSource::read(&source)?);
        }
        Ok(Self {
            revision: sync.field("revision")?.text_or_empty()?,
            revisions: sync.field("revisions")?.texts()?,
            prune: sync.field("prune")?.flag()?,
            dry_run: sync.field("dryRun")?.flag()?,
            resources: sync
                .field("resources")?
                .each(OperationResource::read)?
                .filter(|list| !list.is_empty()),
            sync_options: sync.field("syncOptions")?.texts()?,
            strategy: if apply.is_set() { SyncStrategy::Apply } else { SyncStrategy::Hook },
            force: apply.field("force")?.flag()? || hook.field("force")?.flag()?,
            sources,
            self_heal_attempts: sync.field("selfHealAttemptsCount")?.integer()?.unwrap_or_default(),
        })
    }

    fn to_node(&self) -> Node {
        let name = match self.strategy {
            SyncStrategy::Hook => "hook",
            SyncStrategy::Apply => "apply",
        };
        let strategy = (self.force || self.strategy == SyncStrategy::Apply)
            .then(|| Node::mapping([(name, Fields::default().flag("force", self.force).into_node())]));
        let single = self.sources.first().filter(|_| self.sources.len() == 1);
        let several = if self.sources.len() > 1 { self.sources.as_slice() } else { &[] };
        Fields::default()
            .text("revision", &self.revision)
            .texts("revisions", &self.revisions)
            .flag("prune", self.prune)
            .flag("dryRun", self.dry_run)
            .list("resources", self.resources.iter().flatten().map(OperationResource::to_node).collect())
            .texts("syncOptions", &self.sync_options)
            .some("syncStrategy", strategy)
            .some("source", single.map(ApplicationSource::to_node))
            .list("sources", several.iter().map(ApplicationSource::to_node).collect())
            .integer("selfHealAttemptsCount", self.self_heal_attempts)
            .into_node()
    }
}

impl OperationResource {
    /// The resource that names this object.
    pub fn of(key: &ObjectKey) -> Self {
        Self {
            group: key.group.clone(),
            kind: key.kind.clone(),
            namespace: key.namespace.clone(),
            name: key.name.clone(),
        }
    }

    fn read(item: &Reader<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            group: item.field("group")?.text_or_empty()?,
            kind: item.field("kind")?.required_text()?,
            namespace: item.field("namespace")?.text_or_empty()?,
            name: item.field("name")?.required_text()?,
        })
    }

    fn to_node(&self) -> Node {
        Fields::default()
            .text("group", &self.group)
            .text("kind", &self.kind)
            .text("namespace", &self.namespace)
            .text("name", &self.name)
            .into_node()
    }
}
