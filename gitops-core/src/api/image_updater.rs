//! `ImageUpdater`: which images of which Applications follow their registry, and how a new tag is written to Git.
//!
//! Read as Argo CD Image Updater 1.x reads it, together with the annotations of an `Application` that it took its
//! settings from before. Our annotation `gitops.dev/update-strategy: push-time` on the `ImageUpdater` takes the
//! place of every `updateStrategy`.

mod annotations;

use smol_str::SmolStr;

use super::reader::Reader;
use super::{ApiError, Metadata};
use crate::diagnostic::Location;
use crate::glob::path_match;
use crate::object::Object;
use crate::selector::LabelSelector;

/// The API group.
pub const GROUP: &str = "argocd-image-updater.argoproj.io";
/// Our annotation for a strategy that Argo CD Image Updater does not have.
pub const STRATEGY_ANNOTATION: &str = "gitops.dev/update-strategy";

/// An `ImageUpdater`.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageUpdater {
    /// Its metadata. It serves the Applications of its own namespace.
    pub metadata: Metadata,
    /// Settings of all images that say nothing else.
    pub settings: UpdateSettings,
    /// How changes are written, for Applications that say nothing else.
    pub write_back: WriteBack,
    /// Which Applications, in order: the first that selects an Application serves it.
    pub applications: Vec<ApplicationReference>,
}

/// The settings of an update; `None` leaves a setting to the level above.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct UpdateSettings {
    /// `updateStrategy`, or the strategy of our annotation.
    pub update_strategy: Option<SmolStr>,
    /// Whether to update an image that the Application is not known to run.
    pub force_update: Option<bool>,
    /// `allowTags`: `any` or `regexp:RE`.
    pub allow_tags: Option<SmolStr>,
    /// `ignoreTags`: globs.
    pub ignore_tags: Option<Vec<SmolStr>>,
    /// Where the registry's credentials are.
    pub pull_secret: Option<SmolStr>,
    /// `os/arch[/variant]`
    pub platforms: Option<Vec<SmolStr>>,
}

impl UpdateSettings {
    /// These settings, with those of the level above where they are silent.
    pub fn over(&self, above: &Self) -> Self {
        Self {
            update_strategy: self.update_strategy.clone().or_else(|| above.update_strategy.clone()),
            force_update: self.force_update.or(above.force_update),
            allow_tags: self.allow_tags.clone().or_else(|| above.allow_tags.clone()),
            ignore_tags: self.ignore_tags.clone().or_else(|| above.ignore_tags.clone()),
            pull_secret: self.pull_secret.clone().or_else(|| above.pull_secret.clone()),
            platforms: self.platforms.clone().or_else(|| above.platforms.clone()),
        }
    }
}

/// An entry of `applicationRefs`.
#[derive(Clone, Debug, PartialEq)]
pub struct ApplicationReference {
    /// Glob of the names.
    pub name_pattern: SmolStr,
    /// Which labels the Application must have.
    pub labels: Option<LabelSelector>,
    /// Whether the Application's own annotations say everything but the selection.
    pub use_annotations: bool,
    /// Its images.
    pub images: Vec<ImageReference>,
    /// Settings of its images that say nothing else.
    pub settings: UpdateSettings,
    /// How changes are written.
    pub write_back: WriteBack,
}

/// An image that follows its registry.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ImageReference {
    /// Its name in settings.
    pub alias: SmolStr,
    /// The image, with a version constraint or a tag behind a colon.
    pub image_name: SmolStr,
    /// Its settings.
    pub settings: UpdateSettings,
    /// Where its tag is written.
    pub target: ManifestTarget,
}

/// Where in the manifests the tag of an image is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManifestTarget {
    /// The entry of this name in `images:` of a kustomization; `None` for the image's own name.
    Kustomize {
        /// The name of the entry.
        name: Option<SmolStr>,
    },
    /// Helm values at dotted paths; `spec` is the whole image and takes precedence.
    Helm {
        /// Where the name goes.
        name: Option<SmolStr>,
        /// Where the tag goes.
        tag: Option<SmolStr>,
        /// Where the whole image goes.
        spec: Option<SmolStr>,
    },
    /// Environment variables of a plugin.
    Plugin {
        /// Of the name.
        name: Option<SmolStr>,
        /// Of the tag.
        tag: Option<SmolStr>,
        /// Of the whole image.
        spec: Option<SmolStr>,
    },
}

impl Default for ManifestTarget {
    fn default() -> Self {
        Self::Kustomize { name: None }
    }
}

