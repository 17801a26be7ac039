//! `generators`, `transformers` and `validators`: kustomize's built-in plugins, each with its own configuration.
//!
//! Runs no program and no container: every other plugin is an error.

mod generators;
mod transformers;

use std::sync::Arc;

use super::accumulate::{self, Accumulator};
use super::decode::{Decoder, Unknown};
use super::error::RenderError;
use super::kustomization::{FieldSpec, Kustomization, Text, read_field_spec};
use super::manifest::ManifestText;
use super::metadata::{Source, Tracking};
use super::resource::Resource;
use super::resource_set::ResourceSet;
use super::session::{Session, Target};
use crate::yaml::{self, Node};

/// The configuration of one plugin.
#[derive(Debug)]
struct Plugin<'p> {
    /// The manifest.
    config: Resource,
    /// Stands for the kustomization, with places in the file of the configuration.
    target: Target<'p>,
}

impl Plugin<'_> {
    fn decoder(&self) -> Decoder<'_> {
        Decoder { file: &self.target.file, unknown: Unknown::Ignored }
    }

    fn root(&self) -> &Node {
        &self.config.root
    }

    /// `fieldSpecs`; `None` where the field is missing.
    fn field_specs(&self) -> Result<Option<Vec<FieldSpec>>, RenderError> {
        let decoder = self.decoder();
        let Some(node) = self.field("fieldSpecs")? else { return Ok(None) };
        decoder.list(node, "fieldSpecs", |item| read_field_spec(&decoder, item)).map(Some)
    }

    /// One field of the configuration.
    fn field(&self, name: &'static str) -> Result<Option<&Node>, RenderError> {
        let fields = self.decoder().fields(self.root(), self.config.kind(), &[name])?;
        Ok(fields.last().map(|(_, node)| *node))
    }

    /// A string of the configuration; empty where it is missing.
    fn text(&self, name: &'static str) -> Result<Text, RenderError> {
        self.field(name)?.map_or(Ok(Text::default()), |node| self.decoder().text(node, name))
    }

    fn invalid(&self, message: impl Into<String>) -> RenderError {
        self.target.invalid(self.root().origin, message)
    }
}

/// Runs `generators`, and merges what they make into `set`.
pub(crate) fn generate(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
) -> Result<(), RenderError> {
    for plugin in load(session, target, &target.kustomization.plugins.generators)? {
        generators::run(session, &plugin, set)?;
    }
    Ok(())
}

/// Runs `transformers`.
pub(crate) fn transform(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
) -> Result<(), RenderError> {
    for plugin in load(session, target, &target.kustomization.plugins.transformers)? {
        transformers::run(session, &plugin, set)?;
        session.track(set, || Source::plugin(&plugin.config));
        set.drop_empty();
    }
    Ok(())
}

/// Runs `validators`: transformers that may refuse a set, but not change it.
pub(crate) fn validate(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &ResourceSet,
) -> Result<(), RenderError> {
    for plugin in load(session, target, &target.kustomization.plugins.validators)? {
        let mut copy = set.clone();
        transformers::run(session, &plugin, &mut copy)?;
        copy.drop_empty();
        let same = |(a, b): (&Resource, &Resource)| a.root == b.root && a.previous == b.previous;
        let unchanged = copy.resources().len() == set.resources().len()
            && copy.resources().iter().zip(set.resources()).all(same);
        if !unchanged {
            return Err(plugin.invalid("a validator must not change anything"));
        }
    }
    Ok(())
}

/// The configurations that `entries` hold or name: inline ones first, then those of files and directories.
fn load<'p>(
    session: &mut Session<'_>,
    target: &'p Target<'p>,
    entries: &[Text],
) -> Result<Vec<Plugin<'p>>, RenderError> {
    let mut accumulator = Accumulator::default();
    let mut paths = vec![];
    for entry in entries {
        let inline = session.files.inline(&target.file, entry.as_str(), entry.origin);
        match ManifestText(&inline).resources() {
            Ok(mut configs) => {
                session.files.register(&inline);
                if session.tracks {
                    for config in &mut configs {
                        config.tracking = Some(Tracking::from(target.file_source()));
                    }
                }
                accumulator.set.append_all(configs, &session.files)?;
            }
            Err(_) => paths.push(entry),
        }
    }
    for path in paths {
        accumulate::add_resources(session, target, path, &mut accumulator)?;
    }
    let configs = accumulator.set.into_resources().into_iter();
    configs.map(|config| plugin(session, target, config)).collect()
}

fn plugin<'p>(
    session: &Session<'_>,
    target: &'p Target<'p>,
    config: Resource,
) -> Result<Plugin<'p>, RenderError> {
    // A plugin gets its configuration printed.
    if let Err(error) = yaml::print(&[&config.root]) {
        return Err(RenderError::Invalid {
            at: session.files.location(config.place),
            message: error.to_string(),
        });
    }
    let file = session.files.source(config.place.file).unwrap_or_else(|| target.file.clone());
    let kustomization = Arc::new(Kustomization::default());
    let directory = target.directory.clone();
    let origin = target.origin.clone();
    let target = Target { directory, file, kustomization, origin, repository: None, parent: Some(target) };
    Ok(Plugin { config, target })
}

/// Refuses plugins that are no built-in ones.
fn refuse_foreign(plugin: &Plugin<'_>) -> Result<(), RenderError> {
    let gvk = plugin.config.gvk();
    if gvk.group.is_empty() && gvk.version == "builtin" {
        return Ok(());
    }
    let at = plugin.target.at(plugin.root().origin);
    Err(RenderError::Unsupported { at, feature: "a plugin that is a program or a container" })
}

/// The error that there is no built-in plugin of this kind, for this use.
fn unknown(plugin: &Plugin<'_>, sort: &str) -> RenderError {
    plugin.invalid(format!("there is no built-in {sort} `{}`", plugin.config.kind()))
}
