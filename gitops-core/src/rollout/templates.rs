//! From templates to objects: arguments, composed analysis templates, and the ReplicaSet of a pod template.

use smol_str::{SmolStr, format_smolstr};

use crate::api::analysis::{AnalysisTemplate, Argument, ArgumentValue, Metric, TemplateSpec};
use crate::api::rollout::{
    ArgumentSource, POD_TEMPLATE_HASH_LABEL, REVISION_ANNOTATION, Rollout, RolloutArgument,
};
use crate::yaml::{Node, Scalar, Tag, Value};

use super::replica_set::{DESIRED_REPLICAS_ANNOTATION, ReplicaSet};

/// Why an analysis cannot be put together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// A template is not there.
    #[error("{kind} `{name}` not found")]
    NotFound {
        /// Its kind.
        kind: &'static str,
        /// Its name.
        name: SmolStr,
    },
    /// Two templates hold metrics of one name.
    #[error("two metrics have the same name '{name}'")]
    DuplicateMetric {
        /// The name.
        name: SmolStr,
    },
    /// Two templates name a pattern twice.
    #[error("two {what} rules have the same metric name '{name}'")]
    DuplicatePattern {
        /// `Dry-Run` or `Measurement Retention`.
        what: &'static str,
        /// The pattern.
        name: SmolStr,
    },
    /// Two templates give an argument different values.
    #[error("Argument `{name}` specified multiple times with different values: '{first}', '{second}'")]
    DifferentValues {
        /// The argument.
        name: SmolStr,
        /// One value.
        first: SmolStr,
        /// The other.
        second: SmolStr,
    },
    /// An argument has no value.
    #[error("args.{name} was not resolved")]
    Unresolved {
        /// The argument.
        name: SmolStr,
    },
    /// A text names an argument that has no value.
    #[error("argument \"{name}\" was not supplied")]
    NotSupplied {
        /// The argument.
        name: SmolStr,
    },
    /// A text names what is no argument.
    #[error("failed to resolve {{{{{tag}}}}}")]
    UnknownTag {
        /// What stands between the braces.
        tag: String,
    },
    /// Braces are not closed.
    #[error("cannot find `}}}}` after `{{{{`")]
    Unclosed,
    /// The path of an argument leads nowhere in the Rollout.
    #[error("invalid path {path} in rollout")]
    FieldPath {
        /// The path.
        path: SmolStr,
    },
    /// A metric does not fit its type after its arguments were put in.
    #[error("metric `{name}`: {message}")]
    Metric {
        /// The metric.
        name: SmolStr,
        /// What does not fit.
        message: String,
    },
}

/// All of several templates as one, nested ones not followed (`FlattenTemplates`).
pub fn flatten(templates: &[&AnalysisTemplate]) -> Result<TemplateSpec, TemplateError> {
    let (cluster, namespaced): (Vec<_>, Vec<_>) =
        templates.iter().copied().partition(|template| template.is_cluster_scoped());
    let mut whole = TemplateSpec::default();
    for spec in namespaced.into_iter().chain(cluster).map(|template| &template.spec) {
        for metric in &spec.metrics {
            if whole.metrics.iter().any(|known| known.name == metric.name) {
                return Err(TemplateError::DuplicateMetric { name: metric.name.clone() });
            }
            whole.metrics.push(metric.clone());
        }
        for arg in &spec.args {
            add_argument(&mut whole.args, arg)?;
        }
        for name in &spec.dry_run {
            if whole.dry_run.contains(name) {
                return Err(TemplateError::DuplicatePattern { what: "Dry-Run", name: name.clone() });
            }
            whole.dry_run.push(name.clone());
        }
        for (name, limit) in &spec.measurement_retention {
            if whole.measurement_retention.iter().any(|(known, _)| known == name) {
                let what = "Measurement Retention";
                return Err(TemplateError::DuplicatePattern { what, name: name.clone() });
            }
            whole.measurement_retention.push((name.clone(), *limit));
        }
    }
    Ok(whole)
}

