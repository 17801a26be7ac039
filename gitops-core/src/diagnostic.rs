//! Places in files, and findings about user data that do not stop the work.
//!
//! Never prints: a binary renders a [`Diagnostic`] with its snippet.

mod lines;

use std::fmt;

use smol_str::SmolStr;

pub use lines::LineIndex;

/// A place in a file: path relative to the root of the tree, and line and column counted from 1.
///
/// Line 0 means "the file as a whole".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Location {
    /// Path of the file, relative to the root of the tree that it was read from.
    pub path: SmolStr,
    /// Line, counted from 1; 0 stands for the whole file.
    pub line: u32,
    /// Column in characters, counted from 1; 0 stands for the whole line.
    pub column: u32,
}

impl Location {
    /// The place at `line` and `column` of `path`.
    pub fn new(path: impl Into<SmolStr>, line: u32, column: u32) -> Self {
        Self { path: path.into(), line, column }
    }

    /// The file as a whole.
    pub fn file(path: impl Into<SmolStr>) -> Self {
        Self::new(path, 0, 0)
    }

    /// The line and column of the byte `offset` of `text`, which is the content of `path`.
    pub fn in_text(path: impl Into<SmolStr>, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        Self::new(path, u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        Ok(())
    }
}

/// How much a [`Diagnostic`] weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// The result stands, and is probably not what was meant.
    Warning,
    /// The input is wrong.
    Error,
}

/// A kind of finding: what stands behind a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The code, which never changes its meaning: `GK001`.
    pub code: &'static str,
    /// The name, in words joined by `-`: `unquoted-tag`.
    pub name: &'static str,
    /// How much its findings weigh.
    pub severity: Severity,
    /// What it finds, in one sentence without a full stop.
    pub summary: &'static str,
    /// Why that is a trap.
    pub explanation: &'static str,
    /// What to do about it.
    pub hint: &'static str,
}

impl Rule {
    /// A finding of this rule.
    pub fn at(&self, at: Location, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code: self.code,
            severity: self.severity,
            at,
            message: message.into(),
            hint: Some(self.hint.to_owned()),
        }
    }
}

/// A finding about user data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable code such as `GO012`; empty where none is assigned.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// Where it is.
    pub at: Location,
    /// What is wrong: one sentence in lower case without a full stop.
    pub message: String,
    /// What to do about it, if that is known.
    pub hint: Option<String>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.message)
    }
}

/// `text` with `*` for each character of the user names, passwords and tokens of the URLs in it.
///
/// The name `git` stays, and so do the values of the query parameters that kustomize reads. The length stays, so
/// that columns do.
pub fn mask_credentials(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let end = after.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>'));
        let (url, next) = after.split_at_checked(end.unwrap_or(after.len())).unwrap_or((after, ""));
        masked.push_str(before);
        masked.push_str("://");
        mask_url(url, &mut masked);
        rest = next;
    }
    masked.push_str(rest);
    masked
}

/// Adds a URL without its scheme to `masked`.
fn mask_url(url: &str, masked: &mut String) {
    let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
    // A password may hold a slash that should have been escaped: then what looks like a port is no number.
    let port = authority.split_once(':').map_or("", |(_, port)| port);
    let user = match authority.rfind('@') {
        None if !port.bytes().all(|byte| byte.is_ascii_digit()) => url.rfind('@'),
        found => found,
    };
    let (user, rest) = url.split_at_checked(user.unwrap_or(0)).unwrap_or(("", url));
    if user == "git" {
        masked.push_str(user);
    } else {
        masked.extend(user.chars().map(|_| '*'));
    }
    let Some((path, query)) = rest.split_once('?') else { return masked.push_str(rest) };
    masked.push_str(path);
    for (at, parameter) in query.split('&').enumerate() {
        masked.push(if at == 0 { '?' } else { '&' });
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        masked.push_str(name);
        if value.is_empty() {
            masked.push_str(parameter.get(name.len()..).unwrap_or_default());
        } else if matches!(name, "ref" | "version" | "timeout" | "submodules") {
            masked.push('=');
            masked.push_str(value);
        } else {
            masked.push('=');
            masked.extend(value.chars().map(|_| '*'));
        }
    }
}

/// The most bytes of a name that is compared with others.
const MOST_BYTES: usize = 100;

/// The name that is closest to `name`, if one is close.
pub fn closest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    if name.len() > MOST_BYTES {
        return None;
    }
    let wanted = name.to_ascii_lowercase();
    known
        .filter(|known| known.len() <= MOST_BYTES && !known.is_empty())
        .map(|known| (edits(&wanted, &known.to_ascii_lowercase()), known))
        .filter(|(distance, known)| *distance <= known.len().max(4) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// The edit distance in bytes; two neighbours that changed places count as one edit.
fn edits(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut above: Vec<usize> = vec![];
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, byte) in a.iter().enumerate() {
        let mut next = vec![at + 1];
        for (to, other) in b.iter().enumerate() {
            let cell = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX - 1);
            let replaced = cell(&row, to) + usize::from(byte != other);
            let mut least = replaced.min(cell(&row, to + 1) + 1).min(cell(&next, to) + 1);
            let swapped = at > 0 && to > 0 && a.get(at - 1) == Some(other) && b.get(to - 1) == Some(byte);
            if swapped {
                least = least.min(cell(&above, to - 1) + 1);
            }
            next.push(least);
        }
        above = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similar<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
        closest(name, known.iter().copied())
    }

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("wbe", "web"), 1);
        assert_eq!(edits("", "ab"), 2);
        assert_eq!(similar("resource", &["resources", "replicas"]), Some("resources"));
        assert_eq!(similar("namesuffix", &["namePrefix", "nameSuffix"]), Some("nameSuffix"));
        assert_eq!(similar("frobnicate", &["resources", "replicas"]), None);
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(mask_credentials(text), expected);
    }

    #[test]
    fn credentials_of_urls_are_masked() {
        check("see https://a:b@c/d?ref=v1 and x", "see https://***@c/d?ref=v1 and x");
        check("`git::https://token@host/a`", "`git::https://*****@host/a`");
        check("ssh://git@host/a?token=x&ref=m&", "ssh://git@host/a?token=*&ref=m&");
        check("https://u:p/q@host", "https://*****@host");
        check("http://host:80/a@b", "http://host:80/a@b");
        check("a://b@c d://e@f", "a://*@c d://*@f");
        check("no url: a@b", "no url: a@b");
        check("://", "://");
    }
}
