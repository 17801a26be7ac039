//! Whether the specification of a Rollout holds, in Argo's words and by its fields.
//!
//! The pod template itself is left to the API server, apart from its labels.

use crate::api::rollout::{
    BlueGreenStrategy, CanaryStrategy, HeaderRoute, Rollout, Step, StringMatch, TrafficRouting,
};
use crate::yaml::Node;

use super::replicas::is_without_room;
use super::situation::Situation;

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct SpecError {
    /// The kind of error, as Kubernetes names it.
    pub kind: SpecErrorKind,
    /// The field: `spec.strategy.canary.steps[0].setWeight`.
    pub field: String,
    /// What is wrong, in Argo's words.
    pub detail: String,
}

/// The kind of a [`SpecError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpecErrorKind {
    /// The value is not allowed.
    Invalid,
    /// A value is missing.
    Required,
    /// Two parts exclude each other.
    Internal,
}

impl SpecErrorKind {
    /// Kubernetes' word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "FieldValueInvalid",
            Self::Required => "FieldValueRequired",
            Self::Internal => "InternalError",
        }
    }
}

const INVALID_STEP: &str =
    "Step must have one of the following set: experiment, setWeight, setCanaryScale, plugin or pause";
const BOTH_SERVICES: &str = "Canary service and Stable service must to be set to use Traffic Routing";
const BOTH_PING_PONG: &str = "Ping service and Pong service must to be set to use Ping-Pong feature";
const ONE_MATCH: &str =
    "StringMatch match value must have exactly one of the following: exact, regex, prefix";
const UNKNOWN_ROUTE: &str =
    "Steps define a route that does not exist in spec.strategy.canary.trafficRouting.managedRoutes";

/// The errors that were found below one field.
#[derive(Debug, Default)]
struct Findings(Vec<SpecError>);

impl Findings {
    fn invalid(&mut self, is_wrong: bool, field: impl Into<String>, detail: impl Into<String>) {
        self.add(is_wrong, SpecErrorKind::Invalid, field.into(), detail.into());
    }

    fn required(&mut self, is_wrong: bool, field: impl Into<String>, detail: impl Into<String>) {
        self.add(is_wrong, SpecErrorKind::Required, field.into(), detail.into());
    }

    fn add(&mut self, is_wrong: bool, kind: SpecErrorKind, field: String, detail: String) {
        if is_wrong {
            self.0.push(SpecError { kind, field, detail });
        }
    }
}

/// Checks a specification (`ValidateRolloutSpec`); `path` is the field that it stands in.
pub fn validate_spec(rollout: &Rollout, path: &str) -> Vec<SpecError> {
    let spec = &rollout.spec;
    let mut found = Findings::default();
    let negative = "must be greater than or equal to 0";
    found.invalid(spec.replicas() < 0, format!("{path}.replicas"), negative);
    let labels = |node: Option<&Node>| node.map_or(&[][..], Node::entries).to_vec();
    if spec.workload_ref.is_none() {
        let selector = spec.selector.as_ref();
        let field = format!("{path}.selector");
        found.required(selector.is_none(), field.clone(), "Rollout has missing field '.spec.selector'");
        let wanted = labels(selector.and_then(|selector| selector.get("matchLabels")));
        let expressions = selector
            .and_then(|selector| selector.get("matchExpressions"))
            .map_or(0, |node| node.items().len());
        let is_empty = selector.is_some() && wanted.len() + expressions == 0;
        found.invalid(is_empty, field, "empty selector is invalid for deployment");
        let own = spec.template.at(&["metadata", "labels"]);
        let is_other = wanted.iter().any(|entry| {
            own.and_then(|own| own.get(entry.key.text())).and_then(Node::text) != entry.value.text()
        });
        let field = format!("{path}.template.metadata.labels");
        found.invalid(selector.is_none() || is_other, field, "`selector` does not match template `labels`");
    } else {
        let is_set = |key: &str| !labels(spec.template.at(&["metadata", key])).is_empty();
        found.add(
            is_set("labels") || is_set("annotations"),
            SpecErrorKind::Internal,
            format!("{path}.template"),
            "template must be empty for workload reference rollout".to_owned(),
        );
    }
    found.invalid(spec.min_ready_seconds < 0, format!("{path}.minReadySeconds"), negative);
    let history = spec.history.revisions.unwrap_or(10);
    found.invalid(history < 0, format!("{path}.revisionHistoryLimit"), negative);
    let deadline = spec.progress_deadline_seconds();
    let field = format!("{path}.progressDeadlineSeconds");
    found.invalid(deadline < 0, field.clone(), negative);
    found.invalid(deadline <= spec.min_ready_seconds, field, "must be greater than minReadySeconds");
    let mut errors = found.0;
    errors.extend(validate_strategy(rollout, &format!("{path}.strategy")));
    errors
}

