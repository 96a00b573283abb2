//! The checker: compares what the witness saw (the sandbox's journal) with what the record says. Pure.
//!
//! Laws, for each delivery and each chat:
//! 1. every delivery ends, and every one that the record calls sent was accepted at least once: else it is *lost*;
//! 2. copies beyond the first are at most the doubts that the record names: else they are *unexplained*;
//! 3. in a chat the first copies were accepted in the order of writing: else they are *disordered*. What a person
//!    sent again later is no part of it;
//! 4. no call goes to a chat before the time that a refusal asked for is over: else it is *early*.

use std::collections::{BTreeMap, BTreeSet};

use magpie::domain::DeliveryState;
use serde_json::Value;

/// A call that the witness saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// To which chat.
    pub chat: i64,
    /// The text, by which deliveries are known.
    pub mark: String,
    /// When it arrived, and when it was decided (ms).
    pub at: i64,
    /// See `at`.
    pub decided_at: i64,
    /// What was decided.
    pub verdict: Verdict,
}

/// What the witness decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It counts as a message.
    Accepted,
    /// 429: not before so many seconds. `ordered`: by a rule of ours, not by the limits.
    Wait {
        /// Seconds.
        seconds: i64,
        /// See above.
        ordered: bool,
    },
    /// Anything else.
    Refused,
}

/// A delivery in the record, in the order of writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// To which chat.
    pub chat: i64,
    /// Its text.
    pub mark: String,
    /// How it ended.
    pub state: DeliveryState,
    /// How often it was in doubt.
    pub doubts: i64,
    /// It had been set aside and a person sent it again.
    pub requeued: bool,
}

/// What the checker found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// Deliveries.
    pub deliveries: usize,
    /// Accepted calls.
    pub accepted: usize,
    /// Marks that broke law 1.
    pub lost: Vec<String>,
    /// Copies beyond the first of each delivery.
    pub duplicates: usize,
    /// Marks that broke law 2.
    pub unexplained: Vec<String>,
    /// Marks that broke law 3.
    pub disordered: Vec<String>,
    /// Marks that broke law 4.
    pub early: Vec<String>,
    /// Doubts in the record.
    pub doubts: i64,
    /// Deliveries that stay unknown by policy.
    pub unknown: usize,
    /// Unknown ones that were never accepted.
    pub unknown_lost: usize,
    /// 429 that the limits made.
    pub refused_by_limits: usize,
    /// Accepted calls that no delivery explains.
    pub strangers: usize,
}

/// Reads a line of the journal; nothing when it is no message.
pub fn call_of(line: &Value) -> Option<Call> {
    let method = line["method"].as_str()?.to_lowercase();
    if line["kind"] != "call" || !["sendmessage", "sendphoto"].contains(&method.as_str()) {
        return None;
    }
    let params = &line["params"];
    let chat = params["chat_id"].as_i64().or_else(|| params["chat_id"].as_str()?.parse().ok())?;
    let mark = params["text"].as_str().or(params["caption"].as_str()).unwrap_or_default();
    let verdict = match (line["decision"] == "accepted", line["retry_after"].as_i64()) {
        (true, _) => Verdict::Accepted,
        (false, Some(seconds)) => Verdict::Wait { seconds, ordered: !line["fault"].is_null() },
        (false, None) => Verdict::Refused,
    };
    let (at, decided_at) = (line["at"].as_i64()?, line["answer_at"].as_i64()?);
    Some(Call { chat, mark: mark.to_owned(), at, decided_at, verdict })
}

/// Holds the laws against calls in the order of their decision and rows in the order of writing.
pub fn check(calls: &[Call], rows: &[Row]) -> Findings {
    let mut found = Findings { deliveries: rows.len(), ..Findings::default() };
    let copies = copies(calls);
    found.accepted = copies.values().map(Vec::len).sum();
    for row in rows {
        let got = copies.get(&(row.chat, row.mark.as_str())).map_or(0, Vec::len);
        copies_of(row, got, &mut found);
    }
    let known: BTreeSet<_> = rows.iter().map(|row| (row.chat, row.mark.as_str())).collect();
    found.strangers = copies.keys().filter(|key| !known.contains(*key)).count();
    found.disordered = disordered(rows, &copies);
    found.early = early(calls);
    let by_limits = |call: &&Call| matches!(call.verdict, Verdict::Wait { ordered: false, .. });
    found.refused_by_limits = calls.iter().filter(by_limits).count();
    found
}

