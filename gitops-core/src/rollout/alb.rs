//! What stands in the annotations of an Ingress of the AWS load balancer controller.
//!
//! Nothing here talks to AWS: the content of annotations in, the content of annotations out.

use std::collections::BTreeMap;

use smol_str::{SmolStr, format_smolstr};

use crate::api::rollout::{AlbTrafficRouting, HeaderRoute, Rollout, WeightDestination};

use super::go_json::json_string;
use super::weight::services;

/// The annotations of an object.
pub type Annotations = BTreeMap<SmolStr, SmolStr>;

/// The annotation that names which annotations belong to which Rollout.
pub const MANAGED_ANNOTATION: &str = "rollouts.argoproj.io/managed-alb-annotations";

/// Why the annotations cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AlbError {
    /// The Rollout is not routed by an ALB.
    #[error("the rollout has no `trafficRouting.alb`")]
    NotRouted,
    /// The load balancer refuses the duration.
    #[error("TargetGroupStickinessConfig's duration must be between 1 and 604800 seconds (7 days)!")]
    Stickiness,
    /// The bookkeeping is not JSON.
    #[error("`{MANAGED_ANNOTATION}` is not a JSON mapping of lists")]
    Managed,
    /// The Ingress does not name the Service.
    #[error("ingress does not have service `{service}` in rules")]
    NoRule {
        /// The Service.
        service: SmolStr,
    },
}

/// The value of the action annotation for a weight (`getForwardActionString`).
pub fn forward_action(
    rollout: &Rollout,
    weight: i32,
    additional: &[WeightDestination],
) -> Result<String, AlbError> {
    let alb = routing(rollout)?;
    let (stable, canary) = services(rollout);
    let group = |service: &str, weight: i32| {
        format!(
            r#"{{"ServiceName":{},"ServicePort":"{}","Weight":{weight}}}"#,
            json_string(service),
            alb.service_port
        )
    };
    let rest = additional.iter().fold(100 - weight, |left, destination| left - destination.weight);
    let mut groups = vec![group(&canary, weight)];
    groups.extend(additional.iter().map(|destination| group(&destination.service_name, destination.weight)));
    groups.push(group(&stable, rest));
    let stickiness = match alb.stickiness.filter(|stickiness| stickiness.enabled) {
        None => String::new(),
        Some(stickiness) if (1..=604_800).contains(&stickiness.duration_seconds) => format!(
            r#","TargetGroupStickinessConfig":{{"Enabled":true,"DurationSeconds":{}}}"#,
            stickiness.duration_seconds
        ),
        Some(_) => return Err(AlbError::Stickiness),
    };
    Ok(forward(&groups.join(","), &stickiness))
}

fn forward(groups: &str, rest: &str) -> String {
    format!(r#"{{"Type":"forward","ForwardConfig":{{"TargetGroups":[{groups}]{rest}}}}}"#)
}

/// The annotations of an Ingress for a weight (`getDesiredAnnotations`).
pub fn weight_annotations(
    rollout: &Rollout,
    current: &Annotations,
    weight: i32,
    additional: &[WeightDestination],
) -> Result<Annotations, AlbError> {
    let alb = routing(rollout)?;
    let key = annotation_key(alb, "actions", &action_service(rollout)?);
    let mut desired = current.clone();
    desired.insert(key.clone(), forward_action(rollout, weight, additional)?.into());
    manage(desired, &rollout.key.name, true, &[key])
}

/// The annotations of an Ingress for a header route; one without a match removes it
/// (`getDesiredHeaderAnnotations`).
pub fn header_annotations(
    rollout: &Rollout,
    current: &Annotations,
    route: &HeaderRoute,
) -> Result<Annotations, AlbError> {
    let alb = routing(rollout)?;
    let action = annotation_key(alb, "actions", &route.name);
    let condition = annotation_key(alb, "conditions", &route.name);
    let mut desired = current.clone();
    if route.matches.is_empty() {
        desired.remove(&action);
        desired.remove(&condition);
        return manage(desired, &rollout.key.name, false, &[action, condition]);
    }
    desired.insert(action.clone(), header_action(rollout, alb).into());
    desired.insert(condition.clone(), header_condition(route).into());
    manage(desired, &rollout.key.name, true, &[action, condition])
}

fn header_action(rollout: &Rollout, alb: &AlbTrafficRouting) -> String {
    let (_, canary) = services(rollout);
    let group = format!(
        r#"{{"ServiceName":{},"ServicePort":"{}","Weight":100}}"#,
        json_string(&canary),
        alb.service_port
    );
    forward(&group, "")
}

/// The value of the condition annotation of a header route: the values of one header in one condition
/// (`getTrafficForwardConditionString`).
pub fn header_condition(route: &HeaderRoute) -> String {
    let mut headers: Vec<(&SmolStr, Vec<String>)> = vec![];
    for one in &route.matches {
        let value = json_string(one.header_value.as_ref().map_or("", |value| value.exact.as_str()));
        match headers.iter_mut().find(|(name, _)| *name == &one.header_name) {
            Some((_, values)) => values.push(value),
            None => headers.push((&one.header_name, vec![value])),
        }
    }
    let conditions = headers.into_iter().map(|(name, values)| {
        format!(
            r#"{{"field":"http-header","httpHeaderConfig":{{"httpHeaderName":{},"values":[{}]}}}}"#,
            json_string(name),
            values.join(",")
        )
    });
    format!("[{}]", conditions.collect::<Vec<_>>().join(","))
}

/// Writes down, or strikes out, that `keys` belong to a Rollout (`modifyManagedAnnotation`).
pub fn manage(
    mut annotations: Annotations,
    rollout: &str,
    add: bool,
    keys: &[SmolStr],
) -> Result<Annotations, AlbError> {
    let text = annotations.get(MANAGED_ANNOTATION).map(SmolStr::as_str).unwrap_or_default();
    let mut managed: BTreeMap<String, Vec<String>> = match text {
        "" => BTreeMap::new(),
        text => serde_json::from_str(text).map_err(|_| AlbError::Managed)?,
    };
    let list = managed.entry(rollout.to_owned()).or_default();
    if add {
        for key in keys {
            if !list.iter().any(|listed| listed == key) {
                list.push(key.to_string());
            }
        }
    } else {
        list.retain(|listed| !keys.iter().any(|key| listed == key));
    }
    let text = serde_json::to_string(&managed).map_err(|_| AlbError::Managed)?;
    annotations.insert(MANAGED_ANNOTATION.into(), text.into());
    Ok(annotations)
}

/// The Service that the rules of the Ingress must name.
pub fn action_service(rollout: &Rollout) -> Result<SmolStr, AlbError> {
    let alb = routing(rollout)?;
    Ok(if alb.root_service.is_empty() {
        rollout.canary().map(|canary| canary.stable_service.clone()).unwrap_or_default()
    } else {
        alb.root_service.clone()
    })
}

fn routing(rollout: &Rollout) -> Result<&AlbTrafficRouting, AlbError> {
    rollout.traffic_routing().and_then(|routing| routing.alb.as_ref()).ok_or(AlbError::NotRouted)
}

fn annotation_key(alb: &AlbTrafficRouting, kind: &str, service: &str) -> SmolStr {
    let prefix = match alb.annotation_prefix.as_str() {
        "" => "alb.ingress.kubernetes.io",
        prefix => prefix,
    };
    format_smolstr!("{prefix}/{kind}.{service}")
}
