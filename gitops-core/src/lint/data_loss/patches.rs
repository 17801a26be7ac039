//! Patches that kustomize reads otherwise than they look.

use smol_str::SmolStr;

use crate::diagnostic::{Location, Rule, Severity};
use crate::kustomize::Patch;
use crate::lint::findings::Findings;
use crate::lint::sources::{KustomizationFile, Sources};
use crate::lint::{Subject, walk};
use crate::yaml::{self, Dialect, Node, Tag};

pub(super) const LOST_PORT_CHANGE: Rule = Rule {
    code: "GK301",
    name: "lost-port-change",
    severity: Severity::Warning,
    summary: "a port of a patch is dropped because one side has no `protocol`",
    explanation: "Ports merge by number and protocol. An item of the patch with `protocol` beside a port of the \
                  same number without it neither merges nor is added: kustomize drops the change in silence.",
    hint: "write `protocol` on both sides, or on none",
};

pub(super) const POINTER_WITHOUT_SLASH: Rule = Rule {
    code: "GK306",
    name: "pointer-without-slash",
    severity: Severity::Warning,
    summary: "the path of a JSON patch has no slash before its first part",
    explanation: "kustomize drops the first part: `spec/replicas` means `/replicas`.",
    hint: "write a slash before the path",
};

pub(super) const OLD_BOOLEAN: Rule = Rule {
    code: "GK307",
    name: "old-boolean",
    severity: Severity::Warning,
    summary: "a word of a JSON patch is a boolean for kustomize",
    explanation: "kustomize reads JSON patches by the rules of YAML 1.1: `yes`, `no`, `on`, `off`, `y` and `n` without \
                  quotes are booleans there, while they are texts in manifests and other patches.",
    hint: "put the value in quotes if it is meant as text, else write `true` or `false`",
};

/// The words that are booleans for YAML 1.1 alone.
const OLD_BOOLEANS: &[&str] = &["y", "n", "yes", "no", "on", "off"];

/// The findings.
pub(super) fn find(subject: &Subject<'_>) -> Findings {
    let mut findings = Findings::default();
    for file in &subject.sources.kustomizations {
        let Some(typed) = &file.typed else { continue };
        let transforms = &typed.transforms;
        for patch in transforms.patches.iter().chain(&transforms.patches_json6902) {
            let Some(text) = PatchText::of(&subject.sources, file, patch) else { continue };
            text.operations(&mut findings);
            text.ports(subject, &mut findings);
        }
    }
    findings
}

/// The text of a patch and where it begins.
struct PatchText<'s, 'a> {
    sources: &'s Sources<'a>,
    path: SmolStr,
    text: String,
    /// The place of the entry, for a text in a kustomization.
    entry: Option<Location>,
}

impl<'s, 'a> PatchText<'s, 'a> {
    fn of(sources: &'s Sources<'a>, file: &KustomizationFile<'_>, patch: &Patch) -> Option<Self> {
        if patch.path.is_empty() {
            let at = sources.location(&file.name(), patch.patch.origin.as_offset()?);
            let text = patch.patch.value.to_string();
            return Some(Self { sources, path: file.name(), text, entry: Some(at) });
        }
        let path = file.directory.join(patch.path.as_str()).ok()?;
        let text = sources.text(path.as_str())?.to_owned();
        Some(Self { sources, path: path.as_str().into(), text, entry: None })
    }

    /// The place of a node: in a kustomization, the line of the block by counting lines.
    fn at(&self, node: &Node) -> Location {
        let offset = node.origin.as_offset().unwrap_or_default();
        match &self.entry {
            None => self.sources.location(&self.path, offset),
            Some(entry) => {
                let before = self.text.get(..offset).unwrap_or_default();
                let is_block = self.text.contains('\n');
                let lines = before.bytes().filter(|byte| *byte == b'\n').count() + usize::from(is_block);
                let line = entry.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
                if is_block { Location { line, column: 0, ..entry.clone() } } else { entry.clone() }
            }
        }
    }