/// The places of the accepted calls of each delivery.
fn copies(calls: &[Call]) -> BTreeMap<(i64, &str), Vec<usize>> {
    let mut copies: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (place, call) in calls.iter().enumerate() {
        if call.verdict == Verdict::Accepted {
            copies.entry((call.chat, call.mark.as_str())).or_default().push(place);
        }
    }
    copies
}

fn copies_of(row: &Row, got: usize, found: &mut Findings) {
    found.doubts += row.doubts;
    let beyond = got.saturating_sub(1);
    found.duplicates += beyond;
    if beyond > usize::try_from(row.doubts).unwrap_or(0) {
        found.unexplained.push(row.mark.clone());
    }
    match row.state {
        DeliveryState::Sent if got > 0 => {}
        DeliveryState::Unknown => {
            found.unknown += 1;
            found.unknown_lost += usize::from(got == 0);
        }
        _ => found.lost.push(row.mark.clone()),
    }
}

fn disordered(rows: &[Row], copies: &BTreeMap<(i64, &str), Vec<usize>>) -> Vec<String> {
    let mut last: BTreeMap<i64, usize> = BTreeMap::new();
    let mut marks = Vec::new();
    for row in rows.iter().filter(|row| !row.requeued) {
        let Some(first) = copies.get(&(row.chat, row.mark.as_str())).and_then(|all| all.first())
        else {
            continue;
        };
        let before = last.entry(row.chat).or_insert(0);
        if first < before {
            marks.push(row.mark.clone());
        }
        *before = (*before).max(*first);
    }
    marks
}

