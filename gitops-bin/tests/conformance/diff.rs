//! Judges comparing one object, and what it leaves out, against Argo CD's.

use std::path::{Path, PathBuf};

use gitops_core::api::application::IgnoreDifference;
use gitops_core::diagnostic::Location;
use gitops_core::diff::{
    DiffStrategy, IgnoreRules, ObjectDiff, Prediction, diff, diff_by, mask_secret, normalized,
    rewrite_known_type,
};
use gitops_core::kind::Schemas;
use gitops_core::object::{FieldPath, Object, Step};
use gitops_core::yaml::{Node, read_one};
use serde_json::{Value, json};

use crate::report::{Report, Suite, equal, facts};
use crate::sync::{at, object};

/// The suites of the diff module.
pub(crate) fn suites() -> Vec<Suite> {
    vec![
        Suite { path: "argocd/diff", run: cases },
        Suite { path: "argocd/ignore-differences.json", run: |path| facts(path, ignore) },
        Suite { path: "argocd/known-types.json", run: |path| facts(path, known_type) },
        Suite { path: "argocd/secret-masking.json", run: |path| facts(path, mask) },
    ]
}

fn rules(list: &Value) -> Result<IgnoreRules, String> {
    let read = |item: &Value| {
        IgnoreDifference::from_node(&Node::from_json(item), &Location::default())
            .map_err(|error| error.to_string())
    };
    let rules = list.as_array().into_iter().flatten().map(read).collect::<Result<Vec<_>, _>>()?;
    IgnoreRules::new(&rules).map_err(|error| error.to_string())
}

fn json_of(node: &Node) -> Result<Value, String> {
    node.to_json().map_err(|error| error.to_string())
}

fn ignore(fact: &Value) -> Result<(), String> {
    let rules = rules(at(fact, "/input/ignoreDifferences"));
    if at(fact, "/expect/error") == &json!(true) {
        return equal("refused", &rules.is_err(), &true);
    }
    let object = object(at(fact, "/input/object"));
    let mut root = object.root.clone();
    rules?.remove_ignored(&object.key, &mut root);
    equal("object", &json_of(&root)?, at(fact, "/expect/object"))
}

fn known_type(fact: &Value) -> Result<(), String> {
    let object = object(at(fact, "/input/object"));
    let found = if at(fact, "/op") == "builtinRemarshal" {
        normalized(&object, &Schemas::built_in(), &IgnoreRules::default())
    } else {
        let mut root = object.root;
        for field in at(fact, "/input/knownTypeFields").as_array().into_iter().flatten() {
            let text = |pointer| at(field, pointer).as_str().unwrap_or_default();
            rewrite_known_type(&mut root, text("/field"), text("/type"))
                .map_err(|error| error.to_string())?;
        }
        root
    };
    let found = json_of(&found)?;
    for expected in at(fact, "/expect/values").as_array().into_iter().flatten() {
        let pointer = at(expected, "/pointer").as_str().unwrap_or_default();
        match at(expected, "/absent").as_bool() {
            Some(absent) => equal(pointer, &found.pointer(pointer).is_none(), &absent)?,
            None => equal(pointer, at(&found, pointer), at(expected, "/value"))?,
        }
    }
    Ok(())
}

const LAST_APPLIED: &str = "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration";

fn mask(fact: &Value) -> Result<(), String> {
    let side = |pointer: &str| Some(at(fact, pointer)).filter(|side| !side.is_null()).map(Node::from_json);
    let hidden: Vec<_> = at(fact, "/input/hideAnnotations")
        .as_array()
        .into_iter()
        .flatten()
        .map(|name| name.as_str().unwrap_or_default().into())
        .collect();
    let (target, live) = mask_secret(side("/input/target").as_ref(), side("/input/live").as_ref(), &hidden);
    let target = target.map(|node| json_of(&node)).transpose()?.unwrap_or_default();
    let live = live.map(|node| json_of(&node)).transpose()?.unwrap_or_default();
    for (name, expected) in at(fact, "/expect").as_object().into_iter().flatten() {
        let (side, what) = match name.strip_prefix("live") {
            Some(what) => (&live, what),
            None => (&target, name.strip_prefix("target").unwrap_or_default()),
        };
        let found = match what {
            "Data" => at(side, "/data").clone(),
            "Annotations" => at(side, "/metadata/annotations").clone(),
            "LastApplied" => at(side, LAST_APPLIED).clone(),
            "LastAppliedData" => {
                let text = at(side, LAST_APPLIED).as_str().unwrap_or_default();
                let applied: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
                at(&applied, "/data").clone()
            }
            other => return Err(format!("nothing is known of `{other}`")),
        };
        equal(name, &found, expected)?;
    }
    Ok(())
}

