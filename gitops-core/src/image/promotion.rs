//! How a tag travels from one environment to the next: the tag that ran healthy in the source for a time is
//! written into the target.
//!
//! The registry is never asked here: what is released is what was tried.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use smol_str::SmolStr;

use super::edit::ImageUpdate;
use super::hold::Hold;
use crate::time::{Timestamp, parse_duration};

/// How a tag comes into an environment: the annotation `gitops.dev/promotion`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PromotionMode {
    /// By nobody.
    #[default]
    Off,
    /// By a commit to the branch of the Application.
    AfterHealthy,
    /// By a pull request.
    PullRequest,
}

/// The settings of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromotionSettings {
    /// How a tag comes in.
    pub mode: PromotionMode,
    /// The Application whose tag is taken; empty where the mode is off.
    pub from: SmolStr,
    /// How long the source must have been synced and healthy with the tag.
    pub healthy_for: Duration,
    /// Whether a release that fails is taken back: `gitops.dev/auto-rollback: revert`.
    pub auto_rollback: bool,
}

/// How long a source must be healthy where nothing says otherwise.
pub const DEFAULT_HEALTHY_FOR: Duration = Duration::from_mins(10);

/// Why settings are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PromotionError {
    /// A value is not one of those that the annotation takes.
    #[error("annotation `{annotation}`: `{value}` is not {expected}")]
    Value {
        /// The annotation.
        annotation: &'static str,
        /// What it says.
        value: String,
        /// What it may say.
        expected: &'static str,
    },
    /// A promotion does not say from where.
    #[error("annotation `gitops.dev/promote-from` is required unless `gitops.dev/promotion` is `off`")]
    NoSource,
    /// Environments promote to each other in a circle.
    #[error("promotion goes in a circle: {}", .0.join(" -> "))]
    Circle(Vec<String>),
}

impl PromotionError {
    /// What the user can do about it, if we know.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Value {
                annotation: "gitops.dev/promotion" | "gitops.dev/auto-rollback", value, ..
            } if value == "false" => {
                Some("write `\"off\"` with its quotes: YAML 1.1 reads the bare word as `false`")
            }
            Self::NoSource => Some("name the Application whose tag is taken"),
            Self::Value { .. } | Self::Circle(_) => None,
        }
    }
}

impl PromotionSettings {
    /// Reads the annotations of an Application.
    pub fn from_annotations<'m>(
        annotation: impl Fn(&str) -> Option<&'m str>,
    ) -> Result<Self, PromotionError> {
        let value = |name: &'static str| annotation(name).map(str::trim).filter(|value| !value.is_empty());
        let refuse = |annotation: &'static str, value: &str, expected: &'static str| PromotionError::Value {
            annotation,
            value: value.to_owned(),
            expected,
        };
        let mode = match value("gitops.dev/promotion") {
            None | Some("off") => PromotionMode::Off,
            Some("after-healthy") => PromotionMode::AfterHealthy,
            Some("pull-request") => PromotionMode::PullRequest,
            Some(other) => {
                let expected = "`off`, `after-healthy` or `pull-request`";
                return Err(refuse("gitops.dev/promotion", other, expected));
            }
        };
        let auto_rollback = match value("gitops.dev/auto-rollback") {
            None | Some("off") => false,
            Some("revert") => true,
            Some(other) => return Err(refuse("gitops.dev/auto-rollback", other, "`off` or `revert`")),
        };
        let healthy_for = match value("gitops.dev/healthy-for") {
            None => DEFAULT_HEALTHY_FOR,
            Some(text) => parse_duration(text)
                .map_err(|_| refuse("gitops.dev/healthy-for", text, "a duration such as `10m` or `1h30m`"))?,
        };
        let from = SmolStr::from(value("gitops.dev/promote-from").unwrap_or_default());
        if from.is_empty() && mode != PromotionMode::Off {
            return Err(PromotionError::NoSource);
        }
        Ok(Self { mode, from, healthy_for, auto_rollback })
    }
}

/// Refuses promotions that come back to where they began. `from` maps each Application to its source.
pub fn check_chain(from: &BTreeMap<SmolStr, SmolStr>) -> Result<(), PromotionError> {
    for start in from.keys() {
        let mut passed = BTreeSet::new();
        let mut chain = vec![start.to_string()];
        let mut at = start;
        while let Some(source) = from.get(at) {
            chain.push(source.to_string());
            if source == start {
                return Err(PromotionError::Circle(chain));
            }
            if !passed.insert(source) {
                break;
            }
            at = source;
        }
    }
    Ok(())
}

/// What is known of the source.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SourceObserved {
    /// The tag in its overlay.
    pub tag: Option<SmolStr>,
    /// The digest in its overlay.
    pub digest: Option<SmolStr>,
    /// When that was committed.
    pub committed_at: Option<Timestamp>,
    /// Since when it has been synced to that commit or a later one; `None` where it is not.
    pub synced_since: Option<Timestamp>,
    /// Since when it has been healthy; `None` where it is not.
    pub healthy_since: Option<Timestamp>,
}

