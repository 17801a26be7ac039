//! The walk over a kustomization and what it includes, in kustomize's order of work.

use std::sync::Arc;

use super::configuration::{Configuration, merge_shared};
use super::error::RenderError;
use super::faults::Faults;
use super::files::{self, Found, SourceFile};
use super::kustomization::{KustomizationKind, Text};
use super::metadata::Tracking;
use super::remote::{self, RemoteRepository, RemoteSource};
use super::resource::Resource;
use super::resource_set::ResourceSet;
use super::session::{Session, Target};
use super::vars::{self, Var};
use super::{base, generate, helm, openapi, plugin, transform};
use crate::diagnostic::{Diagnostic, Location, Severity, mask_credentials};
use crate::object::FieldPath;
use crate::provenance::{Provenance, Record, Removal};
use crate::tree::TreePath;
use crate::yaml;

/// The names of a kustomization file.
pub const FILE_NAMES: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// How deep kustomizations may include each other.
pub(crate) const MAX_DEPTH: usize = 100;

/// What a kustomization has gathered so far.
#[derive(Debug, Default)]
pub(crate) struct Accumulator {
    /// The resources.
    pub(crate) set: ResourceSet,
    /// The transformer configuration, its own and that of what it includes.
    pub(crate) configuration: Option<Arc<Configuration>>,
    /// The vars.
    pub(crate) vars: Vec<Var>,
}

/// Reads the kustomization file in `directory`, which the entry at `at` names.
pub(crate) fn load<'p>(
    session: &mut Session<'_>,
    directory: &TreePath,
    at: &Location,
    parent: Option<(&'p Target<'p>, &str)>,
) -> Result<Target<'p>, RenderError> {
    let repository = parent.filter(|(_, entry)| RemoteRepository::parse(entry).is_some());
    let mut found = vec![];
    for name in FILE_NAMES {
        if let Found::File(_) = session.files.find(&child(directory, name))? {
            found.push(*name);
        }
    }
    session.effort.take_inclusion(directory, at)?;
    let at = at.clone();
    let name = match found.as_slice() {
        [] => return Err(RenderError::NoKustomization { at, directory: session.files.shown(directory) }),
        [name] => *name,
        names => {
            let (directory, files) = (session.files.shown(directory), names.join(", "));
            return Err(RenderError::ManyKustomizations { at, directory, files });
        }
    };
    let file = session.files.text(directory, name, &at)?;
    let kustomization = session.files.parsed.kustomization(&file)?;
    let target = Target {
        directory: directory.clone(),
        file,
        kustomization,
        origin: parent.map(|(parent, entry)| parent.origin.append(entry)).unwrap_or_default(),
        repository: repository.map(|(_, entry)| entry.to_owned()),
        parent: parent.map(|(parent, _)| parent),
    };
    for deprecated in &target.kustomization.deprecated {
        session.warnings.push(Diagnostic {
            code: "",
            severity: Severity::Warning,
            at: target.at(deprecated.origin),
            message: format!("`{}` is deprecated", deprecated.field),
            hint: Some(format!("use `{}` instead", deprecated.instead)),
        });
    }
    Ok(target)
}

fn child(directory: &TreePath, name: &str) -> TreePath {
    directory.join(name).unwrap_or_else(|_| directory.clone())
}

