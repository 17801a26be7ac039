//! The demo tells its whole story: every expected state is reached, and the same story is told each time.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::cell::RefCell;
use std::rc::Rc;

/// How the line of a chapter's heading begins: bold and cyan, which no other line does.
const HEADING: &str = "\u{1b}[1m\u{1b}[36m";

/// Plays the demo; returns how many states it reached, and what it printed.
fn play() -> (usize, String) {
    let text = Rc::new(RefCell::new(String::new()));
    let printed = Rc::clone(&text);
    let reached = gitops_bin::demo::run(move |piece| printed.borrow_mut().push_str(piece)).unwrap();
    (reached, text.take())
}

/// How many states each chapter says to have reached.
fn chapters(text: &str) -> Vec<usize> {
    let mut counts = vec![];
    for line in text.lines() {
        if line.starts_with(HEADING) {
            counts.push(0);
        } else if line.contains('✔')
            && let Some(last) = counts.last_mut()
        {
            *last += 1;
        }
    }
    counts
}

#[test]
fn every_expected_state_is_reached_and_two_runs_print_the_same() {
    let again = std::thread::spawn(play);
    let (reached, text) = play();
    let chapters = chapters(&text);
    assert_eq!(chapters.len(), 10, "{text}");
    assert!(chapters.iter().all(|states| *states > 0), "{chapters:?}");
    assert_eq!(chapters.iter().sum::<usize>(), reached);
    let (_, again) = again.join().unwrap();
    let differing = text.lines().zip(again.lines()).find(|(first, second)| first != second);
    assert_eq!(differing, None);
    assert_eq!(text, again);
}
