//! Values that are of another type than the API server takes, or that readers of YAML disagree on.

use super::findings::Findings;
use super::sources::Sources;
use super::{Subject, walk};
use crate::diagnostic::{Location, Rule, Severity};
use crate::kustomize::FILE_NAMES;
use crate::object::Object;
use crate::yaml::{Node, Tag};

/// The rules, in the order of their codes.
pub(super) const RULES: &[Rule] =
    &[NOT_TEXT, AMBIGUOUS_TEXT, DECIMAL_MODE, UNUSUAL_ENCODING, CHANGED_NUMBER, CHANGED_DATE];

const NOT_TEXT: Rule = Rule {
    code: "GK101",
    name: "not-text",
    severity: Severity::Error,
    summary: "a number, boolean or null where the API server takes only text",
    explanation: "Labels, selectors, values of environment variables and data of ConfigMaps are texts. `8080`, \
                  `1.10` and `true` without quotes are none, and the API server refuses the object.",
    hint: "put the value in quotes",
};

const AMBIGUOUS_TEXT: Rule = Rule {
    code: "GK102",
    name: "ambiguous-text",
    severity: Severity::Note,
    summary: "a word without quotes that some readers of YAML take for a boolean or a number",
    explanation: "kustomize reads `yes`, `no`, `on`, `off`, `y` and `n` as texts and prints them in quotes; kubectl \
                  and Argo CD read them in the same file as booleans, and others read `12:30` as a number.",
    hint: "put the value in quotes",
};

const DECIMAL_MODE: Rule = Rule {
    code: "GK103",
    name: "decimal-mode",
    severity: Severity::Warning,
    summary: "a file mode is written in decimal and looks octal",
    explanation: "`defaultMode: 644` is the decimal number 644. The mode that is meant is `0644`, which is 420.",
    hint: "write a `0` before it",
};

const UNUSUAL_ENCODING: Rule = Rule {
    code: "GK105",
    name: "unusual-encoding",
    severity: Severity::Note,
    summary: "a file has a byte order mark or line breaks of Windows",
    explanation: "kustomize reads both, and takes the carriage returns out of block texts; a file that a generator \
                  reads keeps them, and a script with them does not start.",
    hint: "save the file as UTF-8 without a mark and with line breaks of one character",
};

const CHANGED_NUMBER: Rule = Rule {
    code: "GK106",
    name: "changed-number",
    severity: Severity::Warning,
    summary: "a number is rendered as another number",
    explanation: "kustomize passes numbers through 64-bit floating point: beyond 2^64, and beyond 17 digits, others \
                  come out.",
    hint: "put the value in quotes if it is no quantity",
};

const CHANGED_DATE: Rule = Rule {
    code: "GK107",
    name: "changed-date",
    severity: Severity::Warning,
    summary: "a date is rendered with a time",
    explanation: "A plain `2001-12-15` is a timestamp for YAML, and kustomize prints `2001-12-15T00:00:00Z`.",
    hint: "put the date in quotes",
};

/// Modes as people write them, read as decimal numbers.
const MODES: &[i64] = &[
    400, 440, 444, 500, 550, 555, 600, 640, 644, 660, 664, 666, 700, 711, 740, 744, 750, 755, 770, 775, 777,
];

/// The words that YAML 1.1 takes for booleans and YAML 1.2 for texts.
const OLD_BOOLEANS: &[&str] = &["y", "n", "yes", "no", "on", "off"];

/// The findings.
pub(super) fn find(subject: &Subject<'_>) -> Findings {
    let mut findings = encodings(subject);
    for object in &subject.rendered.objects {
        let mut finder = Finder { subject, object, findings: &mut findings };
        if object.key.kind == "CustomResourceDefinition" {
            continue;
        }
        finder.metadata(&object.root);
        finder.data();
        finder.below(&object.root);
    }
    findings
}

