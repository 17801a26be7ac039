//! The image updater: scan, choose, commit.

use std::collections::BTreeMap;

use gitops_core::api::application::Application;
use gitops_core::api::image_updater::{ApplicationImages, ImageReference, ImageUpdater, ManifestTarget};
use gitops_core::decision::Event;
use gitops_core::image::history::{UPDATE_TRAILER, trailer};
use gitops_core::image::hold::hold;
use gitops_core::image::{Choice, ImageUpdate, Tag, TagPolicy, UpdateStrategy};
use gitops_core::object::Object;
use gitops_ports::registry::RegistryImage;
use gitops_ports::{Clock as _, GitRepository as _, Registry as _};

use super::commit::{self, TagChange};
use super::objects::{self, list};
use super::overlay::{ImageEntry, Overlay};
use super::{Driver, DriverError, Outside, key_of};
use crate::view::{ImageUpdateView, ImageView, UpdatedFileView};

/// One image of one Application that follows its registry.
#[derive(Debug, Clone)]
pub(super) struct Followed {
    application: Application,
    branch: String,
    directory: String,
    /// The entry of `images:`.
    entry: String,
    repository: String,
    policy: TagPolicy,
}

impl Followed {
    /// The repository in its registry.
    pub(super) fn repository(&self) -> &str {
        &self.repository
    }
}

/// What was decided for one followed image.
struct Decided {
    overlay: Overlay,
    current: Option<ImageEntry>,
    candidates: Vec<Tag>,
    policy: TagPolicy,
    held: Vec<String>,
}

impl<O: Outside> Driver<O> {
    /// One scan of every repository that an ImageUpdater follows, and the commits that it calls for.
    pub async fn update_images(&mut self, dry_run: bool) -> Result<ImageUpdateView, DriverError> {
        let mut view = ImageUpdateView { commit: None, message: String::new(), files: vec![], held: vec![] };
        let mut scans = BTreeMap::new();
        for followed in self.followed().await? {
            let decided = self.decide(&followed, &mut scans).await?;
            view.held
                .extend(decided.held.iter().map(|tag| format!("{}: `{tag}` was taken back", followed.entry)));
            let current = decided.current.as_ref().map(tag_of);
            let choice = decided.policy.choose(current.as_ref(), &decided.candidates);
            let Some(change) = tag_change(&followed, &decided, &choice) else { continue };
            let diff = commit::preview(&change)?;
            view.message.clone_from(&change.message);
            view.files.push(UpdatedFileView { path: change.path.to_string(), diff });
            if !dry_run {
                let made = commit::commit(self.outside.git(), self.outside.clock(), &change).await?;
                if let Some(id) = made {
                    let subject = change.message.lines().next().unwrap_or_default();
                    self.note_commit(
                        &followed.application,
                        "ImagesUpdated",
                        &format!("{} {subject}", id.short()),
                    );
                    view.commit = Some(id.to_string());
                }
            }
        }
        Ok(view)
    }

    pub(super) fn note_commit(&mut self, app: &Application, reason: &'static str, message: &str) {
        let now = self.outside.clock().now();
        self.events.note(Event::normal(key_of(app), reason, message), now);
    }

    /// Every image that an ImageUpdater follows, Application by Application.
    pub(super) async fn followed(&mut self) -> Result<Vec<Followed>, DriverError> {
        let group = gitops_core::api::image_updater::GROUP;
        let mut followed = vec![];
        let applications = objects::applications(self.outside.cluster()).await?;
        for object in list(self.outside.cluster(), (group, "ImageUpdater"), None).await? {
            let updater = match ImageUpdater::from_object(&object) {
                Ok(updater) => updater,
                Err(error) => {
                    self.note_once(&object.key, "ImageUpdaterError", error.to_string());
                    continue;
                }
            };
            for (object, app) in &applications {
                let images = updater.images_of(
                    &app.metadata.name,
                    |name| object.label(name),
                    |name| object.annotation(name),
                );
                followed.extend(images.into_iter().flat_map(|images| followed_of(app, &images)));
            }
        }
        Ok(followed)
    }

    async fn decide(
        &self,
        followed: &Followed,
        scans: &mut BTreeMap<String, Vec<RegistryImage>>,
    ) -> Result<Decided, DriverError> {
        if !scans.contains_key(&followed.repository) {
            let images = self.outside.registry().images(&followed.repository).await?;
            scans.insert(followed.repository.clone(), images);
        }
        let candidates = scans.get(&followed.repository).map(|images| tags(images)).unwrap_or_default();
        let git = self.outside.git();
        let head = git.resolve(&format!("refs/heads/{}", followed.branch)).await?;
        let overlay = Overlay::read(git, &head, &followed.directory).await?;
        let history = overlay.history(git, &head, &followed.entry).await?;
        let mut policy = followed.policy.clone();
        let pushed = |tag: &str| candidates.iter().find(|candidate| candidate.name == tag)?.pushed_at;
        let hold = hold(
            &followed.entry,
            &history,
            |a, b| matches!((pushed(a), pushed(b)), (Some(a), Some(b)) if a < b),
        );
        let held = hold
            .as_ref()
            .map(|hold| hold.held.tags.iter().map(ToString::to_string).collect())
            .unwrap_or_default();
        if let Some(hold) = hold {
            policy.held = hold.held;
        }
        let current = overlay.image(&followed.entry);
        Ok(Decided { overlay, current, candidates, policy, held })
    }

