//! The choice itself.

use std::cmp::Ordering;
use std::fmt;

use smol_str::SmolStr;

use super::{Floor, Tag, TagOrder, TagPolicy};
use crate::glob::path_match;
use crate::image::semver::Version;
use crate::time::Timestamp;

/// What a policy chose.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice<'a> {
    /// The tag to run; `None` where no candidate counts, which means that nothing is to be changed.
    pub tag: Option<&'a Tag>,
    /// Whether the chosen tag, or under `digest` the image behind it, is another than the current one.
    pub changed: bool,
    /// Every other candidate, in the order of the candidates.
    pub passed_over: Vec<PassedOver<'a>>,
}

/// A candidate that was not chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct PassedOver<'a> {
    /// The candidate.
    pub tag: &'a Tag,
    /// Why.
    pub reason: Reason,
}

/// Why a candidate was not chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The allow filter does not let it through.
    NotAllowed,
    /// An ignore glob matches it.
    Ignored(SmolStr),
    /// It was pushed after the last time that counts.
    PushedTooLate(Timestamp),
    /// The registry does not say when it was pushed.
    NoPushTime,
    /// Its configuration does not say when it was built.
    NoBuildTime,
    /// It is not a semantic version.
    NotAVersion,
    /// It is not a number.
    NotANumber,
    /// It is a version outside of the constraint.
    OutsideConstraint,
    /// The policy follows another tag.
    NotTheFollowedTag,
    /// It is a tag that was taken back, or does not stand above it.
    Held(SmolStr),
    /// Another tag stands above it.
    Below(SmolStr),
    /// It ties with the chosen tag, which is the current one or the last in byte order.
    TiesWith(SmolStr),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed => f.write_str("the allow filter does not match"),
            Self::Ignored(glob) => write!(f, "ignored by `{glob}`"),
            Self::PushedTooLate(limit) => write!(f, "pushed after {limit}"),
            Self::NoPushTime => f.write_str("the registry gives no push time"),
            Self::NoBuildTime => f.write_str("the image gives no build time"),
            Self::NotAVersion => f.write_str("not a version"),
            Self::NotANumber => f.write_str("not a number"),
            Self::OutsideConstraint => f.write_str("outside of the constraint"),
            Self::NotTheFollowedTag => f.write_str("not the tag that is followed"),
            Self::Held(tag) => write!(f, "held: `{tag}` was taken back"),
            Self::Below(tag) => write!(f, "below `{tag}`"),
            Self::TiesWith(tag) => write!(f, "ties with `{tag}`"),
        }
    }
}

/// The place of a tag in the order of a policy.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Rank {
    Time(Timestamp),
    Version(Version),
    Number(f64),
    Name(SmolStr),
    Same,
}

