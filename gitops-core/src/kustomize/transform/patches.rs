//! `patches`, `patchesStrategicMerge` and `patchesJson6902`: which objects a patch goes to.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::kustomize::effort;
use crate::kustomize::error::RenderError;
use crate::kustomize::faults::Faults;
use crate::kustomize::files::SourceFile;
use crate::kustomize::kustomization::{Patch, SelectorFields, Text};
use crate::kustomize::manifest::{ManifestText, map_origins};
use crate::kustomize::openapi;
use crate::kustomize::resource::Resource;
use crate::kustomize::resource_set::ResourceSet;
use crate::kustomize::select::ResourceSelector;
use crate::kustomize::session::{Session, Target};
use crate::kustomize::suggest;
use crate::patch::{MergeSchemas, Outcome, PatchError, Recorder, json6902, strategic_merge};
use crate::provenance::Place;
use crate::yaml::{Mapping, Node, Origin, Scalar, Tag, Value};

/// The name under which effects of every sort of patch are noted.
const PATCHES: &str = "patches";

/// What a patch may change, and who it is.
#[derive(Clone, Copy, Debug)]
struct Terms {
    cause: Place,
    /// The place under which its effect is noted; nothing for that of the patch's own document.
    effect: Option<Place>,
    transformer: &'static str,
    allow_name_change: bool,
    allow_kind_change: bool,
}

/// Applies strategic merge patches: `entries` are inline or paths, and `inline` holds further ones.
pub(crate) fn strategic_merges(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    (entries, inline): (&[Text], &Text),
) -> Result<(), RenderError> {
    let mut patches = vec![];
    let mut faults = Faults::default();
    for entry in entries {
        let read = faults.take(strategic_merge_entry(session, target, entry))?;
        patches.extend(read.unwrap_or_default().into_iter().map(|patch| (patch, entry)));
    }
    faults.finish()?;
    let source = session.files.inline(&target.file, inline.as_str(), inline.origin);
    let further = ManifestText(&source).resources()?;
    session.files.register(&source);
    patches.extend(further.into_iter().map(|patch| (patch, inline)));
    if patches.is_empty() {
        let origin = entries.first().unwrap_or(inline).origin;
        return Err(target.invalid(origin, "the patches are empty"));
    }
    let mut faults = Faults::default();
    for (patch, entry) in patches {
        session.effects.entry(target, (patch.place, PATCHES), || patch.current_id().to_string());
        let terms = Terms {
            cause: target.place(entry.origin),
            effect: None,
            transformer: "patchesStrategicMerge",
            allow_name_change: false,
            allow_kind_change: false,
        };
        let scopes = session.schemas.scopes().clone();
        let patch = Resource { root: with_text_metadata(&patch.root), scopes, ..patch };
        faults.take(merge_by_identity(session, set, &patch, terms))?;
        set.drop_empty();
    }
    faults.finish()
}

/// The patches of one entry: inline ones, or those of a file.
fn strategic_merge_entry(
    session: &mut Session<'_>,
    target: &Target<'_>,
    entry: &Text,
) -> Result<Vec<Resource>, RenderError> {
    let inline = session.files.inline(&target.file, entry.as_str(), entry.origin);
    if let Ok(patches) = ManifestText(&inline).resources() {
        session.files.register(&inline);
        return Ok(patches);
    }
    let file = session.files.text(&target.directory, entry.as_str(), &target.at(entry.origin))?;
    session.files.parsed.manifests(&file)
}

/// Applies one entry of `patches`: a strategic merge patch, or a JSON patch.
pub(crate) fn apply(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    patch: &Patch,
) -> Result<(), RenderError> {
    let text = read(session, target, patch)?;
    // What reads as manifests is no list, and so no JSON patch.
    let mut merges = match session.files.parsed.manifests(&text) {
        Ok(merges) => merges,
        Err(strategic) => match parse_json(session, &text) {
            Ok(operations) => return apply_json(session, target, set, (patch, &text, &operations)),
            // Tell what is wrong with the sort that the text looks like.
            Err(json) if text.text.trim_start().starts_with(['-', '[']) => return Err(json),
            Err(_) => return Err(strategic),
        },
    };
    openapi::set_scopes(session, &mut merges);
    if patch.allow_name_change || patch.allow_kind_change {
        // Kustomize notes that in the annotations of the patch.
        for merge in &mut merges {
            merge.root = with_texts(&merge.root, &["annotations"]);
        }
    }
    let terms = Terms {
        cause: target.place(patch.origin),
        effect: text.is_inline().then(|| target.place(patch.origin)),
        transformer: "patches",
        allow_name_change: patch.allow_name_change,
        allow_kind_change: patch.allow_kind_change,
    };
    if patch.target.is_some() {
        merge_selected(session, target, set, (patch, &merges, terms))?;
    } else {
        let mut faults = Faults::default();
        for merge in &merges {
            let place = terms.effect.unwrap_or(merge.place);
            session.effects.entry(target, (place, PATCHES), || merge.current_id().to_string());
            faults.take(merge_by_identity(session, set, merge, terms))?;
        }
        faults.finish()?;
    }
    set.drop_empty();
    Ok(())
}

