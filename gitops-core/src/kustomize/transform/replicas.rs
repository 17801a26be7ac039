//! `replicas`.

use crate::kustomize::error::RenderError;
use crate::kustomize::field_spec::{FieldSpec, Make, set_scalar};
use crate::kustomize::kustomization::Replica;
use crate::kustomize::resource::Resource;
use crate::kustomize::resource_set::ResourceSet;
use crate::kustomize::session::{Session, Stamp, Target};
use crate::kustomize::suggest;
use crate::yaml::{Node, Scalar};

/// Sets the replica count of every resource with the name, now or before; there must be one.
pub(crate) fn run(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    (replica, specs): (&Replica, &[FieldSpec]),
) -> Result<(), RenderError> {
    let cause = target.place(replica.origin);
    let mut found = false;
    for resource in set.contents_mut() {
        let gvk = resource.gvk();
        for spec in specs {
            if !is_meant(resource, replica, spec) {
                continue;
            }
            found = true;
            if !spec.applies_to(&gvk) {
                continue;
            }
            let file = resource.place.file;
            let mut stamp = Stamp {
                provenance: &mut session.files.provenance,
                cause,
                place: Some(target.place(replica.count_origin)),
                transformer: "replicas",
            };
            let changed = spec.visit(&mut resource.root, Make::Scalar, &mut |node: &mut Node| {
                set_scalar(node, Scalar::integer(replica.count))?;
                stamp.mark(node, file)
            });
            changed.map_err(|problem| super::refuse(&session.files, resource, &problem))?;
        }
    }
    if found {
        return Ok(());
    }
    let kinds: Vec<&str> = specs.iter().map(|spec| spec.gvk.kind.as_str()).collect();
    let error = RenderError::NoTarget {
        at: target.at(replica.name.origin),
        target: format!("`{}` of kind {}", replica.name.value, kinds.join(", ")),
    };
    Err(suggest::name(error, replica.name.as_str(), &kinds, set.resources()))
}

fn is_meant(resource: &Resource, replica: &Replica, spec: &FieldSpec) -> bool {
    let name = replica.name.as_str();
    let current = resource.name() == name && resource.current_id().is_selected_by(&spec.gvk);
    current
        || resource.previous.iter().any(|previous| previous.name == name)
            && resource.previous_ids().any(|id| id.name == name && id.is_selected_by(&spec.gvk))
}
