//! Tags that were taken back and must not come again, derived from the history of the field that holds the tag.
//!
//! Nothing is stored: a revert in Git is the record. Without this rule an image updater undoes every revert at
//! its next round.

use smol_str::SmolStr;

use super::history::{Mover, TagCommit, TagMove, moves, releases};
use super::policy::{Floor, HeldTags};
use crate::time::Timestamp;

/// The tags of one image that were taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The tags, and the one above which the next must stand, as long as none has.
    pub held: HeldTags,
    /// When the last of them was taken back.
    pub since: Timestamp,
    /// Who took it back.
    pub by: SmolStr,
    /// The commit that took it back.
    pub commit: SmolStr,
}

impl Hold {
    /// Whether this tag was taken back.
    pub fn holds(&self, tag: &str) -> bool {
        self.held.tags.iter().any(|held| held == tag)
    }

    /// Whether no newer tag has come since.
    pub fn is_active(&self) -> bool {
        self.held.floor.is_some()
    }
}

/// A release that failed, to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollback {
    /// The tag that failed.
    pub from: SmolStr,
    /// The tag before it.
    pub to: SmolStr,
    /// The commit to revert.
    pub commit: SmolStr,
}

/// The hold on `image`, from the history of its tag in one file, oldest first.
///
/// A person who sets the tag to one that the file had before, or that `is_older` than the one it replaces, takes
/// that one back, and so does an automatic rollback. A tag that was taken back is held for good: until a person
/// sets it again, or a commit has the trailer `Image-Release: IMAGE`. What is older than it is held until a newer
/// tag has come.
pub fn hold(image: &str, history: &[TagCommit], is_older: impl Fn(&str, &str) -> bool) -> Option<Hold> {
    let moves = moves(image, history);
    let mut current: Option<Hold> = None;
    for commit in history {
        if releases(image, commit) {
            current = None;
        }
        if let Some(at) = moves.iter().position(|made| std::ptr::eq(made.commit, commit)) {
            current = after_move(current, &moves, at, &is_older);
        }
    }
    current
}

