//! Judges image references, versions, tag policies and write-back.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::Path;

use gitops_core::image::flux::{
    Direction, FluxError, FluxFilter, FluxOrder, FluxPolicy, PolicyImage, set_markers,
};
use gitops_core::image::message::{BranchContext, ImageChange, branch_name, commit_message};
use gitops_core::image::semver::{Constraint, Version};
use gitops_core::image::{
    Choice, ImageUpdate, Reference, ReferenceError, Tag, TagFilter, TagPolicy, UpdateStrategy, UpdaterImage,
    edit,
};
use gitops_core::time::Timestamp;
use serde_json::{Value, json};

use crate::report::{Report, Suite, equal, facts};

/// The suites of the image module.
pub(crate) fn suites() -> Vec<Suite> {
    vec![
        Suite { path: "images/references.json", run: references },
        Suite { path: "images/semver-parse.json", run: semver_parse },
        Suite { path: "images/semver-compare.json", run: semver_compare },
        Suite { path: "images/semver-constraints.json", run: semver_constraints },
        Suite { path: "images/push-time.json", run: push_time },
        Suite { path: "images/tag-selection.json", run: tag_selection },
        Suite { path: "images/write-back.json", run: write_back },
        Suite { path: "images/flux-setters.json", run: flux_setters },
        Suite { path: "images/templates.json", run: templates },
    ]
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn optional(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn time(value: &Value, key: &str) -> Result<Option<Timestamp>, String> {
    optional(value, key).map(|text| text.parse().map_err(|error| format!("{text}: {error}"))).transpose()
}

/// A JSON object without its null members.
fn compact(mut value: Value) -> Value {
    if let Some(map) = value.as_object_mut() {
        map.retain(|_, member| !member.is_null());
    }
    value
}

fn references(path: &Path) -> Report {
    facts(path, |case| {
        let input = text(case, "input");
        let null = Value::Null;
        let expected = |key: &str| case.get(key).unwrap_or(&null).clone();
        equal("strict", &reference(Reference::parse(input), false), &expected("strict"))?;
        equal("normalized", &reference(Reference::parse_normalized(input), true), &expected("normalized"))?;
        let image = UpdaterImage::parse(input);
        let found = json!({
            "alias": image.alias,
            "full": image.full(),
            "name": image.name,
            "registry": image.registry,
            "tag": image.tag,
            "digest": image.digest,
        });
        equal("updater", &compact(found), &expected("updater"))
    })
}

fn reference(parsed: Result<Reference, ReferenceError>, normalized: bool) -> Value {
    compact(match parsed {
        Err(error) => json!({"error": error.code()}),
        Ok(reference) => json!({
            "string": reference.to_string(),
            "familiar": normalized.then(|| reference.familiar()),
            "domain": reference.domain,
            "path": reference.path,
            "tag": reference.tag,
            "digest": reference.digest,
        }),
    })
}

fn semver_parse(path: &Path) -> Report {
    facts(path, |case| {
        let version = text(case, "version");
        let canonical = |version: Option<Version>| version.map(|version| version.to_string());
        equal("loose", &canonical(Version::parse_loose(version)), &optional(case, "loose"))?;
        equal("strict", &canonical(Version::parse_strict(version)), &optional(case, "strict"))?;
        let flux = Some(Version::parse_flux(version).is_some());
        equal("flux", &flux, &case.get("fluxAccepted").and_then(Value::as_bool))
    })
}

fn semver_compare(path: &Path) -> Report {
    facts(path, |case| {
        let version =
            |key: &str| Version::parse_loose(text(case, key)).ok_or_else(|| format!("{key} is no version"));
        let order = match version("a")?.cmp(&version("b")?) {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        };
        equal("order", &Some(order), &case.get("expect").and_then(Value::as_i64))
    })
}

fn semver_constraints(path: &Path) -> Report {
    facts(path, |case| {
        let prereleases = case.get("includePrerelease").and_then(Value::as_bool).unwrap_or_default();
        let found = match (
            Constraint::parse(text(case, "constraint")),
            Version::parse_loose(text(case, "version")),
        ) {
            (Err(_), _) => json!("constraint-error"),
            (Ok(_), None) => json!("version-error"),
            (Ok(constraint), Some(version)) => json!(constraint.admits_with(&version, prereleases)),
        };
        equal("outcome", &found, case.get("expect").unwrap_or(&Value::Null))
    })
}

fn push_time(path: &Path) -> Report {
    facts(path, |case| {
        let settings = case.get("policy").unwrap_or(&Value::Null);
        let allow = TagFilter::regex(text(settings, "allow")).map_err(|error| error.to_string())?;
        let ignore = list(settings, "ignore").filter_map(Value::as_str).map(Into::into).collect();
        let not_after = time(settings, "notAfter")?;
        let policy = TagPolicy { ignore, not_after, ..TagPolicy::push_time(allow) };
        let mut tags = vec![];
        for image in list(case, "images") {
            for name in list(image, "tags").filter_map(Value::as_str) {
                let digest = optional(image, "digest").map(Into::into);
                tags.push(Tag { pushed_at: time(image, "pushedAt")?, digest, ..Tag::named(name) });
            }
        }
        let current = optional(case, "current").map(Tag::named);
        let choice = policy.choose(current.as_ref(), &tags);
        equal("passed over", &choice.passed_over.len(), &(tags.len() - usize::from(choice.tag.is_some())))?;
        chosen(&choice, case.get("expect").unwrap_or(&Value::Null))
    })
}

/// Compares what was chosen with `{tag, digest?, changed?}` or `{none: true}`.
fn chosen(choice: &Choice<'_>, expect: &Value) -> Result<(), String> {
    equal("tag", &choice.tag.map(|tag| tag.name.to_string()), &optional(expect, "tag"))?;
    if let Some(digest) = optional(expect, "digest") {
        let found = choice.tag.and_then(|tag| tag.digest.as_ref()).map(ToString::to_string);
        equal("digest", &found, &Some(digest))?;
    }
    match expect.get("changed").and_then(Value::as_bool) {
        Some(changed) => equal("changed", &choice.changed, &changed),
        None => Ok(()),
    }
}

fn tag_selection(path: &Path) -> Report {
    facts(path, |case| match text(case, "tool") {
        "argocd-image-updater" => updater_selection(case),
        "flux" => flux_selection(case),
        other => Err(format!("unknown tool `{other}`")),
    })
}

fn updater_selection(case: &Value) -> Result<(), String> {
    let expect = case.get("expect").unwrap_or(&Value::Null);
    let policy = TagPolicy::of_updater(
        UpdateStrategy::parse(text(case, "strategy")),
        text(case, "constraint"),
        text(case, "allowTags"),
        list(case, "ignoreTags").filter_map(Value::as_str),
    );
    let mut tags = vec![];
    for tag in list(case, "tags") {
        let digest = optional(tag, "digest").map(Into::into);
        tags.push(Tag { built_at: time(tag, "created")?, digest, ..Tag::named(text(tag, "name")) });
    }
    match policy {
        Err(error) => equal("error", &Some(error.code().to_owned()), &optional(expect, "error")),
        Ok(policy) => {
            equal("error", &None, &optional(expect, "error"))?;
            chosen(&policy.choose(None, &tags), expect)
        }
    }
}

fn flux_selection(case: &Value) -> Result<(), String> {
    let expect = case.get("expect").unwrap_or(&Value::Null);
    let tags: Vec<&str> = list(case, "tags").map(|tag| text(tag, "name")).collect();
    match flux_policy(case).and_then(|policy| policy.select(&tags)) {
        Ok(tag) => equal("tag", &Some(tag), &optional(expect, "tag")),
        Err(error) => equal("error", &Some(error.code().to_owned()), &optional(expect, "error")),
    }
}

fn flux_policy(case: &Value) -> Result<FluxPolicy, FluxError> {
    let direction = || Direction::parse(text(case, "order"));
    let order = match text(case, "strategy") {
        "semver" => FluxOrder::semver(text(case, "constraint"))?,
        "alphabetical" => FluxOrder::Alphabetical(direction()?),
        _ => FluxOrder::Numerical(direction()?),
    };
    let pattern = text(case, "pattern");
    let filter =
        (!pattern.is_empty()).then(|| FluxFilter::new(pattern, text(case, "extract"))).transpose()?;
    Ok(FluxPolicy { order, filter })
}

fn flux_setters(path: &Path) -> Report {
    facts(path, |case| {
        let policies: BTreeMap<String, PolicyImage> = case
            .get("policies")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, image)| (name.clone(), policy_image(image)))
            .collect();
        let before = text(case, "before").as_bytes();
        let found = set_markers("file.yaml", before, &policies).map_err(|error| error.to_string())?;
        equal("after", &String::from_utf8_lossy(&found).as_ref(), &text(case, "after"))?;
        equal("changed", &Some(found != before), &case.get("changed").and_then(Value::as_bool))
    })
}

