//! Watches as a file, there and back.
//!
//! ```text
//! anna> /export
//! bot> Your 2 watches as a file. Send it back, changed or not, to make more of them.
//!      (watches.csv)
//! anna sends watches.csv
//! bot> Line 2: “Demo flats” is watched already.
//!      Line 3, max_price “nine”: this is no amount; write 900 or 900.50.
//!
//!      0 added, 1 there already, 0 twice in the file, 0 beyond the plan, 1 with problems.
//! ```
//!
//! A report that is too long for a message comes as a file. Imported watches send no samples: fifty at once would be
//! fifty messages.

use super::Scene;
use crate::bot::decide::Decision;
use crate::bot::event::{Body, CheckedRow};
use crate::domain::Outgoing;
use crate::domain::import::{self, Format, Owner, sort_out};
use crate::domain::message::Attachment;
use crate::store::Effect;
use crate::texts::Value;
use crate::texts::import::{file_problem, outcome_line, summary};

/// Longest report in a message, UTF-16 units.
const LONGEST: usize = 3_500;

/// Answers `/export` with the watches of this person in this chat.
pub fn export(scene: &Scene<'_>) -> Decision {
    let count = i64::try_from(scene.own().count()).unwrap_or(i64::MAX);
    if count == 0 {
        return scene.answer([Outgoing::text(scene.plain("export-none"))]);
    }
    let text = import::write(Format::Csv, scene.own(), &scene.view.own.links);
    let caption = scene.say("export-caption", &[("count", Value::Count(count))]);
    scene.answer([attached(caption, "watches.csv", text)])
}

/// Answers a file of watches.
pub fn import(scene: &Scene<'_>, body: &Body) -> Decision {
    match body {
        Body::Rest => scene.answer([Outgoing::text(scene.plain("import-file-other"))]),
        Body::Lost => scene.answer([Outgoing::text(scene.plain("import-file-not-fetched"))]),
        Body::Refused(problem) => {
            scene.answer([Outgoing::text(file_problem(scene.language, problem))])
        }
        Body::Rows(rows) => take(scene, rows),
    }
}

fn take(scene: &Scene<'_>, rows: &[CheckedRow]) -> Decision {
    let owner = Owner {
        user: scene.user,
        chat: scene.place.chat,
        kind: Some(scene.place.kind),
        thread: scene.place.thread,
        language: scene.language,
    };
    let own = &scene.view.own;
    let (made, report) = sort_out(rows.to_vec(), &owner, &own.watches, own.allowance(), scene.now);
    let lines: Vec<String> = report
        .rows
        .iter()
        .map(|(line, outcome)| outcome_line(scene.language, *line, outcome))
        .collect();
    let (lines, sum) = (lines.join("\n"), summary(scene.language, &report));
    let message = match lines.encode_utf16().count() <= LONGEST {
        true => Outgoing::text(format!("{lines}\n\n{sum}")),
        false => {
            let caption = format!("{sum}\n\n{}", scene.plain("import-report-attached"));
            attached(caption, "report.txt", format!("{lines}\n\n{sum}\n"))
        }
    };
    let mut decision = scene.answer([message]);
    decision.effects.extend(made.into_iter().map(|new| Effect::AddWatch(Box::new(new))));
    decision
}

fn attached(caption: String, name: &str, content: String) -> Outgoing {
    let document = Some(Attachment { name: name.to_owned(), content });
    Outgoing { document, ..Outgoing::text(caption) }
}
