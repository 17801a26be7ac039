//! The transformers of a kustomization, in kustomize's order whatever the order of its fields.

pub(crate) mod images;
pub(crate) mod labels;
pub(crate) mod names;
pub(crate) mod namespace;
pub(crate) mod patches;
pub(crate) mod replicas;

use std::sync::Arc;

use super::accumulate::Accumulator;
use super::effort;
use super::error::RenderError;
use super::faults::Faults;
use super::field_spec::PathProblem;
use super::files::Files;
use super::kustomization::Text;
use super::replacement;
use super::resource::Resource;
use super::resource_set::ResourceSet;
use super::session::{Session, Target};

pub(crate) use labels::Pairs;
pub(crate) use names::Affix;
pub(crate) use namespace::{Setting, Subjects};

/// Runs the transformers of `target` on what it has gathered.
pub(crate) fn run(
    session: &mut Session<'_>,
    target: &Target<'_>,
    accumulator: &mut Accumulator,
) -> Result<(), RenderError> {
    let configuration = accumulator.configuration.clone().unwrap_or_else(|| Arc::clone(session.builtin()));
    let transforms = &target.kustomization.transforms;
    let set = &mut accumulator.set;
    let entries = &transforms.patches_strategic_merge;
    let track = |session: &Session<'_>, set: &mut ResourceSet, plugin: &str| {
        session.track(set, || Some(target.source(plugin)));
    };
    if !entries.is_empty() {
        patches::strategic_merges(session, target, set, (entries, &Text::default()))?;
        track(session, set, "PatchStrategicMergeTransformer");
    }
    let mut faults = Faults::default();
    for patch in &transforms.patches {
        faults.take(patches::apply(session, target, set, patch))?;
        track(session, set, "PatchTransformer");
    }
    faults.finish()?;
    if !transforms.namespace.is_empty() {
        let setting = namespace::Setting::of_field(target, &configuration);
        namespace::run(session, target, set, &setting)?;
        track(session, set, "NamespaceTransformer");
    }
    let (prefix, suffix) = (&transforms.name_prefix, &transforms.name_suffix);
    if !prefix.is_empty() {
        names::add(session, target, set, (Affix::Prefix, prefix, &configuration.name_prefix))?;
        track(session, set, "PrefixTransformer");
    }
    if !suffix.is_empty() {
        names::add(session, target, set, (Affix::Suffix, suffix, &configuration.name_suffix))?;
        track(session, set, "SuffixTransformer");
    }
    labels::run(session, target, set, &configuration)?;
    let mut faults = Faults::default();
    for patch in &transforms.patches_json6902 {
        faults.take(patches::apply_json6902(session, target, set, patch))?;
        track(session, set, "PatchJson6902Transformer");
    }
    for replica in &transforms.replicas {
        faults.take(replicas::run(session, target, set, (replica, &configuration.replicas)))?;
        track(session, set, "ReplicaCountTransformer");
    }
    faults.finish()?;
    images::run(session, target, set, (&transforms.images, &configuration.images))?;
    for _ in &transforms.images {
        track(session, set, "ImageTagTransformer");
    }
    replacement::run(session, target, set)?;
    set.drop_empty();
    Ok(())
}

/// The error that a field of `resource` cannot be changed.
pub(crate) fn refuse(files: &Files<'_>, resource: &Resource, problem: &PathProblem) -> RenderError {
    effort::refuse_too_much(files).err().unwrap_or_else(|| RenderError::Invalid {
        at: files.location(resource.place),
        message: format!("{}: {problem}", resource.current_id()),
    })
}