/// How changes are written; `None` leaves a setting to the level above.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct WriteBack {
    /// `argocd` (the default), `git`, `git:repocreds` or `git:secret:[NAMESPACE/]NAME`.
    pub method: Option<SmolStr>,
    /// The repository; by default that of the Application.
    pub repository: Option<SmolStr>,
    /// The branch, or `BASE:TEMPLATE`.
    pub branch: Option<SmolStr>,
    /// `kustomization[:DIRECTORY]`, `helmvalues[:FILE]`; by default a parameter file beside the manifests.
    pub target: Option<SmolStr>,
    /// Whether changes go through a pull request.
    pub pull_request: Option<bool>,
}

impl WriteBack {
    fn over(&self, above: &Self) -> Self {
        Self {
            method: self.method.clone().or_else(|| above.method.clone()),
            repository: self.repository.clone().or_else(|| above.repository.clone()),
            branch: self.branch.clone().or_else(|| above.branch.clone()),
            target: self.target.clone().or_else(|| above.target.clone()),
            pull_request: self.pull_request.or(above.pull_request),
        }
    }

    /// Whether changes are written to Git.
    pub fn is_git(&self) -> bool {
        self.method.as_deref().is_some_and(|method| method == "git" || method.starts_with("git:"))
    }

    /// The directory of the kustomization to write, as written behind `kustomization:`; empty for the
    /// Application's own, and `None` where the target is of another kind.
    pub fn kustomization(&self) -> Option<&str> {
        let target = self.target.as_deref()?;
        let (kind, directory) = target.split_once(':').unwrap_or((target, ""));
        (kind == "kustomization").then_some(directory)
    }
}

/// The images of one Application, with every setting resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationImages {
    /// How changes are written.
    pub write_back: WriteBack,
    /// The images.
    pub images: Vec<ImageReference>,
}

impl ImageUpdater {
    /// Reads an `ImageUpdater`.
    pub fn from_object(object: &Object) -> Result<Self, ApiError> {
        Self::read(&object.root, &object.at)
    }

    fn read(root: &crate::yaml::Node, at: &Location) -> Result<Self, ApiError> {
        let root = Reader::new(root, at);
        root.expect_kind(GROUP, "ImageUpdater")?;
        let metadata = Metadata::read(&root)?;
        let spec = root.field("spec")?;
        let applications = spec.field("applicationRefs")?;
        let references = applications.each(application_reference)?.filter(|list| !list.is_empty());
        Ok(Self {
            metadata,
            settings: update_settings(&spec)?,
            write_back: write_back(&spec)?,
            applications: references.ok_or_else(|| applications.missing())?,
        })
    }

    /// The images of the Application with this name, labels and annotations, with every setting resolved: that of
    /// the image before that of the reference before the common one. `None` where nothing selects it.
    pub fn images_of<'m>(
        &self,
        name: &str,
        label: impl Fn(&str) -> Option<&'m str>,
        annotation: impl Fn(&str) -> Option<&'m str>,
    ) -> Option<ApplicationImages> {
        let selects = |reference: &&ApplicationReference| {
            path_match(&reference.name_pattern, name) == Ok(true)
                && reference.labels.as_ref().is_none_or(|labels| labels.matches(&label))
        };
        let reference = self.applications.iter().find(selects)?;
        let mut found = if reference.use_annotations {
            ApplicationImages::from_annotations(annotation)
        } else {
            let settings = reference.settings.over(&self.settings);
            let resolve = |image: &ImageReference| ImageReference {
                settings: image.settings.over(&settings),
                ..image.clone()
            };
            ApplicationImages {
                write_back: reference.write_back.over(&self.write_back),
                images: reference.images.iter().map(resolve).collect(),
            }
        };
        if let Some(strategy) = self.metadata.annotations.get(STRATEGY_ANNOTATION) {
            for image in &mut found.images {
                image.settings.update_strategy = Some(strategy.clone());
            }
        }
        Some(found)
    }
}

fn application_reference(entry: &Reader<'_>) -> Result<ApplicationReference, ApiError> {
    let selectors = entry.field("labelSelectors")?;
    let labels = selectors.raw().map(LabelSelector::from_node).transpose();
    Ok(ApplicationReference {
        name_pattern: entry.field("namePattern")?.required_text()?,
        labels: labels.map_err(|error| selectors.value_error(error.to_string()))?,
        use_annotations: entry.field("useAnnotations")?.flag()?,
        images: entry.field("images")?.each(image_reference)?.unwrap_or_default(),
        settings: update_settings(entry)?,
        write_back: write_back(entry)?,
    })
}

