//! State in one file: a JSON document with its format and version, replaced as a whole.
//!
//! A reader sees the old state or the new one, whenever the writer dies: the new state is written beside the
//! file, brought to the disk, and renamed over it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

/// A file that holds the state of an embedded adapter.
#[derive(Clone, Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    format: &'static str,
    version: u64,
}

impl StateFile {
    pub(super) fn new(path: &Path, format: &'static str, version: u64) -> Self {
        Self { path: path.to_owned(), format, version }
    }

    /// The state; `None` where there is no file yet. Errors are messages with the file's name.
    pub(super) fn load(&self) -> Result<Option<Json>, String> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.message("cannot be read", &error)),
        };
        let document: Json =
            serde_json::from_slice(&text).map_err(|error| self.message("is damaged", &error))?;
        let format = document.get("format").and_then(Json::as_str).unwrap_or_default();
        if format != self.format {
            return Err(self.message("is of another kind", &format!("`{format}`, not `{}`", self.format)));
        }
        let version = document.get("version").and_then(Json::as_u64).unwrap_or_default();
        if version != self.version {
            let message = format!("version {version}, and this program reads version {}", self.version);
            return Err(self.message("has another version", &message));
        }
        Ok(document.get("state").cloned())
    }

    /// Replaces the state.
    pub(super) fn save(&self, state: &Json) -> Result<(), String> {
        let document = serde_json::json!({ "format": self.format, "version": self.version, "state": state });
        self.replace(document.to_string().as_bytes())
            .map_err(|error| self.message("cannot be written", &error))
    }

    fn replace(&self, content: &[u8]) -> io::Result<()> {
        let mut beside = self.path.clone().into_os_string();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        let mut file = File::create(&beside)?;
        file.write_all(content)?;
        file.sync_data()?;
        fs::rename(&beside, &self.path)
    }

    fn message(&self, what: &str, cause: &dyn std::fmt::Display) -> String {
        format!("`{}` {what}: {cause}", self.path.display())
    }
}
