//! The health of an application, from that of its objects.

use crate::health::HealthStatus;
use crate::object::{Object, ObjectKey};

/// An object with this annotation set to `true` does not count.
pub const IGNORE_HEALTHCHECK: &str = "argocd.argoproj.io/ignore-healthcheck";

/// One object of an application, as far as its health counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceHealth {
    /// Which object.
    pub key: ObjectKey,
    /// Whether it is in the cluster.
    pub live: bool,
    /// Its health; `None` for a kind without health.
    pub health: Option<HealthStatus>,
    /// Whether it is a hook or skipped.
    pub hook: bool,
    /// Whether it asks not to count.
    pub ignored: bool,
}

impl ResourceHealth {
    /// Whether an object asks not to count.
    pub fn is_ignored(object: &Object) -> bool {
        object.annotation(IGNORE_HEALTHCHECK) == Some("true")
    }
}

/// The worst health among the objects, as Argo CD aggregates it.
///
/// Objects that are not in the cluster count only where none is: then the application is missing. Child
/// applications that are missing or unknown do not count, nor does the application itself (`own`).
pub fn application_health(resources: &[ResourceHealth], own: Option<&ObjectKey>) -> HealthStatus {
    let counted = || resources.iter().filter(|resource| !resource.hook && Some(&resource.key) != own);
    let worst = counted()
        .filter(|resource| resource.live && !resource.ignored)
        .filter_map(|resource| resource.health.filter(|health| !is_absent_child(&resource.key, *health)))
        .max()
        .unwrap_or(HealthStatus::Healthy);
    let all_missing = counted().next().is_some() && counted().all(|resource| !resource.live);
    if all_missing { worst.max(HealthStatus::Missing) } else { worst }
}

fn is_absent_child(key: &ObjectKey, health: HealthStatus) -> bool {
    let is_application = key.group == "argoproj.io" && key.kind == "Application";
    is_application && matches!(health, HealthStatus::Missing | HealthStatus::Unknown)
}
