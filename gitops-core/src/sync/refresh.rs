//! Which commits concern an application: the path filter of a monorepo.

/// The annotation that names the paths that an application's manifests are made of.
pub const MANIFEST_GENERATE_PATHS: &str = "argocd.argoproj.io/manifest-generate-paths";

/// The paths of one source whose changes concern the application: those of the annotation, separated by `;`,
/// relative to the source's path unless they begin with `/`. None means every change does.
pub fn refresh_paths(annotation: Option<&str>, source_path: &str) -> Vec<String> {
    let items = annotation.unwrap_or_default().split(';').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| match item.strip_prefix('/') {
            Some(absolute) => clean(absolute),
            None => clean(&format!("{source_path}/{item}")),
        })
        .collect()
}

/// Whether one of the changed files concerns an application with these paths: it is one of them, below one of
/// them, or matches one as a pattern. Without a list of files, or of paths, everything does.
pub fn files_changed(refresh_paths: &[String], changed_files: &[String]) -> bool {
    if changed_files.is_empty() || refresh_paths.is_empty() {
        return true;
    }
    changed_files.iter().map(|file| clean(file)).any(|file| {
        refresh_paths.iter().any(|path| {
            let path = clean(path);
            path == "."
                || file == path
                || file.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'))
                || matches_path(&path, &file)
        })
    })
}

/// The shortest form of a relative path, as Go's `filepath.Clean` writes it.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = vec![];
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// Go's `filepath.Match`: segment by segment, since no pattern crosses `/`. A pattern that Go refuses matches
/// nothing.
fn matches_path(pattern: &str, path: &str) -> bool {
    let (patterns, segments): (Vec<&str>, Vec<&str>) =
        (pattern.split('/').collect(), path.split('/').collect());
    patterns.len() == segments.len()
        && patterns.iter().zip(&segments).all(|(pattern, segment)| {
            let (pattern, segment): (Vec<char>, Vec<char>) =
                (pattern.chars().collect(), segment.chars().collect());
            matches_segment(&pattern, &segment)
        })
}

/// Tries a `*` with ever more characters, and only ever the last one: what an earlier one takes cannot matter.
fn matches_segment(pattern: &[char], text: &[char]) -> bool {
    let Some(tokens) = tokens(pattern) else { return false };
    let (mut token, mut at) = (0, 0);
    let mut star = None;
    while let Some(character) = text.get(at) {
        match tokens.get(token) {
            Some(Token::Star) => {
                star = Some((token + 1, at));
                token += 1;
            }
            Some(Token::Any(class)) if class.contains(*character) => (token, at) = (token + 1, at + 1),
            Some(Token::Any(_)) | None => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    (token, at) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    tokens.iter().skip(token).all(|token| matches!(token, Token::Star))
}

/// One part of a pattern.
enum Token {
    /// Any number of characters.
    Star,
    /// One character of a class.
    Any(Class),
}

/// A set of characters: `[a-z]`, or all others: `[^a-z]`.
struct Class {
    negated: bool,
    ranges: Vec<(char, char)>,
}

impl Class {
    fn contains(&self, character: char) -> bool {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&character)) != self.negated
    }
}

/// The parts of a pattern; `None` where Go refuses it.
fn tokens(mut pattern: &[char]) -> Option<Vec<Token>> {
    let mut tokens = vec![];
    let one = |character: char| Token::Any(Class { negated: false, ranges: vec![(character, character)] });
    while let Some((first, rest)) = pattern.split_first() {
        let (token, rest) = match first {
            '*' => (Token::Star, rest),
            '?' => (Token::Any(Class { negated: true, ranges: vec![] }), rest),
            '[' => class(rest).map(|(class, rest)| (Token::Any(class), rest))?,
            '\\' => rest.split_first().map(|(escaped, rest)| (one(*escaped), rest))?,
            character => (one(*character), rest),
        };
        tokens.push(token);
        pattern = rest;
    }
    Some(tokens)
}

/// Reads a class behind its bracket, and what follows it; `None` where it is not closed or holds nothing.
fn class(mut pattern: &[char]) -> Option<(Class, &[char])> {
    let negated = pattern.first() == Some(&'^');
    if negated {
        pattern = pattern.get(1..)?;
    }
    let mut ranges = vec![];
    loop {
        if let ([']', rest @ ..], false) = (pattern, ranges.is_empty()) {
            return Some((Class { negated, ranges }, rest));
        }
        let (from, rest) = class_character(pattern)?;
        let (to, rest) = match rest {
            ['-', rest @ ..] => class_character(rest)?,
            rest => (from, rest),
        };
        ranges.push((from, to));
        pattern = rest;
    }
}

fn class_character(pattern: &[char]) -> Option<(char, &[char])> {
    let (first, rest) = pattern.split_first()?;
    match first {
        '\\' => rest.split_first().map(|(escaped, rest)| (*escaped, rest)),
        '-' | ']' => None,
        character => Some((*character, rest)),
    }
}
