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
    let others = managers.iter().filter(|each| !is_own(each)).flat_map(|each| &each.fields);
    let kept: FieldSet = others.chain(&wanted).cloned().collect();
    for path in before.difference(&wanted) {
        if !kept.iter().any(|other| other.starts_with(path)) {
            remove(&mut merged, (path, 0), "", &kept);
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

/// Removes the field at a path, from its part `depth` on, and the mappings and lists that it leaves empty unless
/// somebody wants them `kept`.
fn remove(node: &mut Node, (path, depth): (&[SmolStr], usize), field: &str, kept: &FieldSet) {
    let Some(element) = path.get(depth) else { return };
    let is_last = depth + 1 == path.len();
    if let Some(name) = element.strip_prefix("f:") {
        if let Some(child) = node.get_mut(name)
            && !is_last
        {
            remove(child, (path, depth + 1), name, kept);
            let emptied =
                child.as_scalar().is_none() && child.entries().is_empty() && child.items().is_empty();
            if !emptied || path.get(..=depth).is_some_and(|path| kept.contains(path)) {
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
    match items.get_mut(at) {
        Some(item) if !is_last => remove(item, (path, depth + 1), "", kept),
        Some(_) | None => {
            items.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use gitops_core::yaml::Mapping;
    use proptest::prelude::*;

    use super::*;
    use crate::embedded::cluster::fields::value_at;

    /// A mapping as a schema allows it: `a` is a number, `b` an atomic list, `m` a mapping, `env` a keyed list.
    fn fields() -> impl Strategy<Value = Node> {
        let numbers = || proptest::collection::vec(0..3_i64, 0..3);
        let scalars = (proptest::option::of(0..3_i64), proptest::option::of(numbers())).prop_map(|(a, b)| {
            let b = b.map(|items| Node::sequence(items.into_iter().map(Node::integer)));
            let pairs = [("a", a.map(Node::integer)), ("b", b)];
            Node::mapping(pairs.into_iter().filter_map(|(key, value)| Some((key, value?))))
        });
        scalars.prop_recursive(3, 12, 3, |inner| {
            let items = proptest::collection::btree_map("[x-z]", inner.clone(), 0..3).prop_map(|items| {
                Node::sequence(items.into_iter().map(|(name, mut item)| {
                    item.set("name", Node::string(name));
                    item
                }))
            });
            let parts = (inner.clone(), proptest::option::of(inner), proptest::option::of(items));
            parts.prop_map(|(mut mapping, m, env)| {
                for (key, value) in [("m", m), ("env", env)] {
                    if let Some(value) = value {
                        mapping.set(key, value);
                    }
                }
                mapping
            })
        })
    }

    fn object() -> impl Strategy<Value = Node> {
        let finalizers = proptest::collection::btree_set("[f-h]", 0..3);
        (fields(), finalizers).prop_map(|(spec, finalizers)| {
            let mut root = empty();
            root.set("spec", spec);
            root.set_at(
                &["metadata", "finalizers"],
                Node::sequence(finalizers.into_iter().map(Node::string)),
            );
            root
        })
    }

    fn empty() -> Node {
        Node::mapping([
            ("apiVersion", Node::string("v1")),
            ("kind", Node::string("Example")),
            ("metadata", Node::mapping([("name", Node::string("a"))])),
        ])
    }

    fn applied(live: &Node, wanted: &Node, manager: &str) -> Node {
        let options = ApplyOptions { field_manager: manager.into(), force: true, dry_run: false };
        apply(&ObjectKey::of(live), live, wanted, &options, Timestamp::default()).unwrap()
    }

    /// The object without its owners, its keyed lists in the order of their keys.
    fn data(root: &Node) -> Node {
        let mut root = root.clone();
        if let Some(metadata) = root.get_mut("metadata") {
            metadata.remove("managedFields");
        }
        sort(&mut root);
        root
    }

    fn sort(node: &mut Node) {
        for entry in node.as_mapping_mut().into_iter().flat_map(Mapping::entries_mut) {
            let kind = list_kind(entry.key.text(), entry.value.items());
            if let Some(items) = entry.value.items_mut().filter(|_| kind != ListKind::Atomic) {
                items.sort_by_key(|item| item_element(kind, item));
            }
            sort(&mut entry.value);
        }
        for item in node.items_mut().into_iter().flatten() {
            sort(item);
        }
    }

    proptest! {
        #[test]
        fn field_sets_survive_their_written_form(object in object()) {
            let mut root = empty();
            let managers = [ManagedFields { fields: fields_of(&object), ..new_manager(&object, "m", "Apply") }];
            set_managed_fields(&mut root, &managers);
            prop_assert_eq!(managed_fields(&root).first().map(|each| each.fields.clone()), Some(fields_of(&object)));
        }

        #[test]
        fn an_apply_reaches_what_it_states(live in object(), wanted in object()) {
            let live = applied(&empty(), &live, "other");
            let merged = applied(&live, &wanted, "own");
            for path in fields_of(&wanted) {
                let stated = value_at(&wanted, &path);
                // An empty mapping or list states only that it is there.
                let holds = same_field(&merged, &wanted, &path)
                    || stated.is_some_and(|node| node.as_scalar().is_none() && node.items().is_empty());
                prop_assert!(holds, "{}", display(&path));
            }
        }

        #[test]
        fn an_apply_is_idempotent(live in object(), wanted in object()) {
            let once = applied(&applied(&empty(), &live, "other"), &wanted, "own");
            prop_assert_eq!(applied(&once, &wanted, "own"), once);
        }

        #[test]
        fn the_only_manager_gets_exactly_what_it_states(before in object(), wanted in object()) {
            let merged = applied(&applied(&empty(), &before, "own"), &wanted, "own");
            prop_assert_eq!(data(&merged), data(&wanted));
        }

        #[test]
        fn what_a_manager_gives_up_leaves_the_others_alone(theirs in object(), ours in object()) {
            let alone = applied(&empty(), &theirs, "other");
            let both = applied(&alone, &ours, "own");
            let kept: FieldSet = managed_fields(&both)
                .into_iter()
                .filter(|each| each.manager == "other")
                .flat_map(|each| each.fields)
                .collect();
            let left = applied(&both, &empty(), "own");
            for path in kept {
                prop_assert!(same_field(&left, &alone, &path), "{}", display(&path));
            }
        }
    }
}
