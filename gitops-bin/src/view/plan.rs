//! What a range of commits would change of what is deployed, as it is shown and serialised.

use serde::{Deserialize, Serialize};

use super::ChangeView;

/// What a range of commits would change of what is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// Always [`super::API_VERSION`].
    pub api_version: String,
    /// Always `Plan`.
    pub kind: String,
    /// The commit before.
    pub base: String,
    /// The commit after.
    pub head: String,
    /// What changes: the Applications in the order of their names, then the kustomizations that no Application deploys.
    pub items: Vec<PlannedView>,
    /// Which of the items change in the same way, in the order of the first of each group.
    pub groups: Vec<PlanGroupView>,
    /// Changes of Applications, AppProjects and ApplicationSets themselves.
    pub definitions: Vec<DefinitionChangeView>,
    /// What does not change.
    pub unchanged: UnchangedView,
}

/// How much does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnchangedView {
    /// Applications.
    pub applications: usize,
    /// Kustomizations that no Application deploys.
    pub kustomizations: usize,
}

/// An Application or a kustomization that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedView {
    /// `Application` or `Kustomization`.
    pub kind: String,
    /// Namespace of the Application; empty where it has none, and for a kustomization.
    pub namespace: String,
    /// Name of the Application, or directory of the kustomization.
    pub name: String,
    /// What becomes of it.
    pub change: ChangeView,
    /// The objects that change.
    pub objects: Vec<PlannedObjectView>,
    /// The images that are exchanged.
    pub images: Vec<ImageChangeView>,
    /// What its project does not permit.
    pub refusals: Vec<RefusalView>,
    /// What is not rendered or not judged, and why.
    pub notes: Vec<String>,
    /// Why it does not render at the commit before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_error: Option<String>,
    /// Why it does not render at the commit after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_error: Option<String>,
    /// SHA-256 of the objects that a sync of the commit after wants: what an approval and a sync with this plan bind.
    /// Absent for a kustomization, and where there is no render.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired_hash: Option<String>,
}

/// What becomes of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedObjectView {
    /// `Deployment.apps dev/myapp`.
    pub object: String,
    /// `create`, `update` or `remove`.
    pub change: String,
    /// What becomes of an object that left its source: `pruned`, `kept: Prune=false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Whether an object that left its source goes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_removed: bool,
    /// The fields that change.
    pub fields: Vec<PlannedFieldView>,
    /// The change of the manifest in unified form; the values of a Secret are masked.
    pub diff: String,
}

/// What becomes of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedFieldView {
    /// `spec.template.spec.containers[name=app].image`.
    pub path: String,
    /// The value before as YAML; absent where there is none.
    pub before: Option<String>,
    /// The value after as YAML; absent where there is none.
    pub after: Option<String>,
    /// File, line and column that set the value after; of the value before where the field goes.
    pub at: Option<String>,
}

/// An image in place of another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageChangeView {
    /// The reference before.
    pub before: String,
    /// The reference after.
    pub after: String,
}

/// What a project does not permit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusalView {
    /// One sentence.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Whether it was not permitted before either; it then does not count for the exit code.
    pub is_standing: bool,
}

/// Items that change in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanGroupView {
    /// Indexes of the items.
    pub items: Vec<usize>,
}

/// A change of an Application, an AppProject or an ApplicationSet itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DefinitionChangeView {
    /// The object and its change.
    #[serde(flatten)]
    pub object: PlannedObjectView,
    /// The file that declares it.
    pub file: String,
    /// Why it cannot be understood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl PlannedView {
    /// The name with its namespace, where it has one.
    pub fn full_name(&self) -> String {
        if self.namespace.is_empty() {
            self.name.clone()
        } else {
            format!("{}/{}", self.namespace, self.name)
        }
    }
}

impl PlanView {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.definitions.is_empty()
    }

    /// Whether something does not render at the commit after.
    pub fn is_broken(&self) -> bool {
        self.items.iter().any(|item| item.head_error.is_some())
            || self.definitions.iter().any(|definition| definition.error.is_some())
    }

    /// Whether a project does not permit something that was not there before.
    pub fn is_refused(&self) -> bool {
        self.items.iter().flat_map(|item| &item.refusals).any(|refusal| !refusal.is_standing)
    }
}
