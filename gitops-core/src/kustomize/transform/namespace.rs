//! `namespace`: of everything namespaced, of Namespace objects, and of the subjects of role bindings.

use std::collections::BTreeMap;

use crate::kustomize::configuration::Configuration;
use crate::kustomize::error::RenderError;
use crate::kustomize::field_spec::{FieldSpec, Make, PathProblem, set_string};
use crate::kustomize::helm;
use crate::kustomize::kustomization::{Gvk, Text};
use crate::kustomize::resource::{Resource, ResourceId};
use crate::kustomize::resource_set::ResourceSet;
use crate::kustomize::session::{Session, Stamp, Target};
use crate::provenance::Place;
use crate::yaml::Node;

/// Which subjects of role bindings get the namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Subjects {
    /// Those with the name `default`.
    #[default]
    DefaultOnly,
    /// Every ServiceAccount.
    AllServiceAccounts,
    /// None.
    Nothing,
}

/// What is set, and where.
#[derive(Debug)]
pub(crate) struct Setting<'a> {
    /// The namespace.
    pub(crate) namespace: &'a Text,
    /// Further fields.
    pub(crate) specs: &'a [FieldSpec],
    /// Which subjects.
    pub(crate) subjects: Subjects,
    /// Whether fields that have a value keep it.
    pub(crate) unset_only: bool,
}

impl<'a> Setting<'a> {
    /// What the field `namespace` of a kustomization sets.
    pub(super) fn of_field(target: &'a Target<'_>, configuration: &'a Configuration) -> Self {
        Self {
            namespace: &target.kustomization.transforms.namespace,
            specs: &configuration.namespace,
            subjects: Subjects::DefaultOnly,
            unset_only: false,
        }
    }

    fn set(&self, node: &mut Node, stamp: &mut Stamp<'_>, file: u32) -> Result<(), PathProblem> {
        if self.unset_only && node.text().is_some_and(|text| !text.is_empty() && !node.is_null()) {
            return Ok(());
        }
        set_string(node, self.namespace.as_str())?;
        stamp.mark(node, file)
    }
}

/// Sets the namespace of every resource of `set`.
pub(crate) fn run(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    setting: &Setting<'_>,
) -> Result<(), RenderError> {
    let cause = target.place(setting.namespace.origin);
    let mut seen: BTreeMap<ResourceId, usize> = BTreeMap::new();
    session.effects.entry(target, (cause, "namespace"), || setting.namespace.value.to_string());
    let resources = set.resources_mut();
    for resource in resources.iter() {
        *seen.entry(resource.current_id()).or_default() += 1;
    }
    let is_of_chart = |resource: &Resource| {
        resource.root.str_at(&["metadata", "annotations", helm::GENERATED]) == Some("true")
    };
    for resource in resources.iter_mut().filter(|resource| !resource.is_empty() && !is_of_chart(resource)) {
        let before = resource.current_id();
        if let Some(place) = written_elsewhere(resource, setting.namespace.as_str()) {
            session.effects.overridden((cause, "namespace"), place);
        }
        resource.store_previous_id();
        let mut stamp = Stamp {
            provenance: &mut session.files.provenance,
            cause,
            place: Some(cause),
            transformer: "namespace",
        };
        let done = change(resource, setting, &mut stamp);
        done.map_err(|problem| super::refuse(&session.files, resource, &problem))?;
        let after = resource.current_id();
        if after != before {
            // As in kustomize, the resources that are not changed yet count under their old names.
            if let Some(count) = seen.get_mut(&before) {
                *count -= 1;
            }
            *seen.entry(after.clone()).or_default() += 1;
        }
        if seen.get(&after).is_some_and(|count| *count > 1) {
            let at = session.files.location(resource.place);
            let message = format!("the namespace makes two resources {after}");
            return Err(RenderError::Invalid { at, message }
                .advise("give one of them another name, or set the namespace where only one of them is"));
        }
    }
    Ok(())
}

/// Where the manifest of a resource itself says another namespace.
fn written_elsewhere(resource: &Resource, namespace: &str) -> Option<Place> {
    let node = resource.root.at(&["metadata", "namespace"])?;
    let offset = node.origin.as_offset().and_then(|offset| u32::try_from(offset).ok())?;
    let differs = node.text().is_some_and(|text| !text.is_empty() && !node.is_null() && text != namespace);
    (differs && !resource.is_cluster_scoped()).then_some(Place { file: resource.place.file, offset })
}

/// Sets the namespace of one resource.
pub(crate) fn change(
    resource: &mut Resource,
    setting: &Setting<'_>,
    stamp: &mut Stamp<'_>,
) -> Result<(), PathProblem> {
    let gvk = resource.gvk();
    let file = resource.place.file;
    if !resource.is_cluster_scoped() {
        let spec = FieldSpec::new(Gvk::default(), "metadata/namespace", true);
        spec.visit(&mut resource.root, Make::Scalar, &mut |node| setting.set(node, stamp, file))?;
    }
    let is_binding = matches!(gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding");
    if is_binding {
        set_subjects(&mut resource.root, setting, stamp, file)?;
    }
    let is_core_v1 = gvk.group.is_empty() && gvk.version == "v1";
    for spec in setting.specs {
        let handled = spec.path == "metadata/namespace"
            || spec.path == "metadata/name" && !is_core_v1
            || is_binding
                && spec.path == "subjects/namespace"
                && matches!(spec.gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding");
        if !handled && spec.applies_to(&gvk) {
            spec.visit(&mut resource.root, Make::Scalar, &mut |node| setting.set(node, stamp, file))?;
        }
    }
    Ok(())
}

fn set_subjects(
    root: &mut Node,
    setting: &Setting<'_>,
    stamp: &mut Stamp<'_>,
    file: u32,
) -> Result<(), PathProblem> {
    let (field, wanted) = match setting.subjects {
        Subjects::Nothing => return Ok(()),
        Subjects::DefaultOnly => ("name", "default"),
        Subjects::AllServiceAccounts => ("kind", "ServiceAccount"),
    };
    let Some(subjects) = root.get_mut("subjects").filter(|subjects| !subjects.is_null()) else {
        return Ok(());
    };
    let Some(items) = subjects.items_mut() else {
        return Err(PathProblem("`subjects` must be a list".to_owned()));
    };
    for subject in items {
        if subject.get(field).and_then(Node::text) != Some(wanted) {
            continue;
        }
        if subject.get("namespace").is_none() {
            subject.set("namespace", Node::string(""));
        }
        if let Some(node) = subject.get_mut("namespace") {
            setting.set(node, stamp, file)?;
        }
    }
    Ok(())
}
