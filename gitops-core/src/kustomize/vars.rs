//! `vars`: `$(NAME)` in some fields becomes the value of a field of some resource.
//!
//! A var takes hold of its resource where the kustomization that has it ends, and is filled in at the very end.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::accumulate::Accumulator;
use super::configuration::Configuration;
use super::decode::{Decoder, Unknown};
use super::error::RenderError;
use super::field_spec::{Make, PathProblem};
use super::kustomization::Gvk;
use super::replacement::field_path;
use super::resource::{Resource, ResourceId};
use super::resource_set::ResourceSet;
use super::session::{Session, Target};
use super::transform::refuse;
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::object::group_and_version;
use crate::provenance::{NodeOrigin, Place, Record};
use crate::yaml::{Node, Origin, Scalar, Tag, Value};

/// The most bytes that a text may have after a var was filled in, unless it is nothing but the var: 1 MiB.
const MOST_EXPANDED: usize = 1 << 20;

/// A var, and where it was written.
#[derive(Clone, Debug)]
pub(crate) struct Var {
    name: SmolStr,
    gvk: Gvk,
    object: SmolStr,
    namespace: SmolStr,
    field_path: SmolStr,
    at: Location,
    /// Where it was written.
    pub(crate) cause: Place,
}

/// Reads the vars of `target`, marks the resources that they name, and adds them to those gathered so far.
pub(crate) fn merge(target: &Target<'_>, accumulator: &mut Accumulator) -> Result<(), RenderError> {
    for node in &target.kustomization.vars {
        let var = read(target, node)?;
        let names = |id: &ResourceId| {
            id.name == var.object
                && id.kind == var.gvk.kind
                && id.group == var.gvk.group
                && id.version == var.gvk.version
                && (var.namespace.is_empty() || id.namespace == var.namespace)
        };
        let mut marked = None;
        for (index, resource) in accumulator.set.resources().iter().enumerate() {
            if names(&resource.current_id()) || resource.previous_ids().any(|id| names(&id)) {
                if marked.is_some() {
                    let message = format!("several resources match the var `{}`", var.name);
                    return Err(
                        RenderError::Invalid { at: var.at, message }.advise("say its `namespace` too")
                    );
                }
                marked = Some(index);
            }
        }
        if let Some(resource) = marked.and_then(|index| accumulator.set.contents_mut().get_mut(index)) {
            resource.var_names.push(var.name.clone());
        }
        add(&mut accumulator.vars, var)?;
    }
    Ok(())
}

/// Adds a var, whose name must be new.
pub(crate) fn add(vars: &mut Vec<Var>, var: Var) -> Result<(), RenderError> {
    if let Some(other) = vars.iter().find(|other| other.name == var.name) {
        let message = format!("the var `{}` is already defined at {}", var.name, other.at);
        return Err(RenderError::Invalid { at: var.at, message });
    }
    vars.push(var);
    Ok(())
}

fn read(target: &Target<'_>, node: &Node) -> Result<Var, RenderError> {
    let decoder = Decoder { file: &target.file, unknown: Unknown::Refused };
    let mut var = Var {
        name: SmolStr::default(),
        gvk: Gvk::default(),
        object: SmolStr::default(),
        namespace: SmolStr::default(),
        field_path: SmolStr::default(),
        at: target.at(node.origin),
        cause: target.place(node.origin),
    };
    for (field, value) in decoder.fields(node, "vars", &["name", "objref", "fieldref"])? {
        match field {
            "name" => var.name = decoder.text(value, field)?.value,
            "fieldref" => {
                for (field, value) in decoder.fields(value, "fieldref", &["fieldPath"])? {
                    var.field_path = decoder.text(value, field)?.value;
                }
            }
            _ => read_object(&decoder, value, &mut var)?,
        }
    }
    if var.field_path.is_empty() {
        var.field_path = "metadata.name".into();
    }
    Ok(var)
}

fn read_object(decoder: &Decoder<'_>, node: &Node, var: &mut Var) -> Result<(), RenderError> {
    let mut api_version = SmolStr::default();
    let known = &["apiVersion", "group", "version", "kind", "name", "namespace"];
    for (field, value) in decoder.fields(node, "objref", known)? {
        let text = decoder.text(value, field)?.value;
        match field {
            "apiVersion" => api_version = text,
            "group" => var.gvk.group = text,
            "version" => var.gvk.version = text,
            "kind" => var.gvk.kind = text,
            "name" => var.object = text,
            _ => var.namespace = text,
        }
    }
    if !api_version.is_empty() {
        let (group, version) = group_and_version(&api_version);
        var.gvk.version = version.into();
        if !group.is_empty() {
            var.gvk.group = group.into();
        }
    }
    Ok(())
}