/// Gathers and transforms the resources of `target` on top of `into`, which is empty except for a component.
pub(crate) fn accumulate(
    session: &mut Session<'_>,
    target: &Target<'_>,
    into: Accumulator,
) -> Result<Accumulator, RenderError> {
    openapi::install(session, target)?;
    let sources = &target.kustomization.sources;
    let mut accumulator = into;
    let mut faults = Faults::default();
    for entry in &sources.resources {
        faults.take(add_resources(session, target, entry, &mut accumulator))?;
    }
    if !faults.is_empty() {
        // What follows would miss the resources; files of generators are independent of them.
        faults.take(generate::check_files(session, target))?;
        faults.finish()?;
        return Ok(accumulator);
    }
    let configuration = configuration_of(session, target)?;
    merge_shared(&mut accumulator.configuration, &configuration, session.builtin())
        .map_err(|problem| target.invalid(yaml::Origin::UNKNOWN, problem.0))?;
    if let Some(configuration) = openapi::crds(session, target)? {
        merge_shared(&mut accumulator.configuration, &configuration, session.builtin())
            .map_err(|problem| target.invalid(yaml::Origin::UNKNOWN, problem.0))?;
    }
    generate::run(session, target, &mut accumulator.set)?;
    helm::run(session, target, &mut accumulator.set)?;
    plugin::generate(session, target, &mut accumulator.set)?;
    for entry in &sources.components {
        accumulator = add_directory(session, target, entry, accumulator, KustomizationKind::Component)?;
    }
    transform::run(session, target, &mut accumulator)?;
    plugin::transform(session, target, &mut accumulator.set)?;
    plugin::validate(session, target, &accumulator.set)?;
    vars::merge(target, &mut accumulator)?;
    Ok(accumulator)
}

/// Adds what an entry of `resources` names: the manifests of a file, or another kustomization.
pub(crate) fn add_resources(
    session: &mut Session<'_>,
    target: &Target<'_>,
    entry: &Text,
    accumulator: &mut Accumulator,
) -> Result<(), RenderError> {
    let at = target.at(entry.origin);
    let Some(mut resources) = manifests(session, target, entry, &at)? else {
        let sub = std::mem::take(accumulator);
        *accumulator = add_directory(session, target, entry, sub, KustomizationKind::Kustomization)?;
        return Ok(());
    };
    session.effort.take_resources(resources.len(), &at)?;
    if session.tracks {
        for resource in &mut resources {
            resource.tracking = Some(Tracking::from(target.origin.append(entry.as_str())));
        }
    }
    openapi::note_kinds(session, &resources);
    openapi::set_scopes(session, &mut resources);
    let added = accumulator.set.append_all(resources, &session.files);
    added.map_err(|error| blame_entry(error, target, entry))
}

/// The manifests of the file that `entry` names; `None` where it names a directory or a repository.
///
/// As in kustomize, a file counts before a repository, and a URL is taken for that of a file until its server
/// has none, or something else than manifests: the page of a repository.
fn manifests(
    session: &mut Session<'_>,
    target: &Target<'_>,
    entry: &Text,
    at: &Location,
) -> Result<Option<Vec<Resource>>, RenderError> {
    let is_repository = RemoteRepository::parse(entry.as_str()).is_some();
    if remote::is_file_url(entry.as_str()) {
        if is_repository && session.files.is_absent_file(entry.as_str()) {
            return Ok(None);
        }
    } else {
        let path = files::join(&target.directory, entry.as_str(), at);
        match path.and_then(|path| session.files.find(&path).map_err(|error| error.named_at(at))) {
            Ok(Found::File(_)) => {}
            Err(missing @ RenderError::Missing { .. }) => return Err(missing),
            _ if is_repository => return Ok(None),
            Ok(Found::Directory(_)) => return Ok(None),
            Ok(Found::Absent) => return Err(files::absent(entry.as_str(), at)),
            Err(error) => return Err(error),
        }
    }
    let file = match session.files.text(&target.directory, entry.as_str(), at) {
        Err(RenderError::NotText { .. }) if is_repository => return Ok(None),
        file => file?,
    };
    session.effort.take_text(&file.text, at)?;
    match session.files.parsed.manifests(&file) {
        Err(_) if is_repository && remote::is_file_url(entry.as_str()) => Ok(None),
        resources => resources.map(Some),
    }
}

