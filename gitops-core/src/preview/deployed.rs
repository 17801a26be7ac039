//! The objects of one revision, as they go to their destination.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::diagnostic::Location;
use crate::kind::Schemas;
use crate::kustomize::{ObjectHistory, Rendered};
use crate::object::{Object, ObjectKey};
use crate::provenance::NodeOrigin;
use crate::sync::{in_namespace, is_namespaced};
use crate::yaml::Origin;

/// One object, and where it came from.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// The object, in the namespace that it goes to.
    pub object: Object,
    /// Whether its kind lives in namespaces; `None` where nobody knows.
    pub namespaced: Option<bool>,
    rendered: &'a Rendered,
    history: Option<&'a ObjectHistory>,
}

/// The objects of one revision, each once.
#[derive(Clone, Debug, Default)]
pub struct Deployed<'a> {
    parts: Vec<Part<'a>>,
    by_key: BTreeMap<ObjectKey, usize>,
}

impl<'a> Deployed<'a> {
    /// The objects of `renders`, one for each source, at a destination with this namespace; an empty one leaves the
    /// objects as they are. `definitions` are objects among which kinds may be defined that are not built in. Of
    /// objects with one key the last counts, as in a sync.
    pub fn new(
        renders: &[&'a Rendered],
        namespace: &str,
        definitions: &[&Object],
        schemas: &Schemas,
    ) -> Self {
        let mut deployed = Self::default();
        for rendered in renders {
            for (at, object) in rendered.objects.iter().enumerate() {
                let namespaced = is_namespaced(object, &rendered.objects, schemas).or_else(|| {
                    definitions
                        .iter()
                        .find_map(|one| is_namespaced(object, std::slice::from_ref(*one), schemas))
                });
                let history = rendered.histories.get(at);
                let object = in_namespace(object, namespaced, namespace);
                deployed.add(Part { object, namespaced, rendered, history });
            }
        }
        deployed
    }

    fn add(&mut self, part: Part<'a>) {
        let known = self.by_key.get(&part.object.key).copied();
        // Objects without a name are made anew each time, and none of them is another.
        if let Some(place) =
            known.and_then(|at| self.parts.get_mut(at)).filter(|_| !part.object.key.name.is_empty())
        {
            *place = part;
            return;
        }
        self.by_key.insert(part.object.key.clone(), self.parts.len());
        self.parts.push(part);
    }

    /// The objects in the order of the renders.
    pub fn parts(&self) -> impl Iterator<Item = &Part<'a>> {
        self.parts.iter()
    }

    /// The object with this key.
    pub fn get(&self, key: &ObjectKey) -> Option<&Part<'a>> {
        self.by_key.get(key).and_then(|at| self.parts.get(*at))
    }
}

impl Part<'_> {
    /// The name of the object before anything renamed it.
    pub fn first_name(&self) -> SmolStr {
        let former = self.history.and_then(|history| history.former_names.first());
        former.unwrap_or(&self.object.key.name).clone()
    }

    /// File, line and column of what set a value of the object; of the object where that is not known.
    pub fn location(&self, origin: Origin) -> Location {
        let provenance = &self.rendered.provenance;
        let file =
            self.history.map(|history| history.file).or_else(|| provenance.file_at(&self.object.at.path));
        let place = file.and_then(|file| provenance.place(NodeOrigin { origin, file }));
        place.map_or_else(|| self.object.at.clone(), |place| provenance.location(place))
    }
}
