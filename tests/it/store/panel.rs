//! What operators see and do, and the log of it.

use chrono::{DateTime, TimeDelta, Utc};
use magpie::domain::dialogue::Dialogue;
use magpie::domain::figures::{Measure, SHOWN, day_of};
use magpie::domain::offer::Category;
use magpie::domain::{ChatId, Class, DeliveryState, Language, Plan, PlanId, Terms, UserId};
use magpie::store::{
    AuditEntry, AuditFilter, Db, DbError, DeliveryFilter, Effect, PanelAsk, PanelEffect, PanelView,
    PersonCard,
};

use super::fixtures::*;

super::for_each_db!(
    the_log_is_listed_newest_first_and_an_entry_is_written_once,
    a_ban_silences_and_says_when_it_is_old_news,
    a_reset_ends_all_conversations_of_one_person,
    days_are_given_once_and_follow_the_end_of_the_plan,
    a_plan_changes_only_from_the_revision_that_was_seen,
    people_are_found_by_id_name_and_username,
    a_person_counts_once_a_day,
    figures_stand_against_the_period_before,
    a_day_that_was_noted_stays_known,
    effects_of_an_update_that_are_stale_leave_nothing,
);

fn entry(id: &str, action: &str, target: &str) -> AuditEntry {
    AuditEntry {
        id: id.into(),
        actor: "user 1".into(),
        action: action.into(),
        target: target.into(),
        detail: "for a reason".into(),
    }
}

fn day(number: i64) -> DateTime<Utc> {
    at(0) + TimeDelta::days(number)
}

async fn card(db: &dyn Db, user: i64, now: DateTime<Utc>) -> Option<Box<PersonCard>> {
    match db.panel(&PanelAsk::Person(UserId(user), now)).await.unwrap() {
        PanelView::Person(card) => card,
        other => panic!("{other:?}"),
    }
}

fn plan() -> Plan {
    Plan {
        id: PlanId("plus".into()),
        category: Category::Paid,
        names: Language::ALL.map(|language| (language, "Plus".to_owned())).into(),
        descriptions: Default::default(),
        prices: [("USD".to_owned(), 499)].into(),
        days: 30,
        terms: Terms::of_watches(30, 30),
        active: true,
        position: 1,
        revision: 0,
    }
}

async fn the_log_is_listed_newest_first_and_an_entry_is_written_once(db: &dyn Db) {
    db.note_audit(&entry("a", "user.ban", "user 7"), at(0)).await.unwrap();
    db.note_audit(&entry("b", "plan.price", "plan plus"), at(5)).await.unwrap();
    db.note_audit(&entry("a", "user.unban", "user 8"), at(9)).await.unwrap();
    let ids = async |filter: AuditFilter| -> Vec<String> {
        let all = db.audited(&filter).await.unwrap();
        all.into_iter().map(|one| one.entry.id).collect()
    };
    assert_eq!(ids(AuditFilter::default()).await, ["b", "a"]);
    let of = |action: &str| AuditFilter { action: Some(action.into()), ..Default::default() };
    assert_eq!(ids(of("user.")).await, ["a"]);
    assert_eq!(ids(of("user.unban")).await, [""; 0], "the first writing counts");
    let to = AuditFilter { target: Some("plan plus".into()), limit: 1, ..Default::default() };
    assert_eq!(ids(to).await, ["b"]);
    let by = AuditFilter { actor: Some("user 2".into()), ..Default::default() };
    assert_eq!(ids(by).await, [""; 0]);
}

