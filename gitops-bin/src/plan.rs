//! What a range of commits would change of what is deployed, with no cluster.
//!
//! Every Application and every kustomization that none deploys is rendered at both revisions, straight from the object
//! database; what differs is compared, grouped and judged by [`gitops_core::preview`].

mod file;
mod unit;
mod views;

use std::collections::BTreeSet;
use std::sync::Arc;

use gitops_core::kind::Schemas;
use gitops_core::kustomize::Rendered;
use gitops_core::object::Object;
use gitops_core::preview::{self, ObjectChange, Projects};
use gitops_core::tree::TreePath;
use gitops_ports::GitRepository as _;
use gitops_ports::git::GitError;

pub use self::file::{desired_hash, read, write};
use self::unit::{Planned, Surroundings, Unit};
use crate::batch::{Outcome, Revision};
use crate::parallel;
use crate::range::{self, Declarations, Sides};
use crate::view::{API_VERSION, PlanView, UnchangedView};

/// What is asked.
#[derive(Debug)]
pub struct Question<'a> {
    /// The repository as it was.
    pub base: Revision<'a>,
    /// The repository as it is.
    pub head: Revision<'a>,
    /// Kustomizations in and below this directory are looked at; Applications everywhere.
    pub start: TreePath,
}

/// What the change from `base` to `head` would change of what is deployed.
pub fn plan(question: Question<'_>) -> Result<PlanView, GitError> {
    let Question { base, head, start } = question;
    let commits = [base.commit.to_string(), head.commit.to_string()];
    let changed = base.runtime.block_on(base.repository.changes(&base.commit, &head.commit))?;
    let changed: BTreeSet<TreePath> = changed.into_iter().map(|change| change.path).collect();
    let declared = Declarations::find(&base, &head)?;
    let sides = range::render(base, head, &start, declared.directories(), Outcome::clone)?;
    let schemas = Schemas::built_in();
    let defined = definitions(&sides);
    let defined: Vec<&Object> = defined.iter().flat_map(|rendered| definitions_in(rendered)).collect();
    let [before, after] = declared.projects();
    let projects = Projects { before, after };
    let around = Surroundings {
        sides: &sides,
        schemas: &schemas,
        definitions: &defined,
        projects: &projects,
        changed: &changed,
    };

    let deployed: BTreeSet<TreePath> = declared.directories().collect();
    let applications: Vec<Unit<'_>> = declared.applications().map(Unit::Application).collect();
    let others = sides.roots.iter().filter(|path| !deployed.contains(*path));
    let others: Vec<Unit<'_>> = others.map(Unit::Kustomization).collect();
    let planned = |units: &[Unit<'_>]| -> Vec<Planned> {
        parallel::map(units, |unit| unit.plan(&around)).into_iter().flatten().collect()
    };
    let (changed_applications, changed_others) = (planned(&applications), planned(&others));
    let unchanged = UnchangedView {
        applications: applications.len() - changed_applications.len(),
        kustomizations: others.len() - changed_others.len(),
    };
    let changed: Vec<Planned> = changed_applications.into_iter().chain(changed_others).collect();
    let [base, head] = commits;
    Ok(PlanView {
        api_version: API_VERSION.to_owned(),
        kind: "Plan".to_owned(),
        base,
        head,
        groups: views::groups(&changed, &preview::group(&changed)),
        items: parallel::map(&changed, views::item),
        definitions: declared.all().filter_map(|pair| views::definition(pair, &schemas)).collect(),
        unchanged,
    })
}

impl AsRef<[ObjectChange]> for Planned {
    fn as_ref(&self) -> &[ObjectChange] {
        &self.changes
    }
}

/// The renders in which kinds are defined.
fn definitions(sides: &Sides<Outcome>) -> Vec<&Arc<Rendered>> {
    let renders = sides.before.values().chain(sides.after.values()).filter_map(|outcome| match outcome {
        Outcome::Rendered(rendered) => Some(rendered),
        Outcome::Failed(_) | Outcome::Unreadable(_) => None,
    });
    renders.filter(|rendered| definitions_in(rendered).next().is_some()).collect()
}

fn definitions_in(rendered: &Rendered) -> impl Iterator<Item = &Object> {
    rendered.objects.iter().filter(|object| object.key.kind == "CustomResourceDefinition")
}