/// Applies an entry of `patchesJson6902`.
pub(crate) fn apply_json6902(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    patch: &Patch,
) -> Result<(), RenderError> {
    let text = read(session, target, patch)?;
    if patch.target.as_ref().is_none_or(|selector| selector.name.is_empty()) {
        return Err(target
            .invalid(patch.origin, "the JSON patch has no target with a name")
            .advise("add `target` with `kind` and `name`"));
    }
    let operations = parse_json(session, &text)?;
    if operations.is_empty() {
        return Err(target.invalid(patch.origin, "the JSON patch is empty"));
    }
    change_json(session, target, set, (patch, &text, &operations, "patchesJson6902"))
}

/// The text of a patch: a file, or a string in the kustomization.
fn read(session: &mut Session<'_>, target: &Target<'_>, patch: &Patch) -> Result<SourceFile, RenderError> {
    let inline = patch.patch.as_str().trim();
    match (patch.path.is_empty(), inline.is_empty()) {
        (true, true) => Err(target
            .invalid(patch.origin, "the patch needs `patch` or `path`")
            .advise("write the patch under `patch: |`, or name its file under `path`")),
        (false, false) => Err(target
            .invalid(patch.origin, "the patch has both `patch` and `path`")
            .advise("make them two entries of `patches`")),
        (true, false) => {
            let source = session.files.inline(&target.file, inline, patch.patch.origin);
            session.files.register(&source);
            Ok(source)
        }
        (false, true) => {
            let at = target.at(patch.path.origin);
            session.files.text(&target.directory, patch.path.as_str(), &at)
        }
    }
}

/// The operations of a JSON patch, written as JSON or as YAML.
fn parse_json(session: &mut Session<'_>, text: &SourceFile) -> Result<Vec<json6902::Operation>, RenderError> {
    let root = if text.text.starts_with('[') {
        let json: serde_json::Value =
            serde_json::from_str(&text.text).map_err(|error| refuse_json(text, &error))?;
        let mut root = Node::from_json(&json);
        map_origins(&mut root, &mut |_| Origin::offset(0));
        // JSON is YAML too, and only the reader of that knows places.
        if let Ok(placed) = session.files.parsed.document(text) {
            copy_origins(&mut root, &placed);
        }
        root
    } else {
        session.files.parsed.document(text)?
    };
    json6902::parse(&root).map_err(|error| locate(text, &error))
}

/// The error that a JSON patch, written as JSON, cannot be read. Nothing of it is shown.
fn refuse_json(text: &SourceFile, error: &serde_json::Error) -> RenderError {
    let problem =
        if error.is_eof() { "the JSON patch ends too early" } else { "the JSON patch is no valid JSON" };
    let at = text.at_offset(text.offset_of(error.line(), error.column()));
    RenderError::Invalid { at, message: problem.to_owned() }
        .advise("look for a missing quote, comma or bracket; as YAML a patch needs none of them")
}

/// Gives `node` the origins of `placed` as far as both have the same shape.
fn copy_origins(node: &mut Node, placed: &Node) {
    node.origin = placed.origin;
    if let Some(items) = node.items_mut() {
        items.iter_mut().zip(placed.items()).for_each(|(item, placed)| copy_origins(item, placed));
    }
    for entry in node.as_mapping_mut().map(Mapping::entries_mut).into_iter().flatten() {
        if let Some(placed) = placed.get(entry.key.text()) {
            copy_origins(&mut entry.value, placed);
        }
    }
}

fn locate(text: &SourceFile, error: &PatchError) -> RenderError {
    RenderError::Patch { at: text.at(error.origin()), object: None, source: Box::new(error.clone()) }
}