/// What a var stands for.
struct Filling {
    /// The scalar; `None` for a list or map, which cannot stand in a text.
    scalar: Option<Scalar>,
    /// Where the value comes from.
    source: NodeOrigin,
    cause: Place,
    at: Location,
    is_used: bool,
}

/// The var that was filled in last, and where its value comes from.
type Cause = (Place, NodeOrigin);

/// Fills in every var in the fields that the configuration names.
pub(crate) fn resolve(
    session: &mut Session<'_>,
    vars: &[Var],
    set: &mut ResourceSet,
    configuration: &Configuration,
) -> Result<(), RenderError> {
    let mut fillings = BTreeMap::new();
    for var in vars {
        let (scalar, source) = value_of(var, set.resources())?;
        let filling = Filling { scalar, source, cause: var.cause, at: var.at.clone(), is_used: false };
        fillings.insert(var.name.clone(), filling);
    }
    if fillings.is_empty() {
        return Ok(());
    }
    for resource in set.resources_mut() {
        let gvk = resource.gvk();
        for spec in configuration.var_reference.iter().filter(|spec| spec.applies_to(&gvk)) {
            let file = resource.place.file;
            let provenance = &mut session.files.provenance;
            let mut change = |node: &mut Node| {
                fill(node, &mut fillings, &mut |node, cause| {
                    let previous = NodeOrigin { origin: node.origin, file };
                    // Without a var, dollar signs alone have changed.
                    let source = cause.map_or(previous, |(_, source)| source);
                    node.origin = provenance.add(Record {
                        place: provenance.place_written(source),
                        cause: cause.map(|(cause, _)| cause),
                        transformer: "vars",
                        previous: Some(previous).filter(|node| node.origin != Origin::UNKNOWN),
                        source: cause.map(|(_, source)| source),
                    });
                    provenance.count_written(node.text().map_or(0, str::len));
                    if super::effort::has_made_too_much(provenance) {
                        return Err(PathProblem(super::effort::too_much()));
                    }
                    Ok(())
                })
            };
            let outcome: Result<(), PathProblem> = spec.visit(&mut resource.root, Make::Nothing, &mut change);
            outcome.map_err(|problem| refuse(&session.files, resource, &problem))?;
        }
        resource.settle_twins();
    }
    for (name, filling) in fillings.into_iter().filter(|(_, filling)| !filling.is_used) {
        session.warnings.push(Diagnostic {
            code: "",
            severity: Severity::Warning,
            at: filling.at,
            message: format!("the var `{name}` is never used"),
            hint: None,
        });
    }
    Ok(())
}

/// The value of the field that a var names, `None` for a list or map; and where it comes from.
fn value_of(var: &Var, resources: &[Resource]) -> Result<(Option<Scalar>, NodeOrigin), RenderError> {
    let fail = |message: String| RenderError::Invalid { at: var.at.clone(), message };
    let mut holders = resources.iter().filter(|resource| resource.var_names.contains(&var.name));
    let Some(resource) = holders.next() else {
        return Err(fail(format!("the var `{}` names no known resource", var.name)));
    };
    let path: Vec<String> =
        field_path::split(&var.field_path).into_iter().flat_map(|part| split_index(&part)).collect();
    let missing = || {
        let (id, path) = (resource.current_id(), &var.field_path);
        fail(format!("the var `{}` names the field `{path}`, which {id} does not have", var.name))
    };
    let node = field_path::look_up(&resource.root, &path).ok().flatten().ok_or_else(missing)?;
    let source = NodeOrigin { origin: node.origin, file: resource.place.file };
    let Value::Scalar(scalar) = &node.value else { return Ok((None, source)) };
    let text = scalar.text();
    let scalar = match scalar.tag() {
        Tag::Int => Some(Scalar::integer(text.parse::<i64>().map_err(|_| missing())?)),
        Tag::Float => {
            let number: f64 = text.parse().map_err(|_| missing())?;
            Some(Scalar::tagged(number.to_string(), Tag::Float))
        }
        Tag::Bool => scalar.as_bool().map(Scalar::boolean),
        Tag::Null | Tag::Str | Tag::Timestamp | Tag::Binary | Tag::Merge => Some(Scalar::string(text)),
    };
    Ok((scalar, source))
}

/// `ports[0]` is the field `ports` and the index `0`.
fn split_index(part: &str) -> Vec<String> {
    let inner = part.strip_suffix(']').and_then(|part| part.rsplit_once('['));
    match inner.filter(|(_, index)| !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(("", index)) => vec![index.to_owned()],
        Some((name, index)) => vec![name.to_owned(), index.to_owned()],
        None => vec![part.to_owned()],
    }
}

