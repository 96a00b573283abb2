//! What is wrong with a watch that the Mini App asks for, in words.

use super::{Value, filter, import, plain, say};
use crate::domain::Language;
use crate::domain::import::check::MOST_SOURCES;
use crate::domain::wish::Fault;

/// What is wrong, and what to do.
pub fn fault(language: Language, fault: &Fault) -> String {
    match fault {
        Fault::Name => plain(language, "app-fault-name"),
        Fault::NoSources => plain(language, "app-fault-no-sources"),
        Fault::TooManySources => {
            let most = MOST_SOURCES.to_string();
            say(language, "app-fault-too-many-sources", &[("most", Value::Text(&most))])
        }
        Fault::Source(_, what) => import::what(language, what),
        Fault::Filter(problem) => filter::problem(language, problem),
        Fault::Move => plain(language, "app-fault-move"),
        Fault::Digest => plain(language, "app-fault-digest"),
    }
}
