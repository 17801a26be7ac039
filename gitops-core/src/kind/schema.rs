//! The OpenAPI schema as far as patching needs it: walkable by field, with the merge keys of lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::builtin;
use crate::yaml::Node;

/// How many `$ref` are followed in a row before a schema counts as unresolvable.
const MAX_REFERENCES: usize = 64;

/// One row of the built-in schema graph.
#[derive(Debug)]
pub(super) struct BuiltInNode {
    /// The name of the definition; empty for a schema inside of one.
    pub(super) name: &'static str,
    /// Whether this is a list that merges item by item.
    pub(super) merges: bool,
    /// The fields by which items are paired.
    pub(super) keys: &'static [&'static str],
    /// The row of the items of a list.
    pub(super) items: Option<u16>,
    /// The row of the values of a map.
    pub(super) values: Option<u16>,
    /// The rows of the fields of an object, sorted by name.
    pub(super) fields: &'static [(&'static str, u16)],
}

/// The schemas of one build: those of Kubernetes' own kinds, or those of the document that `openapi.path` names.
#[derive(Clone, Debug)]
pub struct Schemas {
    built_in: BuiltIn,
    definitions: BTreeMap<SmolStr, Node>,
    kinds: BTreeMap<(SmolStr, SmolStr), SmolStr>,
    scopes: Scopes,
}

/// Which kinds live in a namespace: those that Kubernetes has, and those that an OpenAPI document adds.
#[derive(Clone, Debug, Default)]
pub struct Scopes(Option<Arc<BTreeMap<(SmolStr, SmolStr), bool>>>);

impl Scopes {
    /// Whether objects of this kind live in a namespace; `None` for a kind that is not known.
    ///
    /// The built-in scopes hold in every build, whatever its OpenAPI document says, as in kustomize.
    pub fn is_namespaced(&self, api_version: &str, kind: &str) -> Option<bool> {
        find(builtin::SCOPES, api_version, kind)
            .or_else(|| self.0.as_ref()?.get(&(api_version.into(), kind.into())).copied())
    }

    fn add(&mut self, kind: (SmolStr, SmolStr), namespaced: bool) {
        *Arc::make_mut(self.0.get_or_insert_default()).entry(kind).or_insert(false) |= namespaced;
    }
}

/// What becomes of the built-in schemas when a build brings its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BuiltIn {
    /// They are not there.
    Absent,
    /// They are there for what the document does not define.
    Below,
    /// They are there, and hide what the document defines under the same name.
    Above,
}

/// The schemas of Kubernetes' own kinds.
impl Default for Schemas {
    fn default() -> Self {
        Self::built_in()
    }
}

impl Schemas {
    /// The schemas of Kubernetes' own kinds.
    pub fn built_in() -> Self {
        Self {
            built_in: BuiltIn::Above,
            definitions: BTreeMap::new(),
            kinds: BTreeMap::new(),
            scopes: Scopes::default(),
        }
    }

    /// The schemas of an OpenAPI document: `definitions` or `components.schemas`, and `paths`; what kustomize's `openapi.path` and the API
    /// server's `/openapi/v3` have. With
    /// [`BuiltIn::Absent`] even lists of Kubernetes' own kinds merge only if the document says so.
    pub fn custom(document: &Node, built_in: BuiltIn) -> Self {
        let mut schemas = Self { built_in, ..Self::built_in() };
        schemas.add(document);
        schemas
    }

    fn add(&mut self, document: &Node) {
        let schemas = document.at(&["components", "schemas"]);
        for entry in document.get("definitions").or(schemas).map_or(&[][..], Node::entries) {
            let name = entry.key.shared_text();
            for kind in entry.value.get(GROUP_VERSION_KIND).map_or(&[][..], Node::items) {
                if let Some(key) = group_version_kind(kind) {
                    self.kinds.insert(key, name.clone());
                }
            }
            self.definitions.insert(name, entry.value.clone());
        }
        for entry in document.get("paths").map_or(&[][..], Node::entries) {
            let kind = entry.value.at(&["get", GROUP_VERSION_KIND]).and_then(group_version_kind);
            if let Some(key) = kind {
                let namespaced = entry.key.text().contains("namespaces/{namespace}");
                self.scopes.add(key, namespaced);
            }
        }
    }

    /// Which kinds live in a namespace.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// As [`Scopes::is_namespaced`].
    pub fn is_namespaced(&self, api_version: &str, kind: &str) -> Option<bool> {
        self.scopes.is_namespaced(api_version, kind)
    }

    /// Notes whether objects of a kind live in a namespace, as a cluster that serves the kind says.
    pub fn learn_scope(&mut self, api_version: &str, kind: &str, namespaced: bool) {
        self.scopes.add((api_version.into(), kind.into()), namespaced);
    }

