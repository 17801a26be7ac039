//! What the entries of kustomization files say, and what they did.

mod table;

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::Subject;
use super::findings::Findings;
use super::sources::{KustomizationFile, Sources};
use super::walk;
use crate::diagnostic::{Diagnostic, Location, Rule};
use crate::kustomize::{Effect, Image, Kustomization, RenderError, Text};
use crate::object::Object;
use crate::yaml::{self, Dialect, Node, Origin, PrintError, Tag};

pub(super) use table::RULES;
use table::{
    AFFIX_TWICE, DEPRECATED_FIELD, DIGEST_BESIDE_TAG, IMAGE_WITHOUT_MATCH, LABELS_IN_SELECTORS, LISTED_TWICE,
    NAMESPACE_OVERRIDDEN, NOT_BUILT, PATCH_WITHOUT_CHANGE, PATCH_WITHOUT_MATCH, REPEATED_KEY,
    REPLACEMENT_WITHOUT_CHANGE, REPLACEMENT_WITHOUT_MATCH, SECOND_DOCUMENT, SECRET_IN_GIT, TAG_SUFFIX,
    UNKNOWN_VALUE, UNQUOTED_TAG,
};

/// The fields of an entry of `images`, all of them text.
const IMAGE_FIELDS: &[&str] = &["name", "newName", "newTag", "digest", "tagSuffix"];
/// What `behavior` of a generator may say.
const BEHAVIORS: &[&str] = &["", "create", "merge", "replace"];
/// What `buildMetadata` may hold.
const BUILD_METADATA: &[&str] = &["managedByLabel", "originAnnotations", "transformerAnnotations"];

/// The error of a render as a finding.
pub(super) fn not_built(error: &RenderError) -> Diagnostic {
    let at = error.location().cloned().unwrap_or_default();
    let text = error.to_string();
    let message = text.strip_prefix(&format!("{at}: ")).unwrap_or(&text);
    Diagnostic { hint: error.hint().or(Some(NOT_BUILT.hint.to_owned())), ..NOT_BUILT.at(at, message) }
}

/// The objects that cannot be printed, with which a build ends too.
pub(super) fn unprintable(subject: &Subject<'_>) -> Findings {
    let failed = |object: &Object| {
        let error = yaml::print_document(&object.root).err()?;
        // A key that is there twice has a rule of its own.
        let is_known = matches!(error, PrintError::DuplicateKey { .. });
        let hint = error.hint().unwrap_or(NOT_BUILT.hint).to_owned();
        let finding = NOT_BUILT.at(object.at.clone(), format!("{}: {error}", object.key));
        (!is_known).then_some(Diagnostic { hint: Some(hint), ..finding })
    };
    subject.rendered.objects.iter().filter_map(failed).collect()
}

/// What the kustomization files show by themselves.
pub(super) fn in_files(sources: &Sources<'_>) -> Findings {
    let mut findings = Findings::default();
    for file in &sources.kustomizations {
        let mut reader = Reader { sources, file, findings: &mut findings };
        reader.tags();
        reader.documents();
        reader.repeated_keys();
        if let Some(typed) = &file.typed {
            typed.transforms.images.iter().for_each(|image| reader.image(image));
            reader.deprecated(typed);
            reader.labels(typed);
            reader.generators(typed);
            reader.listed_twice(typed);
        }
    }
    findings
}

/// Looks at one kustomization file.
struct Reader<'r, 'a> {
    sources: &'r Sources<'a>,
    file: &'r KustomizationFile<'a>,
    findings: &'r mut Findings,
}

impl Reader<'_, '_> {
    fn at(&self, origin: Origin) -> Location {
        self.sources.location(&self.file.name(), origin.as_offset().unwrap_or_default())
    }

    fn find(&mut self, rule: &Rule, origin: Origin, message: impl Into<String>) {
        let at = self.at(origin);
        self.findings.push(rule.at(at, message));
    }

    /// Tags and digests that YAML takes for numbers.
    fn tags(&mut self) {
        let lists = ["images", "imageTags"].iter().filter_map(|list| self.file.root.get(list));
        let entries: Vec<&Node> = lists.flat_map(Node::items).collect();
        for (field, value) in entries.iter().flat_map(|entry| IMAGE_FIELDS.iter().map(|f| (*f, entry.get(f))))
        {
            let Some((value, scalar)) = value.and_then(|value| Some((value, value.as_scalar()?))) else {
                continue;
            };
            let offset = value.origin.as_offset().unwrap_or_default();
            let written = word(self.file.text.get(offset..).unwrap_or_default());
            let read = match scalar.tag() {
                Tag::Int | Tag::Float => "a number for YAML",
                Tag::Bool => "a boolean for YAML",
                // `12e4567` is too large a number for kustomize, and infinite for others.
                Tag::Str if is_exponential(written) => "a number for most readers of YAML",
                Tag::Null | Tag::Str | Tag::Timestamp | Tag::Binary | Tag::Merge => continue,
            };
            let meant =
                if written == scalar.text() { String::new() } else { format!(", `{}`", scalar.text()) };
            let message = format!("`{field}: {written}` is {read}{meant}; write `{field}: \"{written}\"`");
            self.find(&UNQUOTED_TAG, value.origin, message);
        }
    }