    /// What is wrong with the operations of a JSON patch.
    fn operations(&self, findings: &mut Findings) {
        if !self.text.trim_start().starts_with('-') {
            return;
        }
        let Ok(root) = yaml::read_one_with(&self.path, &self.text, Dialect::Json) else { return };
        let Ok(as_written) = yaml::read_one(&self.path, &self.text) else { return };
        for (operation, written) in root.items().iter().zip(as_written.items()) {
            if let Some(path) = operation.get("path").filter(|path| path.as_str().is_some_and(lacks_slash)) {
                let text = path.as_str().unwrap_or_default();
                let message =
                    format!("`{text}` means `/{}`", text.split_once('/').map_or("", |(_, rest)| rest));
                findings.push(POINTER_WITHOUT_SLASH.at(self.at(path), message));
            }
            if let (Some(value), Some(written)) = (operation.get("value"), written.get("value")) {
                let mut read = vec![];
                walk::scalars(value, &mut |node| read.push(node));
                let mut meant = vec![];
                walk::scalars(written, &mut |node| meant.push(node));
                for (read, meant) in read.iter().zip(meant) {
                    self.old_boolean(read, meant, findings);
                }
            }
        }
    }

    fn old_boolean(&self, read: &Node, meant: &Node, findings: &mut Findings) {
        let is_boolean = read.as_scalar().is_some_and(|scalar| scalar.tag() == Tag::Bool);
        let Some(word) = meant.as_str().filter(|_| is_boolean) else { return };
        if OLD_BOOLEANS.contains(&word.to_ascii_lowercase().as_str()) {
            let value = read.as_bool().unwrap_or_default();
            findings.push(OLD_BOOLEAN.at(self.at(meant), format!("`{word}` is the boolean `{value}` here")));
        }
    }

    /// Ports of a strategic merge patch that are in no object that it could have gone to.
    fn ports(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let Ok(documents) = yaml::read_resources(&self.path, self.text.as_bytes()) else { return };
        for document in &documents {
            let text = |path: &[&str]| document.root.at(path).and_then(Node::text).unwrap_or_default();
            let (kind, name) = (text(&["kind"]), text(&["metadata", "name"]));
            let lists: &[(&[&str], &str)] = &[
                (&["spec", "template", "spec", "containers"], "containerPort"),
                (&["spec", "ports"], "port"),
            ];
            for (path, key) in lists {
                let Some(list) = document.root.at(path) else { continue };
                let holders =
                    list.items().iter().filter_map(|item| Some((item.get("name"), item.get("ports")?)));
                let holders: Vec<_> = if *key == "port" { vec![(None, list)] } else { holders.collect() };
                for (container, ports) in holders {
                    for port in ports.items().iter().filter(|port| port.get(key).is_some()) {
                        let wanted =
                            Wanted { kind, name, container: container.and_then(Node::text), key, path, port };
                        if wanted.is_lost(subject) {
                            let number = port.get(key).and_then(Node::text).unwrap_or_default();
                            let message =
                                format!("the change of port {number} of {kind} `{name}` is not rendered");
                            findings.push(LOST_PORT_CHANGE.at(self.at(port), message));
                        }
                    }
                }
            }
        }
    }
}

fn lacks_slash(path: &str) -> bool {
    !path.is_empty() && !path.starts_with('/')
}

/// A port of a patch, and where it belongs.
struct Wanted<'n> {
    kind: &'n str,
    name: &'n str,
    container: Option<&'n str>,
    key: &'n str,
    path: &'n [&'n str],
    port: &'n Node,
}

impl Wanted<'_> {
    /// Whether the object has the port under the number, with `protocol` on one side only, and without what the
    /// patch says of it.
    fn is_lost(&self, subject: &Subject<'_>) -> bool {
        let named = |name: &str| name == self.name || name.ends_with(&format!("-{}", self.name));
        let objects = subject.rendered.objects.iter();
        let mut objects = objects.filter(|object| object.key.kind == self.kind && named(&object.key.name));
        let (Some(object), None) = (objects.next(), objects.next()) else { return false };
        let Some(list) = object.root.at(self.path) else { return false };
        let holders: Vec<&Node> = match self.container {
            None => vec![list],
            Some(name) => {
                let same = |item: &&Node| item.get("name").and_then(Node::text) == Some(name);
                list.items().iter().filter(same).filter_map(|item| item.get("ports")).collect()
            }
        };
        let number = self.port.get(self.key);
        let rendered: Vec<&Node> = holders
            .iter()
            .flat_map(|ports| ports.items())
            .filter(|port| port.get(self.key) == number)
            .collect();
        let [rendered] = rendered.as_slice() else { return false };
        let one_sided = rendered.get("protocol").is_some() != self.port.get("protocol").is_some();
        let differs = self.port.entries().iter().any(|entry| {
            entry.key.text() != "protocol" && rendered.get(entry.key.text()) != Some(&entry.value)
        });
        one_sided && differs
    }
}