    /// Every tag of every followed repository, with the policy's word about it.
    pub(super) async fn image_views(&mut self) -> Result<Vec<ImageView>, DriverError> {
        let mut views = vec![];
        let mut scans = BTreeMap::new();
        let applications = objects::applications(self.outside.cluster()).await?;
        for followed in self.followed().await? {
            let decided = self.decide(&followed, &mut scans).await?;
            let current = decided.current.as_ref().map(tag_of);
            let choice = decided.policy.choose(current.as_ref(), &decided.candidates);
            for tag in decided.candidates.iter().rev() {
                let reference = format!("{}:{}", followed.repository, tag.name);
                let runs = |(_, app): &&(Object, Application)| {
                    app.status.images.iter().any(|image| *image == reference)
                };
                views.push(ImageView {
                    repository: followed.repository.clone(),
                    tag: tag.name.to_string(),
                    digest: tag.digest.as_deref().unwrap_or_default().to_owned(),
                    pushed_at: tag.pushed_at.map(|at| at.to_string()).unwrap_or_default(),
                    running_in: applications
                        .iter()
                        .filter(runs)
                        .map(|(_, app)| app.metadata.name.to_string())
                        .collect(),
                    verdict: verdict(&choice, tag),
                });
            }
        }
        Ok(views)
    }
}

fn verdict(choice: &Choice<'_>, tag: &Tag) -> String {
    if choice.tag == Some(tag) {
        return "chosen".to_owned();
    }
    let passed = choice.passed_over.iter().find(|passed| passed.tag == tag);
    passed.map(|passed| passed.reason.to_string()).unwrap_or_default()
}

fn followed_of(app: &Application, images: &ApplicationImages) -> Vec<Followed> {
    let Some(source) = app.spec.sources.first().filter(|_| images.write_back.is_git()) else { return vec![] };
    let directory = images.write_back.kustomization().filter(|path| !path.is_empty()).unwrap_or(&source.path);
    let branch = images.write_back.branch.as_deref().unwrap_or(&source.target_revision);
    let one = |image: &ImageReference| {
        let (repository, constraint) = split(&image.image_name);
        let entry = match &image.target {
            ManifestTarget::Kustomize { name } => name.as_deref().unwrap_or(repository).to_owned(),
            ManifestTarget::Helm { .. } | ManifestTarget::Plugin { .. } => return None,
        };
        let settings = &image.settings;
        let strategy = UpdateStrategy::parse(settings.update_strategy.as_deref().unwrap_or("semver"));
        let allow = settings.allow_tags.as_deref().unwrap_or_default();
        let ignore = settings.ignore_tags.iter().flatten().cloned();
        let policy = TagPolicy::of_updater(strategy, constraint, allow, ignore).ok()?;
        let (branch, directory) = (branch.to_owned(), directory.to_owned());
        Some(Followed {
            application: app.clone(),
            branch,
            directory,
            entry,
            repository: repository.to_owned(),
            policy,
        })
    };
    images.images.iter().filter_map(one).collect()
}

/// The repository and the constraint of `host:5000/team/app:1.x`.
fn split(image: &str) -> (&str, &str) {
    let name = image.rfind('/').map_or(0, |at| at + 1);
    match image.get(name..).and_then(|last| last.find(':')) {
        Some(colon) => {
            let (repository, constraint) = image.split_at_checked(name + colon).unwrap_or((image, ""));
            (repository, constraint.trim_start_matches(':'))
        }
        None => (image, ""),
    }
}

/// A candidate for each tag, the oldest push first.
fn tags(images: &[RegistryImage]) -> Vec<Tag> {
    images
        .iter()
        .flat_map(|image| {
            image.tags.iter().map(|name| Tag {
                name: name.clone(),
                pushed_at: image.pushed_at,
                built_at: None,
                digest: Some(image.digest.clone()),
            })
        })
        .collect()
}

fn tag_of(entry: &ImageEntry) -> Tag {
    Tag::named(entry.tag.as_str())
}

fn tag_change(followed: &Followed, decided: &Decided, choice: &Choice<'_>) -> Option<TagChange> {
    let tag = choice.tag.filter(|_| choice.changed)?;
    let old = decided.current.as_ref().map(|entry| entry.tag.as_str()).filter(|tag| !tag.is_empty());
    let update = ImageUpdate {
        name: followed.entry.clone(),
        new_name: decided.current.is_none().then(|| followed.repository.clone()),
        new_tag: Some(tag.name.to_string()),
        digest: None,
    };
    let name = &followed.application.metadata.name;
    Some(TagChange {
        branch: followed.branch.clone(),
        path: decided.overlay.path.clone(),
        seen: std::sync::Arc::clone(&decided.overlay.content),
        updates: vec![update],
        message: format!(
            "Update {} of {name} to {}\n\n{}\n",
            followed.entry,
            tag.name,
            trailer(UPDATE_TRAILER, &followed.entry, old, Some(&tag.name)),
        ),
    })
}
