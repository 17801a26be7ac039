//! Who owns which fields: field sets, and `metadata.managedFields` in Kubernetes' `FieldsV1` form.

use std::collections::BTreeSet;

use gitops_core::time::Timestamp;
use gitops_core::yaml::{Node, Scalar, Tag};
use smol_str::{SmolStr, format_smolstr};

/// A field as the `FieldsV1` keys that lead to it: `f:spec`, `k:{"name":"web"}`, `v:"finalizer"`.
pub(super) type FieldPath = Vec<SmolStr>;

/// Fields; an item of a keyed list is a field besides the fields in it.
pub(super) type FieldSet = BTreeSet<FieldPath>;

/// Lists whose items have an identity, by field name. The first keys that the first item has count.
const LIST_KEYS: &[(&str, &[&str])] = &[
    ("conditions", &["type"]),
    ("containers", &["name"]),
    ("env", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("hostAliases", &["ip"]),
    ("imagePullSecrets", &["name"]),
    ("initContainers", &["name"]),
    ("ownerReferences", &["uid"]),
    ("ports", &["containerPort", "protocol"]),
    ("ports", &["port", "protocol"]),
    ("topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
    ("volumeDevices", &["devicePath"]),
    ("volumeMounts", &["mountPath"]),
    ("volumes", &["name"]),
];

/// Metadata that the server sets, and what names the object: nobody owns them.
const UNOWNED: &[&[&str]] = &[
    &["apiVersion"],
    &["kind"],
    &["metadata", "creationTimestamp"],
    &["metadata", "deletionGracePeriodSeconds"],
    &["metadata", "deletionTimestamp"],
    &["metadata", "generateName"],
    &["metadata", "generation"],
    &["metadata", "managedFields"],
    &["metadata", "name"],
    &["metadata", "namespace"],
    &["metadata", "resourceVersion"],
    &["metadata", "selfLink"],
    &["metadata", "uid"],
];

/// How the items of a list are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListKind {
    /// Not at all: the list is one value.
    Atomic,
    /// By their value.
    Set,
    /// By these keys.
    Keyed(&'static [&'static str]),
}

/// The kind of a list called `field`, judged by its items.
pub(super) fn list_kind(field: &str, items: &[Node]) -> ListKind {
    if field == "finalizers" {
        return ListKind::Set;
    }
    let keys = LIST_KEYS.iter().filter(|(name, _)| *name == field).map(|(_, keys)| *keys);
    let fits = |keys: &&[&str]| items.iter().all(|item| keys.first().is_some_and(|k| item.get(k).is_some()));
    keys.into_iter().find(fits).map_or(ListKind::Atomic, ListKind::Keyed)
}

/// The `FieldsV1` key of an item.
pub(super) fn item_element(kind: ListKind, item: &Node) -> Option<SmolStr> {
    match kind {
        ListKind::Atomic => None,
        ListKind::Set => Some(format_smolstr!("v:{}", json_text(item))),
        ListKind::Keyed(keys) => {
            let mut parts: Vec<String> = keys
                .iter()
                .filter_map(|key| {
                    let value = item.get(key).map(json_text);
                    // The API server defaults the protocol of a port before it compares.
                    let value = value.or_else(|| (*key == "protocol").then(|| "\"TCP\"".to_owned()))?;
                    Some(format!("\"{key}\":{value}"))
                })
                .collect();
            parts.sort();
            Some(format_smolstr!("k:{{{}}}", parts.join(",")))
        }
    }
}

fn json_text(node: &Node) -> String {
    match node.as_scalar() {
        Some(scalar) if scalar.tag() == Tag::Int => scalar.text().to_owned(),
        Some(_) | None => node.to_json().map(|json| json.to_string()).unwrap_or_default(),
    }
}

/// Every field of an object that somebody can own.
pub(super) fn fields_of(root: &Node) -> FieldSet {
    let mut root = root.clone();
    for path in UNOWNED {
        if let Some((last, parents)) = path.split_last()
            && let Some(parent) = root.at_mut(parents)
        {
            parent.remove(last);
        }
    }
    let mut fields = FieldSet::new();
    for entry in root.entries() {
        if entry.key.text() == "metadata" && entry.value.entries().is_empty() {
            continue;
        }
        let path = vec![format_smolstr!("f:{}", entry.key.text())];
        collect(&entry.value, entry.key.text(), &path, &mut fields);
    }
    fields
}

fn collect(node: &Node, field: &str, path: &FieldPath, fields: &mut FieldSet) {
    let below = |element: SmolStr| path.iter().cloned().chain([element]).collect::<FieldPath>();
    if !node.entries().is_empty() {
        for entry in node.entries() {
            let name = entry.key.text();
            collect(&entry.value, name, &below(format_smolstr!("f:{name}")), fields);
        }
        return;
    }
    let kind = list_kind(field, node.items());
    if node.items().is_empty() || kind == ListKind::Atomic {
        fields.insert(path.clone());
        return;
    }
    for item in node.items() {
        let Some(element) = item_element(kind, item) else { continue };
        let item_path = below(element);
        if item.is_mapping() {
            collect(item, "", &item_path, fields);
        }
        fields.insert(item_path);
    }
}

/// The value of a field.
pub(super) fn value_at<'a>(root: &'a Node, path: &[SmolStr]) -> Option<&'a Node> {
    let mut node = root;
    let mut field = "";
    for element in path {
        if let Some(name) = element.strip_prefix("f:") {
            node = node.get(name)?;
            field = name;
        } else {
            let kind = list_kind(field, node.items());
            node = node.items().iter().find(|item| item_element(kind, item).as_ref() == Some(element))?;
        }
    }
    Some(node)
}

