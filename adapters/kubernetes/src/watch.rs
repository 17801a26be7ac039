//! Watches of an API server.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use futures_util::io::AsyncBufRead;
use futures_util::stream::{BoxStream, SelectAll, StreamExt as _};
use futures_util::{AsyncBufReadExt as _, stream};
use gitops_core::object::{Object, ObjectKey};
use gitops_ports::cluster::{ClusterError, ServedKind, Watch, WatchEvent};
use kube::core::Status;
use serde_json::Value;

use crate::{failure, object};

/// How long the API server keeps a watch open, in seconds: what kubectl's own informers ask at most.
pub(crate) const WATCH_SECONDS: u32 = 290;

/// How long a watch may stay silent: the API server ends it before.
const SILENCE: Duration = Duration::from_secs(WATCH_SECONDS as u64 + 30);

/// One line of one stream; `None` where it has ended.
type Step = Option<Result<WatchEvent, ClusterError>>;

/// The events of one kind.
pub(crate) type Events = BoxStream<'static, Step>;

/// The error of a watch from `since`. What the server cannot read as a version of its own is one that it no longer
/// knows; it answers with a code of 500 then.
pub(crate) fn expiry(error: ClusterError, since: &str) -> ClusterError {
    let is_unreadable = matches!(&error, ClusterError::Unavailable { message }
        if message.starts_with("resourceVersion: Invalid value"));
    let is_expired = is_unreadable || matches!(error, ClusterError::Expired { .. });
    if is_expired { ClusterError::Expired { resource_version: since.into() } } else { error }
}

/// A watch of the objects of one or more kinds.
pub struct KubernetesWatch {
    streams: SelectAll<Events>,
    several: bool,
    ended: bool,
}

impl fmt::Debug for KubernetesWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KubernetesWatch")
            .field("streams", &self.streams.len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl KubernetesWatch {
    /// The events of these streams, as they come.
    pub(crate) fn new(streams: Vec<Events>) -> Self {
        Self { several: streams.len() > 1, streams: stream::select_all(streams), ended: false }
    }
}

impl Watch for KubernetesWatch {
    async fn next(&mut self) -> Option<Result<WatchEvent, ClusterError>> {
        if self.ended {
            return None;
        }
        match self.streams.next().await {
            Some(Some(Ok(event))) => Some(Ok(event)),
            Some(Some(Err(error))) => {
                self.ended = true;
                Some(Err(error))
            }
            // One kind of several may be behind the others: no single version says what was seen of all.
            Some(None) | None if self.several => {
                self.ended = true;
                Some(Err(ClusterError::Expired { resource_version: "".into() }))
            }
            Some(None) | None => {
                self.ended = true;
                None
            }
        }
    }
}

/// The events that `reader` brings, one JSON document a line, about objects of `kind`.
pub(crate) fn events(reader: impl AsyncBufRead + Send + 'static, kind: ServedKind, since: String) -> Events {
    let reader: Pin<Box<dyn AsyncBufRead + Send>> = Box::pin(reader);
    stream::unfold(Some((reader, kind, since)), |state| async move {
        let (mut reader, kind, since) = state?;
        let step = step(&mut reader, &kind, &since).await;
        let goes_on = matches!(step, Some(Ok(_)));
        Some((step, goes_on.then_some((reader, kind, since))))
    })
    .boxed()
}

async fn step(reader: &mut Pin<Box<dyn AsyncBufRead + Send>>, kind: &ServedKind, since: &str) -> Step {
    let mut line = String::new();
    match tokio::time::timeout(SILENCE, reader.read_line(&mut line)).await {
        Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
            Some(Err(ClusterError::Other { message: error.to_string() }))
        }
        // A connection that breaks in the middle ends the watch: the caller goes on from what it has seen.
        Err(_) | Ok(Err(_) | Ok(0)) => None,
        Ok(Ok(_)) if !line.ends_with('\n') => None,
        Ok(Ok(_)) => Some(event(&line, kind, since)),
    }
}

/// The event of one line.
fn event(line: &str, kind: &ServedKind, since: &str) -> Result<WatchEvent, ClusterError> {
    let unreadable = |message: String| ClusterError::Other { message };
    let mut json: Value = serde_json::from_str(line)
        .map_err(|error| unreadable(format!("a watch event that is no JSON: {error}")))?;
    let body = json.get_mut("object").map(Value::take).unwrap_or_default();
    match json.get("type").and_then(Value::as_str).unwrap_or_default() {
        "ADDED" => Ok(WatchEvent::Added(object_of(kind, body))),
        "MODIFIED" => Ok(WatchEvent::Modified(object_of(kind, body))),
        "DELETED" => Ok(WatchEvent::Deleted(object_of(kind, body))),
        "BOOKMARK" => {
            let version = body.pointer("/metadata/resourceVersion").and_then(Value::as_str);
            Ok(WatchEvent::Bookmark(version.unwrap_or_default().into()))
        }
        "ERROR" => Err(refusal(kind, body, since)),
        other => Err(unreadable(format!("a watch event of the unknown type `{other}`"))),
    }
}

fn object_of(kind: &ServedKind, body: Value) -> Object {
    object::of_item(kind, body)
}

fn refusal(kind: &ServedKind, body: Value, since: &str) -> ClusterError {
    let key = ObjectKey::new(kind.group.clone(), kind.kind.clone(), "", "");
    match serde_json::from_value::<Status>(body) {
        Ok(status) => expiry(failure::of_status(&key, &status), since),
        Err(error) => ClusterError::Other { message: format!("an error that cannot be read: {error}") },
    }
}
