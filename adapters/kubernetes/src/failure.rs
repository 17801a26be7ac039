//! What the API server answers when it refuses, as errors of the port.

use gitops_core::diagnostic::mask_credentials;
use gitops_core::object::ObjectKey;
use gitops_ports::cluster::{ClusterError, FieldConflict};
use kube::core::Status;
use kube::core::response::StatusCause;

/// An error with what caused it, without credentials of an address.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = cause.source();
    }
    mask_credentials(&text)
}

/// The error of a request about the object at `key`.
pub(crate) fn of_request(key: &ObjectKey, error: &kube::Error) -> ClusterError {
    let is_transient = matches!(
        error,
        kube::Error::HyperError(_)
            | kube::Error::Service(_)
            | kube::Error::ReadEvents(_)
            | kube::Error::HttpError(_)
    );
    if let kube::Error::Api(status) = error {
        return of_status(key, status);
    }
    let message = chain(error);
    if is_transient { ClusterError::Unavailable { message } } else { ClusterError::Other { message } }
}

/// The error that a `Status` of the API server stands for: by its reason, and by its code where the reason says
/// nothing.
pub(crate) fn of_status(key: &ObjectKey, status: &Status) -> ClusterError {
    let key = key.clone();
    let message = status.message.clone();
    match (status.code, status.reason.as_str()) {
        (404, _) => ClusterError::NotFound { key: missing(key, status) },
        (409, "AlreadyExists") => ClusterError::AlreadyExists { key },
        (409, _) => {
            let conflicts = field_conflicts(status);
            if conflicts.is_empty() {
                ClusterError::Conflict { key, message }
            } else {
                ClusterError::FieldConflicts { key, conflicts }
            }
        }
        (410, _) => ClusterError::Expired { resource_version: "".into() },
        (400 | 422, _) => ClusterError::Invalid { key, message },
        (401 | 403, _) => ClusterError::Forbidden { key, message },
        (429, _) => ClusterError::TooManyRequests { message },
        (code, _) if code >= 500 => ClusterError::Unavailable { message },
        _ => ClusterError::Other { message },
    }
}

/// The namespace where that is what is missing, else the object itself.
fn missing(key: ObjectKey, status: &Status) -> ObjectKey {
    match &status.details {
        Some(details) if details.kind == "namespaces" && key.kind != "Namespace" => {
            ObjectKey::new("", "Namespace", "", details.name.as_str())
        }
        _ => key,
    }
}

fn field_conflicts(status: &Status) -> Vec<FieldConflict> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes.filter(|cause| cause.reason == "FieldManagerConflict").map(field_conflict).collect()
}

/// The API server names the manager in quotes: `conflict with "kubectl" using apps/v1`.
fn field_conflict(cause: &StatusCause) -> FieldConflict {
    let manager = cause.message.split('"').nth(1).unwrap_or(&cause.message);
    FieldConflict { manager: manager.into(), field: cause.field.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(json: &str) -> Status {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_conflict_of_fields_names_the_manager_and_the_field() {
        let answer = status(
            r#"{"kind":"Status","status":"Failure","code":409,"reason":"Conflict","message":"Apply failed",
                "details":{"causes":[{"reason":"FieldManagerConflict","field":".spec.replicas",
                "message":"conflict with \"kubectl-scale\" with subresource \"scale\" using apps/v1"}]}}"#,
        );
        let key = ObjectKey::new("apps", "Deployment", "dev", "a");
        let expected = FieldConflict { manager: "kubectl-scale".into(), field: ".spec.replicas".to_owned() };
        assert_eq!(of_status(&key, &answer), ClusterError::FieldConflicts { key, conflicts: vec![expected] });
    }

    #[test]
    fn a_missing_namespace_is_named() {
        let answer = status(
            r#"{"status":"Failure","code":404,"reason":"NotFound","message":"namespaces \"x\" not found",
                "details":{"name":"x","kind":"namespaces"}}"#,
        );
        let error = of_status(&ObjectKey::new("", "ConfigMap", "x", "a"), &answer);
        assert_eq!(error, ClusterError::NotFound { key: ObjectKey::new("", "Namespace", "", "x") });
    }
}
