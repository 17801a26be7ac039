//! Text in a resource file that kustomize does not read.

use crate::diagnostic::{Rule, Severity};
use crate::lint::Subject;
use crate::lint::findings::Findings;

pub(super) const LOST_TEXT: Rule = Rule {
    code: "GK304",
    name: "lost-text",
    severity: Severity::Warning,
    summary: "kustomize does not read the rest of a resource file",
    explanation: "Behind a line `...`, and behind the first object of a file in JSON, kustomize reads nothing until \
                  the next line `---`: manifests there are not rendered, and nothing says so.",
    hint: "begin each manifest with a line `---`",
};

/// The findings.
pub(super) fn find(subject: &Subject<'_>) -> Findings {
    let mut findings = Findings::default();
    for path in resources(subject) {
        let Some(text) = subject.sources.text(path) else { continue };
        if let Some(offset) = lost(text) {
            let at = subject.sources.location(&path.into(), offset);
            findings.push(LOST_TEXT.at(at, "from here on kustomize does not read the file"));
        }
    }
    findings
}

/// The files that objects were read from, once each.
fn resources<'s>(subject: &'s Subject<'_>) -> std::collections::BTreeSet<&'s str> {
    let is_manifest = |path: &&str| [".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end));
    subject.rendered.objects.iter().map(|object| object.at.path.as_str()).filter(is_manifest).collect()
}

/// Where a text that is not read begins.
fn lost(text: &str) -> Option<usize> {
    let (mut offset, mut begun, mut ended) = (0, false, false);
    let mut depth: Option<i32> = None;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        if line.starts_with("---") {
            (begun, ended, depth) = (false, false, None);
        } else if line.trim_end() == "..." {
            ended = true;
        } else if !content.is_empty() && !content.starts_with('#') {
            if ended {
                return Some(offset);
            }
            // The brace that closes the first one ends a document in JSON.
            if depth.is_some() || !begun && line.starts_with('{') {
                let now = depth.unwrap_or(0) + balance(content)?;
                depth = Some(now);
                ended = now == 0;
            }
            begun = true;
        }
        offset += line.len();
    }
    None
}

/// How many more braces a line opens than it closes, outside of strings; nothing where a string does not end.
fn balance(line: &str) -> Option<i32> {
    let (mut open, mut in_string, mut escaped) = (0, false, false);
    for c in line.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' if !in_string => open += 1,
            '}' if !in_string => open -= 1,
            _ => {}
        }
    }
    (!in_string).then_some(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_behind_an_end_is_lost() {
        assert_eq!(lost("a: 1\n...\nb: 2\n"), Some(9));
        assert_eq!(lost("a: 1\n...\n# c\n---\nb: 2\n"), None);
        assert_eq!(lost("{\"a\": 1}\n{\"b\": 2}\n"), Some(9));
        assert_eq!(lost("{\"a\": {\n}\n}\n"), None);
        assert_eq!(lost("a: {\n}\nb: 1\n"), None);
        assert_eq!(lost("a: |\n  ...\n  b\n"), None);
        assert_eq!(lost("a: |\n  {\n  }\nb: 1\n"), None);
    }
}
