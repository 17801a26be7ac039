//! The history of one image's tag in one file, as commits say it, and the trailers that our own commits carry.

use smol_str::SmolStr;

use crate::time::Timestamp;

/// A commit that touched the file, with the tag that the file has for the image after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagCommit {
    /// Its id.
    pub id: SmolStr,
    /// Who wrote it.
    pub author: SmolStr,
    /// When it was committed.
    pub at: Timestamp,
    /// Its whole message.
    pub message: String,
    /// The tag after it; `None` where the file has none for the image.
    pub tag: Option<SmolStr>,
}

/// Who moved a tag, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mover {
    /// A person, or a tool that is not ours.
    Person,
    /// The image updater or a promotion.
    Update,
    /// The automatic rollback of a release that failed.
    Rollback,
}

/// One move of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagMove<'h> {
    /// The commit that made it.
    pub commit: &'h TagCommit,
    /// The tag before.
    pub from: Option<&'h SmolStr>,
    /// Who made it.
    pub mover: Mover,
}

/// The trailer of a commit that takes a tag up.
pub const UPDATE_TRAILER: &str = "Image-Update";
/// The trailer of a commit that takes a failed tag back.
pub const ROLLBACK_TRAILER: &str = "Image-Rollback";
/// The trailer with which a person lets the held tags of an image through again.
pub const RELEASE_TRAILER: &str = "Image-Release";

/// The trailer line that says that a commit moved the tag of `image`; `-` stands for no tag.
pub fn trailer(name: &str, image: &str, from: Option<&str>, to: Option<&str>) -> String {
    format!("{name}: {image} {} {}", from.unwrap_or("-"), to.unwrap_or("-"))
}

/// The moves of the tag of `image`, oldest first, from its history in the same order.
///
/// A commit is ours when its trailer names this image and the tag that it left. A `git revert` of such a commit
/// is not: Git does not take the trailer over, and if a person did, it would name the other tag.
pub fn moves<'h>(image: &str, history: &'h [TagCommit]) -> Vec<TagMove<'h>> {
    let mut before: Option<&SmolStr> = None;
    let mut found = vec![];
    for commit in history {
        let from = before;
        before = commit.tag.as_ref();
        if before != from {
            found.push(TagMove { commit, from, mover: mover(image, commit) });
        }
    }
    found
}

fn mover(image: &str, commit: &TagCommit) -> Mover {
    let left = commit.tag.as_deref().unwrap_or("-");
    let says = |name: &str| {
        trailers(&commit.message, name).any(|value| {
            let mut words = value.split_whitespace();
            words.next() == Some(image) && words.nth(1) == Some(left) && words.next().is_none()
        })
    };
    if says(ROLLBACK_TRAILER) {
        Mover::Rollback
    } else if says(UPDATE_TRAILER) {
        Mover::Update
    } else {
        Mover::Person
    }
}

/// Whether the commit lets the held tags of `image` through again.
pub(super) fn releases(image: &str, commit: &TagCommit) -> bool {
    trailers(&commit.message, RELEASE_TRAILER).any(|value| value == image)
}

/// The values of the trailers of this name: of the lines of the last paragraph.
fn trailers<'m>(message: &'m str, name: &'m str) -> impl Iterator<Item = &'m str> {
    let paragraph = message.trim_end().rsplit("\n\n").next().unwrap_or_default();
    paragraph.lines().filter_map(move |line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
}