    /// Whether the kind is one of Kubernetes' own.
    pub fn is_built_in(&self, api_version: &str, kind: &str) -> bool {
        find(builtin::SCOPES, api_version, kind).is_some()
    }

    /// The schema of a kind; `None` where nothing is known that would matter to a patch.
    pub fn of_kind(&self, api_version: &str, kind: &str) -> Option<Schema<'_>> {
        let custom = || {
            let name = self.kinds.get(&(api_version.into(), kind.into()))?;
            self.definitions.get(name).map(|node| Schema(Source::Custom(self, node)))
        };
        let built_in = || find(builtin::KINDS, api_version, kind).and_then(Schema::row);
        match self.built_in {
            BuiltIn::Absent => custom(),
            BuiltIn::Below => custom().or_else(built_in),
            BuiltIn::Above => built_in().or_else(custom),
        }
    }

    /// The schema that an OpenAPI node describes, its references looked up in these schemas.
    pub fn of_node<'a>(&'a self, node: &'a Node) -> Option<Schema<'a>> {
        self.resolve(node)
    }

    /// Follows `$ref` until there is none.
    fn resolve<'a>(&'a self, mut node: &'a Node) -> Option<Schema<'a>> {
        for _ in 0..MAX_REFERENCES {
            // OpenAPI v3 wraps a reference that has a default or a description.
            let wrapped = node.get("allOf").and_then(|all| all.items().first());
            let Some(reference) = node.str_at(&["$ref"]).or(wrapped.and_then(|node| node.str_at(&["$ref"])))
            else {
                return Some(Schema(Source::Custom(self, node)));
            };
            let name = ["#/definitions/", "#/components/schemas/"]
                .iter()
                .find_map(|prefix| reference.strip_prefix(prefix))?;
            let built_in = || builtin::NODES.iter().find(|node| node.name == name);
            let built_in = || built_in().map(|node| Schema(Source::BuiltIn(node)));
            node = match (self.definitions.get(name), self.built_in) {
                (Some(node), BuiltIn::Absent | BuiltIn::Below) => node,
                (None, BuiltIn::Absent) => return None,
                (None, BuiltIn::Below | BuiltIn::Above) => return built_in(),
                (Some(node), BuiltIn::Above) => match built_in() {
                    Some(schema) => return Some(schema),
                    None => node,
                },
            };
        }
        None
    }
}

/// The schema of one field or object.
#[derive(Clone, Copy, Debug)]
pub struct Schema<'a>(Source<'a>);

#[derive(Clone, Copy, Debug)]
enum Source<'a> {
    BuiltIn(&'static BuiltInNode),
    Custom(&'a Schemas, &'a Node),
}

impl<'a> Schema<'a> {
    fn row(row: u16) -> Option<Self> {
        builtin::NODES.get(usize::from(row)).map(|node| Self(Source::BuiltIn(node)))
    }

    /// The schema of the field `name` of an object, or of every value of a map.
    pub fn field(self, name: &str) -> Option<Self> {
        match self.0 {
            Source::BuiltIn(node) => {
                let at = node.fields.binary_search_by(|(field, _)| (*field).cmp(name)).ok();
                let row = at.and_then(|at| node.fields.get(at)).map(|(_, row)| *row);
                row.or(node.values).and_then(Self::row)
            }
            Source::Custom(schemas, node) => node
                .at(&["properties", name])
                .or_else(|| node.get("additionalProperties").filter(|values| values.is_mapping()))
                .and_then(|field| schemas.resolve(field)),
        }
    }

    /// The schema of the items of a list.
    pub fn items(self) -> Option<Self> {
        match self.0 {
            Source::BuiltIn(node) => node.items.and_then(Self::row),
            Source::Custom(schemas, node) => {
                let items = node.get("items").filter(|_| node.str_at(&["type"]) == Some("array"))?;
                schemas.resolve(items)
            }
        }
    }

    /// Whether this is a list whose items a strategic merge pairs, instead of replacing the list as a whole.
    pub fn merges(self) -> bool {
        match self.0 {
            Source::BuiltIn(node) => node.merges,
            Source::Custom(_, node) => node
                .str_at(&["x-kubernetes-patch-strategy"])
                .is_some_and(|strategies| strategies.split(',').any(|strategy| strategy == "merge")),
        }
    }

    /// Whether this is a list whose items an apply on the server pairs: by its list type where that is told, else as
    /// a strategic merge does.
    pub fn merges_on_server(self) -> bool {
        let list_type = match self.0 {
            Source::BuiltIn(_) => None,
            Source::Custom(_, node) => node.str_at(&["x-kubernetes-list-type"]),
        };
        list_type.map_or_else(|| self.merges(), |list_type| matches!(list_type, "map" | "set"))
    }