impl TagPolicy {
    /// Chooses among `candidates`, whose order does not matter.
    ///
    /// Of tags that tie, `current` is kept if it is among them, else the last one in byte order is taken. By
    /// `semver`, `newest-build` and `alphabetical` the last one is taken always, as in Argo CD Image Updater.
    pub fn choose<'a>(&self, current: Option<&Tag>, candidates: &'a [Tag]) -> Choice<'a> {
        let ranks: Vec<Result<Rank, Reason>> = candidates.iter().map(|tag| self.rank(tag)).collect();
        let floor = self.held.floor.as_ref().and_then(|floor| self.rank_of_floor(floor, candidates));
        let above_floor = |rank: &Rank| floor.as_ref().is_none_or(|floor| rank > floor);
        let best = candidates
            .iter()
            .zip(&ranks)
            .filter_map(|(tag, rank)| Some((tag, rank.as_ref().ok()?)))
            .filter(|(_, rank)| above_floor(rank))
            .max_by(|a, b| self.compare(*a, *b, current));
        let kept = || {
            let is_current = |tag: &&Tag| current.is_some_and(|now| now.name == tag.name);
            candidates.iter().find(is_current).filter(|_| floor.is_some())
        };
        let chosen = best.map(|(tag, _)| tag).or_else(kept);
        let reason = |rank: &Result<Rank, Reason>| match (rank, best, &self.held.floor) {
            (Err(reason), _, _) => reason.clone(),
            (Ok(rank), _, Some(held)) if !above_floor(rank) => Reason::Held(held.tag.clone()),
            (Ok(rank), Some((best, best_rank)), _) if rank == best_rank => {
                Reason::TiesWith(best.name.clone())
            }
            (Ok(_), best, _) => Reason::Below(best.map(|(tag, _)| tag.name.clone()).unwrap_or_default()),
        };
        let passed_over = candidates
            .iter()
            .zip(&ranks)
            .filter(|(tag, _)| chosen.is_none_or(|chosen| !std::ptr::eq(*tag, chosen)))
            .map(|(tag, rank)| PassedOver { tag, reason: reason(rank) })
            .collect();
        let changed = chosen.is_some_and(|tag| self.differs(current, tag));
        Choice { tag: chosen, changed, passed_over }
    }

    fn differs(&self, current: Option<&Tag>, chosen: &Tag) -> bool {
        let Some(current) = current else { return true };
        let follows_digest = matches!(self.order, TagOrder::Digest(_));
        current.name != chosen.name || follows_digest && current.digest != chosen.digest
    }

    fn compare(&self, a: (&Tag, &Rank), b: (&Tag, &Rank), current: Option<&Tag>) -> Ordering {
        let keeps_current = matches!(self.order, TagOrder::PushTime | TagOrder::Numerical);
        let is_current = |tag: &Tag| keeps_current && current.is_some_and(|now| now.name == tag.name);
        a.1.partial_cmp(b.1)
            .unwrap_or(Ordering::Equal)
            .then_with(|| is_current(a.0).cmp(&is_current(b.0)))
            .then_with(|| a.0.name.cmp(&b.0.name))
    }

    /// The place of a tag in the order, or why it has none.
    fn rank(&self, tag: &Tag) -> Result<Rank, Reason> {
        if !self.allow.admits(&tag.name) {
            return Err(Reason::NotAllowed);
        }
        if self.held.tags.contains(&tag.name) {
            return Err(Reason::Held(tag.name.clone()));
        }
        if let Some(glob) = self.ignore.iter().find(|glob| path_match(glob, &tag.name) == Ok(true)) {
            return Err(Reason::Ignored(glob.clone()));
        }
        if let (Some(limit), Some(pushed_at)) = (self.not_after, tag.pushed_at)
            && pushed_at > limit
        {
            return Err(Reason::PushedTooLate(limit));
        }
        self.rank_by_order(tag)
    }

    fn rank_by_order(&self, tag: &Tag) -> Result<Rank, Reason> {
        match &self.order {
            TagOrder::PushTime => tag.pushed_at.map(Rank::Time).ok_or(Reason::NoPushTime),
            TagOrder::NewestBuild => tag.built_at.map(Rank::Time).ok_or(Reason::NoBuildTime),
            TagOrder::Semver(constraint) => {
                let version = Version::parse_loose(&tag.name).ok_or(Reason::NotAVersion)?;
                if constraint.admits(&version) {
                    Ok(Rank::Version(version))
                } else {
                    Err(Reason::OutsideConstraint)
                }
            }
            TagOrder::Alphabetical => Ok(Rank::Name(tag.name.clone())),
            TagOrder::Numerical => {
                let number = tag.name.parse().ok().filter(|number: &f64| !number.is_nan());
                number.map(Rank::Number).ok_or(Reason::NotANumber)
            }
            TagOrder::Digest(followed) if *followed == tag.name => Ok(Rank::Same),
            TagOrder::Digest(_) => Err(Reason::NotTheFollowedTag),
        }
    }

    /// The place of the tag that was taken back, from the registry or, where that no longer has it, from what is
    /// known of it. `None` where it has no place: then it holds back nothing.
    fn rank_of_floor(&self, floor: &Floor, candidates: &[Tag]) -> Option<Rank> {
        let gone = Tag {
            name: floor.tag.clone(),
            pushed_at: Some(floor.written_at),
            built_at: Some(floor.written_at),
            digest: None,
        };
        let tag = candidates.iter().find(|tag| tag.name == floor.tag).unwrap_or(&gone);
        self.rank_by_order(tag).or_else(|_| self.rank_by_order(&gone)).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Floor, HeldTags, Tag, TagFilter, TagPolicy};
    use super::Reason;
    use crate::time::Timestamp;

    fn pushed(name: &str, second: i64) -> Tag {
        Tag { name: name.into(), pushed_at: Some(Timestamp::from_millis(second * 1000)), ..Tag::default() }
    }

    fn policy() -> TagPolicy {
        TagPolicy::push_time(TagFilter::regex("^[0-9a-f]{7}$").unwrap())
    }

    #[test]
    fn every_tag_passed_over_has_a_reason() {
        let mut policy = policy();
        policy.ignore = vec!["c*".into()];
        policy.not_after = Some(Timestamp::from_millis(50_000));
        let tags = [
            pushed("a3f2c1b", 10),
            pushed("b4e9d0c", 20),
            pushed("aaaaaaa", 20),
            pushed("latest", 20),
            pushed("ccccccc", 30),
            pushed("ddddddd", 60),
            Tag::named("eeeeeee"),
        ];
        let choice = policy.choose(Some(&tags[0]), &tags);
        assert_eq!(choice.tag, Some(&tags[1]));
        assert!(choice.changed);
        let reasons: Vec<Reason> = choice.passed_over.into_iter().map(|passed| passed.reason).collect();
        assert_eq!(
            reasons,
            [
                Reason::Below("b4e9d0c".into()),
                Reason::TiesWith("b4e9d0c".into()),
                Reason::NotAllowed,
                Reason::Ignored("c*".into()),
                Reason::PushedTooLate(Timestamp::from_millis(50_000)),
                Reason::NoPushTime,
            ]
        );
    }

    #[test]
    fn a_hold_waits_for_a_tag_above_the_one_taken_back() {
        let mut policy = policy();
        let floor = Floor { tag: "b4e9d0c".into(), written_at: Timestamp::from_millis(25_000) };
        policy.held = HeldTags { tags: vec!["b4e9d0c".into()], floor: Some(floor) };
        let mut tags = vec![pushed("a3f2c1b", 10), pushed("b4e9d0c", 20), pushed("0000001", 20)];
        let choice = policy.choose(Some(&tags[0]), &tags);
        assert_eq!((choice.tag, choice.changed), (Some(&tags[0]), false));
        tags.push(pushed("0000002", 30));
        assert_eq!(policy.choose(Some(&tags[0]), &tags).tag, Some(&tags[3]));
        // Without the held tag, the time at which it was written stands in.
        let rest = [pushed("a3f2c1b", 10), pushed("0000001", 24), pushed("0000002", 30)];
        assert_eq!(policy.choose(Some(&rest[0]), &rest).tag, Some(&rest[2]));
        assert!(!policy.choose(Some(&rest[0]), &rest[..2]).changed);
        // Once passed, a tag that was taken back still does not come again.
        policy.held.floor = None;
        assert_eq!(policy.choose(None, &tags[..3]).tag, Some(&tags[2]));
    }

    proptest! {
        #[test]
        fn the_order_of_the_listing_does_not_matter(
            times in proptest::collection::vec((0_u8..4, "[0-9a-f]{7}"), 0..12),
            keep in 0_usize..12,
            turn in 0_usize..12,
        ) {
            let mut tags: Vec<Tag> = times.iter().map(|(second, name)| pushed(name, i64::from(*second))).collect();
            tags.sort_by(|a, b| a.name.cmp(&b.name));
            tags.dedup_by(|a, b| a.name == b.name);
            let current = tags.get(keep).cloned();
            let choice = policy().choose(current.as_ref(), &tags).tag.cloned();
            let mut turned = tags.clone();
            turned.rotate_left(turn % tags.len().max(1));
            prop_assert_eq!(policy().choose(current.as_ref(), &turned).tag.cloned(), choice.clone());
            let latest = tags.iter().filter_map(|tag| tag.pushed_at).max();
            prop_assert_eq!(choice.and_then(|tag| tag.pushed_at), latest);
        }

        #[test]
        fn choosing_again_changes_nothing(times in proptest::collection::vec((0_u8..4, "[0-9a-f]{7}"), 0..12)) {
            let tags: Vec<Tag> = times.iter().map(|(second, name)| pushed(name, i64::from(*second))).collect();
            if let Some(tag) = policy().choose(None, &tags).tag {
                prop_assert!(!policy().choose(Some(tag), &tags).changed);
            }
        }
    }
}
