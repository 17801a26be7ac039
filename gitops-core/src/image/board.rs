//! Which environment runs which tag, since when, and by whose commit.

use smol_str::SmolStr;

use super::history::{Mover, TagCommit, moves};
use super::hold::{Hold, hold};
use crate::time::Timestamp;

/// What is known of one environment and one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentFacts<'f> {
    /// Its Application.
    pub application: SmolStr,
    /// The image's entry in its overlay.
    pub image: SmolStr,
    /// The Application whose tag it takes; empty for none.
    pub promote_from: SmolStr,
    /// The tag that its objects run, where that is known.
    pub running: Option<SmolStr>,
    /// The history of the tag in its overlay, oldest first.
    pub history: &'f [TagCommit],
}

/// A row of the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardRow {
    /// The Application.
    pub application: SmolStr,
    /// The image.
    pub image: SmolStr,
    /// The tag in Git.
    pub tag: Option<SmolStr>,
    /// The tag before.
    pub previous: Option<SmolStr>,
    /// The commit that set the tag; empty where the history does not say.
    pub commit: SmolStr,
    /// Its author.
    pub author: SmolStr,
    /// When it was committed.
    pub at: Option<Timestamp>,
    /// Who moved the tag; `None` where the history does not say.
    pub mover: Option<Mover>,
    /// Whether the objects run another tag than Git says; `None` where that is not known.
    pub in_transit: Option<bool>,
    /// The tag of the environment that this one follows, where it is another one.
    pub awaits: Option<SmolStr>,
    /// The tags that were taken back here, as long as no newer one has come.
    pub hold: Option<Hold>,
}

/// One row for each environment, in their order.
///
/// `is_older` says whether one tag is older than another, where that is known.
pub fn board(environments: &[EnvironmentFacts<'_>], is_older: impl Fn(&str, &str) -> bool) -> Vec<BoardRow> {
    let tag_of = |application: &SmolStr, image: &SmolStr| {
        let found =
            environments.iter().find(|facts| facts.application == *application && facts.image == *image);
        found.and_then(|facts| facts.history.last()?.tag.clone())
    };
    let row = |facts: &EnvironmentFacts<'_>| {
        let moves = moves(&facts.image, facts.history);
        let last = moves.last();
        let tag = facts.history.last().and_then(|commit| commit.tag.clone());
        BoardRow {
            application: facts.application.clone(),
            image: facts.image.clone(),
            previous: last.and_then(|made| made.from.cloned()),
            commit: last.map(|made| made.commit.id.clone()).unwrap_or_default(),
            author: last.map(|made| made.commit.author.clone()).unwrap_or_default(),
            at: last.map(|made| made.commit.at),
            mover: last.map(|made| made.mover),
            in_transit: facts.running.as_ref().map(|running| Some(running) != tag.as_ref()),
            awaits: tag_of(&facts.promote_from, &facts.image).filter(|source| Some(source) != tag.as_ref()),
            hold: hold(&facts.image, facts.history, &is_older).filter(Hold::is_active),
            tag,
        }
    };
    environments.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::{EnvironmentFacts, board};
    use crate::image::history::{Mover, TagCommit, UPDATE_TRAILER, trailer};
    use crate::time::Timestamp;

    fn commit(second: i64, author: &str, from: Option<&str>, tag: &str) -> TagCommit {
        let trailer = trailer(UPDATE_TRAILER, "myapp", from, Some(tag));
        TagCommit {
            id: format!("c{second}").into(),
            author: author.into(),
            at: Timestamp::from_seconds(second),
            message: if author == "updater" { format!("update\n\n{trailer}") } else { "Revert".to_owned() },
            tag: Some(tag.into()),
        }
    }

    #[test]
    fn each_environment_has_its_row() {
        let dev = [commit(1, "updater", None, "aaaaaaa"), commit(2, "updater", Some("aaaaaaa"), "bbbbbbb")];
        let prod = [
            commit(3, "updater", None, "aaaaaaa"),
            commit(4, "updater", Some("aaaaaaa"), "bbbbbbb"),
            commit(5, "ada", Some("bbbbbbb"), "aaaaaaa"),
        ];
        let facts = |application: &str, from: &str, running: &str, history| EnvironmentFacts {
            application: application.into(),
            image: "myapp".into(),
            promote_from: from.into(),
            running: Some(running.into()),
            history,
        };
        let rows =
            board(&[facts("dev", "", "bbbbbbb", &dev), facts("prod", "dev", "bbbbbbb", &prod)], |_, _| false);
        assert_eq!((rows[0].tag.as_deref(), rows[0].mover), (Some("bbbbbbb"), Some(Mover::Update)));
        assert_eq!((rows[0].in_transit, &rows[0].awaits, &rows[0].hold), (Some(false), &None, &None));
        assert_eq!((rows[1].tag.as_deref(), rows[1].previous.as_deref()), (Some("aaaaaaa"), Some("bbbbbbb")));
        assert_eq!((rows[1].author.as_str(), rows[1].commit.as_str()), ("ada", "c5"));
        assert_eq!((rows[1].in_transit, rows[1].awaits.as_deref()), (Some(true), Some("bbbbbbb")));
        assert!(rows[1].hold.as_ref().is_some_and(|hold| hold.holds("bbbbbbb")));
    }
}