fn apply_json(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    (patch, text, operations): (&Patch, &SourceFile, &[json6902::Operation]),
) -> Result<(), RenderError> {
    if patch.target.is_none() {
        return Err(target
            .invalid(patch.origin, "a JSON patch needs a `target`")
            .advise("add `target` with `kind` and `name`; a JSON patch does not say what it is for"));
    }
    change_json(session, target, set, (patch, text, operations, "patches"))
}

fn change_json(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    (patch, text, operations, transformer): (&Patch, &SourceFile, &[json6902::Operation], &'static str),
) -> Result<(), RenderError> {
    let fields = patch.target.clone().unwrap_or_default();
    let selector = ResourceSelector::new(target, &fields)?;
    let selected: Vec<usize> = indexes(set, &selector);
    let entry = (target.place(patch.origin), PATCHES);
    session.effects.entry(target, entry, || describe(&fields));
    for index in selected {
        let before = session.effects.before(set.get(index));
        let mut recorder = Recorder {
            provenance: &mut session.files.provenance,
            patch_file: text.index,
            target_file: 0,
            cause: Some(target.place(patch.origin)),
            transformer,
            removals: vec![],
        };
        let done = set.modify(index, |resource| {
            if transformer == "patches" {
                resource.store_previous_id();
            }
            recorder.target_file = resource.place.file;
            let done =
                with_annotations(resource, |root| json6902::apply(root, operations, Some(&mut recorder)));
            resource.removals.append(&mut recorder.removals);
            done.map_err(|error| (resource.current_id().to_string(), error))
        });
        if let Some(Err((object, error))) = done {
            let at = session.files.locate(text.index, error.origin());
            return Err(RenderError::Patch { at, object: Some(object), source: Box::new(error) });
        }
        session.effects.selected(entry, before, set.get(index));
        if set.get(index).is_some_and(|resource| resource.name().is_empty() || resource.kind().is_empty()) {
            return Err(target
                .invalid(patch.origin, "the patch takes the kind or name from a resource")
                .advise("to drop a resource, use a strategic merge patch with `$patch: delete`"));
        }
        effort::refuse_too_much(&session.files)?;
    }
    Ok(())
}

/// Runs `change` on a manifest that has annotations if kustomize would have kept notes in them.
fn with_annotations(
    resource: &mut Resource,
    change: impl FnOnce(&mut Node) -> Result<(), PatchError>,
) -> Result<(), PatchError> {
    const PATH: &[&str] = &["metadata", "annotations"];
    let has_notes = !resource.previous.is_empty() || resource.needs_hash || !resource.prefixes.is_empty();
    let missing = resource.root.at(PATH).is_none_or(Node::is_null);
    if has_notes && missing {
        resource.root.set_at(PATH, Node::mapping::<&str>([]));
    }
    // Kustomize prints the manifest as JSON to patch it.
    resource.root.refold();
    resource.twins.part();
    change(&mut resource.root)?;
    print_numbers(&mut resource.root);
    // The annotations are made anew, of strings.
    let annotations = resource.root.at_mut(PATH).and_then(Node::as_mapping_mut);
    for value in annotations.into_iter().flat_map(Mapping::values_mut) {
        if let Some(text) = json_text(value) {
            *value = Node::string(text).with_origin(value.origin);
        }
    }
    if resource.root.at(PATH).is_some_and(|node| node.is_mapping() && node.entries().is_empty())
        && let Some(metadata) = resource.root.get_mut("metadata")
    {
        metadata.remove("annotations");
    }
    Ok(())
}

/// What a selector says, for people.
fn describe(fields: &SelectorFields) -> String {
    let parts = [
        ("group", &fields.group),
        ("version", &fields.version),
        ("kind", &fields.kind),
        ("name", &fields.name),
        ("namespace", &fields.namespace),
        ("labelSelector", &fields.label_selector),
        ("annotationSelector", &fields.annotation_selector),
    ];
    let parts = parts.iter().filter(|(_, text)| !text.is_empty());
    let parts: Vec<String> = parts.map(|(name, text)| format!("{name} `{}`", text.value)).collect();
    if parts.is_empty() { "everything".to_owned() } else { parts.join(", ") }
}

/// The text of a scalar that is no string, in the patched JSON.
fn json_text(node: &Node) -> Option<SmolStr> {
    let scalar = node.as_scalar()?;
    match scalar.tag() {
        Tag::Str | Tag::Merge => None,
        Tag::Null => Some(SmolStr::new_static("null")),
        Tag::Int | Tag::Float => scalar.as_go_float(),
        Tag::Bool | Tag::Timestamp | Tag::Binary => {
            let json = node.to_json().ok()?;
            Some(json.as_str().map_or_else(|| json.to_string().into(), SmolStr::from))
        }
    }
}

/// Makes of every number the text that Go prints for its `float64`: kustomize reads the patched JSON so. In the end
/// that is the same number, but where text is made of it.
fn print_numbers(node: &mut Node) {
    if !holds_other_number(node) {
        return;
    }
    if let Some(text) = node.as_scalar().and_then(Scalar::as_go_float) {
        *node = Node::scalar(Scalar::plain(text)).with_origin(node.origin);
    }
    node.items_mut().into_iter().flatten().for_each(print_numbers);
    node.as_mapping_mut().into_iter().flat_map(Mapping::values_mut).for_each(print_numbers);
}

/// Whether a number at or below `node` is not written as Go prints it.
fn holds_other_number(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.as_go_float().is_some_and(|text| text != scalar.text()),
        Value::Sequence(items) => items.iter().any(holds_other_number),
        Value::Mapping(mapping) => mapping.entries().iter().any(|entry| holds_other_number(&entry.value)),
    }
}

