//! `openapi` and `crds`: what a build says of its own kinds.
//!
//! `openapi.path` replaces the schemas by which lists merge, for the whole build; the first kustomization that
//! has one wins. `crds` adds fields to the transformer configuration.

use std::sync::Arc;

use super::configuration::{Configuration, NameReference};
use super::error::RenderError;
use super::field_spec::{FieldSpec, FieldSpecs};
use super::kustomization::{Gvk, Text};
use super::resource::Resource;
use super::session::{Session, Target};
use crate::diagnostic::Location;
use crate::kind::{BuiltIn, Schemas, VERSION};
use crate::yaml::{Node, Origin};

/// How many types the files of `crds` may lead to, each counted as often as it is referred to.
const MOST_TYPES: usize = 20_000;

/// Sets the schemas of the build to those of `target`, unless a kustomization before it has set them.
pub(crate) fn install(session: &mut Session<'_>, target: &Target<'_>) -> Result<(), RenderError> {
    let sources = &target.kustomization.sources;
    let document = match &sources.openapi_path {
        Some(path) => Some((path.origin, read(session, target, path)?)),
        None => None,
    };
    let version = sources.openapi_version.as_ref();
    if session.schemas_are_chosen {
        return Ok(());
    }
    match (document, version) {
        (None, None) => {}
        (Some((origin, _)), Some(_)) => {
            return Err(target.invalid(origin, "`openapi` has either a path or a version, not both"));
        }
        (Some((_, document)), None) => {
            session.schemas = Schemas::custom(&document, session.built_in_schemas);
            session.schemas_are_chosen = true;
        }
        (None, Some(version)) if version.is_empty() => {}
        (None, Some(version)) if version.as_str() == VERSION => session.schemas_are_chosen = true,
        (None, Some(version)) => {
            let message =
                format!("the OpenAPI version `{}` is not built in, only `{VERSION}` is", version.value);
            return Err(target.invalid(version.origin, message));
        }
    }
    Ok(())
}

/// Notes that resources were read. kustomize has its own schemas at hand from the first kind on whose scope it
/// has to look up, and a document that a later kustomization brings does not drive them out.
pub(crate) fn note_kinds(session: &mut Session<'_>, resources: &[Resource]) {
    let is_unknown = |resource: &Resource| {
        let api_version = resource.root.at(&["apiVersion"]).and_then(Node::text).unwrap_or_default();
        Schemas::built_in().is_namespaced(api_version, resource.kind()).is_none()
    };
    if session.built_in_schemas == BuiltIn::Absent && resources.iter().any(is_unknown) {
        session.built_in_schemas = BuiltIn::Above;
    }
}

/// Tells resources and patches which kinds live in a namespace.
pub(crate) fn set_scopes(session: &Session<'_>, resources: &mut [Resource]) {
    for resource in resources {
        resource.scopes = session.schemas.scopes().clone();
    }
}

/// Notes that a strategic merge is about to read the schemas: a later document counts before them.
pub(crate) fn note_merge(session: &mut Session<'_>) {
    if !session.schemas_are_chosen {
        session.built_in_schemas = BuiltIn::Below;
    }
}

/// The transformer configuration that the files of `crds` ask for; `None` without such files.
pub(crate) fn crds(
    session: &mut Session<'_>,
    target: &Target<'_>,
) -> Result<Option<Arc<Configuration>>, RenderError> {
    let mut whole = Configuration::default();
    let mut left = MOST_TYPES;
    for entry in &target.kustomization.sources.crds {
        let types = read(session, target, entry)?;
        let at = target.at(entry.origin);
        for definition in types.entries() {
            let properties = properties_of(&definition.value);
            if !["kind", "apiVersion", "metadata"].iter().all(|field| properties.get(field).is_some()) {
                continue;
            }
            let name = definition.key.text();
            let kind = name.rsplit('.').next().unwrap_or(name);
            let mut reader = TypeReader {
                types: &types,
                kind,
                at: &at,
                way: vec![],
                left,
                fields: Configuration::default(),
            };
            reader.read(name, &mut vec![])?;
            left = reader.left;
            whole
                .merge(&reader.fields)
                .map_err(|problem| RenderError::Invalid { at: at.clone(), message: problem.0 })?;
        }
    }
    Ok((!target.kustomization.sources.crds.is_empty()).then(|| Arc::new(whole)))
}

