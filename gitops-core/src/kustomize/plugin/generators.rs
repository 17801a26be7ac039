//! The built-in generators.

use super::Plugin;
use crate::kustomize::error::RenderError;
use crate::kustomize::generate;
use crate::kustomize::helm;
use crate::kustomize::kustomization::{GeneratorKind, Text, read_arguments, read_chart, read_home};
use crate::kustomize::metadata::{Source, Tracking};
use crate::kustomize::resource::Resource;
use crate::kustomize::resource_set::ResourceSet;
use crate::kustomize::session::{Session, Stamp};
use crate::yaml::{Node, Origin};

/// Runs one generator.
pub(super) fn run(
    session: &mut Session<'_>,
    plugin: &Plugin<'_>,
    set: &mut ResourceSet,
) -> Result<(), RenderError> {
    super::refuse_foreign(plugin)?;
    match plugin.config.kind() {
        "ConfigMapGenerator" => data(session, plugin, set, GeneratorKind::ConfigMap),
        "SecretGenerator" => data(session, plugin, set, GeneratorKind::Secret),
        "IAMPolicyGenerator" => iam_policy(session, plugin, set),
        "HelmChartInflationGenerator" => chart(session, plugin, set),
        _ => Err(super::unknown(plugin, "generator")),
    }
}

fn data(
    session: &mut Session<'_>,
    plugin: &Plugin<'_>,
    set: &mut ResourceSet,
    kind: GeneratorKind,
) -> Result<(), RenderError> {
    let mut arguments = read_arguments(&plugin.decoder(), plugin.root(), kind)?;
    arguments.origin = plugin.root().origin;
    let metadata = |field| Text {
        value: plugin.root().str_at(&["metadata", field]).unwrap_or_default().into(),
        origin: Origin::UNKNOWN,
    };
    if arguments.name.is_empty() {
        arguments.name = metadata("name");
    }
    if arguments.namespace.is_empty() {
        arguments.namespace = metadata("namespace");
    }
    let options = arguments.options.clone();
    let mut resource = generate::generate(session, &plugin.target, &arguments, options.as_ref())?;
    resource.tracking = Source::plugin(&plugin.config).map(Tracking::from);
    generate::absorb(session, &plugin.target, set, resource, &arguments)
}

/// The objects of a Helm chart.
fn chart(session: &mut Session<'_>, plugin: &Plugin<'_>, set: &mut ResourceSet) -> Result<(), RenderError> {
    let home = read_home(&plugin.decoder(), plugin.root())?;
    let chart = read_chart(&plugin.decoder(), plugin.root())?;
    let mut resources = helm::inflate(session, &plugin.target, &home, &chart)?;
    if let Some(source) = Source::plugin(&plugin.config) {
        for resource in &mut resources {
            resource.tracking = Some(Tracking::from(source.clone()));
        }
    }
    set.append_all(resources, &session.files)
}

/// A ServiceAccount that stands for an account of Google's cloud, the only one that kustomize knows.
fn iam_policy(
    session: &mut Session<'_>,
    plugin: &Plugin<'_>,
    set: &mut ResourceSet,
) -> Result<(), RenderError> {
    let text = |path: &[&str]| plugin.root().str_at(path).unwrap_or_default();
    if text(&["cloud"]) != "gke" {
        return Err(plugin.invalid(format!("the cloud `{}` is not supported, only `gke`", text(&["cloud"]))));
    }
    let account = format!(
        "{}@{}.iam.gserviceaccount.com",
        text(&["serviceAccount", "name"]),
        text(&["serviceAccount", "projectId"])
    );
    let annotations = Node::mapping([("iam.gke.io/gcp-service-account", Node::string(account))]);
    let mut metadata =
        vec![("annotations", annotations), ("name", Node::string(text(&["kubernetesService", "name"])))];
    let namespace = text(&["kubernetesService", "namespace"]);
    if !namespace.is_empty() {
        metadata.push(("namespace", Node::string(namespace)));
    }
    let mut root = Node::mapping([
        ("apiVersion", Node::string("v1")),
        ("kind", Node::string("ServiceAccount")),
        ("metadata", Node::mapping(metadata)),
    ]);
    let mut stamp = Stamp {
        provenance: &mut session.files.provenance,
        cause: plugin.config.place,
        place: Some(plugin.config.place),
        transformer: "IAMPolicyGenerator",
    };
    stamp.mark_rest(&mut root).map_err(|problem| plugin.invalid(problem.to_string()))?;
    let mut resource = Resource::new(root, plugin.config.place);
    resource.tracking = Source::plugin(&plugin.config).map(Tracking::from);
    set.append(resource, &session.files)
}