    fn image(&mut self, image: &Image) {
        let name = &image.name.value;
        if !image.new_tag.is_empty() && !image.digest.is_empty() {
            let tag = &image.new_tag.value;
            let message =
                format!("`{name}` has a digest beside `newTag: {tag}`: the digest decides, not the tag");
            self.find(&DIGEST_BESIDE_TAG, image.digest.origin, message);
        }
        if image.tag_suffix.is_empty() {
            return;
        }
        let message = if image.new_tag.is_empty() && image.digest.is_empty() {
            format!("kustomize adds the `tagSuffix` of `{name}` twice in the containers of a Pod")
        } else {
            format!("`tagSuffix` of `{name}` does nothing beside `newTag` or `digest`")
        };
        self.find(&TAG_SUFFIX, image.tag_suffix.origin, message);
    }

    fn deprecated(&mut self, typed: &Kustomization) {
        for deprecated in &typed.deprecated {
            let key = self
                .file
                .root
                .entries()
                .iter()
                .find(|entry| entry.key.text().eq_ignore_ascii_case(deprecated.field));
            let origin = key.map_or(deprecated.origin, |entry| entry.key_origin);
            let message = format!("`{}` is deprecated: use `{}`", deprecated.field, deprecated.instead);
            self.find(&DEPRECATED_FIELD, origin, message);
        }
    }

    fn labels(&mut self, typed: &Kustomization) {
        let common = typed.transforms.common_labels.first().map(|(key, text)| ("commonLabels", key, text));
        let selecting = typed.transforms.labels.iter().filter(|label| label.include_selectors);
        let selecting = selecting.filter_map(|label| label.pairs.first());
        let selecting = selecting.map(|(key, text)| ("labels", key, text));
        for (field, key, text) in common.into_iter().chain(selecting) {
            let message = format!(
                "`{field}` writes `{key}` into the selectors of workloads, which cannot change later"
            );
            self.find(&LABELS_IN_SELECTORS, text.origin, message);
        }
    }

    fn generators(&mut self, typed: &Kustomization) {
        let generators = &typed.generators;
        for arguments in generators.config_maps.iter().chain(&generators.secrets) {
            let behavior = &arguments.behavior;
            if !BEHAVIORS.contains(&behavior.as_str()) {
                let message =
                    format!("kustomize does not know the behavior `{}`, and creates", behavior.value);
                self.find(&UNKNOWN_VALUE, behavior.origin, message);
            }
        }
        for option in &typed.build_metadata {
            if !BUILD_METADATA.contains(&option.as_str()) {
                let message = format!("kustomize does not know `{}`, and passes over it", option.value);
                self.find(&UNKNOWN_VALUE, option.origin, message);
            }
        }
        for secret in &generators.secrets {
            if let Some(literal) = secret.literals.first() {
                let message =
                    format!("the Secret `{}` stands in the repository in plain text", secret.name.value);
                self.find(&SECRET_IN_GIT, literal.origin, message);
            }
        }
    }

    /// Entries that do their work twice.
    fn listed_twice(&mut self, typed: &Kustomization) {
        let mut seen = BTreeSet::new();
        let components: Vec<&Text> = typed.sources.components.iter().collect();
        for entry in components {
            let path = self.file.directory.join(entry.as_str()).ok();
            if path.is_some_and(|path| !seen.insert(path)) {
                let message = format!("the component `{}` is listed twice, and works twice", entry.value);
                self.find(&LISTED_TWICE, entry.origin, message);
            }
        }
        let mut seen: Vec<&crate::kustomize::Patch> = vec![];
        for patch in typed.transforms.patches.iter().filter(|patch| !patch.path.is_empty()) {
            let same = |known: &&crate::kustomize::Patch| {
                known.path.value == patch.path.value && selector(known) == selector(patch)
            };
            if seen.iter().any(same) {
                let message = format!("the patch `{}` is listed twice", patch.path.value);
                self.find(&LISTED_TWICE, patch.path.origin, message);
            }
            seen.push(patch);
        }
    }

    /// Documents behind the first one, which kustomize does not read.
    fn documents(&mut self) {
        let Ok(documents) = yaml::read_with(self.file.path.as_str(), self.file.text, Dialect::Json) else {
            return;
        };
        let more = documents.iter().skip(1).find(|document| !document.root.is_null());
        if let Some(document) = more {
            let message = "kustomize reads the first document of the file alone; this one does nothing";
            self.find(&SECOND_DOCUMENT, document.root.origin, message);
        }
    }