/// What is known of the target.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TargetObserved<'h> {
    /// The name of the image's entry in its overlay.
    pub image: SmolStr,
    /// The tag in its overlay.
    pub tag: Option<SmolStr>,
    /// The digest in its overlay.
    pub digest: Option<SmolStr>,
    /// When a person moved the tag last.
    pub moved_by_person_at: Option<Timestamp>,
    /// The tags that were taken back.
    pub hold: Option<&'h Hold>,
}

/// What to do about a target now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromotionStep {
    /// Nothing, and why.
    Nothing(NoPromotion),
    /// Ask again at this time.
    Wait(Timestamp),
    /// Write this to the branch of the target.
    Commit(ImageUpdate),
    /// Propose this by a pull request.
    PullRequest(ImageUpdate),
}

/// Why nothing is promoted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPromotion {
    /// The mode is off.
    #[error("promotion is off")]
    Off,
    /// The source has no tag.
    #[error("the source has no tag")]
    NoTag,
    /// The source does not run what its overlay says.
    #[error("the source is not synced")]
    NotSynced,
    /// The source is not healthy.
    #[error("the source is not healthy")]
    NotHealthy,
    /// The target has the tag.
    #[error("the target has the tag already")]
    AlreadyThere,
    /// The tag was taken back in the target.
    #[error("`{0}` was taken back in the target")]
    Held(SmolStr),
    /// A person has moved the target since the source got its tag.
    #[error("a person moved the target after the source got this tag")]
    MovedByPerson,
}

/// What to do about a target: the whole rule, from what is observed.
///
/// The source must have had the tag, been synced and been healthy for the whole time, without a break: a change of
/// any of them starts the time again. A tag does not travel backwards: one that a person has since replaced in
/// the target comes again only when the source moves.
pub fn promotion_step(
    settings: &PromotionSettings,
    source: &SourceObserved,
    target: &TargetObserved<'_>,
    now: Timestamp,
) -> PromotionStep {
    match promotable(settings, source, target) {
        Err(reason) => PromotionStep::Nothing(reason),
        Ok((_, since)) if now < since.after(settings.healthy_for) => {
            PromotionStep::Wait(since.after(settings.healthy_for))
        }
        Ok((update, _)) => match settings.mode {
            PromotionMode::Off => PromotionStep::Nothing(NoPromotion::Off),
            PromotionMode::AfterHealthy => PromotionStep::Commit(update),
            PromotionMode::PullRequest => PromotionStep::PullRequest(update),
        },
    }
}