fn cases(folder: &Path) -> Report {
    facts(&folder.join("cases.json"), |case| judge(folder, case))
}

fn manifest(folder: &Path, name: &Value) -> Result<Option<Object>, String> {
    let Some(name) = name.as_str() else { return Ok(None) };
    let path: PathBuf = folder.join(name);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
    let root = read_one(name, &text).map_err(|error| error.to_string())?;
    Ok(Some(Object::new(root, Location::file(name))))
}

fn judge(folder: &Path, case: &Value) -> Result<(), String> {
    let mut rules = rules(at(case, "/options/ignoreDifferences"))?;
    if at(case, "/options/ignoreAggregatedRoles") == &json!(true) {
        rules = rules.with_aggregated_roles();
    }
    let desired = manifest(folder, at(case, "/config"))?;
    let live = manifest(folder, at(case, "/live"))?;
    let found = match (&desired, &live) {
        (Some(desired), Some(live)) => compare(folder, case, desired, live, &rules)?,
        // What is not there, or not wanted, is found by the comparison of sets.
        (_, _) => ObjectDiff::default(),
    };
    let modified = !found.is_empty() || desired.is_some() && live.is_none();
    let expected = at(case, "/expect");
    if json!(modified) != *at(expected, "/modified") {
        return Err(format!("modified: expected {}, got {:?}", at(expected, "/modified"), found.changes));
    }
    for (kind, from, to) in [("added", "", "/value"), ("removed", "/value", ""), ("changed", "/from", "/to")]
    {
        for field in at(expected, &format!("/{kind}")).as_array().into_iter().flatten() {
            let pointer = at(field, "/pointer").as_str().unwrap_or_default();
            let change = found.changes.iter().find(|change| pointer_of(&change.path) == pointer);
            let change = change.ok_or_else(|| format!("{pointer} is not {kind}: {:?}", found.changes))?;
            let side = |node: &Option<Node>| node.as_ref().map(json_of).transpose();
            let value = |pointer: &str| (!pointer.is_empty()).then(|| at(field, pointer).clone());
            equal(pointer, &(side(&change.live)?, side(&change.desired)?), &(value(from), value(to)))?;
        }
    }
    Ok(())
}

fn compare(
    folder: &Path,
    case: &Value,
    desired: &Object,
    live: &Object,
    rules: &IgnoreRules,
) -> Result<ObjectDiff, String> {
    let schemas = Schemas::built_in();
    let manager = at(case, "/options/manager").as_str().unwrap_or_default();
    let answer = manifest(folder, at(case, "/predictedLive"))?;
    let strategy = match (at(case, "/method").as_str(), &answer) {
        (Some("clientSide"), _) => return Ok(diff(desired, live, &schemas, rules)),
        (Some("structuredMerge"), _) => DiffStrategy::StructuredMerge { manager },
        (Some("serverSide"), Some(answer)) => {
            let ignore_mutations = at(case, "/options/ignoreMutationWebhook") == &json!(true);
            DiffStrategy::ServerSide { manager, predicted: &answer.root, ignore_mutations }
        }
        (method, _) => return Err(format!("nothing is known of the method {method:?}")),
    };
    let prediction =
        Prediction::of(desired, live, strategy, &schemas, rules).map_err(|error| error.to_string())?;
    let prediction = prediction.ok_or("no prediction")?;
    let expected = at(case, "/expect");
    for (name, root) in [("predictedLive", &prediction.predicted), ("normalizedLive", &prediction.live)] {
        let root = json_of(root)?;
        for expected in at(expected, &format!("/{name}")).as_array().into_iter().flatten() {
            let pointer = at(expected, "/pointer").as_str().unwrap_or_default();
            let found = root.pointer(pointer);
            match (at(expected, "/absent").as_bool(), at(expected, "/present").as_bool()) {
                (Some(absent), _) => equal(pointer, &found.is_none(), &absent)?,
                (None, Some(present)) => equal(pointer, &found.is_some(), &present)?,
                (None, None) => equal(pointer, &found, &Some(at(expected, "/value")))?,
            }
        }
        for expected in at(expected, &format!("/{name}Len")).as_array().into_iter().flatten() {
            let pointer = at(expected, "/pointer").as_str().unwrap_or_default();
            let found = at(&root, pointer).as_array().map(Vec::len);
            let length = at(expected, "/len").as_u64().and_then(|length| usize::try_from(length).ok());
            equal(pointer, &found, &length)?;
        }
    }
    diff_by(desired, live, strategy, &schemas, rules).map_err(|error| error.to_string())
}

fn pointer_of(path: &FieldPath) -> String {
    let step = |step: &Step| match step {
        Step::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Step::Index(index) => format!("/{index}"),
        Step::Item(item) => format!("/{item}"),
    };
    path.steps().iter().map(step).collect()
}