fn policy_image(value: &Value) -> PolicyImage {
    PolicyImage {
        name: text(value, "name").to_owned(),
        tag: text(value, "tag").to_owned(),
        digest: text(value, "digest").to_owned(),
    }
}

fn templates(path: &Path) -> Report {
    facts(path, |case| {
        let changes: Vec<ImageChange> = list(case, "changes").map(image_change).collect();
        let template = text(case, "template");
        let found = match text(case, "kind") {
            "commit-message" => commit_message(template, text(case, "appName"), &changes),
            _ => {
                let context = BranchContext {
                    app_namespace: text(case, "appNamespace"),
                    app_name: text(case, "appName"),
                    target_key: text(case, "targetKey"),
                };
                branch_name(template, &context, &changes)
            }
        };
        equal("text", &found.map_err(|error| error.to_string())?.as_str(), &text(case, "expect"))
    })
}

fn image_change(value: &Value) -> ImageChange {
    let labels = value.get("labels").and_then(Value::as_object).into_iter().flatten();
    ImageChange {
        image: text(value, "image").to_owned(),
        alias: text(value, "alias").to_owned(),
        old_tag: text(value, "oldTag").to_owned(),
        new_tag: text(value, "newTag").to_owned(),
        labels: labels.filter_map(|(key, label)| Some((key.clone(), label.as_str()?.to_owned()))).collect(),
    }
}

fn write_back(path: &Path) -> Report {
    facts(path, |case| {
        let updates: Vec<ImageUpdate> = list(case, "updates").map(update).collect();
        let before = text(case, "before");
        match (optional(case, "error"), edit(before.as_bytes(), &updates)) {
            (Some(code), Err(error)) => equal("error", &error.code(), &code.as_str()),
            (Some(code), Ok(_)) => Err(format!("expected the error {code}")),
            (None, Err(error)) => Err(error.to_string()),
            (None, Ok(found)) => {
                equal("after", &String::from_utf8_lossy(&found).as_ref(), &text(case, "after"))?;
                let again = edit(&found, &updates).map_err(|error| format!("a second time: {error}"))?;
                equal("a second time", &again, &found)?;
                let changed = Some(found != before.as_bytes());
                equal("changed", &changed, &case.get("changed").and_then(Value::as_bool))
            }
        }
    })
}

fn update(value: &Value) -> ImageUpdate {
    ImageUpdate {
        name: text(value, "name").to_owned(),
        new_name: optional(value, "newName"),
        new_tag: optional(value, "newTag"),
        digest: optional(value, "digest"),
    }
}