/// The directory that `entry` names, in the tree or in a repository of its own.
fn directory_of(
    session: &mut Session<'_>,
    target: &Target<'_>,
    entry: &Text,
) -> Result<TreePath, RenderError> {
    let at = target.at(entry.origin);
    let Some((repository, path)) = RemoteRepository::parse(entry.as_str()) else {
        let directory = session.files.directory(&target.directory, entry.as_str(), &at)?;
        refuse_cycle(session, target, &directory, entry)?;
        return Ok(directory);
    };
    refuse_repository_cycle(session, target, entry)?;
    if repository.is_local() {
        return Err(RenderError::NoTransport { at, url: mask_credentials(entry.as_str()) });
    }
    let mount = session.files.mounted(RemoteSource::Repository(repository), &at)?;
    session.files.directory(&mount, &path, &at)
}

/// Adds the kustomization or component in the directory that `entry` names.
fn add_directory(
    session: &mut Session<'_>,
    target: &Target<'_>,
    entry: &Text,
    mut accumulator: Accumulator,
    expected: KustomizationKind,
) -> Result<Accumulator, RenderError> {
    let at = target.at(entry.origin);
    let directory = directory_of(session, target, entry)?;
    let parent = Some((target, entry.as_str()));
    match expected {
        KustomizationKind::Component => {
            let sub = load(session, &directory, &at, parent)?;
            refuse_other_kinds(&sub, expected, &at)?;
            let whole = accumulate(session, &sub, accumulator)?;
            let Accumulator { set, configuration, vars } = whole;
            let mut fresh = Accumulator { set: ResourceSet::default(), configuration, vars };
            fresh.set.append_all(set.into_resources(), &session.files)?;
            Ok(fresh)
        }
        KustomizationKind::Kustomization => {
            let whole = base::accumulate(session, &directory, &at, parent)?;
            let added = accumulator.set.append_all(whole.set.into_resources(), &session.files);
            added.map_err(|error| blame_entry(error, target, entry))?;
            whole.vars.into_iter().try_for_each(|var| vars::add(&mut accumulator.vars, var))?;
            if let Some(configuration) = whole.configuration {
                merge_shared(&mut accumulator.configuration, &configuration, session.builtin())
                    .map_err(|problem| RenderError::Invalid { at, message: problem.0 })?;
            }
            Ok(accumulator)
        }
    }
}

/// Refuses what the entry at `at` names, unless it has the kind that it must have there.
pub(crate) fn refuse_other_kinds(
    target: &Target<'_>,
    expected: KustomizationKind,
    at: &Location,
) -> Result<(), RenderError> {
    let (message, hint) = match expected {
        _ if target.kustomization.kind == expected => return Ok(()),
        KustomizationKind::Component => {
            ("a component must have the kind `Component`", "name it under `resources`, or change its kind")
        }
        KustomizationKind::Kustomization => {
            ("a component belongs under `components`", "move the entry there")
        }
    };
    Err(RenderError::Invalid { at: at.clone(), message: message.to_owned() }.advise(hint))
}

/// Where manifests are there twice because two entries lead to them, the second entry is to blame.
fn blame_entry(error: RenderError, target: &Target<'_>, entry: &Text) -> RenderError {
    let twice = error.each().iter().map(|error| {
        let RenderError::DuplicateResource { at, other, resource } = error else { return None };
        (at == other).then_some((other, resource))
    });
    match twice.collect::<Option<Vec<_>>>().as_deref() {
        Some([(other, resource), ..]) => {
            let (other, resource) = ((*other).clone(), (*resource).clone());
            RenderError::DuplicateResource { at: target.at(entry.origin), other, resource }
                .advise("this entry and an earlier one lead to the same manifest: take one of them out")
        }
        Some([]) | None => error,
    }
}

