//! Fields whose differences are no drift.

use smol_str::SmolStr;

use super::DiffError;
use super::field_set::{FieldSet, remove_at as remove_element, value_at, value_at_mut};
use super::jq::Deletion;
use super::owner::Owner;
use crate::api::application::IgnoreDifference;
use crate::glob::wildcard_match;
use crate::object::ObjectKey;
use crate::yaml::{Node, Value};

/// The rules of one application, checked and ready for use.
#[derive(Clone, Debug, Default)]
pub struct IgnoreRules {
    rules: Vec<Rule>,
    aggregated_roles: bool,
}

#[derive(Clone, Debug)]
struct Rule {
    group: SmolStr,
    kind: SmolStr,
    namespace: SmolStr,
    name: SmolStr,
    pointers: Vec<Vec<String>>,
    expressions: Vec<Deletion>,
    managers: Vec<SmolStr>,
}

impl IgnoreRules {
    /// The rules of `spec.ignoreDifferences`.
    ///
    /// # Errors
    /// A rule that cannot be read, since a rule passed over in silence would show as drift.
    pub fn new(rules: &[IgnoreDifference]) -> Result<Self, DiffError> {
        let rules = rules.iter().map(Rule::new).collect::<Result<_, _>>()?;
        Ok(Self { rules, aggregated_roles: false })
    }

    /// The same rules, and the rules of aggregated roles are ignored too, which the cluster writes: Argo CD's
    /// `resource.compareoptions` with `ignoreAggregatedRoles: true`.
    #[must_use]
    pub fn with_aggregated_roles(mut self) -> Self {
        self.aggregated_roles = true;
        self
    }

    fn ignores_roles(&self, key: &ObjectKey) -> bool {
        self.aggregated_roles && key.kind == "ClusterRole" && key.group == "rbac.authorization.k8s.io"
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && !self.aggregated_roles
    }

    /// Whether a rule speaks of this object.
    pub fn concerns(&self, key: &ObjectKey) -> bool {
        self.ignores_roles(key) || self.rules.iter().any(|rule| rule.matches(key))
    }

    /// Removes the ignored fields of an object. A pointer that leads nowhere is passed over, as in Argo CD.
    pub fn remove_ignored(&self, key: &ObjectKey, root: &mut Node) {
        let is_aggregated = root.get("aggregationRule").is_some_and(|rule| !rule.entries().is_empty());
        if is_aggregated && self.ignores_roles(key) {
            root.remove("rules");
        }
        for rule in self.rules.iter().filter(|rule| rule.matches(key)) {
            for pointer in &rule.pointers {
                remove_at(root, pointer);
            }
            for expression in &rule.expressions {
                expression.apply(root);
            }
        }
    }

    /// Removes from both sides the fields that the managers own whom `managedFieldsManagers` trusts.
    pub fn remove_managed(&self, key: &ObjectKey, owners: &[Owner], desired: &mut Node, live: &mut Node) {
        for fields in self.trusted(key, owners) {
            remove_fields(desired, live, fields);
        }
    }

    /// What the trusted managers own of an object.
    fn trusted<'o>(&self, key: &ObjectKey, owners: &'o [Owner]) -> Vec<&'o FieldSet> {
        let rules: Vec<&Rule> = self.rules.iter().filter(|rule| rule.matches(key)).collect();
        let is_trusted = |owner: &&Owner| rules.iter().any(|rule| rule.managers.contains(&owner.manager));
        owners.iter().filter(is_trusted).map(|owner| &owner.fields).collect()
    }

    /// Sets the ignored fields of `target` to what they are in `live`; a field that is not live, or whose parent
    /// the target does not have, is removed from the target.
    pub fn copy_ignored(&self, key: &ObjectKey, live: &Node, target: &mut Node) {
        for fields in self.trusted(key, &super::owners(live)) {
            copy_fields(live, target, fields);
        }
        for rule in self.rules.iter().filter(|rule| rule.matches(key)) {
            let mut pointers = rule.pointers.clone();
            for expression in &rule.expressions {
                pointers.extend(expression.places(live));
                pointers.extend(expression.places(target));
            }
            for pointer in pointers.iter().filter(|pointer| pointer.first().is_none_or(|key| key != "status"))
            {
                match find(live, pointer) {
                    Some(value) => set_existing(target, pointer, value),
                    None => remove_at(target, pointer),
                }
            }
        }
    }
}

