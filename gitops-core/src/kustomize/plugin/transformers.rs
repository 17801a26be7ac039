//! The built-in transformers, each configured by a manifest of its own.

use super::Plugin;
use crate::kustomize::decode::Unknown;
use crate::kustomize::error::RenderError;
use crate::kustomize::field_spec::{FieldSpec, Make, set_string};
use crate::kustomize::kustomization::{
    Gvk, Patch, Replica, Text, read_image, read_patch, read_replica, read_selector,
};
use crate::kustomize::replacement;
use crate::kustomize::resource_set::ResourceSet;
use crate::kustomize::select::ResourceSelector;
use crate::kustomize::session::{Session, Stamp};
use crate::kustomize::transform::{
    Affix, Pairs, Setting, Subjects, images, labels, names, namespace, patches,
};
use crate::kustomize::transform::{refuse, replicas};
use crate::yaml::Node;

/// Runs one transformer.
pub(super) fn run(
    session: &mut Session<'_>,
    plugin: &Plugin<'_>,
    set: &mut ResourceSet,
) -> Result<(), RenderError> {
    super::refuse_foreign(plugin)?;
    let target = &plugin.target;
    let decoder = plugin.decoder();
    match plugin.config.kind() {
        "AnnotationsTransformer" => pairs(session, plugin, set, "annotations"),
        "LabelTransformer" => pairs(session, plugin, set, "labels"),
        "HashTransformer" => super::super::add_hashes(session, set),
        "ImageTagTransformer" => {
            let Some(node) = plugin.field("imageTag")? else { return Ok(()) };
            let image = read_image(&decoder, node)?;
            images::run(session, target, set, (&[image], &plugin.field_specs()?.unwrap_or_default()))
        }
        "NamespaceTransformer" => set_namespace(session, plugin, set),
        "PatchTransformer" => {
            let mut patch = read_patch(&decoder, plugin.root())?;
            patch.origin = plugin.root().origin;
            patches::apply(session, target, set, &patch)
        }
        "PatchJson6902Transformer" => json_patch(session, plugin, set),
        "PatchStrategicMergeTransformer" => strategic_merge(session, plugin, set),
        "PrefixTransformer" => affix(session, plugin, set, Affix::Prefix),
        "SuffixTransformer" => affix(session, plugin, set, Affix::Suffix),
        "PrefixSuffixTransformer" => {
            affix(session, plugin, set, Affix::Prefix)?;
            affix(session, plugin, set, Affix::Suffix)
        }
        "ReplicaCountTransformer" => {
            let replica = match plugin.field("replica")? {
                Some(node) => read_replica(&decoder, node)?,
                None => Replica::default(),
            };
            replicas::run(session, target, set, (&replica, &plugin.field_specs()?.unwrap_or_default()))
        }
        "ReplacementTransformer" => replacements(session, plugin, set),
        "ValueAddTransformer" => value_add(session, plugin, set),
        _ => Err(super::unknown(plugin, "transformer")),
    }
}

fn pairs(
    session: &mut Session<'_>,
    plugin: &Plugin<'_>,
    set: &mut ResourceSet,
    field: &'static str,
) -> Result<(), RenderError> {
    let Some(node) = plugin.field(field)? else { return Ok(()) };
    let values = plugin.decoder().text_map(node, field)?;
    let specs = plugin.field_specs()?.unwrap_or_default();
    labels::add(session, &plugin.target, set, &Pairs { transformer: field, values: &values, specs: &specs })
}

fn set_namespace(
    session: &mut Session<'_>,
    plugin: &Plugin<'_>,
    set: &mut ResourceSet,
) -> Result<(), RenderError> {
    let decoder = plugin.decoder();
    let subjects = match plugin.text("setRoleBindingSubjects")?.as_str() {
        "" | "defaultOnly" => Subjects::DefaultOnly,
        "allServiceAccounts" => Subjects::AllServiceAccounts,
        "none" => Subjects::Nothing,
        other => {
            let message = format!(
                "`setRoleBindingSubjects` must be `defaultOnly`, `allServiceAccounts` or `none`, not `{other}`"
            );
            return Err(plugin.invalid(message));
        }
    };
    let unset_only = plugin.field("unsetOnly")?.map(|node| decoder.boolean(node, "unsetOnly")).transpose()?;
    let text = plugin.root().at(&["metadata", "namespace"]).map(|node| decoder.text(node, "namespace"));
    let text = text.transpose()?.unwrap_or_default();
    if text.is_empty() {
        return Ok(());
    }
    let specs = plugin.field_specs()?.unwrap_or_default();
    let setting =
        Setting { namespace: &text, specs: &specs, subjects, unset_only: unset_only.unwrap_or_default() };
    namespace::run(session, &plugin.target, set, &setting)
}

fn json_patch(
    session: &mut Session<'_>,
    plugin: &Plugin<'_>,
    set: &mut ResourceSet,
) -> Result<(), RenderError> {
    let selector = plugin.field("target")?;
    let patch = Patch {
        origin: plugin.root().origin,
        path: plugin.text("path")?,
        patch: plugin.text("jsonOp")?,
        target: selector.map(|node| read_selector(&plugin.decoder(), node)).transpose()?,
        ..Patch::default()
    };
    patches::apply_json6902(session, &plugin.target, set, &patch)
}

