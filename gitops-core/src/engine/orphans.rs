//! Orphans: objects in an Application's own namespace that nobody owns.

use super::Assessment;
use super::assessment::resolved;
use crate::api::app_project::AppProject;
use crate::api::application::Application;
use crate::kind::Schemas;
use crate::object::Object;
use crate::project::{Project, is_exempt_orphan};
use crate::sync;
use crate::yaml::Node;

/// The orphans that the project wants to hear of, in words; none where it does not ask.
///
/// As in Argo CD, only top-level objects count, and only those of a kind that the project permits.
pub(super) fn orphans(
    app: &Application,
    project: &AppProject,
    assessment: &Assessment,
    schemas: &Schemas,
) -> Vec<String> {
    let Some(settings) =
        project.spec.orphaned_resources.as_ref().filter(|settings| settings.warn == Some(true))
    else {
        return vec![];
    };
    let rules = Project::new(project, &[]);
    let destination = resolved(&app.spec.destination);
    let is_orphan = |object: &&Object| {
        let namespaced = sync::is_namespaced(object, &[], schemas);
        !object.key.namespace.is_empty()
            && object.key.namespace == app.spec.destination.namespace
            && is_top_level(object)
            && assessment.tracking.application_of(object).is_none()
            && rules.admit_object(&object.key, namespaced, &destination).is_none()
            && !is_exempt_orphan(&object.key, &settings.ignore)
            && !assessment.comparison.objects.iter().any(|known| known.key == object.key)
    };
    assessment.comparison.live.objects().filter(is_orphan).map(|object| object.key.to_string()).collect()
}

fn is_top_level(object: &Object) -> bool {
    object.root.at(&["metadata", "ownerReferences"]).map_or(&[][..], Node::items).is_empty()
}