/// The update, and since when the source has run what it carries.
fn promotable(
    settings: &PromotionSettings,
    source: &SourceObserved,
    target: &TargetObserved<'_>,
) -> Result<(ImageUpdate, Timestamp), NoPromotion> {
    if settings.mode == PromotionMode::Off {
        return Err(NoPromotion::Off);
    }
    let tag = source.tag.as_ref().ok_or(NoPromotion::NoTag)?;
    if target.tag.as_ref() == Some(tag) && target.digest == source.digest {
        return Err(NoPromotion::AlreadyThere);
    }
    if target.hold.is_some_and(|hold| hold.holds(tag)) {
        return Err(NoPromotion::Held(tag.clone()));
    }
    let committed = source.committed_at.ok_or(NoPromotion::NotSynced)?;
    if target.moved_by_person_at.is_some_and(|moved| moved >= committed) {
        return Err(NoPromotion::MovedByPerson);
    }
    let synced = source.synced_since.ok_or(NoPromotion::NotSynced)?;
    let healthy = source.healthy_since.ok_or(NoPromotion::NotHealthy)?;
    let update = ImageUpdate {
        name: target.image.to_string(),
        new_name: None,
        new_tag: Some(tag.to_string()),
        digest: source.digest.as_ref().map(ToString::to_string),
    };
    Ok((update, committed.max(synced).max(healthy)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{
        NoPromotion, PromotionMode, PromotionSettings, PromotionStep, SourceObserved, TargetObserved,
        check_chain, promotion_step,
    };
    use crate::image::hold::Hold;
    use crate::image::policy::HeldTags;
    use crate::time::Timestamp;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    fn settings(mode: PromotionMode) -> PromotionSettings {
        PromotionSettings {
            mode,
            from: "dev".into(),
            healthy_for: Duration::from_mins(10),
            auto_rollback: false,
        }
    }

    fn source() -> SourceObserved {
        SourceObserved {
            tag: Some("b4e9d0c".into()),
            committed_at: Some(at(100)),
            synced_since: Some(at(160)),
            healthy_since: Some(at(200)),
            ..SourceObserved::default()
        }
    }

    fn target() -> TargetObserved<'static> {
        TargetObserved { image: "myapp".into(), tag: Some("a3f2c1b".into()), ..TargetObserved::default() }
    }

    #[test]
    fn a_tag_travels_once_it_was_healthy_for_long_enough() {
        let settings = settings(PromotionMode::AfterHealthy);
        assert_eq!(promotion_step(&settings, &source(), &target(), at(799)), PromotionStep::Wait(at(800)));
        let PromotionStep::Commit(update) = promotion_step(&settings, &source(), &target(), at(800)) else {
            panic!("no commit");
        };
        assert_eq!((update.name.as_str(), update.new_tag.as_deref()), ("myapp", Some("b4e9d0c")));
    }

    #[test]
    fn a_pull_request_is_asked_for_where_the_mode_says_so() {
        let step = promotion_step(&settings(PromotionMode::PullRequest), &source(), &target(), at(800));
        assert!(matches!(step, PromotionStep::PullRequest(_)));
    }

    #[test]
    fn nothing_travels_without_its_conditions() {
        let tags = vec!["c5f0e1d".into(), "b4e9d0c".into()];
        let taken_back =
            Hold { held: HeldTags { tags, floor: None }, since: at(60), by: "p".into(), commit: "c".into() };
        let on = PromotionMode::AfterHealthy;
        let held = TargetObserved { hold: Some(&taken_back), ..target() };
        let cases = [
            (PromotionMode::Off, source(), target(), NoPromotion::Off),
            (on, SourceObserved { tag: None, ..source() }, target(), NoPromotion::NoTag),
            (on, SourceObserved { synced_since: None, ..source() }, target(), NoPromotion::NotSynced),
            (on, SourceObserved { healthy_since: None, ..source() }, target(), NoPromotion::NotHealthy),
            (
                on,
                source(),
                TargetObserved { tag: Some("b4e9d0c".into()), ..target() },
                NoPromotion::AlreadyThere,
            ),
            (on, source(), held, NoPromotion::Held("b4e9d0c".into())),
            (
                on,
                source(),
                TargetObserved { moved_by_person_at: Some(at(150)), ..target() },
                NoPromotion::MovedByPerson,
            ),
        ];
        for (mode, source, target, expected) in cases {
            let step = promotion_step(&settings(mode), &source, &target, at(10_000));
            assert_eq!(step, PromotionStep::Nothing(expected));
        }
    }

    #[test]
    fn annotations_say_it_and_errors_name_them() {
        let read = |pairs: &[(&'static str, &'static str)]| {
            let map: BTreeMap<&str, &str> = pairs.iter().copied().collect();
            PromotionSettings::from_annotations(|name| map.get(name.strip_prefix("gitops.dev/")?).copied())
        };
        let found =
            read(&[("promotion", "after-healthy"), ("promote-from", "dev"), ("healthy-for", "1h30m")])
                .unwrap();
        assert_eq!((found.mode, found.healthy_for.as_secs()), (PromotionMode::AfterHealthy, 5400));
        assert_eq!(read(&[]).unwrap().mode, PromotionMode::Off);
        assert!(read(&[("auto-rollback", "revert")]).unwrap().auto_rollback);
        for (pairs, message) in [
            (&[("promotion", "false")][..], "annotation `gitops.dev/promotion`: `false` is not `off`,"),
            (&[("promotion", "pull-request")], "annotation `gitops.dev/promote-from` is required"),
            (&[("healthy-for", "soon")], "annotation `gitops.dev/healthy-for`: `soon` is not a duration"),
        ] {
            assert!(read(pairs).unwrap_err().to_string().starts_with(message));
        }
    }

    #[test]
    fn circles_are_refused() {
        let chain = |pairs: &[(&str, &str)]| {
            check_chain(&pairs.iter().map(|(to, from)| ((*to).into(), (*from).into())).collect())
        };
        assert_eq!(chain(&[("staging", "dev"), ("prod", "staging")]), Ok(()));
        let error = chain(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]).unwrap_err();
        assert_eq!(error.to_string(), "promotion goes in a circle: a -> b -> c -> a");
        assert!(chain(&[("z", "a"), ("a", "a")]).is_err());
    }

    proptest! {
        #[test]
        fn nothing_is_promoted_before_its_time(
            times in proptest::collection::vec(0_i64..2000, 4),
            person in proptest::option::of(0_i64..2000),
        ) {
            let [committed, synced, healthy, now] = times[..] else { unreachable!() };
            let source = SourceObserved {
                committed_at: Some(at(committed)),
                synced_since: Some(at(synced)),
                healthy_since: Some(at(healthy)),
                ..source()
            };
            let target = TargetObserved { moved_by_person_at: person.map(at), ..target() };
            match promotion_step(&settings(PromotionMode::AfterHealthy), &source, &target, at(now)) {
                PromotionStep::Commit(_) => prop_assert!(now >= committed.max(synced).max(healthy) + 600),
                PromotionStep::Wait(until) => prop_assert!(until > at(now)),
                PromotionStep::Nothing(reason) => prop_assert_eq!(reason, NoPromotion::MovedByPerson),
                PromotionStep::PullRequest(_) => prop_assert!(false, "not asked for"),
            }
        }
    }
}
