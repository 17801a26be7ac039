//! Small helpers over the cluster port: typed lists, status writes.

use gitops_core::api::app_project::AppProject;
use gitops_core::api::application::Application;
use gitops_core::api::sync_approval::SyncApproval;
use gitops_core::diagnostic::Location;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml::Node;
use gitops_ports::Cluster;
use gitops_ports::cluster::{ClusterError, GroupKind, ListQuery, WriteOptions};

use super::DriverError;

/// The name under which the engine owns fields.
pub(super) use gitops_core::sync::FIELD_MANAGER;

/// The namespace of Applications, AppProjects and approvals.
pub(super) const CONTROL_NAMESPACE: &str = "argocd";

/// The objects of one kind.
pub(super) async fn list<C: Cluster>(
    cluster: &C,
    (group, kind): (&str, &str),
    namespace: Option<&str>,
) -> Result<Vec<Object>, ClusterError> {
    Ok(cluster.list(&ListQuery::kind(GroupKind::new(group, kind), namespace)).await?.objects)
}

/// The Applications that can be read, in the order of their names.
pub(super) async fn applications<C: Cluster>(cluster: &C) -> Result<Vec<(Object, Application)>, DriverError> {
    let objects = list(cluster, ("argoproj.io", "Application"), Some(CONTROL_NAMESPACE)).await?;
    let read = |object: Object| {
        let app = Application::from_node(&object.root, &place(&object)).ok()?;
        Some((object, app))
    };
    Ok(objects.into_iter().filter_map(read).collect())
}

/// The Applications that cannot be read, with the reason.
pub(super) async fn broken_applications<C: Cluster>(
    cluster: &C,
) -> Result<Vec<(ObjectKey, String)>, DriverError> {
    let objects = list(cluster, ("argoproj.io", "Application"), Some(CONTROL_NAMESPACE)).await?;
    let read = |object: &Object| {
        let error = Application::from_node(&object.root, &place(object)).err()?;
        Some((object.key.clone(), error.to_string()))
    };
    Ok(objects.iter().filter_map(read).collect())
}

/// The named Application.
pub(super) async fn application<C: Cluster>(
    cluster: &C,
    name: &str,
) -> Result<(Object, Application), DriverError> {
    let key = ObjectKey::new("argoproj.io", "Application", CONTROL_NAMESPACE, name);
    let object = cluster.get(&key).await?.ok_or_else(|| DriverError::Usage {
        message: format!("no Application is called `{name}`"),
        hint: Some("list them with `gitops get apps`"),
    })?;
    let app = Application::from_node(&object.root, &place(&object));
    app.map(|app| (object, app)).map_err(|error| DriverError::Outside(error.to_string()))
}

/// The project of that name; `None` where there is none.
pub(super) async fn project<C: Cluster>(cluster: &C, name: &str) -> Result<Option<AppProject>, DriverError> {
    let projects = list(cluster, ("argoproj.io", "AppProject"), Some(CONTROL_NAMESPACE)).await?;
    let Some(object) = projects.into_iter().find(|object| object.key.name == name) else { return Ok(None) };
    let project = AppProject::from_node(&object.root, &place(&object));
    project.map(Some).map_err(|error| DriverError::Outside(error.to_string()))
}

/// The approvals of an Application. One that cannot be read lets nothing pass, and is left out.
pub(super) async fn approvals<C: Cluster>(
    cluster: &C,
    application: &str,
) -> Result<Vec<SyncApproval>, DriverError> {
    let objects = list(cluster, ("gitops.dev", "SyncApproval"), Some(CONTROL_NAMESPACE)).await?;
    let approvals =
        objects.iter().filter_map(|object| SyncApproval::from_node(&object.root, &place(object)).ok());
    Ok(approvals.filter(|approval| approval.spec.application == application).collect())
}

/// Writes `status` of an object as it was read: a conflict means that somebody else wrote in between.
pub(super) async fn set_status<C: Cluster>(
    cluster: &C,
    object: &Object,
    status: Node,
) -> Result<(), ClusterError> {
    let mut changed = object.clone();
    changed.root.set("status", status);
    cluster.update_status(&changed, &WriteOptions::new(FIELD_MANAGER)).await.map(|_| ())
}

/// Where an object of the cluster "is", for error messages.
fn place(object: &Object) -> Location {
    Location::file(object.key.to_string())
}
