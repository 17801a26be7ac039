//! `AppProject`: what the applications of a project may read, write and when.
//!
//! Only the shape is checked here; patterns, schedules and policies are judged by the project's rules.

use smol_str::SmolStr;

use super::reader::Reader;
use super::{ApiError, Metadata};
use crate::diagnostic::Location;
use crate::yaml::Node;

/// An `AppProject` of `argoproj.io`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct AppProject {
    /// Its metadata.
    pub metadata: Metadata,
    /// What it permits.
    pub spec: AppProjectSpec,
}

/// What a project permits.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct AppProjectSpec {
    /// What the project is for.
    pub description: SmolStr,
    /// Patterns of the repositories that sources may name.
    pub source_repos: Vec<SmolStr>,
    /// Patterns of the namespaces, besides the controller's own, that applications may live in.
    pub source_namespaces: Vec<SmolStr>,
    /// Clusters and namespaces that applications may write to.
    pub destinations: Vec<Destination>,
    /// The service accounts that syncs act as.
    pub destination_service_accounts: Vec<DestinationServiceAccount>,
    /// Whether destinations must be clusters that belong to the project.
    pub permit_only_project_scoped_clusters: bool,
    /// The kinds that applications may write.
    pub resources: ResourceLists,
    /// How live objects that no application owns are watched; absent switches the watch off.
    pub orphaned_resources: Option<OrphanedResources>,
    /// When syncs may run.
    pub sync_windows: Vec<SyncWindow>,
    /// Who may do what.
    pub roles: Vec<ProjectRole>,
}

/// A cluster and a namespace: the destination of an application, or a pattern of a project for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Destination {
    /// URL of the cluster's API server.
    pub server: SmolStr,
    /// Name of the cluster, instead of its URL.
    pub name: SmolStr,
    /// Namespace.
    pub namespace: SmolStr,
}

/// The service account that syncs to a destination act as.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DestinationServiceAccount {
    /// Pattern of the API server's URL.
    pub server: SmolStr,
    /// Pattern of the namespace.
    pub namespace: SmolStr,
    /// The service account.
    pub default_service_account: SmolStr,
}

/// The four lists of kinds.
///
/// `None` and an empty list differ: an absent `namespaceResourceWhitelist` permits every kind, an empty one
/// permits none.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ResourceLists {
    /// Cluster-scoped kinds that are permitted.
    pub cluster_whitelist: Option<Vec<ClusterResource>>,
    /// Cluster-scoped kinds that are refused.
    pub cluster_blacklist: Option<Vec<ClusterResource>>,
    /// Namespaced kinds that are permitted.
    pub namespace_whitelist: Option<Vec<GroupKind>>,
    /// Namespaced kinds that are refused.
    pub namespace_blacklist: Option<Vec<GroupKind>>,
}

/// Patterns for the group and kind of namespaced objects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct GroupKind {
    /// Pattern of the API group; empty for the core group.
    pub group: SmolStr,
    /// Pattern of the kind.
    pub kind: SmolStr,
}

/// Patterns for the group, kind and name of cluster-scoped objects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ClusterResource {
    /// Pattern of the API group; empty for the core group.
    pub group: SmolStr,
    /// Pattern of the kind.
    pub kind: SmolStr,
    /// Pattern of the name; empty for every name.
    pub name: SmolStr,
}

/// How live objects that no application owns are watched.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct OrphanedResources {
    /// Whether orphans raise a warning; absent means no.
    pub warn: Option<bool>,
    /// Objects that are no orphans.
    pub ignore: Vec<ClusterResource>,
}

/// A time in which syncs are allowed or denied. Every text is as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SyncWindow {
    /// `allow` or `deny`.
    pub kind: SmolStr,
    /// When it starts, as a cron expression of five fields.
    pub schedule: SmolStr,
    /// How long it stays open.
    pub duration: SmolStr,
    /// Patterns of application names.
    pub applications: Vec<SmolStr>,
    /// Patterns of destination namespaces.
    pub namespaces: Vec<SmolStr>,
    /// Patterns of destination clusters.
    pub clusters: Vec<SmolStr>,
    /// Whether manual syncs pass where automated ones do not.
    pub manual_sync: bool,
    /// The zone of the schedule; empty for UTC.
    pub time_zone: SmolStr,
    /// Whether all lists that are given must match, not only one.
    pub and_operator: bool,
    /// Whether a sync that runs when the window closes may go on.
    pub sync_overrun: bool,
    /// What the window is for.
    pub description: SmolStr,
}

/// A role of a project.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ProjectRole {
    /// Name.
    pub name: SmolStr,
    /// What the role is for.
    pub description: SmolStr,
    /// Its policies, in casbin's form.
    pub policies: Vec<SmolStr>,
    /// The groups whose members have the role.
    pub groups: Vec<SmolStr>,
}

impl AppProject {
    /// Reads a manifest that stands at `at`.
    pub fn from_node(root: &Node, at: &Location) -> Result<Self, ApiError> {
        let reader = Reader::new(root, at);
        reader.expect_kind("argoproj.io", "AppProject")?;
        Ok(Self { metadata: Metadata::read(&reader)?, spec: AppProjectSpec::read(&reader.field("spec")?)? })
    }
}

