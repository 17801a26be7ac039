//! The port's requests as requests of the API.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use futures_util::future::try_join_all;
use gitops_core::object::{Object, ObjectKey, group_and_version};
use gitops_core::yaml::Node;
use gitops_ports::cluster::{
    ApplyOptions, Cluster, ClusterError, DeleteOptions, Discovery, ListQuery, ObjectList, PropagationPolicy,
    ServedKind, WriteOptions,
};
use http::{Request, header};
use kube::Client;
use kube::api::{
    DeleteParams, GetParams, ListParams, Patch, PatchParams, PostParams, Preconditions, WatchParams,
};
use kube::core::Request as ApiRequest;
use serde_json::{Value, json};
use smol_str::SmolStr;

use crate::discovery::Resources;
use crate::failure;
use crate::object::{api_version, from_json, of_item, to_json};
use crate::watch::{self, Events, KubernetesWatch, WATCH_SECONDS};

/// How long one request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);

/// How many objects one page of a list has: what kubectl asks for.
const PAGE: u32 = 500;

/// How often a transient failure is tried again.
const RETRIES: usize = 4;

/// How many kinds are listed at the same time.
const LISTS_AT_ONCE: usize = 8;

/// A cluster behind an API server.
///
/// Cheap to clone: clones share the connections and what was discovered.
#[derive(Clone)]
pub struct KubernetesCluster {
    client: Client,
    resources: Arc<RwLock<Option<Arc<Resources>>>>,
}

impl std::fmt::Debug for KubernetesCluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KubernetesCluster").finish_non_exhaustive()
    }
}

impl KubernetesCluster {
    /// The cluster that `client` asks.
    pub fn new(client: Client) -> Self {
        Self { client, resources: Arc::default() }
    }

