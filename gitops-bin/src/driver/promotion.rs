//! Promotion: the tag that ran healthy in one environment is committed to the next. And its opposite: a release
//! that does not come up is taken back.

use std::collections::BTreeMap;

use gitops_core::api::application::{Application, SyncStatusCode};
use gitops_core::health::HealthStatus;
use gitops_core::image::ImageUpdate;
use gitops_core::image::history::{ROLLBACK_TRAILER, TagCommit, UPDATE_TRAILER, trailer};
use gitops_core::image::hold::{hold, moved_by_person_at, roll_back};
use gitops_core::image::promotion::{
    PromotionMode, PromotionSettings, PromotionStep, SourceObserved, TargetObserved, check_chain,
    promotion_step,
};
use gitops_core::object::Object;
use gitops_core::sync::{ReleaseDecision, images_of, judge_release};
use gitops_core::time::Timestamp;
use gitops_ports::cluster::ListQuery;
use gitops_ports::git::CommitId;
use gitops_ports::{Clock as _, Cluster as _, GitRepository as _};

use super::commit::{self, TagChange};
use super::objects;
use super::overlay::{ImageEntry, Overlay};
use super::render::Wanted;
use super::{Driver, DriverError, Outside, engine_key, key_of};

/// An Application with its kustomization file at the head of its branch.
struct Environment {
    app: Application,
    settings: PromotionSettings,
    branch: String,
    head: CommitId,
    overlay: Overlay,
}

impl<O: Outside> Driver<O> {
    /// One pass over every Application that takes its tags from another one, or takes back what does not come up.
    pub(super) async fn promote(&mut self) -> Result<bool, DriverError> {
        let environments = self.environments().await?;
        let chain = environments
            .values()
            .filter(|environment| environment.settings.mode != PromotionMode::Off)
            .map(|environment| (environment.app.metadata.name.clone(), environment.settings.from.clone()))
            .collect();
        if let Err(error) = check_chain(&chain) {
            self.note_once(&engine_key(), "PromotionError", error.to_string());
            return Ok(false);
        }
        let mut worked = false;
        for target in environments.values() {
            match self.promote_into(target, &environments).await {
                Ok(acted) => worked |= acted,
                Err(error) => self.note_once(&key_of(&target.app), "PromotionError", error.to_string()),
            }
        }
        Ok(worked)
    }

    async fn promote_into(
        &mut self,
        target: &Environment,
        environments: &BTreeMap<String, Environment>,
    ) -> Result<bool, DriverError> {
        let mut worked = false;
        if target.settings.auto_rollback {
            worked |= self.take_back(target).await?;
        }
        if let Some(source) = environments.get(target.settings.from.as_str()) {
            for entry in source.overlay.images() {
                worked |= self.promote_image(source, target, &entry).await?;
            }
        }
        Ok(worked)
    }

    async fn environments(&mut self) -> Result<BTreeMap<String, Environment>, DriverError> {
        let mut environments = BTreeMap::new();
        for (object, app) in objects::applications(self.outside.cluster()).await? {
            let settings = match PromotionSettings::from_annotations(|name| object.annotation(name)) {
                Ok(settings) => settings,
                Err(error) => {
                    self.note_once(&object.key, "PromotionError", error.to_string());
                    continue;
                }
            };
            let git = self.outside.git();
            let Some(source) =
                app.spec.sources.first().filter(|source| self.settings.serves(&source.repo_url))
            else {
                continue;
            };
            let branch = source.target_revision.to_string();
            let Ok(head) = git.resolve(&format!("refs/heads/{branch}")).await else { continue };
            let Ok(overlay) = Overlay::read(git, &head, &source.path).await else { continue };
            environments
                .insert(app.metadata.name.to_string(), Environment { app, settings, branch, head, overlay });
        }
        Ok(environments)
    }

    async fn promote_image(
        &mut self,
        source: &Environment,
        target: &Environment,
        entry: &ImageEntry,
    ) -> Result<bool, DriverError> {
        let Some(current) = target.overlay.image(&entry.name) else { return Ok(false) };
        let git = self.outside.git();
        let source_history = source.overlay.history(git, &source.head, &entry.name).await?;
        let target_history = target.overlay.history(git, &target.head, &entry.name).await?;
        let held = hold(&entry.name, &target_history, |_, _| false);
        let seen = source_observed(&source.app, entry, &source_history);
        let aim = TargetObserved {
            image: entry.name.as_str().into(),
            tag: some(&current.tag).map(Into::into),
            digest: some(&current.digest).map(Into::into),
            moved_by_person_at: moved_by_person_at(&entry.name, &target_history),
            hold: held.as_ref(),
        };
        let now = self.outside.clock().now();
        match promotion_step(&target.settings, &seen, &aim, now) {
            PromotionStep::Nothing(_) => Ok(false),
            PromotionStep::Wait(at) => {
                self.wake(Some(at));
                Ok(false)
            }
            PromotionStep::PullRequest(_) => {
                Err(DriverError::Outside("promotion by pull request is not supported yet".to_owned()))
            }
            PromotionStep::Commit(update) => {
                let tag = update.new_tag.clone().unwrap_or_default();
                let names = (&source.app.metadata.name, &target.app.metadata.name);
                let subject = format!("Promote {} {tag} from {} to {}", entry.name, names.0, names.1);
                let line = trailer(UPDATE_TRAILER, &entry.name, some(&current.tag), Some(&tag));
                self.write(target, update, format!("{subject}\n\n{line}\n"), "ImagePromoted").await
            }
        }
    }

