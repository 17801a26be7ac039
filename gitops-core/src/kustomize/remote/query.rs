//! The query of a repository's URL: `ref` or `version`, `timeout` and `submodules`.

use std::time::Duration;

use super::DEFAULT_TIMEOUT;
use crate::time::parse_duration;

/// What a query says, and kustomize's defaults for the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) revision: String,
    pub(super) submodules: bool,
    pub(super) timeout: Duration,
}

impl Query {
    /// Reads a query; one that is malformed says nothing at all, as in kustomize.
    pub(super) fn parse(text: &str) -> Self {
        let pairs = pairs(text).unwrap_or_default();
        let value = |name: &str| {
            let found = pairs.iter().find(|(key, _)| key == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        let revision = Some(value("ref")).filter(|revision| !revision.is_empty()).unwrap_or(value("version"));
        let submodules = !matches!(value("submodules"), "0" | "f" | "F" | "false" | "FALSE" | "False");
        let timeout = timeout(value("timeout")).unwrap_or(DEFAULT_TIMEOUT);
        Self { revision: revision.to_owned(), submodules, timeout }
    }
}

/// Whole seconds, or a duration of Go; nothing for what is not above zero.
fn timeout(text: &str) -> Option<Duration> {
    let seconds = text.parse::<u32>().ok().map(|seconds| Duration::from_secs(seconds.into()));
    seconds.or_else(|| parse_duration(text).ok()).filter(|timeout| !timeout.is_zero())
}

/// Keys and values, unescaped; nothing where a part is malformed.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            Some((unescape(key)?, unescape(value)?)).filter(|_| !part.contains(';'))
        })
        .collect()
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let value = digit(rest.next())? * 16 + digit(rest.next())?;
                u8::try_from(value).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}
