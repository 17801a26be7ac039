//! What one revision of an Application would mean for the cluster: the objects, the differences, the refusals.

use smol_str::SmolStr;

use super::{ApplicationSeen, Target};
use crate::api::application::Application;
use crate::diagnostic::Diagnostic;
use crate::diff::{DiffError, IgnoreRules};
use crate::project::{Project, resolved};
use crate::sync::{self, CompareRules, Comparison, Tracking, TrackingError};

/// Why a revision cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssessError {
    /// The source cannot be rendered.
    #[error("{0}")]
    Render(String),
    /// There is no project of the name that the Application gives.
    #[error("project `{0}` does not exist")]
    NoProject(SmolStr),
    /// The project does not permit the source or the destination.
    #[error("{}", .0.join("; "))]
    NotPermitted(Vec<String>),
    /// A rule of `ignoreDifferences` cannot be followed.
    #[error(transparent)]
    Ignore(#[from] DiffError),
    /// The objects cannot be marked as the Application's.
    #[error(transparent)]
    Tracking(#[from] TrackingError),
}

impl AssessError {
    /// The type of the condition that Argo CD sets for it.
    pub fn condition_type(&self) -> &'static str {
        match self {
            Self::NoProject(_) | Self::NotPermitted(_) | Self::Ignore(_) | Self::Tracking(_) => {
                "InvalidSpecError"
            }
            Self::Render(_) => "ComparisonError",
        }
    }
}

/// What one revision of an Application would mean.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// The revision.
    pub revision: SmolStr,
    /// Desired against live, object by object.
    pub comparison: Comparison,
    /// What the rules of comparison ignore.
    pub ignore: IgnoreRules,
    /// How the Application marks its objects.
    pub tracking: Tracking,
    /// The objects that the project refuses, a sentence each.
    pub refusals: Vec<String>,
    /// What is odd about the rendered objects.
    pub warnings: Vec<Diagnostic>,
}

impl Assessment {
    /// How its objects are compared.
    pub fn rules<'a>(&'a self, seen: &ApplicationSeen<'a>) -> CompareRules<'a> {
        CompareRules {
            schemas: seen.schemas,
            ignore: &self.ignore,
            tracking: &self.tracking,
            predictions: Some(seen.predictions),
        }
    }
}

/// Whether the project admits the Application itself: its source and its destination. This is asked before anything
/// of the source is looked at.
pub(super) fn admit(app: &Application, seen: &ApplicationSeen<'_>) -> Result<(), AssessError> {
    admitting(app, seen).map(|_| ())
}

fn admitting<'a>(app: &Application, seen: &ApplicationSeen<'a>) -> Result<Project<'a>, AssessError> {
    let Some(project) = seen.project else {
        return Err(AssessError::NoProject(app.spec.project_name().into()));
    };
    let project = Project::new(project, &[]);
    let refused = project.admit_application(app, &resolved(&app.spec.destination));
    if refused.is_empty() {
        return Ok(project);
    }
    Err(AssessError::NotPermitted(refused.iter().map(ToString::to_string).collect()))
}

/// Compares a rendered revision with the cluster, within the Application's project.
pub fn assess(
    app: &Application,
    target: Target<'_>,
    seen: &ApplicationSeen<'_>,
) -> Result<Assessment, AssessError> {
    let project = admitting(app, seen)?;
    let destination = resolved(&app.spec.destination);
    let tracking = Tracking::by_annotation(app.metadata.name.clone(), app.spec.destination.namespace.clone());
    let targets = sync::prepare(target.objects, seen.schemas, &tracking)?;
    let ignore = IgnoreRules::new(&app.spec.ignore_differences)?;
    let rules = CompareRules {
        schemas: seen.schemas,
        ignore: &ignore,
        tracking: &tracking,
        predictions: Some(seen.predictions),
    };
    let comparison = sync::compare(&targets.objects, seen.live, &rules);
    let refusals = targets
        .objects
        .iter()
        .filter_map(|object| {
            let namespaced = sync::is_namespaced(object, target.objects, seen.schemas);
            project.admit_object(&object.key, namespaced, &destination)
        })
        .map(|refusal| refusal.to_string())
        .collect();
    Ok(Assessment {
        revision: target.revision.into(),
        comparison,
        ignore,
        tracking,
        refusals,
        warnings: targets.warnings,
    })
}