impl AppProjectSpec {
    /// Reads the `spec` alone, as a node that stands at `at`.
    pub fn from_node(spec: &Node, at: &Location) -> Result<Self, ApiError> {
        Self::read(&Reader::new(spec, at))
    }

    fn read(spec: &Reader<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            description: spec.field("description")?.text_or_empty()?,
            source_repos: spec.field("sourceRepos")?.texts()?,
            source_namespaces: spec.field("sourceNamespaces")?.texts()?,
            destinations: spec.field("destinations")?.each(Destination::read)?.unwrap_or_default(),
            destination_service_accounts: spec
                .field("destinationServiceAccounts")?
                .each(DestinationServiceAccount::read)?
                .unwrap_or_default(),
            permit_only_project_scoped_clusters: spec.field("permitOnlyProjectScopedClusters")?.flag()?,
            resources: ResourceLists {
                cluster_whitelist: spec.field("clusterResourceWhitelist")?.each(ClusterResource::read)?,
                cluster_blacklist: spec.field("clusterResourceBlacklist")?.each(ClusterResource::read)?,
                namespace_whitelist: spec.field("namespaceResourceWhitelist")?.each(GroupKind::read)?,
                namespace_blacklist: spec.field("namespaceResourceBlacklist")?.each(GroupKind::read)?,
            },
            orphaned_resources: OrphanedResources::read(&spec.field("orphanedResources")?)?,
            sync_windows: spec.field("syncWindows")?.each(SyncWindow::read)?.unwrap_or_default(),
            roles: spec.field("roles")?.each(ProjectRole::read)?.unwrap_or_default(),
        })
    }
}

impl Destination {
    pub(crate) fn read(item: &Reader<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            server: item.field("server")?.text_or_empty()?,
            name: item.field("name")?.text_or_empty()?,
            namespace: item.field("namespace")?.text_or_empty()?,
        })
    }
}

impl DestinationServiceAccount {
    fn read(item: &Reader<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            server: item.field("server")?.text_or_empty()?,
            namespace: item.field("namespace")?.text_or_empty()?,
            default_service_account: item.field("defaultServiceAccount")?.text_or_empty()?,
        })
    }
}

impl GroupKind {
    fn read(item: &Reader<'_>) -> Result<Self, ApiError> {
        Ok(Self { group: item.field("group")?.text_or_empty()?, kind: item.field("kind")?.text_or_empty()? })
    }
}

impl ClusterResource {
    fn read(item: &Reader<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            group: item.field("group")?.text_or_empty()?,
            kind: item.field("kind")?.text_or_empty()?,
            name: item.field("name")?.text_or_empty()?,
        })
    }
}

impl OrphanedResources {
    fn read(field: &Reader<'_>) -> Result<Option<Self>, ApiError> {
        if !field.is_set() {
            return Ok(None);
        }
        Ok(Some(Self {
            warn: field.field("warn")?.boolean()?,
            ignore: field.field("ignore")?.each(ClusterResource::read)?.unwrap_or_default(),
        }))
    }
}

impl SyncWindow {
    fn read(item: &Reader<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            kind: item.field("kind")?.text_or_empty()?,
            schedule: item.field("schedule")?.text_or_empty()?,
            duration: item.field("duration")?.text_or_empty()?,
            applications: item.field("applications")?.texts()?,
            namespaces: item.field("namespaces")?.texts()?,
            clusters: item.field("clusters")?.texts()?,
            manual_sync: item.field("manualSync")?.flag()?,
            time_zone: item.field("timeZone")?.text_or_empty()?,
            and_operator: item.field("andOperator")?.flag()?,
            sync_overrun: item.field("syncOverrun")?.flag()?,
            description: item.field("description")?.text_or_empty()?,
        })
    }
}

impl ProjectRole {
    fn read(item: &Reader<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            name: item.field("name")?.text_or_empty()?,
            description: item.field("description")?.text_or_empty()?,
            policies: item.field("policies")?.texts()?,
            groups: item.field("groups")?.texts()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read_one;

    fn spec(text: &str) -> Result<AppProjectSpec, String> {
        let text =
            format!("apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {{name: p}}\n{text}");
        let root = read_one("p.yaml", &text).unwrap();
        AppProject::from_node(&root, &Location::file("p.yaml"))
            .map(|project| project.spec)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_absent_list_of_kinds_is_not_an_empty_one() {
        let absent = spec("spec: {namespaceResourceWhitelist: null}").unwrap();
        let empty = spec("spec: {namespaceResourceWhitelist: []}").unwrap();
        assert_eq!(absent.resources.namespace_whitelist, None);
        assert_eq!(empty.resources.namespace_whitelist, Some(vec![]));
    }

    #[test]
    fn a_field_of_the_wrong_type_is_named() {
        let error = |text| spec(text).unwrap_err();
        assert_eq!(
            error("spec: {syncWindows: [{kind: deny, manualSync: 'yes'}]}"),
            "p.yaml: `spec.syncWindows[0].manualSync` must be a boolean, found `yes`"
        );
        assert_eq!(
            error("spec: {destinations: {server: x}}"),
            "p.yaml: `spec.destinations` must be a list, found a mapping"
        );
        assert_eq!(
            error("spec: {sourceRepos: [1]}"),
            "p.yaml: `spec.sourceRepos[0]` must be a string, found `1`"
        );
    }
}
