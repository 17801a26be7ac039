//! The second Ingress that the NGINX ingress controller reads a canary's weight from.
//!
//! Content only: the machine does not drive this router yet.

use smol_str::{SmolStr, format_smolstr};

use crate::api::rollout::Rollout;
use crate::yaml::Node;

use super::alb::Annotations;
use super::templates::owner;

/// Why the Ingress cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NginxError {
    /// The Rollout is not routed by NGINX.
    #[error("the rollout has no `trafficRouting.nginx`")]
    NotRouted,
    /// No rule of the stable Ingress names the stable Service.
    #[error("ingress `{ingress}` has no rules using service {service} backend")]
    NoRule {
        /// The stable Ingress.
        ingress: SmolStr,
        /// The stable Service.
        service: SmolStr,
    },
}

/// The canary's Ingress for a weight (`canaryIngress`): the rules of the stable Ingress that name the stable
/// Service, with the canary's Service in its place; TLS and the class are kept, other annotations are not.
pub fn canary_ingress(rollout: &Rollout, stable: &Node, name: &str, weight: i32) -> Result<Node, NginxError> {
    let canary = rollout.canary().ok_or(NginxError::NotRouted)?;
    let mut rules = vec![];
    for rule in stable.at(&["spec", "rules"]).map_or(&[][..], Node::items) {
        let mut rule = rule.clone();
        if redirect(&mut rule, &canary.stable_service, &canary.canary_service) {
            rules.push(rule);
        }
    }
    if rules.is_empty() {
        let ingress = stable.str_at(&["metadata", "name"]).unwrap_or_default().into();
        return Err(NginxError::NoRule { ingress, service: canary.stable_service.clone() });
    }
    let annotations = annotations(rollout, stable, weight)?;
    let annotations = Node::mapping(annotations.into_iter().map(|(key, text)| (key, Node::string(text))));
    let metadata = Node::mapping([
        ("name", Node::string(name)),
        ("annotations", annotations),
        ("ownerReferences", Node::sequence([owner(rollout)])),
    ]);
    let mut spec = Node::mapping([("rules", Node::sequence(rules))]);
    for key in ["tls", "ingressClassName"] {
        if let Some(kept) = stable.at(&["spec", key]) {
            spec.set(key, kept.clone());
        }
    }
    Ok(Node::mapping([("metadata", metadata), ("spec", spec)]))
}

/// Puts one Service in the place of another in the backends of a rule, and says whether it was there. Both forms of
/// a backend are read: `service.name`, and `serviceName` of the old API.
fn redirect(rule: &mut Node, from: &str, to: &str) -> bool {
    let Some(paths) = rule.at_mut(&["http", "paths"]).and_then(Node::items_mut) else { return false };
    let mut found = false;
    for path in paths {
        for field in [&["backend", "service", "name"][..], &["backend", "serviceName"]] {
            if path.str_at(field) == Some(from) {
                path.set_at(field, Node::string(to));
                found = true;
            }
        }
    }
    found
}

fn annotations(rollout: &Rollout, stable: &Node, weight: i32) -> Result<Annotations, NginxError> {
    let routing = rollout.traffic_routing().ok_or(NginxError::NotRouted)?;
    let nginx = routing.nginx.as_ref().ok_or(NginxError::NotRouted)?;
    let prefix = match nginx.annotation_prefix.as_str() {
        "" => "nginx.ingress.kubernetes.io",
        prefix => prefix,
    };
    let class = "kubernetes.io/ingress.class";
    let mut annotations = Annotations::new();
    if let Some(value) = stable.str_at(&["metadata", "annotations", class]) {
        annotations.insert(class.into(), value.into());
    }
    for (key, value) in &nginx.additional_annotations {
        let key = if key.starts_with(prefix) { key.clone() } else { format_smolstr!("{prefix}/{key}") };
        annotations.insert(key, value.clone());
    }
    annotations.extend(nginx.canary_annotations.clone());
    annotations.insert(format_smolstr!("{prefix}/canary"), "true".into());
    annotations.insert(format_smolstr!("{prefix}/canary-weight"), format_smolstr!("{weight}"));
    if let Some(total) = routing.max_traffic_weight {
        annotations.insert(format_smolstr!("{prefix}/canary-weight-total"), format_smolstr!("{total}"));
    }
    Ok(annotations)
}