    /// Whether an apply on the server replaces the map or list as a whole. The built-in schemas do not tell it of maps.
    pub fn is_atomic(self) -> bool {
        match self.0 {
            Source::BuiltIn(_) => false,
            Source::Custom(_, node) => ["x-kubernetes-map-type", "x-kubernetes-list-type"]
                .iter()
                .any(|field| node.str_at(&[field]) == Some("atomic")),
        }
    }

    /// The fields by which items of a merging list are paired; none for a list of scalars.
    pub fn merge_keys(self) -> Vec<&'a str> {
        match self.0 {
            Source::BuiltIn(node) => node.keys.to_vec(),
            Source::Custom(_, node) => match node.get("x-kubernetes-list-map-keys") {
                Some(keys) => keys.items().iter().filter_map(Node::as_str).collect(),
                None => node.str_at(&["x-kubernetes-patch-merge-key"]).into_iter().collect(),
            },
        }
    }
}

const GROUP_VERSION_KIND: &str = "x-kubernetes-group-version-kind";

/// The `apiVersion` and kind of an `x-kubernetes-group-version-kind` entry.
fn group_version_kind(node: &Node) -> Option<(SmolStr, SmolStr)> {
    let version = node.str_at(&["version"])?;
    let api_version = match node.str_at(&["group"]) {
        Some(group) if !group.is_empty() => format_smolstr!("{group}/{version}"),
        Some(_) | None => version.into(),
    };
    Some((api_version, node.str_at(&["kind"])?.into()))
}

/// Looks a kind up in a table that is sorted by `apiVersion` and kind.
fn find<T: Copy>(table: &[(&str, &str, T)], api_version: &str, kind: &str) -> Option<T> {
    let at = table.binary_search_by(|(version, name, _)| (*version, *name).cmp(&(api_version, kind))).ok()?;
    table.get(at).map(|(_, _, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    fn keys_at(schemas: &Schemas, api_version: &str, kind: &str, path: &[&str]) -> Option<Vec<String>> {
        let mut schema = schemas.of_kind(api_version, kind)?;
        for part in path {
            schema = if *part == "[]" { schema.items()? } else { schema.field(part)? };
        }
        schema.merges().then(|| schema.merge_keys().into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn tables_are_sorted() {
        assert!(builtin::KINDS.is_sorted_by_key(|(version, kind, _)| (*version, *kind)));
        assert!(builtin::SCOPES.is_sorted_by_key(|(version, kind, _)| (*version, *kind)));
        assert!(builtin::NODES.iter().all(|node| node.fields.is_sorted_by_key(|(name, _)| *name)));
    }

    #[test]
    fn built_in_lists_have_the_keys_of_kubernetes() {
        let schemas = Schemas::built_in();
        let containers = ["spec", "template", "spec", "containers"];
        let check = |path: &[&str], expected: Option<&[&str]>| {
            let expected = expected.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect());
            assert_eq!(keys_at(&schemas, "apps/v1", "Deployment", path), expected, "{path:?}");
        };
        check(&containers, Some(&["name"]));
        check(&[&containers[..], &["[]", "ports"]].concat(), Some(&["containerPort", "protocol"]));
        check(&[&containers[..], &["[]", "args"]].concat(), None);
        check(&["metadata", "finalizers"], Some(&[]));
        check(&["spec", "template", "spec", "tolerations"], None);
        assert!(schemas.of_kind("apps/v2", "Deployment").is_none());
    }

    #[test]
    fn scopes_are_known_for_built_in_kinds_only() {
        let schemas = Schemas::built_in();
        assert_eq!(schemas.is_namespaced("apps/v1", "Deployment"), Some(true));
        assert_eq!(schemas.is_namespaced("v1", "Namespace"), Some(false));
        assert_eq!(schemas.is_namespaced("argoproj.io/v1alpha1", "Rollout"), None);
    }

    #[test]
    fn a_custom_document_replaces_the_built_in_schemas() {
        let document = yaml::read_one(
            "openapi.yaml",
            "definitions:
  v1.Thing:
    type: object
    properties:
      parts: {type: array, items: {$ref: '#/definitions/v1.Part'}, x-kubernetes-patch-strategy: merge, x-kubernetes-patch-merge-key: id}
    x-kubernetes-group-version-kind: [{group: example.com, kind: Thing, version: v1}]
  v1.Part: {type: object}
paths:
  /apis/example.com/v1/things: {get: {x-kubernetes-group-version-kind: {group: example.com, kind: Thing, version: v1}}}
",
        )
        .unwrap();
        let schemas = Schemas::custom(&document, BuiltIn::Absent);
        assert_eq!(keys_at(&schemas, "example.com/v1", "Thing", &["parts"]), Some(vec!["id".to_owned()]));
        assert_eq!(schemas.is_namespaced("example.com/v1", "Thing"), Some(false));
        assert!(schemas.of_kind("apps/v1", "Deployment").is_none());
    }
}
