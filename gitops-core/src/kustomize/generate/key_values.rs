//! The data of a generator: literals, files and env files.

use smol_str::SmolStr;

use crate::kustomize::error::RenderError;
use crate::kustomize::faults::Faults;
use crate::kustomize::kustomization::{GeneratorArguments, Text};
use crate::kustomize::session::{Session, Target};
use crate::provenance::Place;

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyValue {
    /// The key.
    pub(super) key: SmolStr,
    /// The value, which need not be text.
    pub(super) value: Vec<u8>,
    /// Where the value was written: a literal, a line of an env file, or a file.
    pub(super) place: Place,
    /// The entry of the generator.
    pub(super) entry: Place,
}

/// The data of a generator, sorted by key.
pub(super) fn load(
    session: &mut Session<'_>,
    target: &Target<'_>,
    arguments: &GeneratorArguments,
) -> Result<Vec<KeyValue>, RenderError> {
    let mut pairs: Vec<(KeyValue, &Text)> = vec![];
    let mut faults = Faults::default();
    for entry in &arguments.envs {
        let read = session.files.bytes(&target.directory, entry.as_str(), &target.at(entry.origin));
        let Some((path, content)) = faults.take(read)? else { continue };
        session.effort.take_bytes(2 * content.len(), &target.at(entry.origin))?;
        let lines = env_lines(&content)
            .map_err(|message| target.invalid(entry.origin, format!("`{}`: {message}", entry.value)))?;
        let file = session.files.add_data(&path, std::str::from_utf8(&content).unwrap_or_default());
        pairs.extend(lines.into_iter().map(|line| {
            let place = Place { file, offset: u32::try_from(line.offset).unwrap_or(u32::MAX) };
            let (key, value) = (line.key, line.value);
            (KeyValue { key, value, place, entry: target.place(entry.origin) }, entry)
        }));
    }
    for entry in &arguments.literals {
        let pair = literal(entry.as_str()).ok_or_else(|| {
            // The text is not shown: it may be a secret.
            let message = format!("a literal of `{}` is not `key=value`", arguments.name.value);
            target.invalid(entry.origin, message).advise("write `KEY=value`, or `KEY=` for an empty value")
        });
        let place = target.place(entry.origin);
        pairs.extend(
            faults.take(pair)?.map(|(key, value)| (KeyValue { key, value, place, entry: place }, entry)),
        );
    }
    for entry in &arguments.files {
        let source = file_source(entry.as_str())
            .map_err(|message| target.invalid(entry.origin, message).advise("write `path`, or `key=path`"));
        let Some((key, path)) = faults.take(source)? else { continue };
        let read = session.files.bytes(&target.directory, path, &target.at(entry.origin));
        let Some((path, content)) = faults.take(read)? else { continue };
        session.effort.take_bytes(2 * content.len(), &target.at(entry.origin))?;
        let (place, entry_place) =
            (Place { file: session.files.add_data(&path, ""), offset: 0 }, target.place(entry.origin));
        pairs.push((KeyValue { key: key.into(), value: content.to_vec(), place, entry: entry_place }, entry));
    }
    faults.finish()?;
    pairs.sort_by(|(a, _), (b, _)| a.key.cmp(&b.key));
    for neighbours in pairs.windows(2) {
        if let [(first, _), (second, entry)] = neighbours
            && first.key == second.key
        {
            let error = target.invalid(entry.origin, format!("the key `{}` is there twice", first.key));
            return Err(error.advise("take one of the two out, or give it another key"));
        }
    }
    Ok(pairs.into_iter().map(|(pair, _)| pair).collect())
}

/// `key=value`, the value without the quotes around it. A value may hold `=`.
fn literal(text: &str) -> Option<(SmolStr, Vec<u8>)> {
    let (key, value) = text.split_once('=').filter(|(key, _)| !key.is_empty())?;
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote).and_then(|rest| rest.strip_suffix(*quote)))
        .unwrap_or(value);
    Some((key.into(), unquoted.as_bytes().to_vec()))
}

/// `path`, or `key=path`.
fn file_source(text: &str) -> Result<(&str, &str), String> {
    match text.split_once('=') {
        None => Ok((text.rsplit('/').next().unwrap_or(text), text)),
        Some((_, path)) if path.contains('=') => Err(format!("`{text}` has more than one `=`")),
        Some(("", _)) => Err(format!("`{text}` has no key before `=`")),
        Some((_, "")) => Err(format!("`{text}` has no path after `=`")),
        Some((key, path)) => Ok((key, path)),
    }
}

/// A line of an env file.
struct EnvLine {
    key: SmolStr,
    value: Vec<u8>,
    /// Where the line begins in the file.
    offset: usize,
}

/// The lines of an env file: `key=value`, a key alone for an empty value, blank lines and comments.
fn env_lines(content: &[u8]) -> Result<Vec<EnvLine>, String> {
    let mut pairs = vec![];
    let plain = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
    let mut next = content.len() - plain.len();
    for (at, line) in plain.split(|byte| *byte == b'\n').enumerate() {
        let offset = next;
        next += line.len() + 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = std::str::from_utf8(line).map_err(|_| format!("line {} is not UTF-8", at + 1))?;
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        if key.is_empty() {
            continue;
        }
        pairs.push(EnvLine { key: key.into(), value: value.as_bytes().to_vec(), offset });
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &str, expected: &[(&str, &str)]) {
        let pairs = env_lines(lines.as_bytes()).unwrap();
        let pairs: Vec<(String, String)> = pairs
            .into_iter()
            .map(|pair| (pair.key.to_string(), String::from_utf8(pair.value).unwrap()))
            .collect();
        let expected: Vec<(String, String)> =
            expected.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        assert_eq!(pairs, expected);
    }

    #[test]
    fn env_files_keep_quotes_and_trailing_blanks() {
        check("# c\n\n  A=1 \nB=\"x\"\r\nC\n", &[("A", "1 "), ("B", "\"x\""), ("C", "")]);
    }

    #[test]
    fn a_literal_loses_matching_quotes_only() {
        let value = |text| String::from_utf8(literal(text).unwrap().1).unwrap();
        assert_eq!(value("a='x'"), "x");
        assert_eq!(value("a=\"x'"), "\"x'");
        assert_eq!(value("a=b=c"), "b=c");
        assert!(literal("=x").is_none());
    }
}
