//! What an `AppProject` permits: sources, destinations, kinds, and the times at which syncs may run.
//!
//! Every rule is that of Argo CD. Never asks a cluster: destinations come resolved, and the scope of a kind is
//! handed in. What is not known is refused.

mod cron;
mod git_url;
mod kind;
mod validate;
mod window;

use smol_str::SmolStr;

pub use git_url::{normalize_git_url, same_git_url, sanitize_git_url};
pub use validate::{
    ProjectError, is_valid_group, is_valid_policy_action, is_valid_policy_object, validate_project,
};
pub use window::{
    SyncMoment, WindowError, active_windows, blocking_windows, can_sync, inactive_allow_windows,
    matching_windows, next_permitted, validate_window,
};

use crate::api::app_project::{AppProject, Destination, DestinationServiceAccount};
use crate::api::application::Application;
use crate::glob::{glob_match, negatable_match};
use crate::object::{Object, ObjectKey};

/// The rules of one project.
#[derive(Clone, Copy, Debug)]
pub struct Project<'a> {
    manifest: &'a AppProject,
    scoped_clusters: &'a [Destination],
}

/// What a project does not permit, as one sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The application lives in a namespace that may not use the project.
    #[error("project `{project}` does not permit applications in namespace `{namespace}`")]
    ApplicationNamespace {
        /// The project.
        project: SmolStr,
        /// The application's own namespace.
        namespace: SmolStr,
    },
    /// The application takes manifests from a repository that is not permitted.
    #[error("project `{project}` does not permit the source repository `{repo_url}`")]
    Source {
        /// The project.
        project: SmolStr,
        /// The repository, without credentials.
        repo_url: SmolStr,
    },
    /// The application's destination is not permitted.
    #[error(
        "project `{project}` does not permit the destination: cluster `{cluster}`, namespace `{namespace}`"
    )]
    Destination {
        /// The project.
        project: SmolStr,
        /// URL or name of the cluster.
        cluster: SmolStr,
        /// The namespace.
        namespace: SmolStr,
    },
    /// An object is of a kind that is not permitted.
    #[error("project `{project}` does not permit {object}: the {scope} kind `{kind}` is not allowed")]
    Kind {
        /// The project.
        project: SmolStr,
        /// The object.
        object: ObjectKey,
        /// Whether the kind is `cluster-scoped` or `namespaced`.
        scope: &'static str,
        /// Kind and group.
        kind: SmolStr,
    },
    /// An object goes to a namespace that is not permitted.
    #[error("project `{project}` does not permit {object}: namespace `{namespace}` is no destination of it")]
    ObjectNamespace {
        /// The project.
        project: SmolStr,
        /// The object.
        object: ObjectKey,
        /// The namespace that it goes to.
        namespace: SmolStr,
    },
    /// Nobody knows whether an object's kind is namespaced.
    #[error(
        "project `{project}` cannot judge {object}: the cluster has no such kind, so its scope is unknown"
    )]
    UnknownScope {
        /// The project.
        project: SmolStr,
        /// The object.
        object: ObjectKey,
    },
}

impl Refusal {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::ApplicationNamespace { .. } => "add the namespace to the project's `sourceNamespaces`",
            Self::Source { .. } => "add the repository to the project's `sourceRepos`",
            Self::Destination { .. } | Self::ObjectNamespace { .. } => {
                "add cluster and namespace to the project's `destinations`"
            }
            Self::Kind { scope: "namespaced", .. } => {
                "add group and kind to the project's `namespaceResourceWhitelist`"
            }
            Self::Kind { .. } => "add group and kind to the project's `clusterResourceWhitelist`",
            Self::UnknownScope { .. } => {
                "install the CustomResourceDefinition first, or add it to the manifests"
            }
        }
    }
}

impl<'a> Project<'a> {
    /// The rules of `manifest`, with the clusters that belong to the project.
    pub fn new(manifest: &'a AppProject, scoped_clusters: &'a [Destination]) -> Self {
        Self { manifest, scoped_clusters }
    }

    /// Everything about an application that the project does not permit; empty where it is admitted.
    ///
    /// `destination` is the application's own with both `server` and `name` filled in, `objects` are what was
    /// rendered, each with whether its kind is namespaced (`None` where nobody knows).
    pub fn admit<'o>(
        &self,
        application: &Application,
        destination: &Destination,
        objects: impl IntoIterator<Item = (&'o Object, Option<bool>)>,
    ) -> Vec<Refusal> {
        let mut refusals = self.admit_application(application, destination);
        refusals.extend(
            objects
                .into_iter()
                .filter_map(|(object, namespaced)| self.admit_object(&object.key, namespaced, destination)),
        );
        refusals
    }

    /// What the project does not permit of the application itself: its sources and its destination.
    pub fn admit_application(&self, application: &Application, destination: &Destination) -> Vec<Refusal> {
        let sources = application.spec.sources.iter().filter(|source| !self.permits_source(&source.repo_url));
        let mut refusals: Vec<_> = sources
            .map(|source| Refusal::Source {
                project: self.name(),
                repo_url: sanitize_git_url(&source.repo_url).into(),
            })
            .collect();
        if !self.permits_destination(destination) {
            refusals.push(Refusal::Destination {
                project: self.name(),
                cluster: cluster_of(destination).into(),
                namespace: destination.namespace.clone(),
            });
        }
        refusals
    }