/// Checks the strategy (`ValidateRolloutStrategy`).
pub fn validate_strategy(rollout: &Rollout, path: &str) -> Vec<SpecError> {
    let mut found = Findings::default();
    match (&rollout.spec.blue_green, &rollout.spec.canary) {
        (None, None) => found.required(
            true,
            format!("{path}.strategy"),
            "Rollout has missing field '.spec.strategy.canary or .spec.strategy.blueGreen'",
        ),
        (Some(_), Some(_)) => {
            found.invalid(true, format!("{path}.strategy"), "Multiple Strategies can not be listed");
        }
        (Some(blue_green), None) => check_blue_green(&mut found, rollout, blue_green, path),
        (None, Some(canary)) => check_canary(&mut found, rollout, canary, path),
    }
    found.0
}

/// Checks the canary strategy (`ValidateRolloutStrategyCanary`).
pub fn validate_canary(rollout: &Rollout, path: &str) -> Vec<SpecError> {
    let mut found = Findings::default();
    if let Some(canary) = rollout.canary() {
        check_canary(&mut found, rollout, canary, path);
    }
    found.0
}

/// Checks the blue-green strategy (`ValidateRolloutStrategyBlueGreen`).
pub fn validate_blue_green(rollout: &Rollout, path: &str) -> Vec<SpecError> {
    let mut found = Findings::default();
    if let Some(blue_green) = &rollout.spec.blue_green {
        check_blue_green(&mut found, rollout, blue_green, path);
    }
    found.0
}

fn check_blue_green(found: &mut Findings, rollout: &Rollout, strategy: &BlueGreenStrategy, path: &str) {
    found.invalid(
        strategy.active_service == strategy.preview_service,
        format!("{path}.activeService"),
        "This rollout uses the same service for the active and preview services, but two different services are \
         required.",
    );
    let history = rollout.spec.history.revisions.unwrap_or(10);
    found.invalid(
        strategy.scale_down_delay_revision_limit.is_some_and(|limit| history < limit),
        format!("{path}.scaleDownDelayRevisionLimit"),
        "This rollout's revision history limit can not be smaller than the rollout's scale down limit",
    );
    check_anti_affinity(found, strategy.anti_affinity.as_ref(), path);
}

fn check_canary(found: &mut Findings, rollout: &Rollout, canary: &CanaryStrategy, path: &str) {
    found.invalid(
        is_without_room(Situation::from(rollout)),
        format!("{path}.maxSurge"),
        "MaxSurge and MaxUnavailable both can not be zero",
    );
    found.invalid(
        !canary.canary_service.is_empty() && canary.canary_service == canary.stable_service,
        format!("{path}.stableService"),
        "This rollout uses the same service for the stable and canary services, but two different services are \
         required.",
    );
    check_ping_pong(found, canary, path);
    if canary.traffic_routing.as_ref().is_some_and(|routing| needs_services(canary, routing)) {
        found.invalid(canary.stable_service.is_empty(), format!("{path}.stableService"), BOTH_SERVICES);
        found.invalid(canary.canary_service.is_empty(), format!("{path}.canaryService"), BOTH_SERVICES);
    }
    check_scaling(found, canary, path);
    for (at, step) in canary.steps.iter().enumerate() {
        check_step(found, rollout, step, &StepPath { strategy: path, step: format!("{path}.steps[{at}]") });
    }
    check_anti_affinity(found, canary.anti_affinity.as_ref(), path);
}