fn add_argument(args: &mut Vec<Argument>, arg: &Argument) -> Result<(), TemplateError> {
    let Some(known) = args.iter_mut().find(|known| known.name == arg.name) else {
        args.push(arg.clone());
        return Ok(());
    };
    match (&known.value, &arg.value) {
        (ArgumentValue::Text(first), ArgumentValue::Text(second)) if first != second => {
            Err(TemplateError::DifferentValues {
                name: arg.name.clone(),
                first: first.clone(),
                second: second.clone(),
            })
        }
        (ArgumentValue::Text(_), _) => Ok(()),
        (ArgumentValue::Missing | ArgumentValue::Secret { .. } | ArgumentValue::Field(_), _) => {
            *known = arg.clone();
            Ok(())
        }
    }
}

/// The arguments of a template with the values that are given; names that the template lacks are passed over
/// (`MergeArgs`).
pub fn merge_args(given: &[Argument], declared: &[Argument]) -> Result<Vec<Argument>, TemplateError> {
    let mut merged = declared.to_vec();
    for arg in given.iter().filter(|arg| arg.value != ArgumentValue::Missing) {
        if let Some(declared) = merged.iter_mut().find(|declared| declared.name == arg.name) {
            declared.value = arg.value.clone();
        }
    }
    match merged.iter().find(|arg| arg.value == ArgumentValue::Missing) {
        Some(arg) => Err(TemplateError::Unresolved { name: arg.name.clone() }),
        None => Ok(merged),
    }
}

/// The values that a Rollout gives the arguments of an analysis (`BuildArgumentsForRolloutAnalysisRun`).
pub fn rollout_args(
    args: &[RolloutArgument],
    rollout: &Rollout,
    stable: Option<&ReplicaSet>,
    new: Option<&ReplicaSet>,
) -> Result<Vec<Argument>, TemplateError> {
    let hash = |set: Option<&ReplicaSet>| set.map(|set| set.hash.clone()).unwrap_or_default();
    let value = |arg: &RolloutArgument| {
        Ok(match &arg.source {
            ArgumentSource::Value(text) => text.clone(),
            ArgumentSource::LatestHash => hash(new),
            ArgumentSource::StableHash => hash(stable),
            ArgumentSource::Field(path) => field(&rollout.root, path)?,
        })
    };
    args.iter()
        .map(|arg| Ok(Argument { name: arg.name.clone(), value: ArgumentValue::Text(value(arg)?) }))
        .collect()
}

/// The text at a path such as `metadata.labels['app']` or `status.conditions[0].type`.
fn field(root: &Node, path: &SmolStr) -> Result<SmolStr, TemplateError> {
    let missing = || TemplateError::FieldPath { path: path.clone() };
    let mut node = root;
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let (name, keys) = part.split_once('[').unwrap_or((part, ""));
        node = if name.is_empty() { Some(node) } else { node.get(name) }.ok_or_else(missing)?;
        for key in keys.split('[').map(|key| key.trim_end_matches(']')).filter(|key| !key.is_empty()) {
            let quoted = key.trim_matches(['\'', '"']);
            let item = key.parse().ok().and_then(|index: usize| node.items().get(index));
            node = item.or_else(|| node.get(quoted)).ok_or_else(missing)?;
        }
    }
    node.text().map(SmolStr::from).ok_or_else(missing)
}

/// A text with `{{args.name}}` replaced (`ResolveArgs`).
pub fn resolve_text(text: &str, args: &[Argument]) -> Result<String, TemplateError> {
    if let Some(arg) = args.iter().find(|arg| !matches!(arg.value, ArgumentValue::Text(_))) {
        return Err(TemplateError::NotSupplied { name: arg.name.clone() });
    }
    let mut resolved = String::with_capacity(text.len());
    let mut unknown = None;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        resolved.push_str(before);
        let Some((tag, next)) = after.split_once("}}") else { return Err(TemplateError::Unclosed) };
        let name = tag.trim().strip_prefix("args.");
        match name.and_then(|name| args.iter().find(|arg| arg.name == name)).map(|arg| &arg.value) {
            Some(ArgumentValue::Text(value)) => resolved.push_str(value),
            Some(ArgumentValue::Missing | ArgumentValue::Secret { .. } | ArgumentValue::Field(_)) | None => {
                unknown = Some(TemplateError::UnknownTag { tag: tag.to_owned() });
            }
        }
        rest = next;
    }
    resolved.push_str(rest);
    unknown.map_or(Ok(resolved), Err)
}