/// Records that vars were filled into a node.
type Marking<'a> = dyn FnMut(&mut Node, Option<Cause>) -> Result<(), PathProblem> + 'a;

/// Fills in the vars of a string, of the strings of a map, or of a list of strings.
fn fill(
    node: &mut Node,
    fillings: &mut BTreeMap<SmolStr, Filling>,
    mark: &mut Marking<'_>,
) -> Result<(), PathProblem> {
    if node.is_mapping() {
        let strings = |node: &&mut crate::yaml::Entry| node.value.as_str().is_some();
        if let Some(entry) = node.entries().iter().find(|entry| entry.key.tag() != Tag::Str) {
            return Err(PathProblem(format!("the key `{}` is not a string", entry.key.text())));
        }
        let Some(mapping) = node.as_mapping_mut() else { return Ok(()) };
        for entry in mapping.entries_mut().iter_mut().filter(strings) {
            fill_string(&mut entry.value, fillings, mark)?;
        }
        return Ok(());
    }
    if node.is_sequence() {
        if node.items().iter().any(|item| item.as_str().is_none()) {
            return Err(PathProblem("a list with vars may hold strings only".to_owned()));
        }
        for item in node.items_mut().into_iter().flatten() {
            fill_string(item, fillings, mark)?;
        }
        return Ok(());
    }
    fill_string(node, fillings, mark)
}

fn fill_string(
    node: &mut Node,
    fillings: &mut BTreeMap<SmolStr, Filling>,
    mark: &mut Marking<'_>,
) -> Result<(), PathProblem> {
    let Some(text) = node.as_str().filter(|text| text.contains('$')) else { return Ok(()) };
    let (scalar, cause) = expand(text, fillings)?;
    let is_changed = scalar.text() != text;
    let twin = node.as_scalar().map_or(0, Scalar::twin);
    node.value = Value::Scalar(scalar.with_twin(twin));
    if cause.is_some() || is_changed { mark(node, cause) } else { Ok(()) }
}

/// Expands a text: `$(NAME)` is a var, `$$` a dollar sign. A text that is nothing but a var keeps its type.
fn expand(
    text: &str,
    fillings: &mut BTreeMap<SmolStr, Filling>,
) -> Result<(Scalar, Option<Cause>), PathProblem> {
    let (mut out, mut cause, mut rest) = (String::new(), None, text);
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let Some((name, after)) = after.strip_prefix('(').and_then(|inner| inner.split_once(')')) else {
            out.push('$');
            rest = after;
            continue;
        };
        let filling = fillings.get_mut(name).filter(|filling| filling.scalar.is_some());
        match filling.and_then(|filling| {
            filling.is_used = true;
            cause = Some((filling.cause, filling.source));
            filling.scalar.clone()
        }) {
            Some(scalar) if text.len() == name.len() + 3 => return Ok((scalar, cause)),
            Some(scalar) => out.push_str(scalar.text()),
            None => out.extend(["$(", name, ")"]),
        }
        if out.len() > MOST_EXPANDED {
            let most = MOST_EXPANDED;
            return Err(PathProblem(format!("a text grows to more than {most} bytes by its vars")));
        }
        rest = after;
    }
    out.push_str(rest);
    Ok((Scalar::string(out), cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &Scalar) {
        let filling = |scalar| Filling {
            scalar: Some(scalar),
            source: NodeOrigin { origin: Origin::UNKNOWN, file: 0 },
            cause: Place { file: 0, offset: 0 },
            at: Location::default(),
            is_used: false,
        };
        let mut fillings = BTreeMap::from([
            ("A".into(), filling(Scalar::string("a"))),
            ("N".into(), filling(Scalar::integer(7))),
        ]);
        assert_eq!(expand(text, &mut fillings).unwrap().0, *expected);
    }

    #[test]
    fn vars_are_expanded_as_in_a_shell_of_few_words() {
        check("$(A)", &Scalar::string("a"));
        check("$(N)", &Scalar::integer(7));
        check("x$(A)$(N)y", &Scalar::string("xa7y"));
        check("$$(A) $A $(A $(B) $", &Scalar::string("$(A) $A $(A $(B) $"));
    }

    #[test]
    fn an_index_in_brackets_is_a_part_of_its_own() {
        assert_eq!(split_index("ports[0]"), ["ports", "0"]);
        assert_eq!(split_index("[name=a]"), ["[name=a]"]);
    }
}
