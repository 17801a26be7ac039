//! The example manifests and their hashes.

use std::path::Path;

use gitops_core::api::analysis::{AnalysisRun, AnalysisTemplate};
use gitops_core::api::rollout::Rollout;
use gitops_core::rollout::hash::{pod_template_hash, step_hash};
use gitops_core::yaml::read;
use serde_json::Value;

use crate::report::{Report, Suite, equal, facts};

pub(super) fn suites() -> Vec<Suite> {
    vec![
        Suite { path: "rollouts/hashes.jsonl", run: hashes },
        Suite { path: "rollouts/manifests/index.json", run: manifests },
    ]
}

/// Every manifest of a class that is valid reads into its type; a malformed Rollout is refused.
fn manifests(path: &Path) -> Report {
    let mut report = Report::default();
    let index = std::fs::read_to_string(path).map_err(|error| error.to_string());
    let index =
        index.and_then(|text| serde_json::from_str::<Value>(&text).map_err(|error| error.to_string()));
    let files = match &index {
        Ok(index) => index.get("files").and_then(Value::as_array),
        Err(error) => {
            report.add("index.json", Err(error.clone()));
            None
        }
    };
    for entry in files.into_iter().flatten() {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let result = read_manifest(&path.with_file_name(text("file")));
        let outcome = match (text("class"), result) {
            ("ok" | "lint-invalid", Err(error)) => Err(error),
            ("type-error", Ok(())) => Err("a field of the wrong type was taken".to_owned()),
            (_, Ok(()) | Err(_)) => Ok(()),
        };
        report.add(text("file"), outcome);
    }
    report
}

fn read_manifest(path: &Path) -> Result<(), String> {
    let content = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    for document in read(&path.display().to_string(), &content).map_err(|error| error.to_string())? {
        let root = &document.root;
        let outcome = match root.str_at(&["kind"]).unwrap_or_default() {
            "Rollout" => {
                let rollout = Rollout::from_node(root).map_err(|error| error.to_string())?;
                // The pod template is read by its type when its hash is taken.
                pod_template_hash(&rollout.spec.template, None).map_err(|error| error.to_string())?;
                Ok(())
            }
            "AnalysisTemplate" | "ClusterAnalysisTemplate" => AnalysisTemplate::from_node(root).map(drop),
            "AnalysisRun" => AnalysisRun::from_node(root).map(drop),
            _ => Ok(()),
        };
        outcome.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn hashes(path: &Path) -> Report {
    let folder = path.with_file_name("manifests");
    facts(path, |fact| {
        let text = |key: &str| fact.get(key).and_then(Value::as_str);
        let file = folder.join(text("file").unwrap_or_default());
        let content = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
        let judged = || -> Result<[String; 3], String> {
            let documents =
                read(text("file").unwrap_or_default(), &content).map_err(|error| error.to_string())?;
            let documents = documents.into_iter().filter(|document| !document.root.is_null());
            let at = fact.get("document").and_then(Value::as_u64).unwrap_or(0);
            let document =
                documents.into_iter().nth(usize::try_from(at).unwrap_or(0)).ok_or("no document")?;
            let rollout = Rollout::from_node(&document.root).map_err(|error| error.to_string())?;
            let hash = |collision| {
                pod_template_hash(&rollout.spec.template, collision).map_err(|error| error.to_string())
            };
            let steps = step_hash(&rollout.spec).map_err(|error| error.to_string())?;
            Ok([hash(None)?.into(), hash(Some(1))?.into(), steps.into()])
        };
        match (judged(), text("error")) {
            (Err(_), Some(_)) => Ok(()),
            (Ok(_), Some(error)) => Err(format!("expected the error {error:?}")),
            (Err(error), None) => Err(error),
            (Ok([pod, collision, steps]), None) => {
                equal("stepHash", &Some(steps.as_str()), &text("stepHash"))?;
                equal("podTemplateHash", &Some(pod.as_str()), &text("podTemplateHash"))?;
                equal("collision", &Some(collision.as_str()), &text("podTemplateHashCollision1"))
            }
        }
    })
}
