//! Judges what projects permit.

use std::path::Path;

use gitops_core::api::app_project::{AppProject, AppProjectSpec, Destination, SyncWindow};
use gitops_core::diagnostic::Location;
use gitops_core::glob::{Glob, negatable_match};
use gitops_core::object::ObjectKey;
use gitops_core::project::{
    Project, SyncMoment, WindowError, active_windows, can_sync, inactive_allow_windows, is_valid_group,
    is_valid_policy_action, is_valid_policy_object, matches_glob_or_expression, matching_windows,
    normalize_git_url, same_git_url, sanitize_git_url, validate_project, validate_window,
};
use gitops_core::time::Timestamp;
use gitops_core::yaml::Node;
use serde_json::{Value, json};

use crate::report::{Report, Suite, equal, facts};

/// The suites of the project module.
pub(crate) fn suites() -> Vec<Suite> {
    vec![
        Suite { path: "argocd/source-permitted.json", run: source_permitted },
        Suite { path: "argocd/destination-permitted.json", run: destination_permitted },
        Suite { path: "argocd/group-kind-permitted.json", run: group_kind_permitted },
        Suite { path: "argocd/app-namespace-permitted.json", run: app_namespace_permitted },
        Suite { path: "argocd/git-url.json", run: git_url },
        Suite { path: "argocd/glob.json", run: glob },
        Suite { path: "argocd/project-validate.json", run: project_validate },
        Suite { path: "argocd/sync-window-validate.json", run: sync_window_validate },
        Suite { path: "argocd/sync-windows-active.json", run: sync_windows_active },
        Suite { path: "argocd/sync-windows-match.json", run: sync_windows_match },
        Suite { path: "argocd/sync-windows-can-sync.json", run: sync_windows_can_sync },
    ]
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or_default()
}

/// The project `name` with this `spec`.
fn project(name: &str, spec: &Value) -> Result<AppProject, String> {
    let spec = AppProjectSpec::from_node(&Node::from_json(spec), &Location::file("project"))
        .map_err(|error| error.to_string())?;
    let mut project = AppProject { spec, ..AppProject::default() };
    project.metadata.name = name.into();
    Ok(project)
}

fn destination(value: &Value) -> Destination {
    Destination {
        server: text(value, "server").into(),
        name: text(value, "name").into(),
        namespace: text(value, "namespace").into(),
    }
}

fn object_key(value: &Value) -> ObjectKey {
    let part = |key| text(value, key);
    ObjectKey::new(part("group"), part("kind"), part("namespace"), part("name"))
}

fn judged(path: &Path, judge: impl Fn(&Value, &str) -> Result<Value, String>) -> Report {
    facts(path, |fact| {
        let input = fact.get("input").ok_or("no `input`")?;
        let expect = fact.get("expect").ok_or("no `expect`")?;
        equal(&input.to_string(), &judge(input, text(fact, "op"))?, expect)
    })
}

fn source_permitted(path: &Path) -> Report {
    judged(path, |input, _| {
        let manifest = project("demo", &json!({ "sourceRepos": input.get("sourceRepos") }))?;
        Ok(Project::new(&manifest, &[]).permits_source(text(input, "repoURL")).into())
    })
}

fn destination_permitted(path: &Path) -> Report {
    judged(path, |input, _| {
        let spec = json!({
            "destinations": input.get("destinations"),
            "permitOnlyProjectScopedClusters": flag(input, "permitOnlyProjectScopedClusters"),
        });
        let manifest = project("demo", &spec)?;
        let scoped: Vec<_> = input
            .get("projectClusters")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(destination)
            .collect();
        let wanted = input.get("destination").map(destination).unwrap_or_default();
        Ok(Project::new(&manifest, &scoped).permits_destination(&wanted).into())
    })
}

fn group_kind_permitted(path: &Path) -> Report {
    judged(path, |input, _| {
        let manifest = project("demo", input.get("spec").unwrap_or(&Value::Null))?;
        let permitted =
            Project::new(&manifest, &[]).permits_kind(&object_key(input), flag(input, "namespaced"));
        Ok(permitted.into())
    })
}

fn app_namespace_permitted(path: &Path) -> Report {
    judged(path, |input, _| {
        let manifest = project("demo", &json!({ "sourceNamespaces": input.get("sourceNamespaces") }))?;
        let (namespace, own) = (text(input, "appNamespace"), text(input, "controllerNamespace"));
        Ok(Project::new(&manifest, &[]).admit_application_namespace(namespace, own).is_none().into())
    })
}

fn git_url(path: &Path) -> Report {
    judged(path, |input, op| match op {
        "sameURL" => Ok(same_git_url(text(input, "a"), text(input, "b")).into()),
        "normalize" => Ok(normalize_git_url(text(input, "url")).into()),
        "sanitize" => Ok(sanitize_git_url(text(input, "url")).into()),
        unknown => Err(format!("unknown op `{unknown}`")),
    })
}

