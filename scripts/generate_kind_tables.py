#!/usr/bin/env python3
"""Writes gitops-core/src/kind/builtin.rs: what patching needs to know of Kubernetes' own kinds.

    scripts/generate_kind_tables.py OPENAPI.json... [--version v1.21.2] > gitops-core/src/kind/builtin.rs

The first OPENAPI.json is either the swagger document that a Kubernetes release publishes (`definitions` and `paths`), or
the reduced bundle that kustomize publishes (`definitions` and `resources`); both name the same facts. More
documents (kustomize's own kinds) add their definitions. Only what decides a strategic merge is kept: lists whose patch strategy is `merge`, the path of fields that leads to
them, and objects of free form. The version must be the one that the matched kustomize embeds, since its tables
decide which lists merge.
"""

import argparse
import json

GROUP_VERSION_KIND = "x-kubernetes-group-version-kind"
# Kinds of the API machinery that no manifest holds.
SKIPPED = {"DeleteOptions", "WatchEvent", "Status", "APIGroup", "APIGroupList", "APIResourceList", "APIVersions"}


class Table:
    """Nodes of the schema graph, each with what patching asks of it; equal nodes are one row."""

    def __init__(self, definitions):
        self.definitions = definitions
        self.relevant = {}
        self.rows = []
        self.index = {}
        self.names = {}

    def resolve(self, schema):
        name = None
        while "$ref" in schema:
            name = schema["$ref"].removeprefix("#/definitions/")
            schema = self.definitions[name]
        return name, schema

    @staticmethod
    def merges(schema):
        return "merge" in schema.get("x-kubernetes-patch-strategy", "").split(",")

    @staticmethod
    def keys(schema):
        if "x-kubernetes-list-map-keys" in schema:
            return tuple(schema["x-kubernetes-list-map-keys"])
        key = schema.get("x-kubernetes-patch-merge-key")
        return (key,) if key else ()

    def is_free_form(self, schema):
        return schema.get("type") == "object" and not schema.get("properties") and "additionalProperties" not in schema

    def is_relevant(self, schema, seen=()):
        """Whether a merging list or a free-form object can be reached from here."""
        name, schema = self.resolve(schema)
        if name in seen:
            return False
        if name is not None and name in self.relevant:
            return self.relevant[name]
        seen = seen + ((name,) if name else ())
        found = (schema.get("type") == "array" and self.merges(schema)) or self.is_free_form(schema)
        children = list(schema.get("properties", {}).values())
        children += [schema[part] for part in ("items", "additionalProperties") if isinstance(schema.get(part), dict)]
        found = found or any(self.is_relevant(child, seen) for child in children)
        if name is not None and (found or len(seen) == 1):
            self.relevant[name] = found
        return found

    def row(self, schema):
        """The number of the row of this schema."""
        name, schema = self.resolve(schema)
        if name is not None and name in self.names:
            return self.names[name]
        if name is not None:
            self.names[name] = len(self.rows)
            self.rows.append(None)
        content = (
            schema.get("type") == "array" and self.merges(schema),
            self.keys(schema) if schema.get("type") == "array" and self.merges(schema) else (),
            self.child(schema.get("items")) if schema.get("type") == "array" else None,
            self.child(schema.get("additionalProperties")),
            tuple(
                (field, self.row(child))
                for field, child in sorted(schema.get("properties", {}).items())
                if self.is_relevant(child)
            ),
        )
        if name is not None:
            self.rows[self.names[name]] = (name, content)
            return self.names[name]
        if content not in self.index:
            self.index[content] = len(self.rows)
            self.rows.append((None, content))
        return self.index[content]

    def child(self, schema):
        return self.row(schema) if isinstance(schema, dict) and self.is_relevant(schema) else None


def resources(document):
    """Yields (apiVersion, kind, definition or None, namespaced or None)."""
    for name, definition in document["definitions"].items():
        for entry in definition.get(GROUP_VERSION_KIND, []):
            yield api_version(entry), entry["kind"], name, None
    for resource in document.get("resources", []):
        scope = resource.get("scope")
        yield (
            resource["apiVersion"],
            resource["kind"],
            resource.get("definition"),
            None if scope is None else scope.startswith("Namespace"),
        )
    for path, item in document.get("paths", {}).items():
        entry = item.get("get", {}).get(GROUP_VERSION_KIND)
        if entry:
            yield api_version(entry), entry["kind"], None, True if "namespaces/{namespace}" in path else False


def api_version(entry):
    return f"{entry['group']}/{entry['version']}" if entry.get("group") else entry["version"]


def quoted(text):
    return json.dumps(text)


def option(value):
    return "None" if value is None else f"Some({value})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("openapi", nargs="+")
    parser.add_argument("--version", default="v1.21.2", help="the Kubernetes release that OPENAPI.json describes")
    arguments = parser.parse_args()
    document = {"definitions": {}, "resources": [], "paths": {}}
    for path in arguments.openapi:
        with open(path, encoding="utf-8") as file:
            part = json.load(file)
        document["definitions"].update(part["definitions"])
        document["resources"] += part.get("resources", [])
        document["paths"].update(part.get("paths", {}))

    table, kinds, scopes = Table(document["definitions"]), {}, {}
    for version, kind, definition, namespaced in resources(document):
        if kind in SKIPPED or kind.endswith("List"):
            continue
        if namespaced is not None:
            scopes[version, kind] = scopes.get((version, kind), False) or namespaced
        if definition is not None and table.is_relevant({"$ref": f"#/definitions/{definition}"}):
            kinds[version, kind] = definition
    starts = {key: table.row({"$ref": f"#/definitions/{name}"}) for key, name in sorted(kinds.items())}

    out = [
        f"// Written by scripts/generate_kind_tables.py from the OpenAPI document of Kubernetes {arguments.version}.",
        "// Do not edit: run the script again.",
        "",
        "use super::schema::BuiltInNode as Node;",
        "",
        "/// The release that the tables describe.",
        f"pub const VERSION: &str = {quoted(arguments.version)};",
        "",
        "/// Which row of [`NODES`] describes a kind, sorted by `apiVersion` and kind.",
        "pub(super) static KINDS: &[(&str, &str, u16)] = &[",
        *(f"    ({quoted(version)}, {quoted(kind)}, {row})," for (version, kind), row in starts.items()),
        "];",
        "",
        "/// Whether a kind lives in a namespace, sorted by `apiVersion` and kind.",
        "pub(super) static SCOPES: &[(&str, &str, bool)] = &[",
        *(f"    ({quoted(v)}, {quoted(k)}, {str(s).lower()})," for (v, k), s in sorted(scopes.items())),
        "];",
        "",
        "/// The schema graph; children are numbers of rows, and fields are sorted by name.",
        "pub(super) static NODES: &[Node] = &[",
    ]
    for number, (name, (merges, keys, items, values, fields)) in enumerate(table.rows):
        keys = ", ".join(quoted(key) for key in keys)
        fields = ", ".join(f"({quoted(field)}, {row})" for field, row in fields)
        out.append(
            f"    /* {number} */ Node {{ name: {quoted(name or '')}, merges: {str(merges).lower()}, keys: &[{keys}], "
            f"items: {option(items)}, values: {option(values)}, fields: &[{fields}] }},"
        )
    out.append("];")
    print("\n".join(out))


if __name__ == "__main__":
    main()