struct Finder<'f, 's> {
    subject: &'f Subject<'s>,
    object: &'f Object,
    findings: &'f mut Findings,
}

impl Finder<'_, '_> {
    fn at(&self, node: &Node) -> Location {
        self.subject.sources.locate(&self.subject.rendered.provenance, self.object, node.origin)
    }

    /// Checks that each value of a mapping is a text.
    fn texts(&mut self, mapping: Option<&Node>, what: &str) {
        for entry in mapping.map_or(&[][..], Node::entries) {
            self.text(&entry.value, what, entry.key.text());
        }
    }

    fn text(&mut self, node: &Node, what: &str, key: &str) {
        let Some(scalar) = node.as_scalar() else { return };
        let found = match scalar.tag() {
            Tag::Str | Tag::Merge | Tag::Binary => return self.plain_text(node, what, key),
            // kustomize prints a timestamp as a text.
            Tag::Null | Tag::Timestamp => return,
            Tag::Bool => "a boolean",
            Tag::Int | Tag::Float => "a number",
        };
        let shown = if self.object.key.kind == "Secret" { "" } else { scalar.text() };
        let shown = if shown.is_empty() { String::new() } else { format!(", `{shown}`") };
        let at = self.at(node);
        self.findings.push(NOT_TEXT.at(at, format!("{what} `{key}` is {found}{shown}, and must be a text")));
    }

    /// Checks that a text is one for every reader.
    fn plain_text(&mut self, node: &Node, what: &str, key: &str) {
        let text = node.text().unwrap_or_default();
        if !OLD_BOOLEANS.contains(&text.to_ascii_lowercase().as_str()) && !is_base_60(text) {
            return;
        }
        let place = Sources::place(&self.subject.rendered.provenance, self.object, node.origin);
        let Some((path, offset)) = place else { return };
        // In a kustomization it stands in quotes, or kustomize would have refused it.
        let is_kustomization = FILE_NAMES.contains(&path.rsplit('/').next().unwrap_or_default());
        let written = self.subject.sources.text(&path).and_then(|file| file.get(offset..));
        if !is_kustomization && written.is_some_and(|written| written.starts_with(text)) {
            let at = self.subject.sources.location(&path, offset);
            self.findings.push(AMBIGUOUS_TEXT.at(at, format!("{what} `{key}` is `{text}` without quotes")));
        }
    }

    fn metadata(&mut self, root: &Node) {
        self.texts(root.at(&["metadata", "labels"]), "the label");
        self.texts(root.at(&["metadata", "annotations"]), "the annotation");
    }

    fn data(&mut self) {
        let object = self.object;
        match (object.key.group.as_str(), object.key.kind.as_str()) {
            ("", "ConfigMap") => self.texts(object.root.get("data"), "the data"),
            ("", "Secret") => self.texts(object.root.get("stringData"), "the data"),
            ("", "Service") => self.texts(object.root.at(&["spec", "selector"]), "the selector"),
            _ => {}
        }
        self.texts(object.root.at(&["spec", "selector", "matchLabels"]), "the selector");
        let Some(template) = walk::pod_template(object) else { return };
        if object.key.kind != "Pod" {
            self.metadata(template);
        }
        self.texts(template.at(&["spec", "nodeSelector"]), "the node selector");
        for container in walk::containers(template) {
            for variable in container.get("env").map_or(&[][..], Node::items) {
                let name = variable.get("name").and_then(Node::text).unwrap_or_default();
                if let Some(value) = variable.get("value") {
                    self.text(value, "the environment variable", name);
                }
            }
            for list in ["args", "command"] {
                for item in container.get(list).map_or(&[][..], Node::items) {
                    self.text(item, "an item of", list);
                }
            }
        }
    }

