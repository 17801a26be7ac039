//! Kinds that the cluster comes to know while the engine runs.

use gitops_core::object::ObjectKey;

use crate::Case;
use crate::bench::{Bench, object};
use crate::stage::Stage;

pub(crate) const CASES: &[Case] = &[
    ("a definition and its object come in one sync", definition),
    ("an object of a kind that the cluster knows", known_kind),
];

const DEFINITION: &str = "\
apiVersion: example.com/v1
kind: Widget
metadata: {name: one}
spec: {size: 3}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
";

fn definition(bench: &mut Bench) {
    let stage = Stage::of(bench, "definition", DEFINITION);
    stage.until_synced("definition");
    let widget = ObjectKey::new("example.com", "Widget", "definition", "one");
    assert!(stage.live(&widget).root.at(&["spec", "size"]).is_some());
    stage.commit("definition", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: stays}\n");
    stage.until_synced("definition");
    assert!(stage.bench.get(&widget).is_none(), "the object is left");
    let definition =
        ObjectKey::new("apiextensions.k8s.io", "CustomResourceDefinition", "", "widgets.example.com");
    assert!(stage.bench.get(&definition).is_none(), "the definition, which has no namespace, is left");
}

/// The scope of a kind that no manifest of the Application defines is what the cluster says.
fn known_kind(bench: &mut Bench) {
    let (_, definition) = DEFINITION.split_once("---\n").unwrap();
    bench.apply(&object(
        &definition.replace("idget", "adget").replace("Wadget", "Gadget").replace("wadget", "gadget"),
    ));
    let stage = Stage::of(
        bench,
        "known-kind",
        "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: one}\nspec: {size: 3}\n",
    );
    stage.until_synced("known-kind");
    stage.live(&ObjectKey::new("example.com", "Gadget", "known-kind", "one"));
}