fn check_ping_pong(found: &mut Findings, canary: &CanaryStrategy, path: &str) {
    let Some(pair) = &canary.ping_pong else { return };
    if let Some(routing) = &canary.traffic_routing {
        found.invalid(
            routing.alb.is_none() && !routing.has("istio") && !has_plugins(routing),
            format!("{path}.trafficRouting.alb"),
            "Ping-pong feature works with the ALB, Istio, and plugin-based traffic routers only",
        );
    }
    let ping = format!("{path}.pingPong.pingService");
    found.invalid(pair.ping_service.is_empty(), ping.clone(), BOTH_PING_PONG);
    found.invalid(pair.pong_service.is_empty(), format!("{path}.pingPong.pongService"), BOTH_PING_PONG);
    found.invalid(
        pair.ping_service == pair.pong_service,
        ping,
        "This rollout uses the same service for the ping and pong services, but two different services are \
         required.",
    );
    let alb = canary.traffic_routing.as_ref().and_then(|routing| routing.alb.as_ref());
    found.invalid(
        alb.is_some_and(|alb| alb.root_service.is_empty()),
        format!("{path}.trafficRouting.alb.rootService"),
        "Root service field is required for the configuration with ALB and ping-pong feature enabled",
    );
}

fn has_plugins(routing: &TrafficRouting) -> bool {
    let plugins = routing.node.as_ref().and_then(|node| node.get("plugins"));
    plugins.is_some_and(|plugins| !plugins.entries().is_empty())
}

/// Whether a router needs the stable and the canary Service (`requireCanaryStableServices`).
fn needs_services(canary: &CanaryStrategy, routing: &TrafficRouting) -> bool {
    let istio = routing.node.as_ref().and_then(|node| node.get("istio")).filter(|istio| !istio.is_null());
    let by_host = istio.is_some_and(|istio| istio.get("destinationRule").is_none_or(Node::is_null));
    let always = ["smi", "apisix", "ambassador", "nginx", "appMesh", "traefik"];
    canary.ping_pong.is_none() && (routing.alb.is_some() || by_host)
        || always.into_iter().any(|router| routing.has(router))
}

fn check_scaling(found: &mut Findings, canary: &CanaryStrategy, path: &str) {
    let delayed = canary.scaling.scale_down_delay_seconds.is_some();
    let dynamic = canary.scaling.dynamic_stable_scale;
    let field = format!("{path}.dynamicStableScale");
    let Some(routing) = &canary.traffic_routing else {
        let detail = "Canary scaleDownDelaySeconds can only be used with traffic routing";
        found.invalid(delayed, format!("{path}.scaleDownDelaySeconds"), detail);
        found.invalid(dynamic, field, "Canary dynamicStableScale can only be used with traffic routing");
        return;
    };
    let detail = "Canary dynamicStableScale cannot be used with scaleDownDelaySeconds";
    found.invalid(delayed && dynamic, field, detail);
    found.invalid(
        routing.max_traffic_weight.is_some() && routing.nginx.is_none() && !has_plugins(routing),
        format!("{path}.trafficRouting.maxTrafficWeight"),
        "Canary maxTrafficWeight in traffic routing only supported in Nginx and Plugins",
    );
}

/// Where a step stands.
#[derive(Debug)]
struct StepPath<'a> {
    strategy: &'a str,
    step: String,
}