fn image_reference(entry: &Reader<'_>) -> Result<ImageReference, ApiError> {
    Ok(ImageReference {
        alias: entry.field("alias")?.required_text()?,
        image_name: entry.field("imageName")?.required_text()?,
        settings: update_settings(entry)?,
        target: manifest_target(&entry.field("manifestTargets")?)?,
    })
}

fn manifest_target(targets: &Reader<'_>) -> Result<ManifestTarget, ApiError> {
    let (helm, plugin) = (targets.field("helm")?, targets.field("plugin")?);
    let kustomize = targets.field("kustomize")?;
    if [&helm, &plugin, &kustomize].into_iter().filter(|target| target.is_set()).count() > 1 {
        return Err(targets.value_error("only one of `kustomize`, `helm` and `plugin` can be set"));
    }
    let part = |target: &Reader<'_>, key: &str| target.field(key)?.text();
    Ok(if helm.is_set() {
        ManifestTarget::Helm {
            name: part(&helm, "name")?,
            tag: part(&helm, "tag")?,
            spec: part(&helm, "spec")?,
        }
    } else if plugin.is_set() {
        ManifestTarget::Plugin {
            name: part(&plugin, "name")?,
            tag: part(&plugin, "tag")?,
            spec: part(&plugin, "spec")?,
        }
    } else {
        ManifestTarget::Kustomize { name: part(&kustomize, "name")? }
    })
}

fn update_settings(parent: &Reader<'_>) -> Result<UpdateSettings, ApiError> {
    let settings = parent.field("commonUpdateSettings")?;
    Ok(UpdateSettings {
        update_strategy: settings.field("updateStrategy")?.text()?,
        force_update: settings.field("forceUpdate")?.boolean()?,
        allow_tags: settings.field("allowTags")?.text()?,
        ignore_tags: settings.field("ignoreTags")?.each(Reader::text_or_empty)?,
        pull_secret: settings.field("pullSecret")?.text()?,
        platforms: settings.field("platforms")?.each(Reader::text_or_empty)?,
    })
}

fn write_back(parent: &Reader<'_>) -> Result<WriteBack, ApiError> {
    let config = parent.field("writeBackConfig")?;
    let method = config.field("method")?;
    let text = method.text()?;
    let known = |text: &SmolStr| {
        matches!(text.as_str(), "argocd" | "git" | "git:repocreds") || text.starts_with("git:secret:")
    };
    if let Some(text) = text.as_ref().filter(|text| !known(text)) {
        return Err(method.value_error(format!(
            "`{text}` is not one of `argocd`, `git`, `git:repocreds`, `git:secret:[NAMESPACE/]NAME`"
        )));
    }
    let git = config.field("gitConfig")?;
    let pull_request = git.field("pullRequest")?;
    Ok(WriteBack {
        method: text,
        repository: git.field("repository")?.text()?,
        branch: git.field("branch")?.text()?,
        target: git.field("writeBackTarget")?.text()?,
        pull_request: pull_request.is_set().then_some(true),
    })
}

#[cfg(test)]
mod tests {
    use super::{ApplicationImages, ImageUpdater, ManifestTarget};
    use crate::diagnostic::Location;
    use crate::object::Object;
    use crate::yaml::read_one;

    const MANIFEST: &str = "
apiVersion: argocd-image-updater.argoproj.io/v1alpha1
kind: ImageUpdater
metadata:
  name: myapp
  namespace: argocd
spec:
  commonUpdateSettings: {updateStrategy: newest-build, forceUpdate: true}
  writeBackConfig:
    method: git:secret:argocd/creds
    gitConfig: {branch: main}
  applicationRefs:
  - namePattern: '*-dev'
    labelSelectors: {matchLabels: {team: a}}
    writeBackConfig: {gitConfig: {writeBackTarget: 'kustomization:/k8s/overlays/dev'}}
    images:
    - alias: web
      imageName: registry.example.com/web:~1.2
      commonUpdateSettings: {updateStrategy: semver, allowTags: 'regexp:^v'}
      manifestTargets: {kustomize: {name: web}}
    - alias: api
      imageName: api
  - namePattern: legacy
    useAnnotations: true
";

    fn updater(text: &str) -> Result<ImageUpdater, String> {
        let root = read_one("updater.yaml", text).map_err(|error| error.to_string())?;
        ImageUpdater::from_object(&Object::new(root, Location::file("updater.yaml")))
            .map_err(|error| error.to_string())
    }

    fn images(text: &str, name: &str) -> Option<ApplicationImages> {
        let team = |key: &str| (key == "team").then_some("a");
        updater(text).unwrap().images_of(name, team, |_| None)
    }

