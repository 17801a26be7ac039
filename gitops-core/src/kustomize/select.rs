//! Selectors of patches and replacements: anchored patterns for the identity, and label selectors.

use regex::Regex;
use smol_str::SmolStr;

use super::error::RenderError;
use super::kustomization::{SelectorFields, Text};
use super::resource::{Resource, ResourceId};
use super::session::Target;

/// A pattern for one part of an identity.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    /// Everything: no pattern was given.
    Any,
    /// Only this text.
    Literal(SmolStr),
    /// What the anchored expression matches.
    Expression(Regex),
}

impl Pattern {
    /// The pattern `text`, which is a regular expression for the whole part.
    pub(crate) fn new(text: &str) -> Result<Self, regex::Error> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/');
        if text.is_empty() {
            Ok(Self::Any)
        } else if text.bytes().all(plain) {
            Ok(Self::Literal(text.into()))
        } else {
            Ok(Self::Expression(Regex::new(&format!("^(?:{text})$"))?))
        }
    }

    /// Whether it matches `text`.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Literal(literal) => literal == text,
            Self::Expression(expression) => expression.is_match(text),
        }
    }
}

/// A selector, ready to match.
#[derive(Clone, Debug)]
pub(crate) struct ResourceSelector {
    group: Pattern,
    version: Pattern,
    kind: Pattern,
    name: Pattern,
    namespace: Pattern,
    labels: Option<LabelSelector>,
    annotations: Option<LabelSelector>,
}

impl ResourceSelector {
    /// The selector with these fields; `refuse` turns a bad one into an error.
    pub(crate) fn new(target: &Target<'_>, fields: &SelectorFields) -> Result<Self, RenderError> {
        let pattern = |text: &Text| {
            Pattern::new(text.as_str())
                .map_err(|error| target.invalid(text.origin, format!("not a regular expression: {error}")))
        };
        let labels = |text: &Text| {
            (!text.is_empty())
                .then(|| LabelSelector::parse(text.as_str()))
                .transpose()
                .map_err(|message| target.invalid(text.origin, message))
        };
        Ok(Self {
            group: pattern(&fields.group)?,
            version: pattern(&fields.version)?,
            kind: pattern(&fields.kind)?,
            name: pattern(&fields.name)?,
            namespace: pattern(&fields.namespace)?,
            labels: labels(&fields.label_selector)?,
            annotations: labels(&fields.annotation_selector)?,
        })
    }

    /// Whether it selects `resource`, by its present name and namespace or by those it was read with.
    pub(crate) fn matches(&self, resource: &Resource) -> bool {
        let first = resource.previous.first();
        let by_name = |pattern: &Pattern| {
            pattern.matches(resource.name()) || first.is_some_and(|first| pattern.matches(&first.name))
        };
        if !self.kind.matches(resource.kind()) || !by_name(&self.name) {
            return false;
        }
        let ResourceId { namespace, group, version, .. } = resource.current_id();
        self.group.matches(&group)
            && self.version.matches(&version)
            && (self.namespace.matches(&namespace)
                || first.is_some_and(|first| self.namespace.matches(&first.namespace)))
            && self.labels.as_ref().is_none_or(|selector| selector.matches(resource, "labels"))
            && self.annotations.as_ref().is_none_or(|selector| selector.matches(resource, "annotations"))
    }
}

/// A label selector in its text form.
#[derive(Clone, Debug)]
struct LabelSelector(Vec<(String, Option<String>, bool)>);

impl LabelSelector {
    fn parse(text: &str) -> Result<Self, String> {
        let mut requirements = vec![];
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let requirement = if let Some((key, value)) = part.split_once("!=") {
                (key, Some(value), false)
            } else if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
                (key, Some(value), true)
            } else if let Some(key) = part.strip_prefix('!') {
                (key, None, false)
            } else if part.contains(' ') {
                return Err(format!("the selector `{text}` is not supported"));
            } else {
                (part, None, true)
            };
            let (key, value, equal) = requirement;
            requirements.push((key.trim().to_owned(), value.map(|value| value.trim().to_owned()), equal));
        }
        Ok(Self(requirements))
    }

    fn matches(&self, resource: &Resource, field: &str) -> bool {
        self.0.iter().all(|(key, value, wanted)| {
            let found = resource.root.at(&["metadata", field, key]).and_then(crate::yaml::Node::text);
            let holds = match value {
                Some(value) => found == Some(value.as_str()),
                None => found.is_some(),
            };
            holds == *wanted
        })
    }
}