fn early(calls: &[Call]) -> Vec<String> {
    let mut closed: BTreeMap<i64, i64> = BTreeMap::new();
    let mut marks = Vec::new();
    for call in calls {
        if closed.get(&call.chat).is_some_and(|until| call.at < *until) {
            marks.push(call.mark.clone());
        }
        if let Verdict::Wait { seconds, .. } = call.verdict {
            let until = call.decided_at + seconds * 1_000;
            let stored = closed.entry(call.chat).or_insert(until);
            *stored = (*stored).max(until);
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> (Vec<Call>, Vec<Row>) {
        let mut calls = Vec::new();
        let mut rows = Vec::new();
        for n in 0..12_i64 {
            let (chat, mark) = (n % 3, format!("d{n}"));
            let at = n * 100;
            let call = Call { chat, mark, at, decided_at: at + 1, verdict: Verdict::Accepted };
            let (mark, state) = (call.mark.clone(), DeliveryState::Sent);
            rows.push(Row { chat, mark, state, doubts: 0, requeued: false });
            calls.push(call);
        }
        (calls, rows)
    }

    fn clean(found: &Findings) -> bool {
        let broken = [&found.lost, &found.unexplained, &found.disordered, &found.early];
        broken.iter().all(|marks| marks.is_empty()) && found.strangers == 0
    }

    #[test]
    fn a_good_run_has_no_findings() {
        let (calls, rows) = world();
        let found = check(&calls, &rows);
        assert!(clean(&found), "{found:?}");
        assert_eq!((found.deliveries, found.accepted, found.duplicates), (12, 12, 0));
    }

    /// What a planted defect is to be found as.
    fn planted(defect: impl FnOnce(&mut Vec<Call>, &mut Vec<Row>)) -> Findings {
        let (mut calls, mut rows) = world();
        defect(&mut calls, &mut rows);
        check(&calls, &rows)
    }

    #[test]
    fn a_dropped_message_is_found() {
        let found = planted(|calls, _| drop(calls.remove(4)));
        assert_eq!(found.lost, ["d4"]);
    }

    #[test]
    fn a_delivery_that_never_ends_is_found() {
        for state in [DeliveryState::Pending, DeliveryState::Sending, DeliveryState::Dead] {
            let found = planted(|_, rows| rows[3].state = state);
            assert_eq!(found.lost, ["d3"]);
        }
        let found = planted(|_, rows| drop(rows.remove(3)));
        assert_eq!(found.strangers, 1, "a row that vanished");
    }

    #[test]
    fn a_doubled_message_is_found_and_one_in_doubt_is_explained() {
        let twice = |calls: &mut Vec<Call>| calls.push(calls[5].clone());
        let found = planted(|calls, _| twice(calls));
        assert_eq!((found.unexplained.as_slice(), found.duplicates), (&["d5".to_owned()][..], 1));
        let found = planted(|calls, rows| {
            twice(calls);
            rows[5].doubts = 1;
        });
        assert!(clean(&found) && found.duplicates == 1, "{found:?}");
        let found = planted(|calls, rows| {
            twice(calls);
            twice(calls);
            rows[5].doubts = 1;
        });
        assert_eq!(found.unexplained, ["d5"], "one copy more than there were doubts");
    }

    #[test]
    fn swapped_messages_are_found_within_a_chat_only() {
        let found = planted(|calls, _| calls.swap(0, 3));
        assert_eq!(found.disordered, ["d3"]);
        let found = planted(|calls, _| calls.swap(0, 1));
        assert!(clean(&found), "two chats have no order among them: {found:?}");
        let found = planted(|calls, rows| {
            let late = calls.remove(0);
            calls.push(late);
            rows[0].requeued = true;
        });
        assert!(clean(&found), "what a person sent again comes later: {found:?}");
    }

    #[test]
    fn a_message_to_the_wrong_chat_is_found() {
        let found = planted(|calls, _| calls[7].chat = 2);
        assert_eq!((found.lost.len(), found.strangers), (1, 1));
    }

    #[test]
    fn a_call_before_its_time_is_found() {
        let refused = |seconds| Call {
            chat: 0,
            mark: "d0".into(),
            at: -10,
            decided_at: -5,
            verdict: Verdict::Wait { seconds, ordered: true },
        };
        let found = planted(|calls, _| calls.insert(0, refused(1)));
        assert_eq!(found.early, ["d0", "d3", "d6", "d9"]);
        assert_eq!(found.refused_by_limits, 0);
        let found = planted(|calls, _| {
            let mut first = refused(1);
            (first.at, first.decided_at) = (-2_000, -1_995);
            first.verdict = Verdict::Wait { seconds: 1, ordered: false };
            calls.insert(0, first);
        });
        assert!(clean(&found) && found.refused_by_limits == 1, "{found:?}");
    }

    #[test]
    fn what_stays_unknown_is_counted_and_what_of_it_never_came() {
        let found = planted(|calls, rows| {
            rows[1].state = DeliveryState::Unknown;
            rows[2].state = DeliveryState::Unknown;
            calls.remove(2);
        });
        assert_eq!((found.unknown, found.unknown_lost), (2, 1));
        assert!(clean(&found), "{found:?}");
    }

    #[test]
    fn lines_of_the_journal_are_read_and_others_left_out() {
        let line = |text| serde_json::from_str::<Value>(text).unwrap();
        let call = call_of(&line(
            r#"{"kind":"call","at":5,"answer_at":6,"method":"sendMessage","decision":"refused",
            "params":{"chat_id":"-7","text":"d1"},"retry_after":3,"fault":1}"#,
        ));
        let verdict = Verdict::Wait { seconds: 3, ordered: true };
        assert_eq!(call, Some(Call { chat: -7, mark: "d1".into(), at: 5, decided_at: 6, verdict }));
        assert_eq!(call_of(&line(r#"{"kind":"call","method":"getMe","at":1}"#)), None);
    }
}
