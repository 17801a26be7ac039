//! What the entries of a kustomization did: how much each of them selected, and how much of that it changed.
//!
//! Kept only where [`super::RenderOptions::notes_effects`] asks for it: a render needs none of it.

use std::collections::BTreeMap;

use super::KustomizationKind;
use super::files::Files;
use super::resource::Resource;
use super::session::Target;
use crate::diagnostic::Location;
use crate::provenance::Place;
use crate::yaml::Node;

/// What one entry of a kustomization did, in all runs of one render together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The field of the kustomization: `patches`, `images`, `replacements`, `namespace`.
    pub field: &'static str,
    /// The entry; a document of a patch, and a target of a replacement, counts by itself.
    pub at: Location,
    /// What it is for, as text: the image, the target of a patch.
    pub subject: String,
    /// Whether it stands in a component, which works on whatever includes it.
    pub in_component: bool,
    /// How many resources, or images, it selected.
    pub selected: usize,
    /// How many of them are different since.
    pub changed: usize,
    /// The first thing that it replaced although the resource says it itself: a namespace.
    pub overrides: Option<Location>,
}

#[derive(Clone, Debug, Default)]
struct Count {
    subject: String,
    in_component: bool,
    selected: usize,
    changed: usize,
    overrides: Option<Place>,
}

/// The effects of one render.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    is_on: bool,
    counts: BTreeMap<(Place, &'static str), Count>,
}

impl Effects {
    /// Keeps effects, or not.
    pub(crate) fn new(is_on: bool) -> Self {
        Self { is_on, counts: BTreeMap::new() }
    }

    /// Whether effects are kept.
    pub(crate) fn is_on(&self) -> bool {
        self.is_on
    }

    /// Notes that an entry of `target` exists, even if it never selects anything.
    pub(crate) fn entry(
        &mut self,
        target: &Target<'_>,
        (place, field): (Place, &'static str),
        subject: impl FnOnce() -> String,
    ) {
        if self.is_on {
            let count = self.counts.entry((place, field)).or_default();
            if count.subject.is_empty() {
                count.subject = subject();
            }
            count.in_component |= target.kustomization.kind == KustomizationKind::Component;
        }
    }

    /// The resource as it is now, to compare with later.
    pub(crate) fn before(&self, resource: Option<&Resource>) -> Option<Node> {
        resource.filter(|_| self.is_on).map(|resource| resource.root.clone())
    }

    /// Notes that an entry selected a resource, which was `before` and is `after` now.
    pub(crate) fn selected(
        &mut self,
        (place, field): (Place, &'static str),
        before: Option<Node>,
        after: Option<&Resource>,
    ) {
        let Some(before) = before else { return };
        let count = self.counts.entry((place, field)).or_default();
        count.selected += 1;
        count.changed += usize::from(after.is_none_or(|after| after.root != before));
    }

    /// Notes that an entry selected something by itself.
    pub(crate) fn matched(&mut self, entry: (Place, &'static str), changed: bool) {
        if self.is_on {
            let count = self.counts.entry(entry).or_default();
            count.selected += 1;
            count.changed += usize::from(changed);
        }
    }

    /// Notes that an entry replaced what is written at `place`.
    pub(crate) fn overridden(&mut self, entry: (Place, &'static str), place: Place) {
        if self.is_on {
            let count = self.counts.entry(entry).or_default();
            count.changed += 1;
            count.overrides.get_or_insert(place);
        }
    }

    /// The effects in the order of their places.
    pub(crate) fn finish(self, files: &Files<'_>) -> Vec<Effect> {
        let effects = self.counts.into_iter().map(|((place, field), count)| Effect {
            field,
            at: files.location(place),
            subject: count.subject,
            in_component: count.in_component,
            selected: count.selected,
            changed: count.changed,
            overrides: count.overrides.map(|place| files.location(place)),
        });
        effects.collect()
    }
}
