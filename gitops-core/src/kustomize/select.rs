//! Selectors of patches and replacements: anchored patterns for the identity, and label selectors.

use super::error::RenderError;
use super::kustomization::{SelectorFields, Text};
use super::resource::{Resource, ResourceId};
use super::session::Target;
use crate::selector::{AnchoredPattern as Pattern, LabelSelector};

/// What to do about a pattern that cannot be read.
pub(super) const PATTERN_HINT: &str =
    "each field of a selector is a regular expression that must match the whole text; `.*` matches all";
/// What to do about a label selector that cannot be read.
pub(super) const LABELS_HINT: &str = "write it as `kubectl` takes it: `app=web,tier in (a, b),!old`";

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
                .map_err(|error| target.invalid(text.origin, error.to_string()).advise(PATTERN_HINT))
        };
        let labels = |text: &Text| {
            (!text.is_empty())
                .then(|| LabelSelector::parse(text.as_str()))
                .transpose()
                .map_err(|error| target.invalid(text.origin, error.to_string()).advise(LABELS_HINT))
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
            && fits(self.labels.as_ref(), resource, "labels")
            && fits(self.annotations.as_ref(), resource, "annotations")
    }
}

/// Whether the labels or annotations of `resource` meet `selector`.
fn fits(selector: Option<&LabelSelector>, resource: &Resource, field: &str) -> bool {
    selector.is_none_or(|selector| selector.matches_mapping(resource.root.at(&["metadata", field])))
}