fn indexes(set: &ResourceSet, selector: &ResourceSelector) -> Vec<usize> {
    let all = set.resources().iter().enumerate();
    all.filter(|(_, resource)| selector.matches(resource)).map(|(index, _)| index).collect()
}

fn merge_selected(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
    (patch, merges, terms): (&Patch, &[Resource], Terms),
) -> Result<(), RenderError> {
    openapi::note_merge(session);
    let (merge, fields) = match (merges, &patch.target) {
        ([], _) | (_, None) => return Ok(()),
        ([merge], Some(fields)) => (merge, fields),
        (_, Some(_)) => {
            let message = "a patch with a `target` must be one document";
            let hint = "write one entry of `patches` for each document";
            return Err(target.invalid(patch.origin, message).advise(hint));
        }
    };
    let selector = ResourceSelector::new(target, fields)?;
    session.effects.entry(target, (terms.effect.unwrap_or(merge.place), PATCHES), || describe(fields));
    let merge = &Resource { root: with_text_metadata(&merge.root), ..merge.clone() };
    for index in indexes(set, &selector) {
        let has_version = set.get(index).is_some_and(has_api_version);
        merge_at(session, set, (index, merge, terms))?;
        if !has_version {
            set.modify(index, write_api_version);
        }
    }
    if terms.allow_name_change || terms.allow_kind_change {
        set.drop_empty();
        set.refuse_duplicates(&session.files)?;
    }
    Ok(())
}

fn has_api_version(resource: &Resource) -> bool {
    resource.root.get("apiVersion").filter(|node| !node.is_null()).is_some_and(|node| node.text() != Some(""))
}

/// A resource without a version of its API says so after a patch with a target, whatever the patch says.
fn write_api_version(resource: &mut Resource) {
    if !resource.is_empty() {
        resource.root.set("apiVersion", Node::null());
    }
}

/// A patch as kustomize copies it for a target: each label and annotation is a string, null too, and the empty map
/// goes.
fn with_text_metadata(patch: &Node) -> Node {
    with_texts(patch, &["labels", "annotations"])
}

/// A patch with a string for each value of some of its metadata; an empty map goes.
fn with_texts(patch: &Node, fields: &[&str]) -> Node {
    let mut patch = patch.clone();
    for &field in fields {
        let Some(metadata) = patch.get_mut("metadata") else { return patch };
        let Some(values) = metadata.get(field) else { continue };
        // The last of equal keys wins.
        let texts: BTreeMap<_, _> = values
            .entries()
            .iter()
            .map(|entry| {
                let text = entry.value.text().unwrap_or_default();
                (entry.key.shared_text(), Node::string(text).with_origin(entry.value.origin))
            })
            .collect();
        if texts.is_empty() {
            metadata.remove(field);
        } else {
            let origin = values.origin;
            metadata.set(field, Node::mapping(texts).with_origin(origin));
        }
    }
    patch
}

