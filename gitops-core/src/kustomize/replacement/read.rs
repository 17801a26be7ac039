//! The configuration of replacements: inline entries, and files with one or several.

use smol_str::SmolStr;

use super::{FieldOptions, Replacement, Selector, Source, SourceSelector, TargetSelector};
use crate::kustomize::decode::{Decoder, Unknown};
use crate::kustomize::error::RenderError;
use crate::kustomize::kustomization::{Gvk, Text, read_selector};
use crate::kustomize::select::{LABELS_HINT, PATTERN_HINT};
use crate::kustomize::session::{Session, Target};
use crate::provenance::Place;
use crate::selector::{AnchoredPattern, LabelSelector, SelectorError};
use crate::yaml::Node;

const DEFAULT_FIELD_PATH: SmolStr = SmolStr::new_static("metadata.name");

/// Reads every entry of `replacements`, with the files that they name.
pub(super) fn read(
    session: &mut Session<'_>,
    target: &Target<'_>,
    (entries, unknown): (&[Node], Unknown),
) -> Result<Vec<Replacement>, RenderError> {
    let decoder = Decoder { file: &target.file, unknown };
    let mut replacements = vec![];
    for entry in entries {
        let mut path = Text::default();
        let known = &["source", "targets", "sourceValue", "path"];
        let fields = decoder.fields(entry, "replacements", known)?;
        for (field, value) in &fields {
            if *field == "path" {
                path = decoder.text(value, field)?;
            }
        }
        if path.is_empty() {
            replacements.push(replacement(&decoder, entry)?);
        } else if fields
            .iter()
            .any(|(field, value)| *field == "source" || *field == "targets" && !value.items().is_empty())
        {
            let message = "a replacement has either a path or a source and targets, not both";
            return Err(decoder.invalid(entry.origin, message).advise("make them two entries"));
        } else {
            replacements.extend(file(session, target, &path)?);
        }
    }
    Ok(replacements)
}

/// Reads a file with one replacement, or with a list of them.
fn file(
    session: &mut Session<'_>,
    target: &Target<'_>,
    path: &Text,
) -> Result<Vec<Replacement>, RenderError> {
    let file = session.files.text(&target.directory, path.as_str(), &target.at(path.origin))?;
    let root = session.files.parsed.document(&file)?;
    let decoder = Decoder { file: &file, unknown: Unknown::Ignored };
    if root.is_mapping() {
        return Ok(vec![replacement(&decoder, &root)?]);
    }
    if !root.is_sequence() {
        return Err(decoder.wrong_type(&root, "replacement", "a mapping or a list"));
    }
    decoder.list(&root, "replacements", |item| replacement(&decoder, item))
}

fn replacement(decoder: &Decoder<'_>, node: &Node) -> Result<Replacement, RenderError> {
    let (mut source_value, mut source, mut targets) = (None, None, vec![]);
    let known = &["source", "targets", "sourceValue", "path"];
    for (field, value) in decoder.fields(node, "replacements", known)? {
        match field {
            "sourceValue" => source_value = Some(decoder.text(value, field)?),
            "source" => source = Some(source_selector(decoder, value)?),
            "targets" => targets = decoder.list(value, field, |item| target_selector(decoder, item))?,
            _ => {}
        }
    }
    let source = match (source_value, source) {
        (Some(value), None) => Source::Value(value),
        (None, Some(source)) => Source::Field(source),
        (Some(_), Some(_)) => {
            let message = "a replacement has either a `source` or a `sourceValue`, not both";
            return Err(decoder.invalid(node.origin, message));
        }
        (None, None) => {
            return Err(decoder
                .invalid(node.origin, "a replacement needs a `source`")
                .advise("add `source` with `kind`, `name` and `fieldPath`"));
        }
    };
    if targets.is_empty() {
        return Err(decoder
            .invalid(node.origin, "a replacement needs `targets`")
            .advise("add `targets`, each with `select` and `fieldPaths`"));
    }
    let cause = place(decoder, node);
    Ok(Replacement { at: decoder.at(node.origin), cause, source, targets })
}

