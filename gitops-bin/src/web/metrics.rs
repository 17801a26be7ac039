//! `/metrics`: series under the names and labels of Argo CD and Argo Rollouts, so that their dashboards and alerts
//! work unchanged.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::driver::{Answer, Call, Handle};
use crate::view::{ApplicationView, RolloutView};

/// All series in Prometheus' text format.
pub(super) async fn export(State(handle): State<Handle>) -> Response {
    match series(&handle).await {
        Ok(text) => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
        }
        Err(error) => error.into_response(),
    }
}

async fn series(handle: &Handle) -> Answer<String> {
    let applications = handle.ask(Call::Applications).await?.items;
    let rollouts = handle.ask(Call::Rollouts).await?.items;
    Ok(render(&applications, &rollouts))
}

fn render(applications: &[ApplicationView], rollouts: &[RolloutView]) -> String {
    let mut text = String::new();
    heading(&mut text, "argocd_app_info", "Information about an Application.");
    for app in applications {
        let labels = [
            ("namespace", "argocd"),
            ("name", &app.name),
            ("project", &app.project),
            ("autosync_enabled", if app.automated { "true" } else { "false" }),
            ("dest_namespace", &app.namespace),
            ("sync_status", &app.sync_status),
            ("health_status", &app.health_status),
        ];
        sample(&mut text, "argocd_app_info", &labels, 1);
    }
    heading(&mut text, "rollout_info", "Information about a Rollout.");
    for rollout in rollouts {
        let labels = [
            ("namespace", rollout.namespace.as_str()),
            ("name", &rollout.name),
            ("strategy", "canary"),
            ("phase", phase(rollout)),
        ];
        sample(&mut text, "rollout_info", &labels, 1);
    }
    heading(&mut text, "rollout_info_replicas_available", "Available replicas of a Rollout.");
    for rollout in rollouts {
        let available: u32 = rollout.replica_sets.iter().map(|set| set.available).sum();
        let labels = [("namespace", rollout.namespace.as_str()), ("name", &rollout.name)];
        sample(&mut text, "rollout_info_replicas_available", &labels, available);
    }
    text
}

/// The phase as Argo Rollouts' controller exports it: an aborted update is `Abort` here, and `Degraded` in the status.
fn phase(rollout: &RolloutView) -> &str {
    if rollout.aborted { "Abort" } else { &rollout.phase }
}

fn heading(text: &mut String, name: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
}

fn sample(text: &mut String, name: &str, labels: &[(&str, &str)], value: u32) {
    let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let labels: Vec<String> =
        labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    let _ = writeln!(text, "{name}{{{}}} {value}", labels.join(","));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rollout(aborted: bool) -> RolloutView {
        RolloutView {
            namespace: "prod".to_owned(),
            name: "my\"app".to_owned(),
            phase: "Degraded".to_owned(),
            message: String::new(),
            aborted,
            step: 0,
            steps: vec![],
            set_weight: 0,
            actual_weight: 0,
            replicas: 3,
            replica_sets: vec![],
            analysis_runs: vec![],
        }
    }

    #[test]
    fn an_aborted_rollout_is_exported_under_argos_word() {
        let text = render(&[], &[rollout(true)]);
        let expected = r#"rollout_info{namespace="prod",name="my\"app",strategy="canary",phase="Abort"} 1"#;
        assert!(text.contains(expected), "{text}");
        assert!(render(&[], &[rollout(false)]).contains(r#"phase="Degraded""#));
    }
}