/// A metric with its arguments put into every text of it (`ResolveMetricArgs`).
pub fn resolve_metric(metric: &Metric, args: &[Argument]) -> Result<Metric, TemplateError> {
    let Some(node) = &metric.node else { return Ok(metric.clone()) };
    let resolved = resolve_node(node, args)?;
    Metric::from_node(&resolved)
        .map_err(|error| TemplateError::Metric { name: metric.name.clone(), message: error.to_string() })
}

fn resolve_node(node: &Node, args: &[Argument]) -> Result<Node, TemplateError> {
    let value = match &node.value {
        Value::Scalar(scalar) if scalar.tag() == Tag::Str && scalar.text().contains("{{") => {
            Value::Scalar(Scalar::string(resolve_text(scalar.text(), args)?))
        }
        Value::Scalar(scalar) => Value::Scalar(scalar.clone()),
        Value::Sequence(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(|item| resolve_node(item, args)).collect();
            Value::Sequence(items?.into())
        }
        Value::Mapping(mapping) => {
            let mut mapping = (**mapping).clone();
            for entry in mapping.entries_mut() {
                entry.value = resolve_node(&entry.value, args)?;
            }
            Value::Mapping(mapping.into())
        }
    };
    Ok(Node { value, origin: node.origin })
}

/// A selector as one line (`FormatLabelSelector`).
pub fn selector_text(selector: Option<&Node>) -> String {
    let Some(selector) = selector else { return "<none>".to_owned() };
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::text).unwrap_or_default().to_owned();
    let labels = selector.get("matchLabels").map_or(&[][..], Node::entries);
    let mut parts: Vec<(String, String)> = labels
        .iter()
        .map(|entry| {
            let key = entry.key.text();
            (key.to_owned(), format!("{key}={}", entry.value.text().unwrap_or_default()))
        })
        .collect();
    for expression in selector.get("matchExpressions").map_or(&[][..], Node::items) {
        let key = text(expression, "key");
        let mut values: Vec<&str> =
            expression.get("values").map_or(&[][..], Node::items).iter().filter_map(Node::text).collect();
        values.sort_unstable();
        let values = values.join(",");
        let part = match text(expression, "operator").as_str() {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.clone(),
        };
        parts.push((key, part));
    }
    if parts.is_empty() {
        return "<none>".to_owned();
    }
    parts.sort();
    parts.into_iter().map(|(_, part)| part).collect::<Vec<_>>().join(",")
}

/// The ReplicaSet of the wanted pod template, without pods.
pub(super) fn replica_set_manifest(rollout: &Rollout, name: &str, hash: &SmolStr, revision: i64) -> Node {
    let string = |text: &str| Node::string(text);
    let mut template = rollout.spec.template.clone();
    template.set_at(&["metadata", "labels", POD_TEMPLATE_HASH_LABEL], Node::string(hash.clone()));
    let mut selector = rollout.spec.selector.clone().unwrap_or_else(Node::null);
    selector.set_at(&["matchLabels", POD_TEMPLATE_HASH_LABEL], Node::string(hash.clone()));
    let labels = template.at(&["metadata", "labels"]).cloned().unwrap_or_else(Node::null);
    let replicas = rollout.spec.replicas();
    let metadata = Node::mapping([
        ("name", string(name)),
        ("namespace", Node::string(rollout.key.namespace.clone())),
        ("labels", labels),
        (
            "annotations",
            Node::mapping([
                (DESIRED_REPLICAS_ANNOTATION, Node::string(format_smolstr!("{replicas}"))),
                (REVISION_ANNOTATION, Node::string(format_smolstr!("{revision}"))),
            ]),
        ),
        ("ownerReferences", Node::sequence([owner(rollout)])),
    ]);
    let mut spec = vec![("replicas", Node::integer(0))];
    if rollout.spec.min_ready_seconds != 0 {
        spec.push(("minReadySeconds", Node::integer(i64::from(rollout.spec.min_ready_seconds))));
    }
    spec.extend([("selector", selector), ("template", template)]);
    Node::mapping([
        ("apiVersion", string("apps/v1")),
        ("kind", string("ReplicaSet")),
        ("metadata", metadata),
        ("spec", Node::mapping(spec)),
    ])
}

