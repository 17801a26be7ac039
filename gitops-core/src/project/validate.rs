//! Whether a project's own manifest is sound.

use std::collections::BTreeSet;

use regex::Regex;
use smol_str::{SmolStr, format_smolstr};

use super::window::{WindowError, validate_window};
use crate::api::app_project::{AppProject, Destination, DestinationServiceAccount, ProjectRole, SyncWindow};
use crate::glob::Glob;

/// Why a project is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// A pattern or name that can mean nothing.
    #[error("{what} has an invalid format, '{text}'")]
    Format {
        /// Which field.
        what: &'static str,
        /// What it says.
        text: SmolStr,
    },
    /// An entry that stands there twice.
    #[error("{what} `{text}` already exists")]
    Twice {
        /// What it is.
        what: &'static str,
        /// The entry.
        text: SmolStr,
    },
    /// A role's name, group or policy that breaks its rules.
    #[error("role `{role}`: invalid {what} `{text}`: {reason}")]
    Role {
        /// The role.
        role: SmolStr,
        /// `name`, `group` or `policy`.
        what: &'static str,
        /// What it says.
        text: SmolStr,
        /// The rule.
        reason: String,
    },
    /// A sync window that cannot be read.
    #[error(transparent)]
    Window(#[from] WindowError),
    /// A sync window that concerns nothing.
    #[error("sync window `{0}` requires one of application, cluster or namespace")]
    WindowWithoutTarget(SmolStr),
}

impl ProjectError {
    /// What the user can do about it, if we know.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Format { .. } | Self::Role { .. } => None,
            Self::Twice { .. } => Some("remove one of the two"),
            Self::Window(error) => Some(error.hint()),
            Self::WindowWithoutTarget(_) => Some("`applications: ['*']` means all of them"),
        }
    }
}

/// Checks a project as Argo CD does, and names the first fault.
pub fn validate_project(project: &AppProject) -> Result<(), ProjectError> {
    let spec = &project.spec;
    destinations(&spec.destinations)?;
    unique("source namespace", spec.source_namespaces.iter().cloned())?;
    spec.source_repos.iter().try_for_each(|source| deny_all("source repository", source))?;
    unique("source repository", spec.source_repos.iter().cloned())?;
    unique("role", spec.roles.iter().map(|role| role.name.clone()))?;
    spec.roles.iter().try_for_each(|role| validate_role(&project.metadata.name, role))?;
    windows(&spec.sync_windows)?;
    service_accounts(&spec.destination_service_accounts)
}

fn unique(what: &'static str, texts: impl Iterator<Item = SmolStr>) -> Result<(), ProjectError> {
    let mut seen = BTreeSet::new();
    for text in texts {
        if !seen.insert(text.clone()) {
            return Err(ProjectError::Twice { what, text });
        }
    }
    Ok(())
}

/// `!*` would deny everything.
fn deny_all(what: &'static str, pattern: &SmolStr) -> Result<(), ProjectError> {
    if pattern == "!*" { Err(ProjectError::Format { what, text: pattern.clone() }) } else { Ok(()) }
}

fn destinations(list: &[Destination]) -> Result<(), ProjectError> {
    for item in list {
        deny_all("name", &item.name)?;
        deny_all("server", &item.server)?;
        deny_all("namespace", &item.namespace)?;
    }
    let key = |item: &Destination| {
        let cluster = if item.server.is_empty() { &item.name } else { &item.server };
        format_smolstr!("{cluster}/{}", item.namespace)
    };
    unique("destination", list.iter().map(key))
}

fn windows(list: &[SyncWindow]) -> Result<(), ProjectError> {
    let mut seen: Vec<SyncWindow> = vec![];
    for window in list {
        // Two windows that differ only in what they permit are one window twice.
        let identity = SyncWindow {
            manual_sync: false,
            sync_overrun: false,
            description: SmolStr::default(),
            ..window.clone()
        };
        let text = format_smolstr!("{}:{}:{}", window.kind, window.schedule, window.duration);
        if seen.contains(&identity) {
            return Err(ProjectError::Twice { what: "sync window", text });
        }
        validate_window(window)?;
        if window.applications.is_empty() && window.namespaces.is_empty() && window.clusters.is_empty() {
            return Err(ProjectError::WindowWithoutTarget(text));
        }
        seen.push(identity);
    }
    Ok(())
}

/// Characters that the name of a service account must not have: those of patterns.
const NO_ACCOUNT: [char; 8] = ['!', '*', '[', ']', '{', '}', '\\', '/'];