fn check_step(found: &mut Findings, rollout: &Rollout, step: &Step, path: &StepPath<'_>) {
    let counted =
        [step.set_weight.is_some(), step.pause.is_some(), step.experiment.is_some(), step.analysis.is_some()];
    let count = counted.into_iter().filter(|is_set| *is_set).count();
    let others = step.set_canary_scale.is_some()
        || step.set_header_route.is_some()
        || step.set_mirror_route.is_some()
        || step.plugin.is_some();
    found.invalid(count > 1, path.step.clone(), INVALID_STEP);
    found.invalid(count == 0 && !others, path.step.clone(), INVALID_STEP);
    let maximum = rollout.max_traffic_weight();
    found.invalid(
        step.set_weight.is_some_and(|weight| !(0..=maximum).contains(&weight)),
        format!("{}.setWeight", path.step),
        format!("SetWeight needs to be between 0 and {maximum}"),
    );
    found.invalid(
        step.pause.as_ref().is_some_and(|pause| pause.seconds() < 0),
        format!("{}.pause.duration", path.step),
        "Duration needs to be greater than 0",
    );
    let routing = rollout.traffic_routing();
    found.required(
        step.set_canary_scale.is_some() && routing.is_none(),
        format!("{}.trafficRouting", path.strategy),
        "SetCanaryScale requires TrafficRouting to be set",
    );
    if let Some(route) = &step.set_header_route {
        check_header_route(found, routing, route, path);
    }
    if let Some(route) = &step.set_mirror_route {
        check_mirror_route(found, routing, route, path);
    }
    check_managed_routes(found, routing, step, path);
    check_experiment(found, routing, step, path);
}

fn is_ambiguous(value: Option<&StringMatch>) -> bool {
    value.is_none_or(|value| {
        [&value.exact, &value.prefix, &value.regex].into_iter().filter(|text| !text.is_empty()).count() != 1
    })
}

fn check_header_route(
    found: &mut Findings,
    routing: Option<&TrafficRouting>,
    route: &HeaderRoute,
    path: &StepPath<'_>,
) {
    let field = format!("{}.setHeaderRoute", path.step);
    let supported = |routing: &&TrafficRouting| {
        routing.alb.is_some() || routing.has("istio") || routing.has("apisix") || has_plugins(routing)
    };
    let Some(routing) = routing.filter(supported) else {
        let detail = "SetHeaderRoute requires TrafficRouting, supports Istio and ALB and Apisix";
        found.invalid(true, field, detail);
        return;
    };
    for (at, one) in route.matches.iter().enumerate() {
        let value = one.header_value.as_ref();
        let field = format!("{field}.match[{at}]");
        if routing.alb.is_some() {
            let is_exact = value.is_some_and(|value| {
                !value.exact.is_empty() && value.prefix.is_empty() && value.regex.is_empty()
            });
            found.invalid(
                !is_exact,
                field,
                "SetHeaderRoute match value invalid. ALB supports 'exact' value only",
            );
        } else {
            found.invalid(is_ambiguous(value), field, ONE_MATCH);
        }
    }
}

fn check_mirror_route(
    found: &mut Findings,
    routing: Option<&TrafficRouting>,
    route: &Node,
    path: &StepPath<'_>,
) {
    let field = format!("{}.setMirrorRoute", path.step);
    let supported = routing.is_some_and(|routing| routing.has("istio") || has_plugins(routing));
    found.invalid(
        !supported,
        field.clone(),
        "SetMirrorRoute requires TrafficRouting, supports Istio and Plugins",
    );
    for (at, one) in route.get("match").map_or(&[][..], Node::items).iter().enumerate() {
        // Argo looks at the method twice and never at the headers.
        for key in ["method", "path", "method"] {
            let Some(value) = one.get(key) else { continue };
            let text = |key: &str| value.get(key).and_then(Node::as_str).unwrap_or_default().into();
            let value = StringMatch { exact: text("exact"), prefix: text("prefix"), regex: text("regex") };
            found.invalid(is_ambiguous(Some(&value)), format!("{field}.match[{at}]"), ONE_MATCH);
        }
    }
}

