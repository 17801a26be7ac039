//! What an apply on the server would make of an object, against what it is.

use super::field_set::Shape;
use super::normalize::{LAST_APPLIED, normalize};
use super::{
    DiffError, IgnoreRules, ObjectDiff, changes_between, diff, is_built_in, is_secret, mask_changes, owners,
    schema_of, server_side, structured,
};
use crate::diff::FieldChange;
use crate::kind::{Schemas, fill_defaults};
use crate::object::Object;
use crate::yaml::Node;

/// How the result of an apply is found out.
#[derive(Clone, Copy, Debug)]
pub enum DiffStrategy<'a> {
    /// By the three-way merge with what was applied last, as `kubectl apply` does.
    ClientSide,
    /// By a structured merge over the fields that managers own, as the API server does.
    StructuredMerge {
        /// Who applies.
        manager: &'a str,
    },
    /// By asking the API server for a dry run.
    ServerSide {
        /// Who applies.
        manager: &'a str,
        /// The answer of the dry run, with its `managedFields`.
        predicted: &'a Node,
        /// Whether what `manager` does not own is left as it is live: the work of admission webhooks.
        ignore_mutations: bool,
    },
}

/// Both sides of a comparison in normal form.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// The object as it is.
    pub live: Node,
    /// The object as the apply would leave it.
    pub predicted: Node,
}

impl Prediction {
    /// What an apply on the server of `desired` would make of `live`. `None` for the strategy of the client, whose
    /// prediction [`predict`](super::predict) makes.
    ///
    /// # Errors
    /// The answer of the dry run does not tell what the manager owns.
    pub fn of(
        desired: &Object,
        live: &Object,
        strategy: DiffStrategy<'_>,
        schemas: &Schemas,
        ignore: &IgnoreRules,
    ) -> Result<Option<Self>, DiffError> {
        let shape = Shape { schema: schema_of(desired, schemas), recorded: None };
        let (mut wanted, mut found) = (desired.clone(), live.clone());
        let mut predicted = match strategy {
            DiffStrategy::ClientSide => return Ok(None),
            DiffStrategy::StructuredMerge { manager } => {
                normalize(&mut wanted, is_built_in(desired, schemas));
                // What is ignored is as it is: the apply does not touch it.
                ignore.remove_managed(&desired.key, &owners(&live.root), &mut wanted.root, &mut found.root);
                ignore.remove_ignored(&desired.key, &mut wanted.root);
                ignore.remove_ignored(&desired.key, &mut found.root);
                structured::apply(&wanted.root, &found.root, manager, shape)
            }
            DiffStrategy::ServerSide { manager, predicted, ignore_mutations: true } => {
                server_side::without_mutations(predicted, &live.root, manager, shape)?
            }
            DiffStrategy::ServerSide { predicted, ignore_mutations: false, .. } => predicted.clone(),
        };
        ignore.remove_managed(&desired.key, &owners(&live.root), &mut predicted, &mut found.root);
        let level = |root: Node| {
            let mut object = Object { key: desired.key.clone(), root, at: desired.at.clone() };
            fill_defaults(&mut object.root, &desired.key.group, &desired.key.kind);
            normalize(&mut object, is_built_in(desired, schemas));
            strip(&mut object.root);
            ignore.remove_ignored(&desired.key, &mut object.root);
            object.root
        };
        Ok(Some(Self { live: level(found.root), predicted: level(predicted) }))
    }

    fn changes(&self, object: &Object, schemas: &Schemas) -> Vec<FieldChange> {
        let changes = changes_between(&self.live, &self.predicted, object, schemas);
        if is_secret(&object.key) { mask_changes(changes, &self.live, &self.predicted) } else { changes }
    }
}

/// Bookkeeping of the API server and of `kubectl`, which no apply asks for.
fn strip(root: &mut Node) {
    let Some(metadata) = root.get_mut("metadata") else { return };
    for field in ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"] {
        metadata.remove(field);
    }
    let Some(annotations) = metadata.get_mut("annotations") else { return };
    annotations.remove(LAST_APPLIED);
    if annotations.entries().is_empty() {
        metadata.remove("annotations");
    }
}

/// How `live` would change if `desired` were applied, found out by a strategy.
///
/// # Errors
/// The answer of the dry run does not tell what the manager owns.
pub fn diff_by(
    desired: &Object,
    live: &Object,
    strategy: DiffStrategy<'_>,
    schemas: &Schemas,
    ignore: &IgnoreRules,
) -> Result<ObjectDiff, DiffError> {
    let of = |ignore: &IgnoreRules| {
        let prediction = Prediction::of(desired, live, strategy, schemas, ignore)?;
        Ok(prediction.map(|prediction| prediction.changes(desired, schemas)))
    };
    let Some(all) = of(&IgnoreRules::default())? else {
        return Ok(diff(desired, live, schemas, ignore));
    };
    if all.is_empty() || !ignore.concerns(&desired.key) {
        return Ok(ObjectDiff { changes: all, ignored: vec![] });
    }
    let changes = of(ignore)?.unwrap_or_default();
    let ignored = all.into_iter().filter(|change| !changes.contains(change)).collect();
    Ok(ObjectDiff { changes, ignored })
}
