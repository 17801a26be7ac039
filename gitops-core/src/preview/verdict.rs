//! What the AppProject of an Application does not permit of a change.
//!
//! The project that judges is the one of the revision before: Applications and AppProjects are objects of the API, and
//! a commit cannot widen its own project.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::Deployed;
use crate::api::app_project::{AppProject, AppProjectSpec, ClusterResource, Destination};
use crate::api::application::Application;
use crate::project::{Project, Refusal, resolved};

/// The projects of both revisions, by name.
#[derive(Clone, Debug, Default)]
pub struct Projects<'a> {
    /// Those of the revision before.
    pub before: BTreeMap<&'a str, &'a AppProject>,
    /// Those of the revision after.
    pub after: BTreeMap<&'a str, &'a AppProject>,
}

/// One thing that a project does not permit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What, in one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// Whether it was not permitted before the change either.
    pub is_standing: bool,
}

/// What the project says of a change.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Verdict {
    /// What it does not permit.
    pub refusals: Vec<Judged>,
    /// What cannot be judged from files alone, a sentence each.
    pub open: Vec<String>,
}

/// An Application at one revision: what it says, and what it deploys.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The Application.
    pub application: &'a Application,
    /// Its objects.
    pub deployed: &'a Deployed<'a>,
}

/// The project `default` as Argo CD makes it where nobody did: it permits everything.
pub fn initial_default_project() -> AppProject {
    let any = SmolStr::new_static("*");
    let mut project = AppProject {
        spec: AppProjectSpec {
            source_repos: vec![any.clone()],
            destinations: vec![Destination { server: any.clone(), name: "".into(), namespace: any.clone() }],
            ..AppProjectSpec::default()
        },
        ..AppProject::default()
    };
    project.metadata.name = "default".into();
    let every = ClusterResource { group: any.clone(), kind: any, name: "".into() };
    project.spec.resources.cluster_whitelist = Some(vec![every]);
    project
}

/// What the project of the revision before says of an Application at the revision after.
///
/// An Application that was there before is judged by the project that it had then. A project that the repository
/// holds at neither revision lives elsewhere, and cannot be asked.
pub fn judge(before: Option<Subject<'_>>, after: Subject<'_>, projects: &Projects<'_>) -> Verdict {
    let named = before.unwrap_or(after).application.spec.project_name();
    let own = initial_default_project();
    let fallback = (named == "default").then_some(&own);
    let Some(project) = projects.before.get(named).copied().or(fallback) else {
        return without_project(named, projects);
    };
    let (refusals, open) = refusals(project, after);
    let standing: BTreeSet<String> = before
        .map(|subject| self::refusals(project, subject).0.iter().map(ToString::to_string).collect())
        .unwrap_or_default();
    let later: Option<BTreeSet<String>> = projects
        .after
        .get(after.application.spec.project_name())
        .map(|project| self::refusals(project, after).0.iter().map(what).collect());
    let judged = refusals.iter().map(|refusal| {
        let message = refusal.to_string();
        let is_standing = standing.contains(&message);
        let is_widened = later.as_ref().is_some_and(|later| !later.contains(&what(refusal)));
        let hint = if is_widened {
            "the same change widens the project: apply that first, by itself".to_owned()
        } else {
            refusal.hint().to_owned()
        };
        Judged { message, hint, is_standing }
    });
    Verdict { refusals: judged.collect(), open }
}

/// What a refusal is about, whichever project refuses.
fn what(refusal: &Refusal) -> String {
    match refusal {
        Refusal::ApplicationNamespace { namespace, .. } => format!("application {namespace}"),
        Refusal::Source { repo_url, .. } => format!("source {repo_url}"),
        Refusal::Destination { cluster, namespace, .. } => format!("destination {cluster} {namespace}"),
        Refusal::Kind { object, .. } => format!("kind {object}"),
        Refusal::ObjectNamespace { object, .. } => format!("namespace {object}"),
        Refusal::UnknownScope { object, .. } => format!("scope {object}"),
    }
}

fn without_project(name: &str, projects: &Projects<'_>) -> Verdict {
    if projects.after.contains_key(name) {
        let refusal = Judged {
            message: format!("project `{name}` does not exist before this change"),
            hint: "apply the project first, by itself".to_owned(),
            is_standing: false,
        };
        return Verdict { refusals: vec![refusal], open: vec![] };
    }
    Verdict {
        refusals: vec![],
        open: vec![format!("project `{name}` is not in this repository: not judged")],
    }
}

/// What `project` does not permit, and what cannot be judged.
fn refusals(project: &AppProject, subject: Subject<'_>) -> (Vec<Refusal>, Vec<String>) {
    let Subject { application, deployed } = subject;
    let rules = Project::new(project, &[]);
    let destination = resolved(&application.spec.destination);
    let controller = &project.metadata.namespace;
    // A project stands in the controller's namespace; one that is written without a namespace does not tell which.
    let outside = if controller.is_empty() {
        None
    } else {
        rules.admit_application_namespace(&application.metadata.namespace, controller)
    };
    let mut refusals: Vec<Refusal> = outside.into_iter().collect();
    refusals.extend(rules.admit_application(application, &destination));
    let mut open = vec![];
    for part in deployed.parts() {
        let ask = |namespaced| rules.admit_object(&part.object.key, Some(namespaced), &destination);
        match part.namespaced {
            Some(namespaced) => refusals.extend(ask(namespaced)),
            // The scope is the cluster's to tell; where both answers are the same, it is not needed.
            None => match (ask(true), ask(false)) {
                (Some(refusal), Some(_)) => refusals.push(refusal),
                (None, None) => {}
                (Some(_), None) | (None, Some(_)) => {
                    open.push(format!(
                        "{}: its kind is not known here, so its scope is not: not judged",
                        part.object.key
                    ));
                }
            },
        }
    }
    (refusals, open)
}
