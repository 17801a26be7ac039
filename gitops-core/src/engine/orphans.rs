//! Orphans: objects in an Application's own namespace that nobody owns.

use super::Assessment;
use crate::api::app_project::AppProject;
use crate::api::application::Application;
use crate::kind::Schemas;
use crate::object::{Object, ObjectKey};
use crate::project::Project;
use crate::project::resolved;
use crate::sync;

/// The orphans that the project wants to hear of, in words; none where it does not ask for a warning.
pub(super) fn orphans(
    app: &Application,
    project: &AppProject,
    assessment: &Assessment,
    schemas: &Schemas,
) -> Vec<String> {
    let Some(watch) = project.spec.orphaned_resources.as_ref().filter(|watch| watch.warn == Some(true))
    else {
        return vec![];
    };
    let rules = Project::new(project, &[]);
    let destination = resolved(&app.spec.destination);
    let live = &assessment.comparison.live;
    let is_managed = |key: &ObjectKey| {
        let tracked =
            live.get(key).is_some_and(|object| assessment.tracking.application_of(object).is_some());
        tracked || assessment.comparison.objects.iter().any(|known| known.key == *key)
    };
    let is_permitted = |object: &Object| {
        let namespaced = sync::is_namespaced(object, &[], schemas);
        rules.admit_object(&object.key, namespaced, &destination).is_none()
    };
    sync::orphans(live, watch, is_managed, is_permitted).into_iter().map(ToString::to_string).collect()
}