fn service_accounts(list: &[DestinationServiceAccount]) -> Result<(), ProjectError> {
    let fault = |what, text: &SmolStr| Err(ProjectError::Format { what, text: text.clone() });
    for item in list {
        let is_pattern = |text: &SmolStr| !text.contains('!') && Glob::new(text, &[]).is_ok();
        let account = &item.default_service_account;
        if !is_pattern(&item.server) {
            return fault("server", &item.server);
        }
        if !is_pattern(&item.namespace) {
            return fault("namespace", &item.namespace);
        }
        if account.trim_matches(' ').is_empty() || account.contains(NO_ACCOUNT) {
            return fault("defaultServiceAccount", account);
        }
    }
    let key = |item: &DestinationServiceAccount| format_smolstr!("{}/{}", item.server, item.namespace);
    unique("destinationServiceAccount", list.iter().map(key))
}

fn validate_role(project: &str, role: &ProjectRole) -> Result<(), ProjectError> {
    let fault = |what, text: &SmolStr, reason: String| {
        Err(ProjectError::Role { role: role.name.clone(), what, text: text.clone(), reason })
    };
    if !is_match("^[a-zA-Z0-9]([-_a-zA-Z0-9]*[a-zA-Z0-9])?$", &role.name) {
        return fault("name", &role.name, "only letters, digits, `-` and `_`".to_owned());
    }
    unique("policy", role.policies.iter().cloned())?;
    unique("group", role.groups.iter().cloned())?;
    for policy in &role.policies {
        if let Err(reason) = check_policy(project, &role.name, policy) {
            return fault("policy", policy, reason);
        }
    }
    match role.groups.iter().find(|group| !is_valid_group(group)) {
        Some(group) => fault("group", group, "no commas outside of quotes, no line breaks".to_owned()),
        None => Ok(()),
    }
}

/// What a policy of a role may speak of.
const RESOURCES: [&str; 7] =
    ["applications", "applicationsets", "repositories", "clusters", "exec", "logs", "projects"];

fn check_policy(project: &str, role: &str, policy: &str) -> Result<(), String> {
    let parts: Vec<&str> = policy.split(',').map(str::trim).collect();
    let ["p", subject, resource, action, object, effect] = parts.as_slice() else {
        return Err("must be of the form: 'p, sub, res, act, obj, eft'".to_owned());
    };
    let wanted = format!("proj:{project}:{role}");
    if *subject != wanted {
        return Err(format!("policy subject must be: '{wanted}', not '{subject}'"));
    }
    if !RESOURCES.contains(resource) || *resource == "projects" {
        return Err(format!(
            "project resource must be: 'applications', 'applicationsets', 'repositories', 'exec', 'logs' or 'clusters', not '{resource}'"
        ));
    }
    if !is_valid_policy_action(action) {
        return Err(format!("invalid action '{action}'"));
    }
    if !is_valid_policy_object(project, object) {
        return Err(format!(
            "object must be of form '{project}/*', '{project}[/<NAMESPACE>]/<APPNAME>' or '{project}/<APPNAME>', not '{object}'"
        ));
    }
    match *effect {
        "allow" | "deny" => Ok(()),
        _ => Err(format!("effect must be: 'allow' or 'deny', not '{effect}'")),
    }
}

/// Actions that stand for themselves.
const ACTIONS: [&str; 8] = ["get", "create", "update", "delete", "sync", "override", "rollback", "*"];

/// Whether a policy may name this action.
pub fn is_valid_policy_action(action: &str) -> bool {
    ACTIONS.contains(&action) || is_match("(action|update|delete)/", action)
}

/// Whether a policy of `project` may name this object.
pub fn is_valid_policy_object(project: &str, object: &str) -> bool {
    let name = r"[*\w.-]+";
    is_match(&format!("^{}/({name}/)?{name}$", regex::escape(project)), object)
}

/// Whether a role may name this group: not empty, no line breaks, commas only between quotes.
pub fn is_valid_group(group: &str) -> bool {
    if group.trim() != group || group.is_empty() || group.contains(['\n', '\r', '\t']) {
        return false;
    }
    let inner = group.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) => !inner.is_empty() && !inner.contains('"'),
        None => !group.contains([',', '"']),
    }
}

fn is_match(expression: &str, text: &str) -> bool {
    Regex::new(expression).is_ok_and(|regex| regex.is_match(text))
}
