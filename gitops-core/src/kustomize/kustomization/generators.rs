//! The generators of a kustomization.

use smol_str::SmolStr;

use super::Text;
use crate::kustomize::decode::Decoder;
use crate::kustomize::error::RenderError;
use crate::yaml::{Node, Origin};

/// What a generator makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum GeneratorKind {
    /// A ConfigMap.
    #[default]
    ConfigMap,
    /// A Secret.
    Secret,
}

/// `generatorOptions`, and the `options` of one generator.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GeneratorOptions {
    /// `labels`.
    pub labels: Vec<(SmolStr, Text)>,
    /// `annotations`.
    pub annotations: Vec<(SmolStr, Text)>,
    /// `disableNameSuffixHash`.
    pub disable_name_suffix_hash: bool,
    /// `immutable`.
    pub immutable: bool,
}

/// An entry of `configMapGenerator` or `secretGenerator`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GeneratorArguments {
    /// What it makes.
    pub kind: GeneratorKind,
    /// Where the entry was written.
    pub origin: Origin,
    /// `name`.
    pub name: Text,
    /// `namespace`.
    pub namespace: Text,
    /// `behavior`.
    pub behavior: Text,
    /// `literals`.
    pub literals: Vec<Text>,
    /// `files`.
    pub files: Vec<Text>,
    /// `envs`, followed by `env`.
    pub envs: Vec<Text>,
    /// `options`.
    pub options: Option<GeneratorOptions>,
    /// `type` of a Secret.
    pub secret_type: Text,
}

/// The generators of a kustomization.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Generators {
    /// `configMapGenerator`.
    pub config_maps: Vec<GeneratorArguments>,
    /// `secretGenerator`.
    pub secrets: Vec<GeneratorArguments>,
    /// `generatorOptions`.
    pub options: Option<GeneratorOptions>,
}

const ARGUMENTS: &[&str] = &["namespace", "name", "behavior", "literals", "files", "envs", "env", "options"];
const SECRET_ARGUMENTS: &[&str] =
    &["namespace", "name", "behavior", "literals", "files", "envs", "env", "options", "type"];

impl Generators {
    /// Reads one of the three fields.
    pub(super) fn read_field(
        &mut self,
        decoder: &Decoder<'_>,
        field: &str,
        node: &Node,
    ) -> Result<(), RenderError> {
        let read = |kind| decoder.list(node, field, |item| read_arguments(decoder, item, kind));
        match field {
            "configMapGenerator" => self.config_maps = read(GeneratorKind::ConfigMap)?,
            "secretGenerator" => self.secrets = read(GeneratorKind::Secret)?,
            _ => self.options = Some(read_options(decoder, node)?),
        }
        Ok(())
    }
}

/// Reads the arguments of a generator.
pub(crate) fn read_arguments(
    decoder: &Decoder<'_>,
    node: &Node,
    kind: GeneratorKind,
) -> Result<GeneratorArguments, RenderError> {
    let mut arguments = GeneratorArguments { kind, origin: node.origin, ..GeneratorArguments::default() };
    let known = match kind {
        GeneratorKind::ConfigMap => ARGUMENTS,
        GeneratorKind::Secret => SECRET_ARGUMENTS,
    };
    let mut env = None;
    for (field, value) in decoder.fields(node, "generator", known)? {
        match field {
            "namespace" => arguments.namespace = decoder.text(value, field)?,
            "name" => arguments.name = decoder.text(value, field)?,
            "behavior" => arguments.behavior = decoder.text(value, field)?,
            "literals" => arguments.literals = decoder.texts(value, field)?,
            "files" => arguments.files = decoder.texts(value, field)?,
            "envs" => arguments.envs = decoder.texts(value, field)?,
            "env" => env = Some(decoder.text(value, field)?).filter(|text| !text.is_empty()),
            "options" => arguments.options = Some(read_options(decoder, value)?),
            _ => arguments.secret_type = decoder.text(value, field)?,
        }
    }
    arguments.envs.extend(env);
    Ok(arguments)
}

/// Reads generator options.
pub(crate) fn read_options(decoder: &Decoder<'_>, node: &Node) -> Result<GeneratorOptions, RenderError> {
    let mut options = GeneratorOptions::default();
    let known = &["labels", "annotations", "disableNameSuffixHash", "immutable"];
    for (field, value) in decoder.fields(node, "generatorOptions", known)? {
        match field {
            "labels" => options.labels = decoder.text_map(value, field)?,
            "annotations" => options.annotations = decoder.text_map(value, field)?,
            "disableNameSuffixHash" => options.disable_name_suffix_hash = decoder.boolean(value, field)?,
            _ => options.immutable = decoder.boolean(value, field)?,
        }
    }
    Ok(options)
}