fn strategic_merge(
    session: &mut Session<'_>,
    plugin: &Plugin<'_>,
    set: &mut ResourceSet,
) -> Result<(), RenderError> {
    let paths = match plugin.field("paths")? {
        Some(node) => plugin.decoder().texts(node, "paths")?,
        None => vec![],
    };
    let inline = plugin.text("patches")?;
    if paths.is_empty() && inline.is_empty() {
        return Err(plugin.invalid("the transformer has neither `paths` nor `patches`"));
    }
    patches::strategic_merges(session, &plugin.target, set, (&paths, &inline))
}

fn affix(
    session: &mut Session<'_>,
    plugin: &Plugin<'_>,
    set: &mut ResourceSet,
    affix: Affix,
) -> Result<(), RenderError> {
    let field = match affix {
        Affix::Prefix => "prefix",
        Affix::Suffix => "suffix",
    };
    let text = plugin.text(field)?;
    let Some(specs) = plugin.field_specs()? else {
        return Err(plugin.invalid("the transformer has no `fieldSpecs`"));
    };
    names::add(session, &plugin.target, set, (affix, &text, &specs))
}

fn replacements(
    session: &mut Session<'_>,
    plugin: &Plugin<'_>,
    set: &mut ResourceSet,
) -> Result<(), RenderError> {
    let entries = match plugin.field("replacements")? {
        Some(node) => plugin.decoder().list(node, "replacements", |item| Ok(item.clone()))?,
        None => vec![],
    };
    replacement::run_entries(session, &plugin.target, set, (&entries, Unknown::Ignored))
}

/// One target of a `ValueAddTransformer`.
struct ValueTarget {
    selector: Option<ResourceSelector>,
    path: Text,
    position: i64,
}

fn value_add(
    session: &mut Session<'_>,
    plugin: &Plugin<'_>,
    set: &mut ResourceSet,
) -> Result<(), RenderError> {
    let mut value = plugin.text("value")?;
    value.value = value.as_str().trim().into();
    if value.is_empty() {
        value.value = plugin.target.directory.name().into();
    }
    let mut targets = vec![];
    if let Some(node) = plugin.field("targets")? {
        targets = plugin.decoder().list(node, "targets", |item| value_target(plugin, item))?;
    }
    let file = plugin.text("targetFilePath")?;
    if !file.is_empty() {
        let at = plugin.target.at(file.origin);
        let source = session.files.text(&plugin.target.directory, file.as_str(), &at)?;
        let root = session.files.parsed.document(&source)?;
        for item in root.get("targets").map_or(&[][..], Node::items) {
            targets.push(value_target(plugin, item)?);
        }
    }
    if targets.is_empty() {
        return Err(plugin.invalid("the transformer has no `targets`"));
    }
    targets.iter().try_for_each(|target| add_value(session, plugin, set, (&value, target)))
}

fn value_target(plugin: &Plugin<'_>, node: &Node) -> Result<ValueTarget, RenderError> {
    let decoder = plugin.decoder();
    let mut target = ValueTarget { selector: None, path: Text::default(), position: 0 };
    for (field, value) in decoder.fields(node, "targets", &["selector", "fieldPath", "filePathPosition"])? {
        match field {
            "selector" => {
                let selector = read_selector(&decoder, value)?;
                target.selector = Some(ResourceSelector::new(&plugin.target, &selector)?);
            }
            "fieldPath" => target.path = decoder.text(value, field)?,
            _ => target.position = decoder.integer(value, field)?,
        }
    }
    if target.path.is_empty() {
        return Err(plugin.invalid("a target has no `fieldPath`"));
    }
    if target.position < 0 {
        return Err(plugin.invalid("`filePathPosition` must not be negative"));
    }
    Ok(target)
}

fn add_value(
    session: &mut Session<'_>,
    plugin: &Plugin<'_>,
    set: &mut ResourceSet,
    (value, target): (&Text, &ValueTarget),
) -> Result<(), RenderError> {
    let spec = FieldSpec::new(Gvk::default(), target.path.value.clone(), true);
    let setting =
        Setting { namespace: value, specs: &[], subjects: Subjects::DefaultOnly, unset_only: false };
    let place = plugin.target.place(plugin.root().origin);
    for resource in set.resources_mut() {
        if target.selector.as_ref().is_some_and(|selector| !selector.matches(resource)) {
            continue;
        }
        let file = resource.place.file;
        let mut stamp = Stamp {
            provenance: &mut session.files.provenance,
            cause: place,
            place: Some(place),
            transformer: "ValueAddTransformer",
        };
        let changed = if target.path.as_str() == "metadata/namespace" {
            namespace::change(resource, &setting, &mut stamp)
        } else {
            spec.visit(&mut resource.root, Make::Scalar, &mut |node| {
                let old = node.text().unwrap_or_default();
                let new = insert_part(old, target.position, value.as_str());
                set_string(node, &new)?;
                stamp.mark(node, file)
            })
        };
        changed.map_err(|problem| refuse(&session.files, resource, &problem))?;
    }
    Ok(())
}

/// Inserts `part` into a file path as its `position`th part, counted from 1; 0 replaces the whole.
fn insert_part(path: &str, position: i64, part: &str) -> String {
    let Some(at) = position.checked_sub(1).and_then(|at| usize::try_from(at).ok()) else {
        return part.to_owned();
    };
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts.insert(at.min(parts.len()), part);
    let slash = if path.starts_with('/') { "/" } else { "" };
    format!("{slash}{}", parts.join("/"))
}
