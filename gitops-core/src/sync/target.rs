//! The objects of a render, made ready for one destination.

use std::collections::BTreeMap;

use super::tracking::{Tracking, TrackingError};
use crate::diagnostic::{Diagnostic, Severity};
use crate::kind::Schemas;
use crate::object::{Object, ObjectKey, group_and_version};
use crate::yaml::Node;

/// The wanted objects of an application.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    /// The objects, each once, with namespace and tracking mark.
    pub objects: Vec<Object>,
    /// What is odd about them.
    pub warnings: Vec<Diagnostic>,
    /// Objects of which nobody knows whether they live in a namespace; they are taken as written.
    pub unknown_scope: Vec<ObjectKey>,
}

/// Scopes of kinds that came after the built-in schemas, or that this engine itself serves.
const SCOPES: &[(&str, &str, bool)] = &[
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy", false),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding", false),
    ("argoproj.io", "AnalysisRun", true),
    ("argoproj.io", "AnalysisTemplate", true),
    ("argoproj.io", "AppProject", true),
    ("argoproj.io", "Application", true),
    ("argoproj.io", "ApplicationSet", true),
    ("argoproj.io", "ClusterAnalysisTemplate", false),
    ("argoproj.io", "Experiment", true),
    ("argoproj.io", "ImageUpdater", true),
    ("argoproj.io", "Rollout", true),
    ("autoscaling", "HorizontalPodAutoscaler", true),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema", false),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", false),
];

/// Makes rendered objects ready: sets the destination's namespace where an object needs one and names none,
/// clears it where the kind has none, drops all but the last of objects with one key, and marks each as the
/// application's.
///
/// # Errors
/// The application's name gives no tracking mark.
pub fn prepare(
    rendered: &[Object],
    schemas: &Schemas,
    tracking: &Tracking,
) -> Result<Targets, TrackingError> {
    let mut targets = Targets::default();
    let mut objects: Vec<Object> = vec![];
    for object in rendered {
        let namespaced = is_namespaced(object, rendered, schemas);
        if namespaced.is_none() {
            targets.unknown_scope.push(object.key.clone());
        }
        let mut object = in_namespace(object, namespaced, &tracking.namespace);
        tracking.mark(&mut object)?;
        objects.push(object);
    }
    let mut last = BTreeMap::new();
    for (at, object) in objects.iter().enumerate().filter(|(_, object)| !object.key.name.is_empty()) {
        if let Some(first) = last.insert(object.key.clone(), at) {
            targets.warnings.push(repeated(object, objects.get(first)));
        }
    }
    let is_last = |at: usize, object: &Object| last.get(&object.key).is_none_or(|kept| *kept == at);
    targets.objects = objects
        .iter()
        .enumerate()
        .filter(|(at, object)| is_last(*at, object))
        .map(|(_, object)| object.clone())
        .collect();
    Ok(targets)
}

/// The object in the namespace that it goes to: `namespace` where it needs one and names none; none where its kind
/// has none. Where `namespaced` is not known, it stays as it is.
pub fn in_namespace(object: &Object, namespaced: Option<bool>, namespace: &str) -> Object {
    let mut object = object.clone();
    match namespaced {
        Some(true) if object.key.namespace.is_empty() && !namespace.is_empty() => {
            object.key.namespace = namespace.into();
            object.root.set_at(&["metadata", "namespace"], Node::string(namespace));
        }
        Some(false) if !object.key.namespace.is_empty() => {
            object.key.namespace = "".into();
            if let Some(metadata) = object.root.get_mut("metadata") {
                metadata.remove("namespace");
            }
        }
        Some(_) | None => {}
    }
    object
}

/// Whether objects of this kind live in a namespace, by the schemas, the definitions among the rendered
/// objects, and the table of newer kinds; `None` where nobody knows.
pub fn is_namespaced(object: &Object, rendered: &[Object], schemas: &Schemas) -> Option<bool> {
    let group = group_and_version(object.api_version()).0;
    let kind = object.key.kind.as_str();
    let defined = |definition: &&Object| {
        definition.key.kind == "CustomResourceDefinition"
            && definition.root.str_at(&["spec", "group"]) == Some(group)
            && definition.root.str_at(&["spec", "names", "kind"]) == Some(kind)
    };
    schemas
        .is_namespaced(object.api_version(), kind)
        .or_else(|| {
            let scope = rendered.iter().find(defined)?.root.str_at(&["spec", "scope"])?;
            Some(scope == "Namespaced")
        })
        .or_else(|| {
            SCOPES
                .iter()
                .find(|(of, name, _)| *of == group && *name == kind)
                .map(|(_, _, namespaced)| *namespaced)
        })
}

fn repeated(object: &Object, first: Option<&Object>) -> Diagnostic {
    let other = first.map(|first| format!(", first at {}", first.at)).unwrap_or_default();
    Diagnostic {
        code: "",
        severity: Severity::Warning,
        at: object.at.clone(),
        message: format!("`{}` is there more than once{other}: the last one counts", object.key),
        hint: None,
    }
}
