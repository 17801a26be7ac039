//! The resources of one kustomization in order, found by identity without a scan.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::error::RenderError;
use super::faults::Faults;
use super::files::Files;
use super::resource::{Resource, ResourceId};

/// The resources of one kustomization, in the order in which they came.
///
/// The indexes are made on the first lookup and thrown away by bulk changes.
#[derive(Clone, Debug, Default)]
pub struct ResourceSet {
    resources: Vec<Resource>,
    current: Option<BTreeMap<ResourceId, Vec<usize>>>,
    any: Option<BTreeMap<(SmolStr, SmolStr), Vec<usize>>>,
    /// Whether a change may have left nothing of a resource.
    may_hold_empty: bool,
}

impl ResourceSet {
    /// The set of `resources`, whose identities differ.
    pub(crate) fn of(resources: Vec<Resource>) -> Self {
        Self { resources, ..Self::default() }
    }

    /// The resources in order.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The resources in order, for any change.
    pub fn resources_mut(&mut self) -> &mut Vec<Resource> {
        self.current = None;
        self.any = None;
        self.may_hold_empty = true;
        &mut self.resources
    }

    /// The resources in order, for changes that leave every identity as it is.
    pub fn contents_mut(&mut self) -> &mut [Resource] {
        &mut self.resources
    }

    /// The resources in order.
    pub fn into_resources(self) -> Vec<Resource> {
        self.resources
    }

    /// The resource at `index`.
    pub fn get(&self, index: usize) -> Option<&Resource> {
        self.resources.get(index)
    }

    /// Changes the resource at `index` and keeps the indexes right.
    pub fn modify<T>(&mut self, index: usize, change: impl FnOnce(&mut Resource) -> T) -> Option<T> {
        let resource = self.resources.get_mut(index)?;
        let indexed = self.current.is_some() || self.any.is_some();
        let before = indexed.then(|| (resource.current_id(), resource.previous.len()));
        let answer = change(resource);
        self.may_hold_empty |= resource.is_empty();
        if before.is_some_and(|before| before != (resource.current_id(), resource.previous.len())) {
            self.current = None;
            self.any = None;
        }
        Some(answer)
    }

    /// Adds a resource, whose identity must be new.
    pub(crate) fn append(&mut self, resource: Resource, files: &Files<'_>) -> Result<(), RenderError> {
        let id = resource.current_id();
        let known = self.find_current(&id).first().copied();
        if let Some(other) = known.and_then(|index| self.resources.get(index)) {
            return Err(RenderError::DuplicateResource {
                at: files.location(resource.place),
                other: files.location(other.place),
                resource: id.to_string(),
            });
        }
        let index = self.resources.len();
        if let Some(any) = &mut self.any {
            for key in keys(&resource) {
                any.entry(key).or_default().push(index);
            }
        }
        if let Some(current) = &mut self.current {
            current.entry(id).or_default().push(index);
        }
        self.resources.push(resource);
        Ok(())
    }

    /// Adds every resource of `other`.
    pub(crate) fn append_all(
        &mut self,
        other: impl IntoIterator<Item = Resource>,
        files: &Files<'_>,
    ) -> Result<(), RenderError> {
        let mut faults = Faults::default();
        for resource in other {
            faults.take(self.append(resource, files))?;
        }
        faults.finish()
    }

    /// The indexes of the resources that are called `id` now.
    pub fn find_current(&mut self, id: &ResourceId) -> &[usize] {
        let current = self.current.get_or_insert_with(|| {
            let mut current: BTreeMap<ResourceId, Vec<usize>> = BTreeMap::new();
            for (index, resource) in self.resources.iter().enumerate() {
                current.entry(resource.current_id()).or_default().push(index);
            }
            current
        });
        current.get(id).map_or(&[], Vec::as_slice)
    }

    /// The indexes of the resources that are called `id` now, or were before.
    pub fn find_any(&mut self, id: &ResourceId) -> Vec<usize> {
        let any = self.any.get_or_insert_with(|| {
            let mut any: BTreeMap<(SmolStr, SmolStr), Vec<usize>> = BTreeMap::new();
            for (index, resource) in self.resources.iter().enumerate() {
                for key in keys(resource) {
                    any.entry(key).or_default().push(index);
                }
            }
            any
        });
        let candidates = any.get(&(id.name.clone(), id.kind.clone())).map_or(&[][..], Vec::as_slice);
        let matches = |resource: &Resource| {
            !resource.is_empty()
                && (resource.current_id() == *id || resource.previous_ids().any(|previous| previous == *id))
        };
        let mut found: Vec<usize> = candidates
            .iter()
            .copied()
            .filter(|index| self.resources.get(*index).is_some_and(matches))
            .collect();
        found.dedup();
        found
    }

    /// The index of the one resource that is called `id` now or was before; `Err` holds how many there are.
    pub fn find_one(&mut self, id: &ResourceId) -> Result<usize, usize> {
        match self.find_any(id).as_slice() {
            [index] => Ok(*index),
            others => Err(others.len()),
        }
    }

    /// Refuses two resources with the same identity.
    pub(crate) fn refuse_duplicates(&mut self, files: &Files<'_>) -> Result<(), RenderError> {
        let resources = std::mem::take(self.resources_mut());
        self.append_all(resources, files)
    }

    /// Drops the resources of which nothing is left.
    pub fn drop_empty(&mut self) {
        if self.may_hold_empty && self.resources.iter().any(Resource::is_empty) {
            self.resources_mut().retain(|resource| !resource.is_empty());
        }
        self.may_hold_empty = false;
    }
}

/// The names and kinds under which a resource is found.
fn keys(resource: &Resource) -> Vec<(SmolStr, SmolStr)> {
    let mut keys = vec![(SmolStr::from(resource.name()), SmolStr::from(resource.kind()))];
    for previous in &resource.previous {
        let key = (previous.name.clone(), previous.kind.clone());
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}