fn check_managed_routes(
    found: &mut Findings,
    routing: Option<&TrafficRouting>,
    step: &Step,
    path: &StepPath<'_>,
) {
    let Some(routing) = routing else { return };
    let mirror = step.set_mirror_route.as_ref().map(|route| route.str_at(&["name"]).unwrap_or_default());
    let header = step.set_header_route.as_ref().map(|route| route.name.as_str());
    if !routing.has("managedRoutes") {
        found.required(
            header.is_some() || mirror.is_some(),
            format!("{}.trafficRouting.managedRoutes", path.strategy),
            "Rollout has missing field 'spec.strategy.canary.trafficRouting.managedRoutes'",
        );
        return;
    }
    for (kind, name) in [("setHeaderRoute", header), ("setMirrorRoute", mirror)] {
        let is_unknown = name.is_some_and(|name| routing.managed_routes.iter().all(|route| route != name));
        found.invalid(is_unknown, format!("{}.{kind}", path.step), UNKNOWN_ROUTE);
    }
}

fn check_experiment(
    found: &mut Findings,
    routing: Option<&TrafficRouting>,
    step: &Step,
    path: &StepPath<'_>,
) {
    let templates = step.experiment.as_ref().and_then(|experiment| experiment.get("templates"));
    for (at, template) in templates.map_or(&[][..], Node::items).iter().enumerate() {
        if template.get("weight").is_none_or(Node::is_null) {
            continue;
        }
        let detail = match routing {
            None => "Experiment template weight cannot be set unless TrafficRouting is enabled",
            Some(routing)
                if routing.alb.is_none()
                    && !routing.has("smi")
                    && !routing.has("istio")
                    && !has_plugins(routing) =>
            {
                "Experiment template weight is only available for TrafficRouting with SMI, ALB, Istio and Plugins \
                 at this time"
            }
            Some(_) => continue,
        };
        found.invalid(true, format!("{}.experiment.templates[{at}].weight", path.step), detail);
    }
    let analyses = step.experiment.as_ref().and_then(|experiment| experiment.get("analyses"));
    let args = analyses.map_or(&[][..], Node::items).iter().filter_map(|analysis| analysis.get("args"));
    for arg in args.flat_map(Node::items) {
        let reference = arg.str_at(&["valueFrom", "fieldRef", "fieldPath"]);
        found.invalid(
            reference.is_some_and(|path| path.starts_with("metadata") && !is_downward_path(path)),
            format!("{}.analyses", path.step),
            "Analyses arguments must refer to valid object metadata supported by downwardAPI",
        );
    }
}

/// Whether the downward API can answer a path of an object's metadata.
fn is_downward_path(path: &str) -> bool {
    let plain = ["annotations", "labels", "name", "namespace", "uid"];
    let rest = path.strip_prefix("metadata.").unwrap_or_default();
    let keyed = ["labels['", "annotations['"]
        .into_iter()
        .any(|start| rest.starts_with(start) && rest.ends_with("']"));
    plain.contains(&rest) || keyed
}

fn check_anti_affinity(found: &mut Findings, rule: Option<&Node>, path: &str) {
    let Some(rule) = rule else { return };
    let part = |key: &str| rule.get(key).filter(|part| !part.is_null());
    let preferred = part("preferredDuringSchedulingIgnoredDuringExecution");
    let required = part("requiredDuringSchedulingIgnoredDuringExecution");
    found.invalid(
        preferred.is_some() == required.is_some(),
        format!("{path}.antiAffinity"),
        "AntiAffinity must have exactly one strategy listed",
    );
    let weight = preferred.map(|preferred| preferred.get("weight").and_then(Node::as_i64).unwrap_or(0));
    found.invalid(
        weight.is_some_and(|weight| !(1..=100).contains(&weight)),
        format!("{path}.antiAffinity.weight"),
        "AntiAffinity weight must be between 1-100",
    );
}
