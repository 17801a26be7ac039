//! The transformations of a kustomization.

use smol_str::SmolStr;

use super::Text;
use crate::kustomize::decode::Decoder;
use crate::kustomize::error::RenderError;
use crate::kustomize::field_spec::FieldSpec;
use crate::yaml::{Node, Origin};

/// Group, version and kind; an empty part stands for any.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gvk {
    /// `group`.
    pub group: SmolStr,
    /// `version`.
    pub version: SmolStr,
    /// `kind`.
    pub kind: SmolStr,
}

/// The fields of a selector, as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectorFields {
    /// `group`, a regular expression.
    pub group: Text,
    /// `version`, a regular expression.
    pub version: Text,
    /// `kind`, a regular expression.
    pub kind: Text,
    /// `name`, a regular expression.
    pub name: Text,
    /// `namespace`, a regular expression.
    pub namespace: Text,
    /// `annotationSelector`.
    pub annotation_selector: Text,
    /// `labelSelector`.
    pub label_selector: Text,
}

/// An entry of `patches` or `patchesJson6902`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch {
    /// Where the entry was written.
    pub origin: Origin,
    /// `path`.
    pub path: Text,
    /// `patch`.
    pub patch: Text,
    /// `target`.
    pub target: Option<SelectorFields>,
    /// `options.allowNameChange`.
    pub allow_name_change: bool,
    /// `options.allowKindChange`.
    pub allow_kind_change: bool,
}

/// An entry of `images`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Image {
    /// Where the entry was written.
    pub origin: Origin,
    /// `name`, a regular expression.
    pub name: Text,
    /// `newName`.
    pub new_name: Text,
    /// `newTag`.
    pub new_tag: Text,
    /// `tagSuffix`.
    pub tag_suffix: Text,
    /// `digest`.
    pub digest: Text,
}

/// An entry of `labels`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Label {
    /// Where the entry was written.
    pub origin: Origin,
    /// `pairs`.
    pub pairs: Vec<(SmolStr, Text)>,
    /// `includeSelectors`.
    pub include_selectors: bool,
    /// `includeTemplates`.
    pub include_templates: bool,
    /// `fields`.
    pub fields: Vec<FieldSpec>,
}

/// An entry of `replicas`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replica {
    /// Where the entry was written.
    pub origin: Origin,
    /// `name`.
    pub name: Text,
    /// `count`.
    pub count: i64,
    /// Where `count` was written.
    pub count_origin: Origin,
}

/// The transformations of a kustomization.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transforms {
    /// `patchesStrategicMerge`: paths, or inline patches.
    pub patches_strategic_merge: Vec<Text>,
    /// `patches`.
    pub patches: Vec<Patch>,
    /// `namespace`.
    pub namespace: Text,
    /// `namePrefix`.
    pub name_prefix: Text,
    /// `nameSuffix`.
    pub name_suffix: Text,
    /// `labels`.
    pub labels: Vec<Label>,
    /// `commonLabels`.
    pub common_labels: Vec<(SmolStr, Text)>,
    /// `commonAnnotations`.
    pub common_annotations: Vec<(SmolStr, Text)>,
    /// `patchesJson6902`.
    pub patches_json6902: Vec<Patch>,
    /// `replicas`.
    pub replicas: Vec<Replica>,
    /// `images`, followed by `imageTags`.
    pub images: Vec<Image>,
    /// `replacements`, each as written.
    pub replacements: Vec<Node>,
}

impl Transforms {
    /// Reads one of the fields.
    pub(super) fn read_field(
        &mut self,
        decoder: &Decoder<'_>,
        field: &str,
        node: &Node,
    ) -> Result<(), RenderError> {
        match field {
            "patchesStrategicMerge" => self.patches_strategic_merge = decoder.texts(node, field)?,
            "patches" => self.patches = decoder.list(node, field, |item| read_patch(decoder, item))?,
            "namespace" => self.namespace = decoder.text(node, field)?,
            "namePrefix" => self.name_prefix = decoder.text(node, field)?,
            "nameSuffix" => self.name_suffix = decoder.text(node, field)?,
            "labels" => self.labels = decoder.list(node, field, |item| read_label(decoder, item))?,
            "commonLabels" => self.common_labels = read_labels_pairs(decoder, field, node)?,
            "commonAnnotations" => self.common_annotations = read_labels_pairs(decoder, field, node)?,
            "patchesJson6902" => {
                self.patches_json6902 = decoder.list(node, field, |item| read_patch(decoder, item))?;
            }
            "replicas" => self.replicas = decoder.list(node, field, |item| read_replica(decoder, item))?,
            "images" => self.images = decoder.list(node, field, |item| read_image(decoder, item))?,
            _ => self.replacements = decoder.list(node, field, |item| Ok(item.clone()))?,
        }
        Ok(())
    }
}