/// Whether a field holds the same in both; for an item of a list, whether both have it.
pub(super) fn same_field(a: &Node, b: &Node, path: &[SmolStr]) -> bool {
    let is_item = path.last().is_some_and(|element| !element.starts_with("f:"));
    match (value_at(a, path), value_at(b, path)) {
        (Some(a), Some(b)) => is_item || a == b,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// `.spec.template.spec.containers[name="web"].image`
pub(super) fn display(path: &[SmolStr]) -> String {
    path.iter()
        .map(|element| match element.split_at_checked(2) {
            Some(("f:", name)) => format!(".{name}"),
            Some((_, key)) => {
                format!("[{}]", key.trim_matches(['{', '}']).replace("\":", "=").replace('"', ""))
            }
            None => String::new(),
        })
        .collect()
}

/// One entry of `metadata.managedFields`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ManagedFields {
    pub(super) manager: SmolStr,
    /// `Apply` or `Update`.
    pub(super) operation: SmolStr,
    pub(super) api_version: SmolStr,
    pub(super) subresource: SmolStr,
    pub(super) time: SmolStr,
    pub(super) fields: FieldSet,
}

/// What an object says about its owners.
pub(super) fn managed_fields(root: &Node) -> Vec<ManagedFields> {
    let entries = root.at(&["metadata", "managedFields"]).map(Node::items).unwrap_or_default();
    entries
        .iter()
        .map(|entry| {
            let text = |name: &str| SmolStr::from(entry.str_at(&[name]).unwrap_or_default());
            let mut fields = FieldSet::new();
            if let Some(tree) = entry.get("fieldsV1") {
                read_tree(tree, &mut vec![], &mut fields);
            }
            ManagedFields {
                manager: text("manager"),
                operation: text("operation"),
                api_version: text("apiVersion"),
                subresource: text("subresource"),
                time: text("time"),
                fields,
            }
        })
        .collect()
}

/// Writes the owners; owners of nothing are left out.
pub(super) fn set_managed_fields(root: &mut Node, managers: &[ManagedFields]) {
    let entries = managers.iter().filter(|manager| !manager.fields.is_empty()).map(|manager| {
        let mut entry = Node::mapping([
            ("apiVersion", Node::string(manager.api_version.clone())),
            ("fieldsType", Node::string("FieldsV1")),
            ("fieldsV1", write_tree(&manager.fields)),
            ("manager", Node::string(manager.manager.clone())),
            ("operation", Node::string(manager.operation.clone())),
        ]);
        if !manager.subresource.is_empty() {
            entry.set("subresource", Node::string(manager.subresource.clone()));
        }
        entry.set("time", Node::string(manager.time.clone()));
        entry
    });
    root.set_at(&["metadata", "managedFields"], Node::sequence(entries));
}

fn read_tree(tree: &Node, path: &mut FieldPath, fields: &mut FieldSet) {
    if tree.entries().is_empty() {
        fields.insert(path.clone());
    }
    for entry in tree.entries() {
        if entry.key.text() == "." {
            fields.insert(path.clone());
            continue;
        }
        path.push(entry.key.shared_text());
        read_tree(&entry.value, path, fields);
        path.pop();
    }
}

fn write_tree(fields: &FieldSet) -> Node {
    let mut root = Node::mapping::<SmolStr>([]);
    for path in fields {
        write_path(&mut root, path);
    }
    root
}

/// A path comes before the paths below it, so the mark of an item comes before its fields.
fn write_path(node: &mut Node, path: &[SmolStr]) {
    let Some((element, rest)) = path.split_first() else { return };
    if node.get(element).is_none() {
        node.set(element.clone(), Node::mapping::<SmolStr>([]));
    }
    let Some(child) = node.get_mut(element) else { return };
    if rest.is_empty() && element.starts_with("k:") {
        child.set(".", Node::mapping::<SmolStr>([]));
    }
    write_path(child, rest);
}

/// Records that `manager` set, by a plain write, every field in which `new` differs from `old`.
pub(super) fn record_update(old: Option<&Node>, new: &mut Node, manager: &str, now: Timestamp) {
    let changed: FieldSet =
        fields_of(new).into_iter().filter(|path| old.is_none_or(|old| !same_field(old, new, path))).collect();
    let present = fields_of(new);
    let mut managers = old.map(managed_fields).unwrap_or_default();
    let is_own = |each: &ManagedFields| each.manager == manager && each.operation == "Update";
    for each in &mut managers {
        let own = is_own(each);
        each.fields.retain(|path| present.contains(path) && (own || !changed.contains(path)));
    }
    if !changed.is_empty() {
        if !managers.iter().any(is_own) {
            managers.push(new_manager(new, manager, "Update"));
        }
        for each in managers.iter_mut().filter(|each| is_own(each)) {
            each.fields.extend(changed.iter().cloned());
            each.time = now.to_string().into();
        }
    }
    set_managed_fields(new, &managers);
}

pub(super) fn new_manager(root: &Node, manager: &str, operation: &'static str) -> ManagedFields {
    ManagedFields {
        manager: manager.into(),
        operation: SmolStr::new_static(operation),
        api_version: root
            .get("apiVersion")
            .and_then(Node::as_scalar)
            .map(Scalar::shared_text)
            .unwrap_or_default(),
        subresource: SmolStr::default(),
        time: SmolStr::default(),
        fields: FieldSet::new(),
    }
}
