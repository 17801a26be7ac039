//! `trafficRouting` of a canary.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::api::fields::{FieldError, Fields};
use crate::yaml::Node;

/// `trafficRouting`.
#[derive(Clone, Debug, Default)]
pub struct TrafficRouting {
    /// The AWS load balancer.
    pub alb: Option<AlbTrafficRouting>,
    /// The NGINX ingress controller.
    pub nginx: Option<NginxTrafficRouting>,
    /// The weight that stands for all traffic.
    pub max_traffic_weight: Option<i32>,
    /// The names of the routes that steps manage, most important first.
    pub managed_routes: Vec<SmolStr>,
    /// Everything as it was written, for the routers that are not read here.
    pub node: Option<Node>,
}

/// `trafficRouting.alb`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlbTrafficRouting {
    /// The Ingress.
    pub ingress: SmolStr,
    /// Several of them.
    pub ingresses: Vec<SmolStr>,
    /// The port of the Services.
    pub service_port: i32,
    /// The Service that the Ingress names; the stable one where there is none.
    pub root_service: SmolStr,
    /// What stands before `/actions.…`.
    pub annotation_prefix: SmolStr,
    /// How clients stay with a target group.
    pub stickiness: Option<Stickiness>,
}

/// `stickinessConfig`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stickiness {
    /// Whether clients stay.
    pub enabled: bool,
    /// For how long.
    pub duration_seconds: i64,
}

/// `trafficRouting.nginx`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NginxTrafficRouting {
    /// What stands before `/canary`.
    pub annotation_prefix: SmolStr,
    /// The Ingress of the stable Service.
    pub stable_ingress: SmolStr,
    /// Several of them.
    pub stable_ingresses: Vec<SmolStr>,
    /// Annotations that get the prefix.
    pub additional_annotations: BTreeMap<SmolStr, SmolStr>,
    /// Annotations that are copied as they are.
    pub canary_annotations: BTreeMap<SmolStr, SmolStr>,
}

impl TrafficRouting {
    /// Reads `trafficRouting`.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let routes = fields.items("managedRoutes")?;
        Ok(Self {
            alb: fields.optional("alb")?.as_ref().map(AlbTrafficRouting::read).transpose()?,
            nginx: fields.optional("nginx")?.as_ref().map(NginxTrafficRouting::read).transpose()?,
            max_traffic_weight: fields.integer("maxTrafficWeight")?,
            managed_routes: routes.iter().map(|route| route.text("name")).collect::<Result<_, _>>()?,
            node: fields.node().cloned(),
        })
    }

    /// Whether the router of this name is asked for (`istio`, `smi`, `plugins`…).
    pub fn has(&self, router: &str) -> bool {
        self.node.as_ref().and_then(|node| node.get(router)).is_some_and(|node| !node.is_null())
    }
}

impl AlbTrafficRouting {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        let stickiness = fields.optional("stickinessConfig")?;
        let stickiness = stickiness.map(|config| {
            let duration_seconds = config.long("durationSeconds")?.unwrap_or(0);
            Ok(Stickiness { enabled: config.flag("enabled")?, duration_seconds })
        });
        Ok(Self {
            ingress: fields.text("ingress")?,
            ingresses: fields.texts("ingresses")?,
            service_port: fields.count("servicePort")?,
            root_service: fields.text("rootService")?,
            annotation_prefix: fields.text("annotationPrefix")?,
            stickiness: stickiness.transpose()?,
        })
    }

    /// Every Ingress that is named.
    pub fn all_ingresses(&self) -> impl Iterator<Item = &SmolStr> {
        let single = self.ingresses.is_empty().then_some(&self.ingress);
        single.into_iter().chain(&self.ingresses).filter(|name| !name.is_empty())
    }
}

impl NginxTrafficRouting {
    fn read(fields: &Fields<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            annotation_prefix: fields.text("annotationPrefix")?,
            stable_ingress: fields.text("stableIngress")?,
            stable_ingresses: fields.texts("stableIngresses")?,
            additional_annotations: fields.map("additionalIngressAnnotations")?,
            canary_annotations: fields.map("canaryIngressAnnotations")?,
        })
    }
}