fn after_move(
    mut hold: Option<Hold>,
    moves: &[TagMove<'_>],
    at: usize,
    is_older: &impl Fn(&str, &str) -> bool,
) -> Option<Hold> {
    let (earlier, made) = (moves.get(..at)?, moves.get(at)?);
    let (Some(from), Some(to)) = (made.from, &made.commit.tag) else { return hold };
    let again = hold.as_ref().is_some_and(|hold| hold.holds(to));
    let backwards = match made.mover {
        Mover::Update => false,
        Mover::Rollback => true,
        Mover::Person => !again && (had_before(earlier, to) || is_older(to, from)),
    };
    if let Some(hold) = &mut hold {
        hold.held.tags.retain(|tag| tag != to);
        if !backwards {
            hold.held.floor = None;
        }
    }
    if !backwards {
        return hold.filter(|hold| !hold.held.tags.is_empty());
    }
    let mut taken_back = hold.map(|hold| hold.held).unwrap_or_default();
    let written_at = earlier.last().map_or(made.commit.at, |written| written.commit.at);
    taken_back.floor.get_or_insert_with(|| Floor { tag: from.clone(), written_at });
    taken_back.tags.retain(|tag| tag != from);
    taken_back.tags.push(from.clone());
    Some(Hold {
        held: taken_back,
        since: made.commit.at,
        by: made.commit.author.clone(),
        commit: made.commit.id.clone(),
    })
}

fn had_before(earlier: &[TagMove<'_>], tag: &SmolStr) -> bool {
    earlier.iter().any(|made| made.commit.tag.as_ref() == Some(tag))
}

/// What to take back after the release of `failed` did not come up: the commit that brought it, and the tag before.
///
/// `None` where the file has moved on, where nothing stood before, and where `failed` was itself come back to:
/// a rollback is never rolled back.
pub fn roll_back(image: &str, history: &[TagCommit], failed: &str) -> Option<Rollback> {
    let moves = moves(image, history);
    let (last, earlier) = moves.split_last()?;
    let from = last.commit.tag.as_ref().filter(|tag| *tag == failed)?;
    let to = last.from?;
    let came_back = last.mover == Mover::Rollback || had_before(earlier, from);
    (!came_back).then(|| Rollback { from: from.clone(), to: to.clone(), commit: last.commit.id.clone() })
}

/// When a person moved the tag last.
pub fn moved_by_person_at(image: &str, history: &[TagCommit]) -> Option<Timestamp> {
    let by_person = |made: &&TagMove<'_>| made.mover == Mover::Person;
    moves(image, history).iter().rfind(by_person).map(|made| made.commit.at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::history::{RELEASE_TRAILER, ROLLBACK_TRAILER, TagCommit, UPDATE_TRAILER, trailer};
    use super::{hold, roll_back};
    use crate::time::Timestamp;

    /// A history of `WHO TAG` steps: `u` the updater, `r` a rollback, `p` a person, `x` a release by a person.
    fn history(steps: &[(char, &str)]) -> Vec<TagCommit> {
        let mut before: Option<&str> = None;
        let mut commits = vec![];
        for (at, (who, tag)) in steps.iter().enumerate() {
            let trailer = match who {
                'u' => trailer(UPDATE_TRAILER, "myapp", before, Some(tag)),
                'r' => trailer(ROLLBACK_TRAILER, "myapp", before, Some(tag)),
                'x' => format!("{RELEASE_TRAILER}: myapp"),
                _ => "Signed-off-by: a person".to_owned(),
            };
            commits.push(TagCommit {
                id: format!("c{at}").into(),
                author: who.to_string().into(),
                at: Timestamp::from_seconds(i64::try_from(at).unwrap()),
                message: format!("subject\n\nbody\n\n{trailer}\n"),
                tag: Some((*tag).into()),
            });
            before = Some(tag);
        }
        commits
    }

    /// The floor, and the tags that were taken back.
    fn held(steps: &[(char, &str)]) -> String {
        let Some(hold) = hold("myapp", &history(steps), |a, b| a < b) else { return String::new() };
        let floor = hold.held.floor.as_ref().map_or("-", |floor| floor.tag.as_str());
        format!("{floor} {}", hold.held.tags.join(" "))
    }

    #[test]
    fn a_tag_that_was_taken_back_is_held() {
        for (steps, expected) in [
            (&[('u', "a"), ('u', "b")][..], ""),
            (&[('u', "a"), ('u', "b"), ('p', "a")], "b b"),
            (&[('u', "a"), ('u', "b"), ('u', "c"), ('p', "b"), ('p', "a")], "c c b"),
            (&[('u', "b"), ('u', "c"), ('p', "a")], "c c"),
            (&[('u', "a"), ('u', "b"), ('p', "a"), ('u', "c")], "- b"),
            (&[('u', "a"), ('u', "b"), ('p', "a"), ('u', "c"), ('p', "a")], "c b c"),
            (&[('u', "a"), ('u', "b"), ('p', "a"), ('p', "b")], ""),
            (&[('u', "a"), ('u', "b"), ('p', "a"), ('p', "d")], "- b"),
            (&[('u', "a"), ('u', "b"), ('p', "a"), ('x', "a")], ""),
            (&[('u', "a"), ('u', "b"), ('r', "a")], "b b"),
            (&[('u', "a"), ('p', "b")], ""),
        ] {
            assert_eq!(held(steps), expected, "{steps:?}");
        }
    }

    #[test]
    fn a_hold_names_who_and_when() {
        let found = hold("myapp", &history(&[('u', "a"), ('u', "b"), ('p', "a")]), |_, _| false).unwrap();
        assert_eq!((found.by.as_str(), found.commit.as_str()), ("p", "c2"));
        let written_at = found.held.floor.as_ref().map(|floor| floor.written_at);
        assert_eq!(
            (written_at, Some(found.since)),
            (Some(Timestamp::from_seconds(1)), Some(Timestamp::from_seconds(2)))
        );
    }

    #[test]
    fn a_trailer_for_another_image_or_tag_is_not_ours() {
        let mut commits = history(&[('u', "a"), ('u', "b"), ('u', "a")]);
        assert_eq!(hold("myapp", &commits, |_, _| false), None);
        commits[2].message = format!("x\n\n{}", trailer(UPDATE_TRAILER, "other", Some("b"), Some("a")));
        assert!(hold("myapp", &commits, |_, _| false).is_some());
        commits[2].message = format!("Revert\n\n{}", trailer(UPDATE_TRAILER, "myapp", Some("a"), Some("b")));
        assert!(hold("myapp", &commits, |_, _| false).is_some());
    }

    #[test]
    fn a_failed_release_is_taken_back_once() {
        let commits = history(&[('u', "a"), ('u', "b")]);
        let found = roll_back("myapp", &commits, "b").unwrap();
        assert_eq!((found.from.as_str(), found.to.as_str(), found.commit.as_str()), ("b", "a", "c1"));
        assert_eq!(roll_back("myapp", &commits, "a"), None, "the file has moved on");
        assert_eq!(roll_back("myapp", &commits[..1], "a"), None, "nothing stood before");
        for who in ['r', 'p'] {
            let back = history(&[('u', "a"), ('u', "b"), (who, "a")]);
            assert_eq!(roll_back("myapp", &back, "a"), None, "no way back from a way back");
        }
    }

    proptest! {
        #[test]
        fn the_tag_that_stands_is_never_held(steps in proptest::collection::vec(("[urpx]", "[a-d]"), 0..12)) {
            let steps: Vec<(char, &str)> =
                steps.iter().map(|(who, tag)| (who.chars().next().unwrap(), tag.as_str())).collect();
            let commits = history(&steps);
            if let (Some(hold), Some(last)) = (hold("myapp", &commits, |a, b| a < b), commits.last()) {
                prop_assert!(!hold.holds(last.tag.as_deref().unwrap()));
            }
        }
    }
}
