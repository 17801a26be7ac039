//! `Application`: what to deploy from where to where, and how its last sync went.
//!
//! The status is read and written in Argo CD's own shape, so that what watches an `Application` keeps working.

use smol_str::SmolStr;

use super::app_project::Destination;
use super::reader::Reader;
use super::{ApiError, Metadata};
use crate::diagnostic::Location;
use crate::yaml::Node;

mod operation;
mod source;
mod status;

pub use operation::{
    Automated, Backoff, ManagedNamespaceMetadata, Operation, OperationInitiator, OperationResource,
    RetryStrategy, SyncOperation, SyncPolicy, SyncStrategy,
};
pub use source::{ApplicationSource, KustomizeOverrides, LabelOverrides, ReplicaOverride};
pub use status::{
    ApplicationStatus, ComparedTo, Condition, HealthRecord, OperationPhase, OperationState, ResourceResult,
    ResourceStatus, ResultCode, RevisionHistory, SyncPhase, SyncRecord, SyncResult, SyncStatusCode,
};

/// Deleting the `Application` deletes its objects first, dependents before owners.
pub const RESOURCES_FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";
/// Deleting the `Application` deletes its objects in the background.
pub const BACKGROUND_FINALIZER: &str = "resources-finalizer.argocd.argoproj.io/background";

/// An `Application` of `argoproj.io`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Application {
    /// Its metadata.
    pub metadata: Metadata,
    /// What is wanted.
    pub spec: ApplicationSpec,
    /// A sync that someone asked for and no controller took up yet.
    pub operation: Option<Operation>,
    /// What was observed and done.
    pub status: ApplicationStatus,
}

/// What an `Application` wants.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ApplicationSpec {
    /// Name of its project; empty means `default`.
    pub project: SmolStr,
    /// Where its manifests come from: at least one.
    pub sources: Vec<ApplicationSource>,
    /// Whether the sources were written as `sources`, so that the status lists `revisions`.
    pub has_multiple_sources: bool,
    /// Where they go.
    pub destination: Destination,
    /// How it is synced; absent means by hand with default options.
    pub sync_policy: SyncPolicy,
    /// Differences that are no drift.
    pub ignore_differences: Vec<IgnoreDifference>,
    /// How many syncs the history keeps; absent means 10.
    pub revision_history_limit: Option<i64>,
    /// Facts for people.
    pub info: Vec<(SmolStr, SmolStr)>,
}

/// One item of `ignoreDifferences`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct IgnoreDifference {
    /// Pattern of the API group; empty for the core group.
    pub group: SmolStr,
    /// Pattern of the kind.
    pub kind: SmolStr,
    /// Name; empty for every name.
    pub name: SmolStr,
    /// Namespace; empty for every namespace.
    pub namespace: SmolStr,
    /// JSON pointers of ignored fields.
    pub json_pointers: Vec<SmolStr>,
    /// jq paths of ignored fields.
    pub jq_path_expressions: Vec<SmolStr>,
    /// Field managers whose fields are ignored.
    pub managed_fields_managers: Vec<SmolStr>,
}

impl Application {
    /// Reads a manifest that stands at `at`.
    pub fn from_node(root: &Node, at: &Location) -> Result<Self, ApiError> {
        let reader = Reader::new(root, at);
        reader.expect_kind("argoproj.io", "Application")?;
        let operation = reader.field("operation")?;
        Ok(Self {
            metadata: Metadata::read(&reader)?,
            spec: ApplicationSpec::read(&reader.field("spec")?)?,
            operation: if operation.is_set() { Some(Operation::read(&operation)?) } else { None },
            status: ApplicationStatus::read(&reader.field("status")?)?,
        })
    }

    /// The value of an annotation.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.metadata.annotations.get(name).map(SmolStr::as_str)
    }

    /// Whether deleting it deletes its objects.
    pub fn is_cascading(&self) -> bool {
        let known = [RESOURCES_FINALIZER, BACKGROUND_FINALIZER];
        self.metadata.finalizers.iter().any(|finalizer| known.contains(&finalizer.as_str()))
    }
}