/// Reads a file that the kustomization names: JSON, or YAML with a mapping.
fn read(session: &mut Session<'_>, target: &Target<'_>, entry: &Text) -> Result<Node, RenderError> {
    let file = session.files.text(&target.directory, entry.as_str(), &target.at(entry.origin))?;
    let root = session.files.parsed.document(&file)?;
    if root.is_mapping() {
        return Ok(root);
    }
    let message = "the file must hold a mapping of OpenAPI definitions".to_owned();
    Err(RenderError::Invalid { at: session.files.locate(file.index, Origin::offset(0)), message })
}

fn properties_of(definition: &Node) -> Node {
    let schema = definition.entries().iter().find(|entry| entry.key.text().eq_ignore_ascii_case("schema"));
    schema.and_then(|entry| entry.value.get("properties")).cloned().unwrap_or_else(Node::null)
}

/// Gathers the fields of one kind over the types that it refers to.
struct TypeReader<'a> {
    types: &'a Node,
    kind: &'a str,
    at: &'a Location,
    /// The types on the way, to notice one that holds itself.
    way: Vec<String>,
    /// How many more types may be read.
    left: usize,
    fields: Configuration,
}

impl TypeReader<'_> {
    fn read(&mut self, type_name: &str, path: &mut Vec<String>) -> Result<(), RenderError> {
        let Some(definition) = self.types.get(type_name) else { return Ok(()) };
        if self.way.iter().any(|other| other == type_name) {
            let message = format!("the type `{type_name}` holds itself");
            return Err(RenderError::Invalid { at: self.at.clone(), message });
        }
        let Some(left) = self.left.checked_sub(1) else {
            let message = format!("the types refer to more than {MOST_TYPES} types, each counted again");
            return Err(RenderError::Invalid { at: self.at.clone(), message });
        };
        self.left = left;
        self.way.push(type_name.to_owned());
        for property in properties_of(definition).entries() {
            path.push(property.key.text().to_owned());
            self.add(&property.value, path)?;
            if let Some(reference) = property.value.str_at(&["$ref"]) {
                self.read(reference, path)?;
            }
            path.pop();
        }
        self.way.pop();
        Ok(())
    }

    /// Adds what the extensions of a property say of it.
    fn add(&mut self, property: &Node, path: &[String]) -> Result<(), RenderError> {
        let extension = |name: &str| {
            let mut entries = property.entries().iter();
            entries
                .find(|entry| entry.key.text().eq_ignore_ascii_case(name))
                .and_then(|entry| entry.value.as_str())
        };
        let gvk = Gvk { kind: self.kind.into(), ..Gvk::default() };
        let spec = |path: &[String]| FieldSpec::new(gvk.clone(), path.join("/"), false);
        let plain = [
            ("x-kubernetes-annotation", &mut self.fields.common_annotations),
            ("x-kubernetes-label-selector", &mut self.fields.common_labels),
            ("x-kubernetes-identity", &mut self.fields.name_prefix),
        ];
        for (name, specs) in plain {
            if extension(name).is_some() {
                specs
                    .merge_one(&spec(path))
                    .map_err(|problem| RenderError::Invalid { at: self.at.clone(), message: problem.0 })?;
            }
        }
        let version = extension("x-kubernetes-object-ref-api-version");
        if let (Some(version), Some(kind)) = (version, extension("x-kubernetes-object-ref-kind")) {
            let name_key = extension("x-kubernetes-object-ref-name-key").unwrap_or("name");
            let field = [path, &[name_key.to_owned()]].concat();
            let target = Gvk { kind: kind.into(), version: version.into(), ..Gvk::default() };
            self.fields.name_reference.push(NameReference { target, referrers: vec![spec(&field)] });
        }
        Ok(())
    }
}
