//! Server-side apply: merging what a manager wants into what is there.

use gitops_core::object::ObjectKey;
use gitops_core::time::Timestamp;
use gitops_core::yaml::Node;
use smol_str::SmolStr;

use super::fields::{
    FieldSet, ListKind, ManagedFields, display, fields_of, item_element, list_kind, managed_fields,
    new_manager, same_field, set_managed_fields,
};
use crate::cluster::{ApplyOptions, ClusterError, FieldConflict};

/// The object that `applied` makes of `live`.
pub(super) fn apply(
    key: &ObjectKey,
    live: &Node,
    applied: &Node,
    options: &ApplyOptions,
    now: Timestamp,
) -> Result<Node, ClusterError> {
    let wanted = fields_of(applied);
    let mut managers = managed_fields(live);
    let is_own = |each: &ManagedFields| each.manager == options.field_manager && each.operation == "Apply";
    let conflicts = conflicts(live, applied, &wanted, managers.iter().filter(|each| !is_own(each)));
    if !conflicts.is_empty() && !options.force {
        return Err(ClusterError::FieldConflicts { key: key.clone(), conflicts });
    }
    let before =
        managers.iter().find(|each| is_own(each)).map(|each| each.fields.clone()).unwrap_or_default();
    let mut merged = live.clone();
    merge(&mut merged, applied, "");
    for path in before.difference(&wanted) {
        let owned_elsewhere = managers
            .iter()
            .filter(|each| !is_own(each))
            .any(|each| each.fields.iter().any(|other| other.starts_with(path)));
        let still_wanted = wanted.iter().any(|other| other.starts_with(path));
        if !owned_elsewhere && !still_wanted {
            remove(&mut merged, path, "");
        }
    }
    for each in managers.iter_mut().filter(|each| !is_own(each)) {
        each.fields.retain(|path| !wanted.contains(path) || same_field(live, applied, path));
    }
    own(&mut managers, &merged, options, (&before, wanted), now);
    set_managed_fields(&mut merged, &managers);
    Ok(merged)
}

/// Makes `fields` the ones of the manager; its time moves only where they change.
fn own(
    managers: &mut Vec<ManagedFields>,
    root: &Node,
    options: &ApplyOptions,
    (before, fields): (&FieldSet, FieldSet),
    now: Timestamp,
) {
    let is_own = |each: &ManagedFields| each.manager == options.field_manager && each.operation == "Apply";
    if !managers.iter().any(is_own) {
        managers.push(new_manager(root, &options.field_manager, "Apply"));
    }
    for each in managers.iter_mut().filter(|each| is_own(each)) {
        if each.time.is_empty() || *before != fields {
            each.time = now.to_string().into();
        }
        each.fields.clone_from(&fields);
    }
}

fn conflicts<'a>(
    live: &Node,
    applied: &Node,
    wanted: &FieldSet,
    others: impl Iterator<Item = &'a ManagedFields>,
) -> Vec<FieldConflict> {
    others
        .flat_map(|other| {
            let taken = other.fields.intersection(wanted).filter(|path| !same_field(live, applied, path));
            taken.map(|path| FieldConflict { manager: other.manager.clone(), field: display(path) })
        })
        .collect()
}

/// Puts the fields of `applied` into `node`, which is the value of `field`.
fn merge(node: &mut Node, applied: &Node, field: &str) {
    if node.is_mapping() && applied.is_mapping() {
        for entry in applied.entries() {
            let name = entry.key.text();
            match node.get_mut(name) {
                Some(child) => merge(child, &entry.value, name),
                None => {
                    node.set(entry.key.shared_text(), entry.value.clone());
                }
            }
        }
        return;
    }
    let kind = list_kind(field, applied.items());
    if kind == ListKind::Atomic || !node.is_sequence() || list_kind(field, node.items()) != kind {
        *node = applied.clone();
        return;
    }
    let Some(items) = node.items_mut() else { return };
    for wanted in applied.items() {
        let element = item_element(kind, wanted);
        match items.iter_mut().find(|item| item_element(kind, item) == element) {
            Some(item) => merge(item, wanted, ""),
            None => items.push(wanted.clone()),
        }
    }
}

/// Removes a field, and the mappings and lists that it leaves empty.
fn remove(node: &mut Node, path: &[SmolStr], field: &str) {
    let Some((element, rest)) = path.split_first() else { return };
    if let Some(name) = element.strip_prefix("f:") {
        if let Some(child) = node.get_mut(name)
            && !rest.is_empty()
        {
            remove(child, rest, name);
            let emptied = child.entries().is_empty() && child.items().is_empty();
            if !emptied || child.as_scalar().is_some() {
                return;
            }
        }
        node.remove(name);
        return;
    }
    let kind = list_kind(field, node.items());
    let Some(items) = node.items_mut() else { return };
    let Some(at) = items.iter().position(|item| item_element(kind, item).as_ref() == Some(element)) else {
        return;
    };
    match (rest.is_empty(), items.get_mut(at)) {
        (false, Some(item)) => remove(item, rest, ""),
        (true, _) | (false, None) => {
            items.remove(at);
        }
    }
}