impl ApplicationSpec {
    fn read(spec: &Reader<'_>) -> Result<Self, ApiError> {
        if !spec.is_set() {
            return Err(spec.missing());
        }
        let several = spec.field("sources")?.each(ApplicationSource::read)?.unwrap_or_default();
        let source = spec.field("source")?;
        let has_multiple_sources = !several.is_empty();
        let sources = match (has_multiple_sources, source.is_set()) {
            (true, _) => several,
            (false, true) => vec![ApplicationSource::read(&source)?],
            (false, false) => return Err(source.missing()),
        };
        let destination = Destination::read(&spec.field("destination")?)?;
        if !destination.server.is_empty() && !destination.name.is_empty() {
            return Err(spec
                .field("destination")?
                .value_error("`server` and `name` both name a cluster: give one of them"));
        }
        Ok(Self {
            project: spec.field("project")?.text_or_empty()?,
            sources,
            has_multiple_sources,
            destination,
            sync_policy: SyncPolicy::read(&spec.field("syncPolicy")?)?,
            ignore_differences: spec
                .field("ignoreDifferences")?
                .each(IgnoreDifference::read)?
                .unwrap_or_default(),
            revision_history_limit: spec.field("revisionHistoryLimit")?.integer()?,
            info: spec.field("info")?.each(name_and_value)?.unwrap_or_default(),
        })
    }

    /// Name of the project: `default` where none is written.
    pub fn project_name(&self) -> &str {
        if self.project.is_empty() { "default" } else { &self.project }
    }
}

impl IgnoreDifference {
    /// Reads one item as a node that stands at `at`.
    pub fn from_node(item: &Node, at: &Location) -> Result<Self, ApiError> {
        Self::read(&Reader::new(item, at))
    }

    fn read(item: &Reader<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            group: item.field("group")?.text_or_empty()?,
            kind: item.field("kind")?.required_text()?,
            name: item.field("name")?.text_or_empty()?,
            namespace: item.field("namespace")?.text_or_empty()?,
            json_pointers: item.field("jsonPointers")?.texts()?,
            jq_path_expressions: item.field("jqPathExpressions")?.texts()?,
            managed_fields_managers: item.field("managedFieldsManagers")?.texts()?,
        })
    }
}

fn name_and_value(item: &Reader<'_>) -> Result<(SmolStr, SmolStr), ApiError> {
    Ok((item.field("name")?.text_or_empty()?, item.field("value")?.text_or_empty()?))
}

/// Pairs of a mapping that leave out what is absent: the shape that Go's `omitempty` gives a status.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(&'static str, Node)>);

impl Fields {
    pub(crate) fn always(mut self, key: &'static str, value: Node) -> Self {
        self.0.push((key, value));
        self
    }

    pub(crate) fn some(self, key: &'static str, value: Option<Node>) -> Self {
        match value {
            Some(value) => self.always(key, value),
            None => self,
        }
    }

    pub(crate) fn text(self, key: &'static str, text: &str) -> Self {
        if text.is_empty() { self } else { self.always(key, Node::string(text)) }
    }

    pub(crate) fn flag(self, key: &'static str, flag: bool) -> Self {
        if flag { self.always(key, Node::boolean(true)) } else { self }
    }

    pub(crate) fn integer(self, key: &'static str, number: i64) -> Self {
        if number == 0 { self } else { self.always(key, Node::integer(number)) }
    }

    pub(crate) fn time(self, key: &'static str, time: Option<crate::time::Timestamp>) -> Self {
        self.some(key, time.map(|time| Node::string(time.to_string())))
    }

    pub(crate) fn texts(self, key: &'static str, texts: &[SmolStr]) -> Self {
        self.list(key, texts.iter().map(|text| Node::string(text.clone())).collect())
    }

    pub(crate) fn list(self, key: &'static str, items: Vec<Node>) -> Self {
        if items.is_empty() { self } else { self.always(key, Node::sequence(items)) }
    }

    pub(crate) fn into_node(self) -> Node {
        Node::mapping(self.0)
    }
}

#[cfg(test)]
mod tests;