/// The place of a node in the file of the decoder.
fn place(decoder: &Decoder<'_>, node: &Node) -> Place {
    let offset = node.origin.as_offset().and_then(|offset| u32::try_from(offset).ok()).unwrap_or_default();
    Place { file: decoder.file.index, offset }
}

fn source_selector(decoder: &Decoder<'_>, node: &Node) -> Result<SourceSelector, RenderError> {
    let mut source = SourceSelector {
        gvk: Gvk::default(),
        name: SmolStr::default(),
        namespace: SmolStr::default(),
        field_path: DEFAULT_FIELD_PATH,
        options: FieldOptions::default(),
    };
    let known = &["group", "version", "kind", "name", "namespace", "fieldPath", "options"];
    for (field, value) in decoder.fields(node, "source", known)? {
        match field {
            "options" => source.options = field_options(decoder, value)?,
            "fieldPath" => {
                source.field_path = Some(decoder.text(value, field)?.value)
                    .filter(|path| !path.is_empty())
                    .unwrap_or(DEFAULT_FIELD_PATH);
            }
            _ => {
                let text = decoder.text(value, field)?.value;
                match field {
                    "group" => source.gvk.group = text,
                    "version" => source.gvk.version = text,
                    "kind" => source.gvk.kind = text,
                    "name" => source.name = text,
                    _ => source.namespace = text,
                }
            }
        }
    }
    Ok(source)
}

fn target_selector(decoder: &Decoder<'_>, node: &Node) -> Result<TargetSelector, RenderError> {
    let (mut select, mut reject, mut field_paths) = (None, vec![], vec![]);
    let mut options = FieldOptions::default();
    for (field, value) in decoder.fields(node, "targets", &["select", "reject", "fieldPaths", "options"])? {
        match field {
            "select" => select = Some(selector(decoder, value)?),
            "reject" => reject = decoder.list(value, field, |item| selector(decoder, item))?,
            "fieldPaths" => {
                field_paths = decoder.texts(value, field)?.into_iter().map(|text| text.value).collect();
            }
            _ => options = field_options(decoder, value)?,
        }
    }
    let Some(select) = select else {
        return Err(decoder
            .invalid(node.origin, "a target needs a `select`")
            .advise("add `select` with `kind` or `name`"));
    };
    if field_paths.is_empty() {
        field_paths.push(DEFAULT_FIELD_PATH);
    }
    Ok(TargetSelector { place: place(decoder, node), select, reject, field_paths, options })
}

fn field_options(decoder: &Decoder<'_>, node: &Node) -> Result<FieldOptions, RenderError> {
    let mut options = FieldOptions::default();
    for (field, value) in decoder.fields(node, "options", &["delimiter", "index", "encoding", "create"])? {
        match field {
            "delimiter" => options.delimiter = decoder.text(value, field)?.value,
            "index" => options.index = decoder.integer(value, field)?,
            "create" => options.create = decoder.boolean(value, field)?,
            // kustomize reads `encoding` and does nothing with it.
            _ => drop(decoder.text(value, field)?),
        }
    }
    Ok(options)
}

fn selector(decoder: &Decoder<'_>, node: &Node) -> Result<Selector, RenderError> {
    let fields = read_selector(decoder, node)?;
    let pattern = |text: &Text| {
        AnchoredPattern::new(text.as_str())
            .map_err(|error| refuse(decoder, text, &error).advise(PATTERN_HINT))
    };
    let labels = |text: &Text| {
        (!text.is_empty())
            .then(|| {
                LabelSelector::parse(text.as_str())
                    .map_err(|error| refuse(decoder, text, &error).advise(LABELS_HINT))
            })
            .transpose()
    };
    Ok(Selector {
        group: pattern(&fields.group)?,
        version: pattern(&fields.version)?,
        kind: pattern(&fields.kind)?,
        name: pattern(&fields.name)?,
        namespace: pattern(&fields.namespace)?,
        labels: labels(&fields.label_selector)?,
        annotations: labels(&fields.annotation_selector)?,
    })
}

fn refuse(decoder: &Decoder<'_>, text: &Text, error: &SelectorError) -> RenderError {
    decoder.invalid(text.origin, error.to_string())
}