/// Reads labels or annotations.
pub(crate) fn read_labels_pairs(
    decoder: &Decoder<'_>,
    field: &str,
    node: &Node,
) -> Result<Vec<(SmolStr, Text)>, RenderError> {
    decoder.text_map(node, field)
}

/// Reads an entry of `patches`.
pub(crate) fn read_patch(decoder: &Decoder<'_>, node: &Node) -> Result<Patch, RenderError> {
    let mut patch = Patch { origin: node.origin, ..Patch::default() };
    for (field, value) in decoder.fields(node, "patches", &["path", "patch", "target", "options"])? {
        match field {
            "path" => patch.path = decoder.text(value, field)?,
            "patch" => patch.patch = decoder.text(value, field)?,
            "target" => patch.target = Some(read_selector(decoder, value)?),
            _ => {
                for (option, value) in
                    decoder.fields(value, "options", &["allowNameChange", "allowKindChange"])?
                {
                    let allowed = decoder.boolean(value, option)?;
                    if option == "allowNameChange" {
                        patch.allow_name_change = allowed;
                    } else {
                        patch.allow_kind_change = allowed;
                    }
                }
            }
        }
    }
    Ok(patch)
}

/// Reads a selector.
pub(crate) fn read_selector(decoder: &Decoder<'_>, node: &Node) -> Result<SelectorFields, RenderError> {
    let mut selector = SelectorFields::default();
    let known = &["group", "version", "kind", "name", "namespace", "annotationSelector", "labelSelector"];
    for (field, value) in decoder.fields(node, "target", known)? {
        let text = decoder.text(value, field)?;
        match field {
            "group" => selector.group = text,
            "version" => selector.version = text,
            "kind" => selector.kind = text,
            "name" => selector.name = text,
            "namespace" => selector.namespace = text,
            "annotationSelector" => selector.annotation_selector = text,
            _ => selector.label_selector = text,
        }
    }
    Ok(selector)
}

fn read_label(decoder: &Decoder<'_>, node: &Node) -> Result<Label, RenderError> {
    let mut label = Label { origin: node.origin, ..Label::default() };
    let known = &["pairs", "includeSelectors", "includeTemplates", "fields"];
    for (field, value) in decoder.fields(node, "labels", known)? {
        match field {
            "pairs" => label.pairs = read_labels_pairs(decoder, field, value)?,
            "includeSelectors" => label.include_selectors = decoder.boolean(value, field)?,
            "includeTemplates" => label.include_templates = decoder.boolean(value, field)?,
            _ => label.fields = decoder.list(value, field, |item| read_field_spec(decoder, item))?,
        }
    }
    Ok(label)
}

/// Reads an entry of a transformer configuration.
pub(crate) fn read_field_spec(decoder: &Decoder<'_>, node: &Node) -> Result<FieldSpec, RenderError> {
    let (mut gvk, mut path, mut create) = (Gvk::default(), SmolStr::default(), false);
    for (field, value) in
        decoder.fields(node, "fieldSpecs", &["group", "version", "kind", "path", "create"])?
    {
        match field {
            "group" => gvk.group = decoder.text(value, field)?.value,
            "version" => gvk.version = decoder.text(value, field)?.value,
            "kind" => gvk.kind = decoder.text(value, field)?.value,
            "path" => path = decoder.text(value, field)?.value,
            _ => create = decoder.boolean(value, field)?,
        }
    }
    Ok(FieldSpec::new(gvk, path, create))
}

/// Reads an entry of `images`.
pub(crate) fn read_image(decoder: &Decoder<'_>, node: &Node) -> Result<Image, RenderError> {
    let mut image = Image { origin: node.origin, ..Image::default() };
    for (field, value) in
        decoder.fields(node, "images", &["name", "newName", "tagSuffix", "newTag", "digest"])?
    {
        let text = decoder.text(value, &format!("images.{field}"))?;
        match field {
            "name" => image.name = text,
            "newName" => image.new_name = text,
            "tagSuffix" => image.tag_suffix = text,
            "newTag" => image.new_tag = text,
            _ => image.digest = text,
        }
    }
    Ok(image)
}

/// Reads an entry of `replicas`.
pub(crate) fn read_replica(decoder: &Decoder<'_>, node: &Node) -> Result<Replica, RenderError> {
    let mut replica = Replica { origin: node.origin, count_origin: node.origin, ..Replica::default() };
    for (field, value) in decoder.fields(node, "replicas", &["name", "count"])? {
        match field {
            "name" => replica.name = decoder.text(value, field)?,
            _ => {
                replica.count = decoder.integer(value, "replicas.count")?;
                replica.count_origin = value.origin;
            }
        }
    }
    Ok(replica)
}