async fn a_ban_silences_and_says_when_it_is_old_news(db: &dyn Db) {
    let (source, _) = claimed_source(db, "bikes", "one").await;
    apply(db, &update(1, at(0), vec![meet(7, 7), subscribe("w", 7, 7, &source)])).await;
    enqueue(db, vec![message(Class::Alert, 7, "news", at(0))], at(0)).await;
    let ban = |banned| PanelEffect::Ban { user: UserId(7), banned };
    db.carry_out(&ban(true), &entry("a", "user.ban", "user 7"), at(1)).await.unwrap();
    assert!(view(db, 7, 7).await.user.unwrap().banned);
    assert!(db.watches_of(&source).await.unwrap().is_empty());
    let dropped = DeliveryFilter { state: Some(DeliveryState::Dropped), ..Default::default() };
    assert_eq!(db.count_deliveries(&dropped).await.unwrap(), 1);
    let again = db.carry_out(&ban(true), &entry("b", "user.ban", "user 7"), at(2)).await;
    assert!(matches!(again, Err(DbError::Stale)), "{again:?}");
    let unknown = PanelEffect::Ban { user: UserId(99), banned: true };
    let unknown = db.carry_out(&unknown, &entry("c", "user.ban", "user 99"), at(2)).await;
    assert!(matches!(unknown, Err(DbError::Stale)), "{unknown:?}");
    assert_eq!(db.audited(&AuditFilter::default()).await.unwrap().len(), 1);
    db.carry_out(&ban(false), &entry("d", "user.unban", "user 7"), at(3)).await.unwrap();
    assert_eq!(db.watches_of(&source).await.unwrap().len(), 1);
}

async fn a_reset_ends_all_conversations_of_one_person(db: &dyn Db) {
    for (update_id, user, chat) in [(1, 7, 7), (2, 7, -5), (3, 8, 8)] {
        let (chat, user) = (ChatId(chat), UserId(user));
        let state = r#"{"step":"naming","watch":"w"}"#.to_owned();
        let mut commit = update(update_id, at(0), vec![meet(user.0, chat.0)]);
        commit.dialogue = Some(Dialogue { chat, user, state, at: at(0), version: 0 });
        apply(db, &commit).await;
    }
    assert_eq!(card(db, 7, at(1)).await.unwrap().conversations, 2);
    let reset = PanelEffect::Reset { user: UserId(7) };
    db.carry_out(&reset, &entry("a", "user.reset", "user 7"), at(1)).await.unwrap();
    assert_eq!(view(db, 7, 7).await.dialogue, None);
    assert_eq!(view(db, 7, -5).await.dialogue, None);
    assert!(view(db, 8, 8).await.dialogue.is_some());
    assert_eq!(card(db, 7, at(1)).await.unwrap().conversations, 0);
}

async fn days_are_given_once_and_follow_the_end_of_the_plan(db: &dyn Db) {
    apply(db, &update(1, day(0), vec![meet(7, 7)])).await;
    let grant = |id: &str, days, was| PanelEffect::Grant {
        id: id.into(),
        user: UserId(7),
        plan: PlanId("plus".into()),
        days,
        was,
        by: "user 1".into(),
    };
    let log = |id: &str| entry(id, "user.grant", "user 7");
    let none = db.carry_out(&grant("a", 7, None), &log("a"), day(0)).await;
    assert!(matches!(none, Err(DbError::Stale)), "there is no such plan: {none:?}");
    assert!(db.set_plan(&plan(), day(0)).await.unwrap());
    db.carry_out(&grant("a", 7, None), &log("a"), day(0)).await.unwrap();
    let until = async || card(db, 7, day(0)).await.unwrap().until(&PlanId("plus".into()));
    assert_eq!(until().await, Some(day(7)));
    let stale = db.carry_out(&grant("b", 7, None), &log("b"), day(0)).await;
    assert!(matches!(stale, Err(DbError::Stale)), "it runs to another moment: {stale:?}");
    db.carry_out(&grant("b", 7, Some(day(7))), &log("b"), day(1)).await.unwrap();
    assert_eq!(until().await, Some(day(14)));
    db.carry_out(&grant("b", 7, Some(day(14))), &log("b"), day(1)).await.unwrap();
    assert_eq!(until().await, Some(day(14)), "the same gift again is one gift");
    db.carry_out(&grant("c", 3, Some(day(14))), &log("c"), day(20)).await.unwrap();
    assert_eq!(until().await, Some(day(23)), "what is over begins anew");
    assert_eq!(db.audit_ledger().await.unwrap(), [], "the ledger says the same");
    // What was given keeps the terms of then.
    let changed = Plan { terms: Terms::of_watches(1, 1), ..db.plans().await.unwrap().remove(0) };
    assert!(db.set_plan(&changed, day(21)).await.unwrap());
    let held = view(db, 7, 7).await.own.held;
    assert!(held.iter().all(|held| held.terms.watches == Some(30)), "{held:?}");
}