    async fn write(
        &mut self,
        target: &Environment,
        update: ImageUpdate,
        message: String,
        reason: &'static str,
    ) -> Result<bool, DriverError> {
        let change = TagChange {
            branch: target.branch.clone(),
            path: target.overlay.path.clone(),
            seen: std::sync::Arc::clone(&target.overlay.content),
            updates: vec![update],
            message,
        };
        let Some(id) = commit::commit(self.outside.git(), self.outside.clock(), &change).await? else {
            return Ok(false);
        };
        let subject = change.message.lines().next().unwrap_or_default();
        self.note_commit(&target.app, reason, &format!("{} {subject}", id.short()));
        Ok(true)
    }

    /// Reverts the commit of a release whose Deployment passed its progress deadline.
    async fn take_back(&mut self, target: &Environment) -> Result<bool, DriverError> {
        let namespace = target.app.spec.destination.namespace.clone();
        let query = ListQuery { namespace: Some(namespace), ..ListQuery::default() };
        let live = self.outside.cluster().list(&query).await?.objects;
        let before = self.images_before(&target.app).await?;
        let ReleaseDecision::RollBack { workload, message, images } = judge_release(&live, &before) else {
            return Ok(false);
        };
        for entry in target.overlay.images() {
            let name = if entry.new_name.is_empty() { &entry.name } else { &entry.new_name };
            let failed = images.iter().find_map(|image| image.strip_prefix(name.as_str())?.strip_prefix(':'));
            let Some(failed) = failed else { continue };
            let history = target.overlay.history(self.outside.git(), &target.head, &entry.name).await?;
            let Some(back) = roll_back(&entry.name, &history, failed) else { continue };
            let update = ImageUpdate {
                name: entry.name.clone(),
                new_name: None,
                new_tag: Some(back.to.to_string()),
                digest: None,
            };
            let line = trailer(ROLLBACK_TRAILER, &entry.name, Some(&back.from), Some(&back.to));
            let text = format!(
                "Take back {} {} of {}: {workload} {message}\n\nThis reverts commit {}.\n\n{line}\n",
                entry.name, back.from, target.app.metadata.name, back.commit
            );
            return self.write(target, update, text, "ReleaseTakenBack").await;
        }
        Ok(false)
    }

    /// The images of each workload before the release that runs: by the revision that was synced before it.
    async fn images_before(
        &mut self,
        app: &Application,
    ) -> Result<BTreeMap<gitops_core::object::ObjectKey, Vec<smol_str::SmolStr>>, DriverError> {
        let path = app.spec.sources.first().map(|source| source.path.to_string()).unwrap_or_default();
        let newest = app.status.history.last().map(|entry| entry.revision.clone());
        let project = objects::project(self.outside.cluster(), app.spec.project_name()).await?;
        let now = self.outside.clock().now();
        let mut images = BTreeMap::new();
        for entry in app.status.history.iter().rev().skip(1) {
            if Some(&entry.revision) == newest.as_ref() {
                continue;
            }
            let Some(commit) = CommitId::parse(&entry.revision) else { continue };
            let wanted = Wanted { commit: &commit, path: &path, project: project.as_ref() };
            if let Ok(rendered) = self.renders.render(self.outside.git(), wanted, now).await? {
                let namespace = app.spec.destination.namespace.clone();
                images.extend(rendered.objects.iter().map(|object| workload_images(object, &namespace)));
                break;
            }
        }
        Ok(images)
    }
}

fn workload_images(
    object: &Object,
    namespace: &smol_str::SmolStr,
) -> (gitops_core::object::ObjectKey, Vec<smol_str::SmolStr>) {
    let mut key = object.key.clone();
    if key.namespace.is_empty() {
        key.namespace = namespace.clone();
    }
    (key, images_of(&object.root))
}

/// What the source runs, and since when it does so in sync and in health.
fn source_observed(app: &Application, entry: &ImageEntry, history: &[TagCommit]) -> SourceObserved {
    let name = if entry.new_name.is_empty() { &entry.name } else { &entry.new_name };
    let reference = format!("{name}:{}", entry.tag);
    let runs = app.status.images.iter().any(|image| *image == reference);
    let status = &app.status;
    let synced = runs && status.sync.as_ref().is_some_and(|sync| sync.status == SyncStatusCode::Synced);
    let healthy = status.health.as_ref().filter(|health| health.status == HealthStatus::Healthy);
    SourceObserved {
        tag: some(&entry.tag).map(Into::into),
        digest: some(&entry.digest).map(Into::into),
        committed_at: written_at(history, &entry.tag),
        synced_since: status.history.last().filter(|_| synced).map(|entry| entry.deployed_at),
        healthy_since: healthy.and_then(|health| health.last_transition_time),
    }
}

/// When the tag that stands there now was written.
fn written_at(history: &[TagCommit], tag: &str) -> Option<Timestamp> {
    let unchanged = history.iter().rev().take_while(|commit| commit.tag.as_deref() == Some(tag));
    unchanged.last().map(|commit| commit.at)
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
