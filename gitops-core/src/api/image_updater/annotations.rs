//! The annotations of an `Application` that Argo CD Image Updater takes its settings from.

use smol_str::{SmolStr, format_smolstr};

use super::{ApplicationImages, ImageReference, ManifestTarget, UpdateSettings, WriteBack};

const PREFIX: &str = "argocd-image-updater.argoproj.io";

impl ApplicationImages {
    /// The images that the annotation `image-list` names, with the settings of the other annotations; those of an
    /// image's alias before those of the Application.
    pub fn from_annotations<'m>(annotation: impl Fn(&str) -> Option<&'m str>) -> Self {
        let text = |key: &str| {
            let value =
                annotation(&format!("{PREFIX}/{key}")).map(str::trim).filter(|value| !value.is_empty());
            value.map(SmolStr::from)
        };
        let settings = read_settings("", &text);
        let entries = annotation(&format!("{PREFIX}/image-list")).unwrap_or_default();
        let entries = entries.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let images = entries.map(|entry| image(entry, &settings, &text)).collect();
        let write_back = WriteBack {
            method: text("write-back-method"),
            repository: text("git-repository"),
            branch: text("git-branch"),
            target: text("write-back-target"),
            pull_request: None,
        };
        Self { write_back, images }
    }
}

fn image(entry: &str, common: &UpdateSettings, text: &impl Fn(&str) -> Option<SmolStr>) -> ImageReference {
    let (alias, image_name) = entry.split_once('=').unwrap_or(("", entry));
    // A slash cannot stand in the name of an annotation.
    let key = alias.replace('/', "_");
    let own = |setting: &str| (!key.is_empty()).then(|| text(&format!("{key}.{setting}"))).flatten();
    let (name, tag, spec) = (own("helm.image-name"), own("helm.image-tag"), own("helm.image-spec"));
    let target = if name.is_some() || tag.is_some() || spec.is_some() {
        ManifestTarget::Helm { name, tag, spec }
    } else {
        ManifestTarget::Kustomize { name: own("kustomize.image-name") }
    };
    let settings = if key.is_empty() { common.clone() } else { read_settings(&key, text).over(common) };
    ImageReference { alias: alias.into(), image_name: image_name.into(), settings, target }
}

fn read_settings(alias: &str, text: &impl Fn(&str) -> Option<SmolStr>) -> UpdateSettings {
    let setting = |name: &str| {
        if alias.is_empty() { text(name) } else { text(&format_smolstr!("{alias}.{name}")) }
    };
    let list = |name: &str| {
        setting(name).map(|list| list.split(',').map(str::trim).map(SmolStr::from).collect::<Vec<_>>())
    };
    UpdateSettings {
        update_strategy: setting("update-strategy"),
        force_update: setting("force-update").map(|value| value == "true"),
        allow_tags: setting("allow-tags"),
        ignore_tags: list("ignore-tags"),
        pull_secret: setting("pull-secret"),
        platforms: list("platforms").filter(|_| !alias.is_empty()),
    }
}