    /// Keys that are there twice, of which kustomize takes the last.
    fn repeated_keys(&mut self) {
        let Ok(root) = yaml::read_one(self.file.path.as_str(), self.file.text) else { return };
        let mut repeated = vec![];
        walk::mappings(&root, &mut |entries| {
            let mut seen = BTreeSet::new();
            repeated.extend(entries.iter().filter(|entry| !seen.insert(entry.key.text())));
        });
        for entry in repeated {
            let message = format!(
                "`{}` is there twice: kustomize takes the last and drops the others",
                entry.key.text()
            );
            self.find(&REPEATED_KEY, entry.key_origin, message);
        }
    }
}

/// What tells two entries of `patches` for one file apart.
fn selector(patch: &crate::kustomize::Patch) -> Option<[SmolStr; 7]> {
    let target = patch.target.as_ref()?;
    let texts = [
        &target.group,
        &target.version,
        &target.kind,
        &target.name,
        &target.namespace,
        &target.label_selector,
        &target.annotation_selector,
    ];
    Some(texts.map(|text| text.value.clone()))
}

/// Whether a text is a number with an exponent: `12e4567`.
fn is_exponential(text: &str) -> bool {
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once(['e', 'E']).is_some_and(|(digits, exponent)| is_number(digits) && is_number(exponent))
}

/// The plain scalar that `text` begins with.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']')).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// What the entries did, or did not do.
pub(super) fn in_effects(subject: &Subject<'_>) -> Findings {
    let mut findings: Findings = subject.rendered.effects.iter().filter_map(in_effect).collect();
    findings.extend(affixes(subject));
    findings
}

fn in_effect(effect: &Effect) -> Option<Diagnostic> {
    let Effect { at, subject: what, selected, changed, .. } = effect;
    let (rule, message) = match (effect.field, selected, changed) {
        ("namespace", ..) => return overridden(effect),
        // A component is made for several kustomizations, and need not fit each of them whole.
        _ if effect.in_component => return None,
        ("images", 0, _) => (&IMAGE_WITHOUT_MATCH, format!("no container runs the image `{what}`")),
        ("patches", 0, _) => {
            (&PATCH_WITHOUT_MATCH, format!("the target of the patch matches nothing: {what}"))
        }
        ("patches", _, 0) => {
            let message = format!("the patch changes nothing: what it says is there already ({what})");
            (&PATCH_WITHOUT_CHANGE, message)
        }
        ("replacements", 0, _) => {
            (&REPLACEMENT_WITHOUT_MATCH, "this target of the replacement matches no resource".to_owned())
        }
        ("replacements", _, 0) => {
            (&REPLACEMENT_WITHOUT_CHANGE, "the replacement sets what is there already".to_owned())
        }
        _ => return None,
    };
    Some(rule.at(at.clone(), message))
}

fn overridden(effect: &Effect) -> Option<Diagnostic> {
    let first = effect.overrides.as_ref()?;
    let (namespace, count) = (&effect.subject, effect.changed);
    let more = match count - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message =
        format!("`namespace: {namespace}` replaces another one that a manifest says: {first}{more}");
    Some(NAMESPACE_OVERRIDDEN.at(effect.at.clone(), message))
}

/// Prefixes and suffixes that two kustomizations add to the same name.
fn affixes(subject: &Subject<'_>) -> Findings {
    let mut known: BTreeMap<(&str, &str), Vec<Location>> = BTreeMap::new();
    for file in &subject.sources.kustomizations {
        let Some(typed) = &file.typed else { continue };
        let affixes =
            [("namePrefix", &typed.transforms.name_prefix), ("nameSuffix", &typed.transforms.name_suffix)];
        for (field, text) in affixes.into_iter().filter(|(_, text)| !text.is_empty()) {
            let at = subject.sources.location(&file.name(), text.origin.as_offset().unwrap_or_default());
            known.entry((field, text.as_str())).or_default().push(at);
        }
    }
    let mut findings = Findings::default();
    for ((field, text), places) in known.into_iter().filter(|(_, places)| places.len() > 1) {
        let twice = text.repeat(2);
        let doubled = subject.rendered.objects.iter().find(|object| match field {
            "namePrefix" => object.key.name.starts_with(&twice),
            _ => object.key.name.ends_with(&twice),
        });
        if let (Some(object), [first, rest @ ..]) = (doubled, places.as_slice()) {
            findings.extend(rest.iter().map(|at| {
                let message =
                    format!("`{field}: {text}` is added at {first} too, which makes `{}`", object.key.name);
                AFFIX_TWICE.at(at.clone(), message)
            }));
        }
    }
    findings
}
