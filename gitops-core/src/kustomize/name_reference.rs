//! References by name: a field that names a renamed resource gets the new name.

mod candidates;

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::configuration::{Configuration, NameReference};
use super::effort;
use super::error::RenderError;
use super::field_spec::{FieldSpec, Make, PathProblem};
use super::kustomization::Gvk;
use super::resource::Resource;
use super::resource_set::ResourceSet;
use super::session::Session;
use crate::provenance::{NodeOrigin, Provenance, Record};
use crate::yaml::{Node, Origin, Value};
use candidates::{Candidates, Identical, Query};

/// A field that may have to change, and the kind that it names.
type Rule<'a> = (&'a FieldSpec, &'a Gvk);

/// Updates every reference in `set`.
pub(crate) fn run(
    session: &mut Session<'_>,
    set: &mut ResourceSet,
    configuration: &Configuration,
) -> Result<(), RenderError> {
    for resource in set.resources() {
        refuse_blank_subject(session, resource)?;
    }
    let candidates = Candidates::new(set.resources());
    let rules = rules_by_kind(&configuration.name_reference);
    if candidates.is_empty() {
        return refuse_odd_references(session, set, &rules);
    }
    for (index, resource) in set.resources_mut().iter_mut().enumerate() {
        let id = resource.original_id();
        let own = rules.get(id.kind.as_str()).or_else(|| rules.get("")).map_or(&[][..], Vec::as_slice);
        for (spec, referral) in own.iter().filter(|(spec, _)| id.is_selected_by(&spec.gvk)) {
            let mut update = Update {
                candidates: &candidates,
                provenance: &mut session.files.provenance,
                query: Query { referrer: index, target: referral, role: role(resource, spec) },
                file: resource.place.file,
            };
            let changed = spec.visit(&mut resource.root, Make::Nothing, &mut |node| update.field(node));
            changed.map_err(|problem| super::transform::refuse(&session.files, resource, &problem))?;
        }
    }
    Ok(())
}

/// A ServiceAccount that a RoleBinding names must have a namespace that is a string, if it has one.
fn refuse_blank_subject(session: &Session<'_>, resource: &Resource) -> Result<(), RenderError> {
    if resource.kind() != "RoleBinding" {
        return Ok(());
    }
    for subject in resource.root.get("subjects").map_or(&[][..], Node::items) {
        let is_account = subject.str_at(&["kind"]) == Some("ServiceAccount");
        let is_bad = subject.get("namespace").is_some_and(|namespace| namespace.as_str().is_none());
        if is_account && is_bad {
            let problem = PathProblem("the `namespace` of a subject must be a string".to_owned());
            return Err(super::transform::refuse(&session.files, resource, &problem));
        }
    }
    Ok(())
}

/// Refuses scalars where the way to a reference goes on, which is an error where nothing is renamed, too.
fn refuse_odd_references(
    session: &Session<'_>,
    set: &ResourceSet,
    rules: &BTreeMap<SmolStr, Vec<Rule<'_>>>,
) -> Result<(), RenderError> {
    for resource in set.resources() {
        let own = rules.get(resource.kind()).or_else(|| rules.get("")).map_or(&[][..], Vec::as_slice);
        let gvk = resource.gvk();
        for (spec, _) in own.iter().filter(|(spec, _)| spec.applies_to(&gvk)) {
            let passable = spec.check(&resource.root);
            passable.map_err(|problem| super::transform::refuse(&session.files, resource, &problem))?;
        }
    }
    Ok(())
}

/// The rules under the kind of the referrer; those for any kind stand under each, in the order of the tables.
fn rules_by_kind(references: &[NameReference]) -> BTreeMap<SmolStr, Vec<Rule<'_>>> {
    let mut rules: BTreeMap<SmolStr, Vec<Rule<'_>>> = BTreeMap::new();
    let all = || {
        references
            .iter()
            .flat_map(|reference| reference.referrers.iter().map(move |spec| (spec, &reference.target)))
    };
    for (spec, _) in all() {
        rules.entry(spec.gvk.kind.clone()).or_default();
    }
    for (kind, own) in &mut rules {
        own.extend(all().filter(|(spec, _)| spec.gvk.kind.is_empty() || spec.gvk.kind == *kind));
    }
    rules
}