    /// The kinds, as they were discovered last.
    async fn resources(&self) -> Result<Arc<Resources>, ClusterError> {
        let known = self.resources.read().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some(resources) => Ok(resources),
            None => self.rediscover().await,
        }
    }

    async fn rediscover(&self) -> Result<Arc<Resources>, ClusterError> {
        let (core, groups) = (|| async {
            let both = async {
                let core = self.client.list_core_api_versions_aggregated().await?;
                Ok::<_, kube::Error>((core, self.client.list_api_groups_aggregated().await?))
            };
            bounded(&ObjectKey::default(), both).await
        })
        .retry(retries())
        .when(ClusterError::is_transient)
        .await?;
        let resources = Arc::new(Resources::new(&core, &groups));
        *self.resources.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&resources));
        Ok(resources)
    }

    /// The kind of a manifest, in the version that it states. A kind that is not known is looked for again: its
    /// definition may be new.
    async fn kind_of(&self, root: &Node) -> Result<ServedKind, ClusterError> {
        let text = |name: &str| root.get(name).and_then(Node::text).unwrap_or_default();
        let (group, version) = group_and_version(text("apiVersion"));
        let find = |resources: &Resources| {
            resources.stated(group, version, text("kind")).map(|resource| resource.served.clone())
        };
        if let Some(kind) = find(&*self.resources().await?) {
            return Ok(kind);
        }
        find(&*self.rediscover().await?).ok_or_else(|| ClusterError::UnknownKind {
            api_version: text("apiVersion").to_owned(),
            kind: text("kind").to_owned(),
        })
    }

    /// The kind of a key, in its preferred version.
    async fn kind_of_key(&self, key: &ObjectKey) -> Result<ServedKind, ClusterError> {
        let find = |resources: &Resources| {
            resources.preferred(&key.group, &key.kind).map(|resource| resource.served.clone())
        };
        if let Some(kind) = find(&*self.resources().await?) {
            return Ok(kind);
        }
        find(&*self.rediscover().await?).ok_or_else(|| ClusterError::UnknownKind {
            api_version: key.group.to_string(),
            kind: key.kind.to_string(),
        })
    }

    /// Sends a request that may be sent twice.
    async fn ask(&self, key: &ObjectKey, request: Request<Vec<u8>>) -> Result<Value, ClusterError> {
        (|| self.once(key, request.clone())).retry(retries()).when(ClusterError::is_transient).await
    }

    /// Sends a request; only what the server has surely not begun is sent again.
    async fn tell(&self, key: &ObjectKey, request: Request<Vec<u8>>) -> Result<Value, ClusterError> {
        let busy = |error: &ClusterError| matches!(error, ClusterError::TooManyRequests { .. });
        (|| self.once(key, request.clone())).retry(retries()).when(busy).await
    }

    async fn once(&self, key: &ObjectKey, request: Request<Vec<u8>>) -> Result<Value, ClusterError> {
        bounded(key, self.client.request::<Value>(request)).await
    }

    async fn list_kind(
        &self,
        kind: &ServedKind,
        query: &ListQuery,
    ) -> Result<(Vec<Object>, String), ClusterError> {
        let key = ObjectKey::new(kind.group.clone(), kind.kind.clone(), "", "");
        let mut objects = vec![];
        let mut continue_token = None;
        loop {
            let params = ListParams {
                label_selector: selector(&query.labels),
                limit: Some(PAGE),
                continue_token,
                ..ListParams::default()
            };
            let request = ApiRequest::new(path(kind, query.namespace.as_deref()));
            let request = request.list(&params).map_err(|error| unbuilt(&key, &error))?;
            let mut page = match self.ask(&key, request).await {
                Ok(page) => page,
                // The definition of the kind was taken away meanwhile.
                Err(ClusterError::NotFound { .. }) => return Ok((vec![], String::new())),
                // The pages that are left are of a state that is no longer kept: begin anew.
                Err(ClusterError::Expired { .. }) if !objects.is_empty() => {
                    objects.clear();
                    continue_token = None;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let items = page.get_mut("items").map(Value::take);
            if let Some(Value::Array(items)) = items {
                objects.extend(items.into_iter().map(|item| of_item(kind, item)));
            }
            let metadata = |name: &str| page.pointer(&format!("/metadata/{name}")).and_then(Value::as_str);
            match metadata("continue").filter(|token| !token.is_empty()) {
                Some(token) => continue_token = Some(token.to_owned()),
                None => return Ok((objects, metadata("resourceVersion").unwrap_or_default().to_owned())),
            }
        }
    }

    async fn watch_kind(
        &self,
        kind: ServedKind,
        query: &ListQuery,
        resource_version: &str,
    ) -> Result<Events, ClusterError> {
        let key = ObjectKey::new(kind.group.clone(), kind.kind.clone(), "", "");
        let params = WatchParams {
            label_selector: selector(&query.labels),
            timeout: Some(WATCH_SECONDS),
            bookmarks: true,
            ..WatchParams::default()
        };
        let request = ApiRequest::new(path(&kind, query.namespace.as_deref()));
        let mut request = request.watch(&params, resource_version).map_err(|error| unbuilt(&key, &error))?;
        // Events must come as they happen, and not when a block of the compressor is full.
        request.headers_mut().insert(header::ACCEPT_ENCODING, header::HeaderValue::from_static("identity"));
        let reader = bounded(&key, self.client.request_stream(request)).await;
        let reader = reader.map_err(|error| watch::expiry(error, resource_version))?;
        Ok(watch::events(reader, kind, resource_version.to_owned()))
    }
}

impl Cluster for KubernetesCluster {
    type Watch = KubernetesWatch;

    async fn discover(&self) -> Result<Discovery, ClusterError> {
        let request = Request::get("/version").body(vec![]);
        let request = request.map_err(|error| ClusterError::Other { message: error.to_string() })?;
        let version = self.ask(&ObjectKey::default(), request).await?;
        let version = version.get("gitVersion").and_then(Value::as_str).unwrap_or_default();
        Ok(self.rediscover().await?.to_discovery(version.into()))
    }

    async fn list(&self, query: &ListQuery) -> Result<ObjectList, ClusterError> {
        let mut kinds = self.resources().await?.asked(&query.kinds);
        if kinds.len() < query.kinds.len() {
            kinds = self.rediscover().await?.asked(&query.kinds);
        }
        kinds.retain(|kind| query.concerns(kind));
        let mut objects = vec![];
        let mut oldest: Option<String> = None;
        for some in kinds.chunks(LISTS_AT_ONCE) {
            let lists = try_join_all(some.iter().map(|kind| self.list_kind(kind, query))).await?;
            for (found, version) in lists {
                objects.extend(found);
                oldest = Some(older(oldest, version));
            }
        }
        objects.sort_by(|a: &Object, b: &Object| a.key.cmp(&b.key));
        Ok(ObjectList { objects, resource_version: SmolStr::from(oldest.unwrap_or_default()) })
    }

    async fn get(&self, key: &ObjectKey) -> Result<Option<Object>, ClusterError> {
        let kind = self.kind_of_key(key).await?;
        let request = ApiRequest::new(path(&kind, Some(&key.namespace)));
        let request = request.get(&key.name, &GetParams::default()).map_err(|error| unbuilt(key, &error))?;
        match self.ask(key, request).await {
            Ok(json) => Ok(Some(from_json(&json))),
            Err(ClusterError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn apply(&self, object: &Object, options: &ApplyOptions) -> Result<Object, ClusterError> {
        let kind = self.kind_of(&object.root).await?;
        let params = PatchParams {
            dry_run: options.dry_run,
            force: options.force,
            field_manager: Some(options.field_manager.to_string()),
            field_validation: None,
        };
        let body = Patch::Apply(to_json(&object.key, &object.root)?);
        let request = ApiRequest::new(path(&kind, Some(&object.key.namespace)));
        let request = request.patch(&object.key.name, &params, &body);
        let request = request.map_err(|error| unbuilt(&object.key, &error))?;
        // An apply that states no version may be made again, too, where another writer was faster.
        let states_version = object.root.at(&["metadata", "resourceVersion"]).is_some();
        let again = |error: &ClusterError| {
            error.is_transient() || !states_version && matches!(error, ClusterError::Conflict { .. })
        };
        let applied = (|| self.once(&object.key, request.clone())).retry(retries()).when(again);
        applied.await.map(|json| from_json(&json))
    }

    async fn create(&self, object: &Object, options: &WriteOptions) -> Result<Object, ClusterError> {
        let kind = self.kind_of(&object.root).await?;
        let body = to_json(&object.key, &object.root)?.to_string().into_bytes();
        let request = ApiRequest::new(path(&kind, Some(&object.key.namespace)));
        let request = request.create(&post(options), body).map_err(|error| unbuilt(&object.key, &error))?;
        self.tell(&object.key, request).await.map(|json| from_json(&json))
    }

    async fn update(&self, object: &Object, options: &WriteOptions) -> Result<Object, ClusterError> {
        let kind = self.kind_of(&object.root).await?;
        let body = to_json(&object.key, &object.root)?.to_string().into_bytes();
        let request = ApiRequest::new(path(&kind, Some(&object.key.namespace)));
        let request = request.replace(&object.key.name, &post(options), body);
        let request = request.map_err(|error| unbuilt(&object.key, &error))?;
        self.tell(&object.key, request).await.map(|json| from_json(&json))
    }

    async fn update_status(&self, object: &Object, options: &WriteOptions) -> Result<Object, ClusterError> {
        let key = &object.key;
        let kind = self.kind_of(&object.root).await?;
        let request = ApiRequest::new(path(&kind, Some(&key.namespace)));
        let request = if kind.status_subresource {
            let body = to_json(key, &object.root)?.to_string().into_bytes();
            request.replace_subresource("status", &key.name, &post(options), body)
        } else {
            let steps = Patch::Merge(status_patch(object)?);
            request.patch(&key.name, &patch_params(options), &steps).map(as_json_patch)
        };
        let request = request.map_err(|error| unbuilt(key, &error))?;
        self.tell(key, request).await.map(|json| from_json(&json))
    }

    async fn patch(
        &self,
        key: &ObjectKey,
        patch: &Node,
        options: &WriteOptions,
    ) -> Result<Object, ClusterError> {
        let kind = self.kind_of_key(key).await?;
        let body = Patch::Merge(to_json(key, patch)?);
        let request = ApiRequest::new(path(&kind, Some(&key.namespace)));
        let request = request.patch(&key.name, &patch_params(options), &body);
        let request = request.map_err(|error| unbuilt(key, &error))?;
        self.tell(key, request).await.map(|json| from_json(&json))
    }

    async fn delete(&self, key: &ObjectKey, options: &DeleteOptions) -> Result<(), ClusterError> {
        let kind = self.kind_of_key(key).await?;
        let request = ApiRequest::new(path(&kind, Some(&key.namespace)));
        let request = request.delete(&key.name, &delete_params(options));
        let request = request.map_err(|error| unbuilt(key, &error))?;
        self.tell(key, request).await.map(|_| ())
    }

    async fn watch(&self, query: &ListQuery, resource_version: &str) -> Result<Self::Watch, ClusterError> {
        let mut kinds = self.resources().await?.asked(&query.kinds);
        kinds.retain(|kind| query.concerns(kind));
        let streams = kinds.into_iter().map(|kind| self.watch_kind(kind, query, resource_version));
        Ok(KubernetesWatch::new(try_join_all(streams).await?))
    }
}

fn retries() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(200))
        .with_max_times(RETRIES)
        .with_jitter()
}

/// The answer, within the time that a request may take.
async fn bounded<T>(
    key: &ObjectKey,
    answer: impl Future<Output = Result<T, kube::Error>>,
) -> Result<T, ClusterError> {
    match tokio::time::timeout(REQUEST_TIMEOUT, answer).await {
        Ok(result) => result.map_err(|error| failure::of_request(key, &error)),
        Err(_) => {
            let message = format!("no answer within {} s", REQUEST_TIMEOUT.as_secs());
            Err(ClusterError::Unavailable { message })
        }
    }
}

/// The path of the objects of a kind, in a namespace where the kind lives in one and one is given.
fn path(kind: &ServedKind, namespace: Option<&str>) -> String {
    let root = if kind.group.is_empty() { "/api" } else { "/apis" };
    let namespace = namespace.filter(|namespace| kind.namespaced && !namespace.is_empty());
    let within = namespace.map(|namespace| format!("/namespaces/{namespace}")).unwrap_or_default();
    format!("{root}/{}{within}/{}", api_version(kind), kind.plural)
}

/// The selector of labels; `None` where any will do.
fn selector(labels: &BTreeMap<SmolStr, SmolStr>) -> Option<String> {
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    (!pairs.is_empty()).then(|| pairs.join(","))
}

/// The older of two resource versions, which are numbers that grow in every API server of today; a text that is no
/// number counts as the oldest.
fn older(known: Option<String>, other: String) -> String {
    match known {
        Some(known) if known.parse::<u64>().unwrap_or(0) <= other.parse::<u64>().unwrap_or(0) => known,
        _ => other,
    }
}

fn post(options: &WriteOptions) -> PostParams {
    PostParams { dry_run: options.dry_run, field_manager: Some(options.field_manager.to_string()) }
}

fn patch_params(options: &WriteOptions) -> PatchParams {
    PatchParams {
        dry_run: options.dry_run,
        field_manager: Some(options.field_manager.to_string()),
        ..PatchParams::default()
    }
}

fn delete_params(options: &DeleteOptions) -> DeleteParams {
    let text = |text: &Option<SmolStr>| text.as_ref().map(ToString::to_string);
    let propagation = match options.propagation {
        PropagationPolicy::Background => kube::api::PropagationPolicy::Background,
        PropagationPolicy::Foreground => kube::api::PropagationPolicy::Foreground,
        PropagationPolicy::Orphan => kube::api::PropagationPolicy::Orphan,
    };
    let stated = options.uid.is_some() || options.resource_version.is_some();
    DeleteParams {
        dry_run: options.dry_run,
        propagation_policy: Some(propagation),
        preconditions: stated.then(|| Preconditions {
            uid: text(&options.uid),
            resource_version: text(&options.resource_version),
        }),
        ..DeleteParams::default()
    }
}

/// A JSON patch that replaces the status as a whole, and fails where the object is not in the stated version.
fn status_patch(object: &Object) -> Result<Value, ClusterError> {
    let status = match object.root.get("status") {
        Some(status) => to_json(&object.key, status)?,
        None => json!({}),
    };
    let mut steps = vec![json!({"op": "add", "path": "/status", "value": status})];
    if let Some(version) = object.root.str_at(&["metadata", "resourceVersion"]) {
        steps.insert(0, json!({"op": "replace", "path": "/metadata/resourceVersion", "value": version}));
    }
    Ok(Value::Array(steps))
}

/// The same request, its body read as JSON patch operations instead of as a merge patch.
fn as_json_patch(mut request: Request<Vec<u8>>) -> Request<Vec<u8>> {
    let kind = header::HeaderValue::from_static("application/json-patch+json");
    request.headers_mut().insert(header::CONTENT_TYPE, kind);
    request
}

fn unbuilt(key: &ObjectKey, error: &kube::core::request::Error) -> ClusterError {
    ClusterError::Invalid { key: key.clone(), message: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_version_is_kept() {
        let all = ["12", "9", "100"];
        let oldest = all.iter().fold(None, |known, version| Some(older(known, (*version).to_owned())));
        assert_eq!(oldest.as_deref(), Some("9"));
    }

    #[test]
    fn a_path_has_a_namespace_where_the_kind_lives_in_one() {
        let mut kind = ServedKind {
            group: "apps".into(),
            version: "v1".into(),
            kind: "Deployment".into(),
            plural: "deployments".into(),
            namespaced: true,
            status_subresource: true,
        };
        assert_eq!(path(&kind, Some("dev")), "/apis/apps/v1/namespaces/dev/deployments");
        assert_eq!(path(&kind, None), "/apis/apps/v1/deployments");
        kind.group = SmolStr::default();
        kind.namespaced = false;
        assert_eq!(path(&kind, Some("dev")), "/api/v1/deployments");
    }
}