impl Rule {
    fn new(rule: &IgnoreDifference) -> Result<Self, DiffError> {
        let expressions = rule
            .jq_path_expressions
            .iter()
            .map(|text| {
                Deletion::parse(text)
                    .map_err(|error| DiffError::Expression { text: text.clone(), message: error.0 })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            group: rule.group.clone(),
            kind: rule.kind.clone(),
            namespace: rule.namespace.clone(),
            name: rule.name.clone(),
            pointers: rule.json_pointers.iter().map(|pointer| segments(pointer)).collect(),
            expressions,
            managers: rule.managed_fields_managers.clone(),
        })
    }

    fn matches(&self, key: &ObjectKey) -> bool {
        wildcard_match(&self.group, &key.group)
            && wildcard_match(&self.kind, &key.kind)
            && (self.name.is_empty() || self.name == key.name)
            && (self.namespace.is_empty() || self.namespace == key.namespace)
    }
}

/// The steps of a JSON pointer. What stands before the first `/` is dropped, as Argo CD's patch library does.
fn segments(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
}

/// RFC 6902 `remove`; an index below zero counts from the end.
fn remove_at(root: &mut Node, path: &[String]) {
    let Some((last, parents)) = path.split_last() else { return };
    if find(root, path).is_none() {
        return;
    }
    let mut node = root;
    for part in parents {
        let Some(index) = child_index(node, part) else { return };
        let child = match index {
            Child::Key => node.get_mut(part),
            Child::Item(at) => node.items_mut().and_then(|items| items.get_mut(at)),
        };
        match child {
            Some(child) => node = child,
            None => return,
        }
    }
    match child_index(node, last) {
        Some(Child::Key) => drop(node.remove(last)),
        Some(Child::Item(at)) => {
            if let Some(items) = node.items_mut() {
                items.remove(at);
            }
        }
        None => {}
    }
}

/// Sets the value at a pointer whose parents are there already.
fn set_existing(root: &mut Node, path: &[String], value: &Node) {
    let Some((last, parents)) = path.split_last() else { return };
    if find(root, parents).is_none() {
        return;
    }
    let mut node = root;
    for part in parents {
        let child = match child_index(node, part) {
            Some(Child::Key) => node.get_mut(part),
            Some(Child::Item(at)) => node.items_mut().and_then(|items| items.get_mut(at)),
            None => None,
        };
        match child {
            Some(child) => node = child,
            None => return,
        }
    }
    match child_index(node, last) {
        Some(Child::Item(at)) => {
            if let Some(item) = node.items_mut().and_then(|items| items.get_mut(at)) {
                *item = value.clone();
            }
        }
        Some(Child::Key) | None if node.is_mapping() => drop(node.set(last.as_str(), value.clone())),
        Some(Child::Key) | None => {}
    }
}

/// Removes the fields of a set that stand on either side: whole ones, and items that one side lacks.
fn remove_fields(desired: &mut Node, live: &mut Node, fields: &FieldSet) {
    for (element, below) in fields.children() {
        let is_shared = value_at(desired, element).is_some() && value_at(live, element).is_some();
        if is_shared && !below.is_leaf() {
            if let (Some(desired), Some(live)) = (value_at_mut(desired, element), value_at_mut(live, element))
            {
                remove_fields(desired, live, below);
            }
        } else if below.is_leaf() || below.is_member() {
            remove_element(desired, element);
            remove_element(live, element);
        }
    }
}

/// Sets the fields of a set that the target has to what they are in `live`.
fn copy_fields(live: &Node, target: &mut Node, fields: &FieldSet) {
    for (element, below) in fields.children() {
        let (Some(value), Some(place)) = (value_at(live, element), value_at_mut(target, element)) else {
            continue;
        };
        if below.is_leaf() {
            *place = value.clone();
        } else {
            copy_fields(value, place, below);
        }
    }
}

enum Child {
    Key,
    Item(usize),
}

/// Looks first, so that nothing is copied for a pointer that leads nowhere.
fn find<'a>(root: &'a Node, path: &[String]) -> Option<&'a Node> {
    path.iter().try_fold(root, |node, part| match child_index(node, part)? {
        Child::Key => node.get(part),
        Child::Item(at) => node.items().get(at),
    })
}

fn child_index(node: &Node, part: &str) -> Option<Child> {
    match &node.value {
        Value::Scalar(_) => None,
        Value::Mapping(mapping) => mapping.get(part).map(|_| Child::Key),
        Value::Sequence(items) => {
            let index: i64 = part.parse().ok()?;
            let from_start =
                if index < 0 { i64::try_from(items.len()).ok()?.checked_add(index)? } else { index };
            usize::try_from(from_start).ok().filter(|at| *at < items.len()).map(Child::Item)
        }
    }
}