    #[test]
    fn the_nearest_setting_wins() {
        let found = images(MANIFEST, "myapp-dev").unwrap();
        let [web, api] = found.images.as_slice() else { panic!("{found:?}") };
        assert_eq!(web.settings.update_strategy.as_deref(), Some("semver"));
        assert_eq!(web.settings.force_update, Some(true));
        assert_eq!(web.settings.allow_tags.as_deref(), Some("regexp:^v"));
        assert_eq!(web.target, ManifestTarget::Kustomize { name: Some("web".into()) });
        assert_eq!(api.settings.update_strategy.as_deref(), Some("newest-build"));
        assert!(found.write_back.is_git());
        assert_eq!(found.write_back.branch.as_deref(), Some("main"));
        assert_eq!(found.write_back.kustomization(), Some("/k8s/overlays/dev"));
        assert_eq!(images(MANIFEST, "myapp-prod"), None);
        let none = updater(MANIFEST).unwrap().images_of("myapp-dev", |_| None, |_| None);
        assert_eq!(none, None, "the labels do not match");
    }

    #[test]
    fn push_time_takes_the_place_of_every_strategy() {
        let text = MANIFEST.replace(
            "  name: myapp\n",
            "  name: myapp\n  annotations: {gitops.dev/update-strategy: push-time}\n",
        );
        let found = images(&text, "myapp-dev").unwrap();
        assert!(
            found.images.iter().all(|image| image.settings.update_strategy.as_deref() == Some("push-time"))
        );
    }

    #[test]
    fn the_example_follows_the_order_of_pushes_in_dev_only() {
        let text = include_str!("../../../argocd/appsets/image-updater.yaml");
        let found = images(text, "myapp-dev").unwrap();
        let [image] = found.images.as_slice() else { panic!("{found:?}") };
        assert_eq!(image.settings.update_strategy.as_deref(), Some("push-time"));
        assert_eq!(image.settings.allow_tags.as_deref(), Some("regexp:^[0-9a-f]{7}$"));
        assert_eq!(image.target, ManifestTarget::Kustomize { name: Some("myapp".into()) });
        assert_eq!(found.write_back.kustomization(), Some("/k8s/overlays/dev"));
        assert_eq!(images(text, "myapp-prod"), None);
    }

    #[test]
    fn what_the_kind_refuses_is_an_error_with_its_field() {
        for (from, to, message) in [
            (
                "method: git:secret:argocd/creds",
                "method: ftp",
                "`spec.writeBackConfig.method`: `ftp` is not one of",
            ),
            ("      imageName: api\n", "", "`spec.applicationRefs[0].images[1].imageName` is required"),
            (
                "forceUpdate: true",
                "forceUpdate: 1",
                "`spec.commonUpdateSettings.forceUpdate` must be a boolean",
            ),
            (
                "{kustomize: {name: web}}",
                "{kustomize: {}, helm: {}}",
                "only one of `kustomize`, `helm` and `plugin`",
            ),
        ] {
            let error = updater(&MANIFEST.replace(from, to)).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn the_annotations_of_an_application_can_say_it_all() {
        let annotation = |key: &str| match key.strip_prefix("argocd-image-updater.argoproj.io/")? {
            "image-list" => Some("web=registry.example.com/team/web:~1.2, nginx"),
            "web.update-strategy" => Some("newest-build"),
            "update-strategy" => Some("alphabetical"),
            "web.ignore-tags" => Some("latest, *-rc"),
            "web.kustomize.image-name" => Some("frontend"),
            "write-back-method" => Some("git"),
            "write-back-target" => Some("kustomization"),
            "git-branch" => Some("main"),
            _ => None,
        };
        let found = updater(MANIFEST).unwrap().images_of("legacy", |_| None, annotation).unwrap();
        let [web, nginx] = found.images.as_slice() else { panic!("{found:?}") };
        assert_eq!(
            (web.alias.as_str(), web.image_name.as_str()),
            ("web", "registry.example.com/team/web:~1.2")
        );
        assert_eq!(web.settings.update_strategy.as_deref(), Some("newest-build"));
        assert_eq!(web.settings.ignore_tags, Some(vec!["latest".into(), "*-rc".into()]));
        assert_eq!(web.target, ManifestTarget::Kustomize { name: Some("frontend".into()) });
        assert_eq!(nginx.settings.update_strategy.as_deref(), Some("alphabetical"));
        assert_eq!(found.write_back.kustomization(), Some(""));
        assert_eq!(found.write_back.branch.as_deref(), Some("main"));
    }
}
