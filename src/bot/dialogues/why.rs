//! Why this chat was, or was not, told of something.
//!
//! ```text
//! anna presses [❓ Why]               (under an alert)
//! alert> 🆕 New, 2026-11-05 14:00 EET, “Flats”: It was sent at 2026-11-05 14:01 EET.
//! boris presses [❓ Why]              (in a group where he watches nothing)
//! alert> 🆕 New, 2026-11-05 14:00 EET: It was sent at 2026-11-05 14:01 EET.
//! ```

use super::{Press, Scene, alert};
use crate::bot::decide::Decision;
use crate::domain::EventId;
use crate::domain::delivery::Content;
use crate::domain::why::{Verdict, WhyFacts, explain};
use crate::texts::builder::cut;
use crate::texts::why::line;

/// Most of the answer to a press, characters (api "answerCallbackQuery").
const NOTE: usize = 200;

/// Answers a press with the verdicts about the alert's change and this person's watches in this chat; others' watches
/// are nobody else's business. A change that is no longer among the latest ones is answered by the newest.
pub fn answer(scene: &Scene<'_>, press: Press<'_>, event: &EventId) -> Decision {
    let Some(facts) = &scene.view.why else { return alert::unknown(scene, press) };
    let mut own = WhyFacts {
        watches: facts.watches.iter().filter(|watch| watch.user == scene.user).cloned().collect(),
        ..facts.clone()
    };
    if own.changes.iter().any(|change| change.id() == *event) {
        own.changes.retain(|change| change.id() == *event);
        own.deliveries.retain(
            |one| matches!(&one.new.content, Content::Change { event: of, .. } if of == event),
        );
    }
    let zone = scene.view.preferences.tz();
    let verdicts = explain(&own, scene.now);
    let lines: Vec<String> =
        newest(&verdicts).iter().map(|one| line(one, zone, scene.language)).collect();
    let words = if lines.is_empty() { scene.plain("why-none") } else { lines.join("\n") };
    super::alert(press, cut(&words, NOTE))
}

/// The first verdict of each watch: changes come newest first.
fn newest(verdicts: &[Verdict]) -> Vec<&Verdict> {
    let mut first: Vec<&Verdict> = Vec::new();
    for verdict in verdicts {
        if first.iter().all(|known| known.watch != verdict.watch) {
            first.push(verdict);
        }
    }
    first
}