    /// Why an object may not be written; `None` where it may.
    ///
    /// An object without a namespace goes to that of `destination`. An unknown scope is refused.
    pub fn admit_object(
        &self,
        object: &ObjectKey,
        namespaced: Option<bool>,
        destination: &Destination,
    ) -> Option<Refusal> {
        let project = self.name();
        let Some(namespaced) = namespaced else {
            return Some(Refusal::UnknownScope { project, object: object.clone() });
        };
        if !self.permits_kind(object, namespaced) {
            let scope = if namespaced { "namespaced" } else { "cluster-scoped" };
            let dot = if object.group.is_empty() { "" } else { "." };
            let kind = smol_str::format_smolstr!("{}{dot}{}", object.kind, object.group);
            return Some(Refusal::Kind { project, object: object.clone(), scope, kind });
        }
        let own = Some(&object.namespace).filter(|namespace| !namespace.is_empty());
        let namespace = own.unwrap_or(&destination.namespace).clone();
        let target = Destination { namespace: namespace.clone(), ..destination.clone() };
        let refused = namespaced && !self.permits_destination(&target);
        refused.then(|| Refusal::ObjectNamespace { project, object: object.clone(), namespace })
    }

    /// Why an application in `namespace` may not use the project; `None` where it may. Applications in the
    /// controller's own namespace always may.
    pub fn admit_application_namespace(
        &self,
        namespace: &str,
        controller_namespace: &str,
    ) -> Option<Refusal> {
        let permitted = namespace.is_empty()
            || namespace == controller_namespace
            || self
                .manifest
                .spec
                .source_namespaces
                .iter()
                .any(|pattern| matches_glob_or_expression(pattern, namespace));
        (!permitted)
            .then(|| Refusal::ApplicationNamespace { project: self.name(), namespace: namespace.into() })
    }

    /// Whether manifests may come from a repository: some pattern of `sourceRepos` matches, and none that starts
    /// with `!` denies it.
    pub fn permits_source(&self, repo_url: &str) -> bool {
        let url = normalize_git_url(repo_url);
        let mut permitted = false;
        for pattern in &self.manifest.spec.source_repos {
            let (denies, rest) =
                pattern.strip_prefix('!').map_or((false, pattern.as_str()), |rest| (true, rest));
            let matches = match git_url::normal_form(rest) {
                Ok(pattern) => (pattern == "*" && !denies) || glob_match(&pattern, &url, &['/']),
                Err(text) => text == url,
            };
            if denies && matches {
                return false;
            }
            permitted |= matches != denies;
        }
        permitted
    }

    /// Whether objects may go to a cluster and namespace.
    pub fn permits_destination(&self, destination: &Destination) -> bool {
        if !self.matches_destination(destination) {
            return false;
        }
        let is_ours =
            |cluster: &Destination| cluster.name == destination.name || cluster.server == destination.server;
        !self.manifest.spec.permit_only_project_scoped_clusters || self.scoped_clusters.iter().any(is_ours)
    }

    fn matches_destination(&self, destination: &Destination) -> bool {
        let given = |pattern: &str, text: &str| !text.is_empty() && negatable_match(pattern, text, &[]);
        let mut permitted = false;
        for item in &self.manifest.spec.destinations {
            let name = given(&item.name, &destination.name);
            let server = given(&item.server, &destination.server);
            let namespace = negatable_match(&item.namespace, &destination.namespace, &[]);
            // A denied name vetoes whatever the namespace, a denied server only where the namespace matches:
            // that is how Argo CD reads its own condition.
            let vetoed = (!name && is_denial(&item.name))
                || (!server && is_denial(&item.server) && namespace)
                || (!namespace && is_denial(&item.namespace) && server);
            if (server || name) && namespace {
                permitted = true;
            } else if vetoed {
                return false;
            }
        }
        permitted
    }

    /// The service account that syncs to a destination act as, `namespace:name`: the first entry of
    /// `destinationServiceAccounts` whose server and namespace match. `None` where none does.
    pub fn service_account(&self, destination: &Destination) -> Option<String> {
        let matches = |entry: &&DestinationServiceAccount| {
            glob_match(&entry.server, &destination.server, &[])
                && glob_match(&entry.namespace, &destination.namespace, &[])
        };
        let entry = self.manifest.spec.destination_service_accounts.iter().find(matches)?;
        let account = &entry.default_service_account;
        let qualified = account.contains(':');
        Some(if qualified { account.to_string() } else { format!("{}:{account}", destination.namespace) })
    }

    fn name(&self) -> SmolStr {
        self.manifest.metadata.name.clone()
    }
}

/// The destination with both its name and its server: the cluster that the engine runs in has Argo CD's two names.
pub fn resolved(destination: &Destination) -> Destination {
    const SERVER: &str = "https://kubernetes.default.svc";
    const NAME: &str = "in-cluster";
    let mut resolved = destination.clone();
    if resolved.name.is_empty() && resolved.server == SERVER {
        resolved.name = NAME.into();
    }
    if resolved.server.is_empty() && resolved.name == NAME {
        resolved.server = SERVER.into();
    }
    resolved
}

fn cluster_of(destination: &Destination) -> &str {
    if destination.server.is_empty() { &destination.name } else { &destination.server }
}

fn is_denial(pattern: &str) -> bool {
    pattern.starts_with('!')
}

/// How many steps back an expression may take: one that takes more matches nothing.
const MOST_STEPS_BACK: usize = 100_000;

/// A glob, or a regular expression between slashes, which may look around and refer back, as in Argo CD. An
/// expression that cannot be read, or that takes too long, matches nothing.
pub fn matches_glob_or_expression(pattern: &str, text: &str) -> bool {
    match pattern.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
        Some(expression) => fancy_regex::RegexBuilder::new(expression)
            .backtrack_limit(MOST_STEPS_BACK)
            .build()
            .is_ok_and(|regex| regex.is_match(text).unwrap_or(false)),
        None => glob_match(pattern, text, &[]),
    }
}

#[cfg(test)]
mod tests;