fn merge_by_identity(
    session: &mut Session<'_>,
    set: &mut ResourceSet,
    merge: &Resource,
    terms: Terms,
) -> Result<(), RenderError> {
    openapi::note_merge(session);
    let id = merge.current_id();
    match set.find_one(&id) {
        Ok(index) => merge_at(session, set, (index, merge, terms)),
        Err(count) => {
            let at = session.files.location(merge.place);
            let target = id.to_string();
            Err(match count {
                0 => suggest::target(RenderError::NoTarget { at, target }, &id, set.resources()),
                count => RenderError::ManyTargets { at, target, count },
            })
        }
    }
}

fn merge_at(
    session: &mut Session<'_>,
    set: &mut ResourceSet,
    (index, merge, terms): (usize, &Resource, Terms),
) -> Result<(), RenderError> {
    let target_file = set.get(index).map(|resource| resource.place.file).unwrap_or_default();
    let [target_source, patch_source] =
        [target_file, merge.place.file].map(|file| session.files.source(file));
    let mut recorder = Recorder {
        provenance: &mut session.files.provenance,
        patch_file: merge.place.file,
        target_file,
        cause: Some(terms.cause),
        transformer: terms.transformer,
        removals: vec![],
    };
    let schemas = MergeSchemas {
        schemas: &session.schemas,
        target: target_source.as_ref().map(SourceFile::schema_comments),
        patch: patch_source.as_ref().map(SourceFile::schema_comments),
    };
    let before = session.effects.before(set.get(index));
    let done = set.modify(index, |resource| {
        let done = merge_into(resource, merge, schemas, (terms, &mut recorder));
        resource.settle_twins();
        done.map_err(|error| (resource.current_id().to_string(), error))
    });
    if let Some(Err((object, error))) = done {
        let at = session.files.locate(merge.place.file, error.origin());
        return Err(RenderError::Patch { at, object: Some(object), source: Box::new(error) });
    }
    session.effects.selected((terms.effect.unwrap_or(merge.place), PATCHES), before, set.get(index));
    effort::refuse_too_much(&session.files)
}

/// Merges a patch into a resource; its identity stays, unless the patch may change it.
fn merge_into(
    resource: &mut Resource,
    merge: &Resource,
    schemas: MergeSchemas<'_>,
    (terms, recorder): (Terms, &mut Recorder<'_>),
) -> Result<(), PatchError> {
    if terms.allow_name_change || terms.allow_kind_change {
        resource.store_previous_id();
    }
    let mut patch = merge.root.clone();
    let kept = |resource: &Resource, path: &[&str]| resource.root.at(path).cloned();
    let api_version = kept(resource, &["apiVersion"]);
    if let Some(api_version) = api_version.clone()
        && patch.get("apiVersion") != Some(&api_version)
    {
        patch.set("apiVersion", api_version);
    }
    let kind = kept(resource, &["kind"]);
    let name = kept(resource, &["metadata", "name"]);
    let namespace = kept(resource, &["metadata", "namespace"]);
    let outcome = strategic_merge(&mut resource.root, &patch, schemas, Some(recorder))?;
    resource.removals.append(&mut recorder.removals);
    match outcome {
        Outcome::Deleted => {
            if let Some(dropped) = resource.drop_by_removal() {
                recorder.provenance.drop_object(dropped);
            }
            return Ok(());
        }
        Outcome::Merged if resource.is_empty() => return Ok(()),
        Outcome::Merged => {}
    }
    // The patch was given the object's own, so that another one does no harm.
    restore(&mut resource.root, &["apiVersion"], api_version);
    if !terms.allow_kind_change {
        restore(&mut resource.root, &["kind"], kind);
    }
    if !terms.allow_name_change {
        restore(&mut resource.root, &["metadata", "name"], name);
    }
    match namespace {
        Some(namespace) => restore(&mut resource.root, &["metadata", "namespace"], Some(namespace)),
        None => {
            if resource.root.at(&["metadata", "namespace"]).is_some()
                && let Some(metadata) = resource.root.get_mut("metadata")
            {
                metadata.remove("namespace");
            }
        }
    }
    Ok(())
}

fn restore(root: &mut Node, path: &[&str], old: Option<Node>) {
    let Some(old) = old else { return };
    let same = root.at(path).is_some_and(|now| now.origin == old.origin && *now == old);
    if !same {
        root.set_at(path, old);
    }
}