/// Refuses a directory that holds one of the kustomizations on the way to it.
fn refuse_cycle(
    session: &mut Session<'_>,
    target: &Target<'_>,
    directory: &TreePath,
    entry: &Text,
) -> Result<(), RenderError> {
    let mut depth = 0;
    let mut is_same_tree = true;
    let mut visited = Some(target);
    while let Some(at) = visited {
        depth += 1;
        if depth > MAX_DEPTH {
            let message = format!("kustomizations include each other more than {MAX_DEPTH} deep");
            return Err(target.invalid(entry.origin, message));
        }
        if is_same_tree && at.directory.is_within(directory) {
            return Err(RenderError::Cycle { at: target.at(entry.origin), entry: entry.value.to_string() });
        }
        // Each entry that names a repository stands for a copy of its own.
        is_same_tree &= at.repository.is_none();
        visited = at.parent;
    }
    session.deepest = session.deepest.max(depth);
    Ok(())
}

/// Refuses a repository whose entry is the start of one on the way to it.
fn refuse_repository_cycle(
    session: &mut Session<'_>,
    target: &Target<'_>,
    entry: &Text,
) -> Result<(), RenderError> {
    let mut depth = 0;
    let mut visited = Some(target);
    while let Some(at) = visited {
        depth += 1;
        let repeats = at.repository.as_ref().is_some_and(|other| other.starts_with(entry.as_str()));
        if repeats || depth > MAX_DEPTH {
            let (at, entry) = (target.at(entry.origin), mask_credentials(entry.as_str()));
            return Err(RenderError::Cycle { at, entry });
        }
        visited = at.parent;
    }
    session.deepest = session.deepest.max(depth);
    Ok(())
}

/// kustomize's own configuration with the files of `configurations`.
fn configuration_of(
    session: &mut Session<'_>,
    target: &Target<'_>,
) -> Result<Arc<Configuration>, RenderError> {
    let entries = &target.kustomization.sources.configurations;
    let mut configuration = Arc::clone(session.builtin());
    let mut added = Configuration::default();
    for entry in entries {
        let at = target.at(entry.origin);
        let file = session.files.text(&target.directory, entry.as_str(), &at)?;
        let root = session.files.parsed.document(&file)?;
        refuse_equal_keys(&file)?;
        let read = Configuration::read(&root, &file)?;
        added.merge(&read).map_err(|problem| RenderError::Invalid { at, message: problem.0 })?;
    }
    if !entries.is_empty() {
        Arc::make_mut(&mut configuration)
            .merge(&added)
            .map_err(|problem| target.invalid(yaml::Origin::UNKNOWN, problem.0))?;
    }
    Ok(configuration)
}

/// In a configuration a key that is there twice is an error, other than in a kustomization.
fn refuse_equal_keys(file: &SourceFile) -> Result<(), RenderError> {
    let Ok(root) = yaml::read_one(&file.path, &file.text) else { return Ok(()) };
    match yaml::print(&[&root]) {
        Err(error @ yaml::PrintError::DuplicateKey { .. }) => {
            Err(RenderError::Invalid { at: Location::file(file.path.clone()), message: error.to_string() })
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Drops the resources that are marked as local configuration.
pub(crate) fn drop_local(resources: &mut Vec<Resource>, provenance: &mut Provenance) {
    const LOCAL: &[&str] = &["metadata", "annotations", "config.kubernetes.io/local-config"];
    resources.retain_mut(|resource| {
        let value = resource.root.at(LOCAL).and_then(yaml::Node::text);
        if value.is_none_or(|text| text == "false") {
            return true;
        }
        let annotation = resource.origin_of(LOCAL);
        resource.removals.push(Removal {
            path: FieldPath::default(),
            node: resource.root.clone(),
            by: Record {
                place: annotation.and_then(|node| provenance.place_written(node)),
                cause: annotation.and_then(|node| provenance.place(node)),
                transformer: "config.kubernetes.io/local-config",
                previous: resource.origin_of(&[]),
                source: None,
            },
        });
        if let Some(dropped) = resource.drop_by_removal() {
            provenance.drop_object(dropped);
        }
        false
    });
}
