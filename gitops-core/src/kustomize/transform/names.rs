//! `namePrefix` and `nameSuffix`.

use crate::kustomize::error::RenderError;
use crate::kustomize::field_spec::{FieldSpec, Make, set_text};
use crate::kustomize::kustomization::Text;
use crate::kustomize::resource::Resource;
use crate::kustomize::resource_set::ResourceSet;
use crate::kustomize::session::{Session, Stamp, Target};
use crate::yaml::Node;

/// Where the affix goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Affix {
    /// Before the name.
    Prefix,
    /// After the name.
    Suffix,
}

/// Kinds whose names are left alone, with their group where it counts.
const SKIPPED: &[(&str, Option<&str>)] = &[
    ("CustomResourceDefinition", None),
    ("APIService", Some("apiregistration.k8s.io")),
    ("Namespace", None),
];

/// Adds one affix to the names in `set`.
pub(crate) fn add(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    (affix, text, specs): (Affix, &Text, &[FieldSpec]),
) -> Result<(), RenderError> {
    let cause = target.place(text.origin);
    let transformer = match affix {
        Affix::Prefix => "namePrefix",
        Affix::Suffix => "nameSuffix",
    };
    for resource in set.resources_mut() {
        let id = resource.original_id();
        if SKIPPED.iter().any(|(kind, group)| *kind == id.kind && group.is_none_or(|group| group == id.group))
        {
            continue;
        }
        for spec in specs {
            if !id.is_selected_by(&spec.gvk) {
                continue;
            }
            if spec.path == "metadata/name" {
                note(resource, affix, text);
            }
            if !spec.applies_to(&resource.gvk()) {
                continue;
            }
            let file = resource.place.file;
            let mut stamp =
                Stamp { provenance: &mut session.files.provenance, cause, place: Some(cause), transformer };
            let changed = spec.visit(&mut resource.root, Make::Scalar, &mut |node: &mut Node| {
                let old = node.text().unwrap_or_default();
                let new = match affix {
                    Affix::Prefix => format!("{}{old}", text.value),
                    Affix::Suffix => format!("{old}{}", text.value),
                };
                set_text(node, &new)?;
                stamp.mark(node, file)
            });
            changed.map_err(|problem| super::refuse(&session.files, resource, &problem))?;
        }
    }
    Ok(())
}

fn note(resource: &mut Resource, affix: Affix, text: &Text) {
    if text.is_empty() {
        return;
    }
    match affix {
        Affix::Prefix => resource.prefixes.push(text.value.clone()),
        Affix::Suffix => resource.suffixes.push(text.value.clone()),
    }
    resource.store_previous_id();
}