async fn a_plan_changes_only_from_the_revision_that_was_seen(db: &dyn Db) {
    assert!(db.set_plan(&plan(), at(0)).await.unwrap());
    let seen = db.plans().await.unwrap().remove(0);
    let wanted = |days| PanelEffect::Plan(Box::new(Plan { days, ..seen.clone() }));
    db.carry_out(&wanted(31), &entry("a", "plan.days", "plan plus"), at(1)).await.unwrap();
    let late = db.carry_out(&wanted(32), &entry("b", "plan.days", "plan plus"), at(2)).await;
    assert!(matches!(late, Err(DbError::Stale)), "{late:?}");
    assert_eq!(db.plans().await.unwrap()[0].days, 31);
}

async fn people_are_found_by_id_name_and_username(db: &dyn Db) {
    for (user, name, username) in
        [(7, "Анна Ковальчук", Some("anna_k")), (8, "Hanna 100%", None), (9, "", Some("Annax"))]
    {
        let username = username.map(str::to_owned);
        let name = Effect::Name { user: UserId(user), name: name.into(), username };
        apply(db, &update(user, at(user), vec![meet(user, user), name])).await;
    }
    let find = async |words: &str| -> Vec<i64> {
        match db.panel(&PanelAsk::Find(words.into())).await.unwrap() {
            PanelView::Found(found, count) => {
                assert_eq!(found.len() as u64, count);
                found.iter().map(|known| known.id.0).collect()
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(find("8").await, [8]);
    assert_eq!(find(" АННА ").await, [7], "case does not matter in any script");
    assert_eq!(find("anna").await, [7, 8, 9], "names and names at Telegram");
    assert_eq!(find("@ANNA").await, [7, 9]);
    assert_eq!(find("@n_").await, [7; 0], "signs of the database are letters here");
    assert_eq!(find("100%").await, [8]);
    assert_eq!(find("777").await, [7; 0]);
    assert!(card(db, 777, at(0)).await.is_none());
}

fn said(update_id: i64, user: i64, chat: i64, now: DateTime<Utc>) -> magpie::store::UpdateCommit {
    let (chat, user) = (ChatId(chat), UserId(user));
    let mut commit = update(update_id, now, vec![meet(user.0, chat.0)]);
    let (state, version) = (format!(r#"{{"step":"idle","n":{update_id}}}"#), 0);
    commit.dialogue = Some(Dialogue { chat, user, state, at: now, version });
    commit
}

async fn say(db: &dyn Db, update_id: i64, user: i64, chat: i64, now: DateTime<Utc>) {
    let mut commit = said(update_id, user, chat, now);
    let known = view(db, user, chat).await.dialogue;
    commit.dialogue.as_mut().unwrap().version = known.map_or(0, |dialogue| dialogue.version);
    apply(db, &commit).await;
}

async fn a_person_counts_once_a_day(db: &dyn Db) {
    let midnight = magpie::domain::figures::start_of(day_of(at(0)) + 1);
    let minutes = |minutes| midnight + TimeDelta::minutes(minutes);
    say(db, 1, 7, 7, minutes(-20)).await;
    // A new day counts at once, however short ago the last word was.
    say(db, 2, 7, 7, minutes(2)).await;
    say(db, 3, 7, 7, minutes(3)).await;
    say(db, 4, 7, 7, minutes(200)).await;
    // Two people of one group within the same hour.
    say(db, 5, 8, -5, minutes(201)).await;
    say(db, 6, 9, -5, minutes(202)).await;
    say(db, 7, 9, 9, minutes(203)).await;
    let PanelView::Board(board) = db.panel(&PanelAsk::Board(minutes(300))).await.unwrap() else {
        panic!("no board");
    };
    let active = board.series.iter().find(|series| series.measure == Measure::Active).unwrap();
    assert_eq!(active.values.len(), SHOWN);
    assert_eq!(active.values[SHOWN - 2..], [1, 3]);
    let new = board.series.iter().find(|series| series.measure == Measure::New).unwrap();
    assert_eq!(new.values[SHOWN - 2..], [1, 2]);
    assert_eq!(card(db, 7, minutes(300)).await.unwrap().seen_on, Some(day_of(midnight)));
}

async fn figures(db: &dyn Db, now: DateTime<Utc>) -> magpie::domain::figures::Figures {
    match db.panel(&PanelAsk::Figures(now)).await.unwrap() {
        PanelView::Figures(figures) => *figures,
        other => panic!("{other:?}"),
    }
}

async fn figures_stand_against_the_period_before(db: &dyn Db) {
    let empty = figures(db, day(40)).await;
    assert_eq!((empty.people, empty.paying, empty.cohort.met), (0, 0, 0));
    let (source, _) = claimed_source(db, "bikes", "one").await;
    apply(db, &update(1, day(0), vec![meet(7, 7)])).await;
    apply(db, &update(2, day(39), vec![meet(8, 8), subscribe("w", 8, 8, &source)])).await;
    apply(db, &update(3, day(40), vec![meet(9, 9)])).await;
    assert!(db.set_plan(&plan(), day(0)).await.unwrap());
    let paid = magpie::domain::ledger::EntryKey::new(
        "telegram",
        "charge 1",
        magpie::domain::ledger::Kind::Purchase,
    );
    let terms = Terms::of_watches(30, 30);
    let grant = magpie::domain::ledger::Grant { plan: PlanId("plus".into()), days: 30, terms };
    let entry = magpie::domain::Entry {
        currency: "USD".into(),
        paid: 499,
        grant: Some(grant.clone()),
        ..magpie::domain::Entry::new(paid, UserId(8), day(40))
    };
    db.post(&entry).await.unwrap();
    let key = magpie::domain::ledger::EntryKey::new(
        "operator",
        "gift",
        magpie::domain::ledger::Kind::Bonus,
    );
    let gift = magpie::domain::Entry {
        grant: Some(grant),
        ..magpie::domain::Entry::new(key, UserId(9), day(40))
    };
    db.post(&gift).await.unwrap();
    let now = day(40) + TimeDelta::minutes(1);
    let told = figures(db, now).await;
    assert_eq!((told.people, told.watches, told.running), (3, 1, 1));
    let new = told.new;
    assert_eq!((new.today.now, new.today.before), (1, Some(1)));
    assert_eq!((new.week.now, new.week.before), (2, Some(0)));
    assert_eq!((new.month.now, new.month.before), (2, Some(1)));
    assert_eq!((told.paying, told.trying), (1, 1), "a gift is no payment");
    assert_eq!(told.revenue["USD"].today.now, 499);
    assert_eq!((told.cohort.met, told.cohort.watching), (2, 1));
    assert_eq!((told.cohort.tried, told.cohort.paid), (2, 1));
    assert_eq!(told.cohort_before.met, 1);
    assert_eq!(told.sites.good, 1);
}

async fn a_day_that_was_noted_stays_known(db: &dyn Db) {
    apply(db, &update(1, day(0), vec![meet(7, 7)])).await;
    enqueue(db, vec![message(Class::Alert, 7, "news", day(0))], day(0)).await;
    let claimed = db.claim_deliveries(&claim_all("one", day(0))).await.unwrap();
    let settled = settlement(&claimed[0], sent());
    db.settle_deliveries(&[settled], day(0)).await.unwrap();
    assert_eq!(figures(db, day(0)).await.sent.today.now, 1);
    db.note_figures(day(0)).await.unwrap();
    db.note_figures(day(1)).await.unwrap();
    db.note_figures(day(1)).await.unwrap();
    let told = figures(db, day(1)).await;
    assert_eq!((told.sent.today.now, told.sent.today.before), (0, Some(1)));
    assert_eq!(told.sent.week.now, 1);
    assert_eq!(card(db, 7, day(1)).await.unwrap().deliveries, [1, 0, 0]);
}

async fn effects_of_an_update_that_are_stale_leave_nothing(db: &dyn Db) {
    apply(db, &update(1, at(0), vec![meet(7, 7)])).await;
    let ban = Effect::Panel(PanelEffect::Ban { user: UserId(7), banned: false });
    let log = Effect::Audit(entry("a", "user.unban", "user 7"));
    let commit = update(2, at(1), vec![log, ban]);
    let committed = db.commit_update(&commit).await.unwrap();
    assert_eq!(committed, magpie::store::Committed::Conflict);
    assert!(db.audited(&AuditFilter::default()).await.unwrap().is_empty());
    // The update is not known: decided anew, it may be committed.
    apply(db, &update(2, at(1), vec![])).await;
}