/// The owner reference to a Rollout.
pub(super) fn owner(rollout: &Rollout) -> Node {
    Node::mapping([
        ("apiVersion", Node::string("argoproj.io/v1alpha1")),
        ("kind", Node::string("Rollout")),
        ("name", Node::string(rollout.key.name.clone())),
        ("uid", Node::string(rollout.uid.clone())),
        ("controller", Node::boolean(true)),
        ("blockOwnerDeletion", Node::boolean(true)),
    ])
}

/// Whether a ReplicaSet's pod template is the wanted one, apart from its hash label and from what the API server
/// fills in (`PodTemplateEqualIgnoreHash`).
pub fn same_template(live: &Node, desired: &Node) -> bool {
    let without_hash = |node: &Node| {
        let mut node = node.clone();
        if let Some(labels) = node.at_mut(&["metadata", "labels"]) {
            labels.remove(POD_TEMPLATE_HASH_LABEL);
        }
        node
    };
    same(&without_hash(live), &without_hash(desired))
}

/// What the API server fills in, by field; an empty text stands for any value.
const DEFAULTS: [(&str, &str); 24] = [
    ("terminationMessagePath", "/dev/termination-log"),
    ("terminationMessagePolicy", "File"),
    ("imagePullPolicy", ""),
    ("restartPolicy", "Always"),
    ("terminationGracePeriodSeconds", "30"),
    ("dnsPolicy", "ClusterFirst"),
    ("schedulerName", "default-scheduler"),
    ("serviceAccount", ""),
    ("protocol", "TCP"),
    ("timeoutSeconds", "1"),
    ("periodSeconds", "10"),
    ("successThreshold", "1"),
    ("failureThreshold", "3"),
    ("initialDelaySeconds", "0"),
    ("scheme", "HTTP"),
    ("path", "/"),
    ("defaultMode", "420"),
    ("apiVersion", "v1"),
    ("enableServiceLinks", "true"),
    ("service", ""),
    ("type", ""),
    ("optional", "false"),
    ("readOnly", "false"),
    ("creationTimestamp", ""),
];

fn same(live: &Node, desired: &Node) -> bool {
    if live.is_mapping() && desired.is_mapping() {
        let is_covered = |key: &str, value: &Node| match desired.get(key).filter(|node| !is_empty(node)) {
            Some(wanted) => key == "serviceAccount" || same(value, wanted),
            None => is_empty(value) || is_default(key, value),
        };
        let covered = live.entries().iter().all(|entry| is_covered(entry.key.text(), &entry.value));
        return covered
            && desired.entries().iter().all(|entry| {
                let key = entry.key.text();
                is_empty(&entry.value) || key == "serviceAccount" || live.get(key).is_some()
            });
    }
    if live.is_sequence() && desired.is_sequence() {
        let (live, desired) = (live.items(), desired.items());
        return live.len() == desired.len() && live.iter().zip(desired).all(|(a, b)| same(a, b));
    }
    live == desired || is_empty(live) && is_empty(desired)
}

fn is_empty(node: &Node) -> bool {
    node.is_null()
        || node.is_mapping() && node.entries().iter().all(|entry| is_empty(&entry.value))
        || node.is_sequence() && node.items().is_empty()
        || node.as_str() == Some("")
}

fn is_default(key: &str, value: &Node) -> bool {
    let text = value.text();
    DEFAULTS.iter().any(|(field, default)| *field == key && (default.is_empty() || text == Some(default)))
}
