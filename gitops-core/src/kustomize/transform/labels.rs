//! `labels`, `commonLabels` and `commonAnnotations`.

use smol_str::SmolStr;

use crate::kustomize::configuration::Configuration;
use crate::kustomize::error::RenderError;
use crate::kustomize::field_spec::{FieldSpec, FieldSpecs, Make, PathProblem};
use crate::kustomize::kustomization::{Gvk, Label, Text};
use crate::kustomize::resource_set::ResourceSet;
use crate::kustomize::session::{Session, Stamp, Target};
use crate::kustomize::twins::Twins;
use crate::yaml::{Entry, Node, Scalar, Value};

/// Pairs to set, and where.
#[derive(Debug)]
pub(crate) struct Pairs<'a> {
    /// The field of the kustomization.
    pub(crate) transformer: &'static str,
    /// The pairs.
    pub(crate) values: &'a [(SmolStr, Text)],
    /// The mappings that get them.
    pub(crate) specs: &'a [FieldSpec],
}

/// Sets labels and annotations.
pub(super) fn run(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    configuration: &Configuration,
) -> Result<(), RenderError> {
    let transforms = &target.kustomization.transforms;
    for label in &transforms.labels {
        let specs = label_fields(label, configuration)
            .map_err(|problem| target.invalid(label.origin, problem.to_string()))?;
        let pairs = Pairs { transformer: "labels", values: &label.pairs, specs: &specs };
        add(session, target, set, &pairs)?;
        session.track(set, || Some(target.source("LabelTransformer")));
    }
    let (labels, annotations) = (&transforms.common_labels, &transforms.common_annotations);
    // kustomize runs the transformer of `commonLabels` wherever there are `labels`.
    if !labels.is_empty() || !transforms.labels.is_empty() {
        let specs = &configuration.common_labels;
        add(session, target, set, &Pairs { transformer: "commonLabels", values: labels, specs })?;
        session.track(set, || Some(target.source("LabelTransformer")));
    }
    if !annotations.is_empty() {
        let specs = &configuration.common_annotations;
        add(session, target, set, &Pairs { transformer: "commonAnnotations", values: annotations, specs })?;
        session.track(set, || Some(target.source("AnnotationsTransformer")));
    }
    Ok(())
}

/// The fields that an entry of `labels` sets.
fn label_fields(label: &Label, configuration: &Configuration) -> Result<Vec<FieldSpec>, PathProblem> {
    let mut specs = label.fields.clone();
    specs.merge_all(&configuration.labels)?;
    if label.include_selectors {
        specs.merge_all(&configuration.common_labels)?;
        return Ok(specs);
    }
    if label.include_templates {
        specs.merge_all(&configuration.template_labels)?;
    }
    specs.merge_one(&FieldSpec::new(Gvk::default(), "metadata/labels", true))?;
    Ok(specs)
}

/// Sets pairs in every resource of `set`.
pub(crate) fn add(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    pairs: &Pairs<'_>,
) -> Result<(), RenderError> {
    if pairs.values.is_empty() {
        return Ok(());
    }
    for resource in set.contents_mut() {
        let gvk = resource.gvk();
        let file = resource.place.file;
        let mut made: Vec<Made> = pairs.values.iter().map(|_| Made::new(&mut resource.twins)).collect();
        for spec in pairs.specs.iter().filter(|spec| spec.applies_to(&gvk)) {
            let provenance = &mut session.files.provenance;
            let changed = spec.visit(&mut resource.root, Make::Mapping, &mut |node: &mut Node| {
                for ((key, value), made) in pairs.values.iter().zip(&mut made) {
                    let place = target.place(value.origin);
                    let mut stamp = Stamp {
                        provenance: &mut *provenance,
                        cause: place,
                        place: Some(place),
                        transformer: pairs.transformer,
                    };
                    set_pair(node, (key, value.as_str()), made, |node| stamp.mark(node, file))?;
                }
                Ok::<(), PathProblem>(())
            });
            changed.map_err(|problem| super::refuse(&session.files, resource, &problem))?;
        }
        resource.settle_twins();
        for (made, (_, value)) in made.iter().zip(pairs.values).filter(|(made, _)| made.places > 1) {
            resource.twins.join(made.number, value.as_str());
        }
    }
    Ok(())
}

/// Where a pair was made that was not there: kustomize has one node at all these places.
#[derive(Debug)]
struct Made {
    number: u32,
    places: usize,
}

impl Made {
    fn new(twins: &mut Twins) -> Self {
        Self { number: twins.number(), places: 0 }
    }
}

fn set_pair(
    node: &mut Node,
    (key, value): (&SmolStr, &str),
    made: &mut Made,
    mark: impl FnOnce(&mut Node) -> Result<(), PathProblem>,
) -> Result<(), PathProblem> {
    let found = super::super::decode::type_name(node);
    let Some(mapping) = node.as_mapping_mut() else {
        return Err(PathProblem(format!("`{key}` cannot be set in {found}")));
    };
    if let Some(old) = mapping.get_mut(key) {
        let twin = old.as_scalar().map_or(0, Scalar::twin);
        old.value = Value::Scalar(Scalar::string(value).with_twin(twin));
        return mark(old);
    }
    let mut new = Node::scalar(Scalar::string(value).with_twin(made.number));
    made.places += 1;
    mark(&mut new)?;
    mapping.push(Entry {
        // As in kustomize, a new key is read as if it were written without quotes: `1` makes an integer.
        key: Scalar::plain(key.clone()),
        key_origin: new.origin,
        value: new,
    });
    Ok(())
}