    /// Scalars anywhere: modes, numbers and dates.
    fn below(&mut self, node: &Node) {
        for entry in node.entries() {
            if matches!(entry.key.text(), "defaultMode" | "mode") {
                self.mode(&entry.value);
            }
            self.below(&entry.value);
        }
        node.items().iter().for_each(|item| self.below(item));
        let Some(scalar) = node.as_scalar() else { return };
        match scalar.tag() {
            Tag::Int if scalar.as_i64().is_none() && scalar.as_u64().is_none() => self.number(node),
            Tag::Float if has_many_digits(scalar.text()) => self.number(node),
            Tag::Timestamp if !scalar.text().contains([':', 'T', 't']) => {
                let at = self.at(node);
                let message = format!("the date `{0}` is rendered as `{0}T00:00:00Z`", scalar.text());
                self.findings.push(CHANGED_DATE.at(at, message));
            }
            Tag::Null
            | Tag::Bool
            | Tag::Int
            | Tag::Float
            | Tag::Str
            | Tag::Timestamp
            | Tag::Binary
            | Tag::Merge => {}
        }
    }

    fn number(&mut self, node: &Node) {
        let Some(scalar) = node.as_scalar() else { return };
        let rendered = scalar.canonical_number().unwrap_or_default();
        if rendered != scalar.text() {
            let at = self.at(node);
            self.findings
                .push(CHANGED_NUMBER.at(at, format!("`{}` is rendered as `{rendered}`", scalar.text())));
        }
    }

    fn mode(&mut self, node: &Node) {
        let Some(scalar) = node.as_scalar().filter(|scalar| scalar.tag() == Tag::Int) else { return };
        let text = scalar.text();
        if !text.starts_with('0') && scalar.as_i64().is_some_and(|mode| MODES.contains(&mode)) {
            let at = self.at(node);
            let octal = scalar.as_i64().unwrap_or_default();
            let message =
                format!("the mode {text} is decimal, which is {octal:#o} in octal; `0{text}` looks meant");
            self.findings.push(DECIMAL_MODE.at(at, message.replace("0o", "0")));
        }
    }
}

/// Whether a decimal number has more digits than a 64-bit float can hold.
fn has_many_digits(text: &str) -> bool {
    let digits = text.bytes().take_while(|byte| !matches!(byte, b'e' | b'E'));
    digits.filter(u8::is_ascii_digit).count() > 17
}

/// Whether a text is a number in base 60 for readers of YAML 1.1: `12:30`, but not `0:1:x`.
fn is_base_60(text: &str) -> bool {
    let mut groups = text.split(':');
    let is_number = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let in_range = |group: &str| group.len() <= 2 && group.parse::<u32>().is_ok_and(|number| number < 60);
    let head = groups.next().is_some_and(|head| is_number(head) && !head.starts_with('0'));
    head && text.contains(':') && groups.all(|group| is_number(group) && in_range(group))
}

/// Byte order marks and carriage returns.
fn encodings(subject: &Subject<'_>) -> Findings {
    let mut findings = Findings::default();
    for path in &subject.sources.files {
        let is_yaml = [".yaml", ".yml"].iter().any(|end| path.as_str().ends_with(end));
        let Some(text) = subject.sources.text(path.as_str()).filter(|_| is_yaml) else { continue };
        if text.starts_with('\u{feff}') {
            findings.push(
                UNUSUAL_ENCODING
                    .at(Location::new(path.as_str(), 1, 1), "the file begins with a byte order mark"),
            );
        }
        if let Some(at) = text.find("\r\n") {
            let at = subject.sources.location(&path.as_str().into(), at);
            findings
                .push(UNUSUAL_ENCODING.at(Location { column: 1, ..at }, "the lines end in carriage returns"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_base_60_are_known() {
        assert!(is_base_60("12:30"));
        assert!(is_base_60("1:30:59"));
        assert!(!is_base_60("8080:80"));
        assert!(!is_base_60("12"));
        assert!(!is_base_60("a:1"));
        assert!(!is_base_60("08:30"));
    }
}