fn glob(path: &Path) -> Report {
    judged(path, |input, op| {
        let pattern = text(input, "pattern");
        let separators: Vec<char> = text(input, "separators").chars().collect();
        match op {
            "glob" => Ok(match Glob::new(pattern, &separators) {
                Ok(glob) => json!({ "match": glob.matches(text(input, "value")) }),
                Err(_) => json!({ "match": false, "error": true }),
            }),
            "globNegatable" if flag(input, "allowNegation") => {
                Ok(negatable_match(pattern, text(input, "value"), &separators).into())
            }
            "globNegatable" => {
                let glob = Glob::new(pattern, &separators);
                Ok((pattern == "*" || glob.is_ok_and(|glob| glob.matches(text(input, "value")))).into())
            }
            "matchStringInList" => {
                let items = input.get("list").and_then(Value::as_array).into_iter().flatten();
                let item = text(input, "item");
                let matches = |pattern: &str| match text(input, "mode") {
                    "exact" => pattern == item,
                    "glob" => gitops_core::glob::glob_match(pattern, item, &[]),
                    _ => matches_glob_or_expression(pattern, item),
                };
                Ok(items.filter_map(Value::as_str).any(matches).into())
            }
            unknown => Err(format!("unknown op `{unknown}`")),
        }
    })
}

fn project_validate(path: &Path) -> Report {
    facts(path, |fact| {
        let input = fact.get("input").ok_or("no `input`")?;
        let expect = fact.get("expect").ok_or("no `expect`")?;
        match text(fact, "op") {
            "validGroupName" => equal("group", &is_valid_group(text(input, "group")).into(), expect),
            "validPolicyAction" => {
                equal("action", &is_valid_policy_action(text(input, "action")).into(), expect)
            }
            "validPolicyObject" => {
                let valid = is_valid_policy_object(text(input, "project"), text(input, "object"));
                equal("object", &valid.into(), expect)
            }
            _ => {
                let manifest = project(text(input, "name"), input.get("spec").unwrap_or(&Value::Null))?;
                let outcome = validate_project(&manifest).map_err(|error| error.to_string());
                equal("valid", &outcome.is_ok(), &flag(expect, "valid"))?;
                let message = outcome.err().unwrap_or_default();
                let part = text(expect, "messageContains");
                if message.contains(part) { Ok(()) } else { Err(format!("`{message}` lacks `{part}`")) }
            }
        }
    })
}

fn windows(input: &Value, key: &str) -> Result<Vec<SyncWindow>, String> {
    let list = input.get(key).cloned().unwrap_or(Value::Null);
    Ok(project("demo", &json!({ "syncWindows": list }))?.spec.sync_windows)
}

fn instant(input: &Value, key: &str) -> Result<Option<Timestamp>, String> {
    let text = input.get(key).and_then(Value::as_str);
    text.map(|text| text.parse().map_err(|_| format!("`{text}` is no time"))).transpose()
}

fn sync_window_validate(path: &Path) -> Report {
    judged(path, |input, _| {
        let windows = windows(&json!({ "windows": [input.get("window")] }), "windows")?;
        Ok(windows.iter().all(|window| validate_window(window).is_ok()).into())
    })
}

/// The positions of those windows that were found.
fn positions(all: &[SyncWindow], found: &[&SyncWindow]) -> Vec<usize> {
    let is_found = |window: &SyncWindow| found.iter().any(|other| std::ptr::eq(*other, window));
    all.iter().enumerate().filter(|(_, window)| is_found(window)).map(|(at, _)| at).collect()
}

fn or_error(outcome: Result<Value, WindowError>) -> Value {
    outcome.unwrap_or_else(|_| json!({ "error": true }))
}

fn sync_windows_active(path: &Path) -> Report {
    judged(path, |input, op| {
        let all = windows(input, "windows")?;
        let now = instant(input, "now")?.ok_or("no `now`")?;
        let found = match op {
            "activeWindows" => active_windows(&all, now),
            _ => inactive_allow_windows(&all, now),
        };
        Ok(or_error(found.map(|found| json!({ "windows": positions(&all, &found) }))))
    })
}

fn sync_windows_match(path: &Path) -> Report {
    judged(path, |input, _| {
        let all = windows(input, "windows")?;
        let application = input.get("app").ok_or("no `app`")?;
        let target = application.get("destination").map(destination).unwrap_or_default();
        Ok(positions(&all, &matching_windows(&all, text(application, "name"), &target)).into())
    })
}

fn sync_windows_can_sync(path: &Path) -> Report {
    judged(path, |input, _| {
        let all = windows(input, "windows")?;
        let moment = SyncMoment {
            now: instant(input, "now")?.ok_or("no `now`")?,
            manual: flag(input, "manual"),
            operation_start: instant(input, "operationStart")?,
        };
        let all: Vec<_> = all.iter().collect();
        Ok(or_error(can_sync(&all, moment).map(|allowed| json!({ "allowed": allowed }))))
    })
}