/// The kind that `roleRef` names, where the field is its name.
fn role(resource: &Resource, spec: &FieldSpec) -> Option<Gvk> {
    if !spec.path.ends_with("roleRef/name") {
        return None;
    }
    let text = |field| resource.root.at(&["roleRef", field]).and_then(Node::text).map(SmolStr::from);
    Some(Gvk { group: text("apiGroup")?, kind: text("kind")?, version: SmolStr::default() })
}

struct Update<'a> {
    candidates: &'a Candidates,
    provenance: &'a mut Provenance,
    query: Query<'a>,
    file: u32,
}

impl Update<'_> {
    fn field(&mut self, node: &mut Node) -> Result<(), PathProblem> {
        if node.is_null() {
            return Ok(());
        }
        match &node.value {
            Value::Scalar(_) => self.scalar(node),
            Value::Mapping(_) => self.mapping(node),
            Value::Sequence(_) => {
                for item in node.items_mut().into_iter().flatten() {
                    match &item.value {
                        Value::Scalar(_) if item.is_null() => {}
                        Value::Scalar(_) => self.scalar(item)?,
                        Value::Mapping(_) => self.mapping(item)?,
                        Value::Sequence(_) => {
                            return Err(PathProblem("a reference is a list in a list".to_owned()));
                        }
                    }
                }
                Ok(())
            }
        }
    }

    fn scalar(&mut self, node: &mut Node) -> Result<(), PathProblem> {
        let old = node.text().unwrap_or_default();
        let Some(referral) = self.candidates.select(old, None, &self.query, Identical::Names)? else {
            return Ok(());
        };
        if referral.name == old { Ok(()) } else { self.set(node, &referral.name, referral.name_origin) }
    }

    fn mapping(&mut self, node: &mut Node) -> Result<(), PathProblem> {
        let Some(name) = node.get("name") else {
            return Err(PathProblem("a reference has no `name`".to_owned()));
        };
        let old: SmolStr = name.text().unwrap_or_default().into();
        let namespace: Option<SmolStr> =
            node.get("namespace").map(|node| node.text().unwrap_or_default().into());
        let found =
            self.candidates.select(&old, namespace.as_deref(), &self.query, Identical::NamesAndNamespaces)?;
        let Some(referral) = found else { return Ok(()) };
        let (new_name, new_namespace) = (referral.name.clone(), referral.namespace.clone());
        let (name_origin, namespace_origin) = (referral.name_origin, referral.namespace_origin);
        if let Some(name) = node.get_mut("name").filter(|_| new_name != old) {
            self.set(name, &new_name, name_origin)?;
        }
        if new_namespace.is_empty() || namespace.as_ref() == Some(&new_namespace) {
            return Ok(());
        }
        if namespace.is_none() {
            node.set("namespace", Node::string(""));
        }
        if let Some(place) = node.get_mut("namespace") {
            self.set(place, &new_namespace, namespace_origin)?;
        }
        Ok(())
    }

    fn set(&mut self, node: &mut Node, text: &str, source: Option<NodeOrigin>) -> Result<(), PathProblem> {
        let previous = Some(node.origin).filter(|origin| *origin != Origin::UNKNOWN);
        let record = Record {
            place: None,
            cause: None,
            transformer: "nameReference",
            previous: previous.map(|origin| NodeOrigin { origin, file: self.file }),
            source,
        };
        *node = Node::string(text).with_origin(self.provenance.add(record));
        self.provenance.count_written(text.len());
        if effort::has_made_too_much(self.provenance) { Err(PathProblem(effort::too_much())) } else { Ok(()) }
    }
}
