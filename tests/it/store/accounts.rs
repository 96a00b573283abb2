//! Plans, the ledger with what it amounts to, orders, promo codes, invitations and reminders.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use magpie::domain::account::{AccountWord, Gift, Growth, Promo, ReferralAfter};
use magpie::domain::ledger::{Entry, EntryKey, Grant, Kind};
use magpie::domain::offer::Category;
use magpie::domain::{
    ChatId, Class, DeliveryState, Language, Order, OrderState, Plan, PlanId, Terms, UserId,
};
use magpie::store::{
    AccountAsk, AccountEffect, AccountRecord, AccountView, Committed, Db, DeliveryFilter, Effect,
    Look, Posted, ViewRequest,
};
use magpie::texts::offers;
use sites::Money;

use super::fixtures::*;

super::for_each_db!(
    a_plan_follows_the_file_until_an_operator_changes_it,
    a_plan_is_changed_only_by_who_has_seen_it,
    what_is_free_follows_the_plan_of_that_name,
    an_entry_counts_once_and_what_was_bought_keeps_its_terms,
    a_balance_is_never_negative_however_many_spend_it_at_once,
    the_books_agree_with_what_people_hold_whatever_happened,
    a_trial_is_there_once_for_ever,
    an_order_is_paid_from_the_balance_once,
    an_order_that_cannot_be_paid_changes_nothing,
    orders_that_nobody_pays_expire,
    a_code_is_used_once_by_each_and_never_too_often,
    a_code_is_for_those_for_whom_it_was_made,
    a_guest_has_one_host_and_is_credited_once_after_staying,
    the_cap_of_a_host_holds,
    the_end_of_a_plan_is_told_three_times_and_a_renewal_silences_the_old_end,
);

const DAY: i64 = 86_400_000;

fn plan(id: &str, watches: u64) -> Plan {
    Plan {
        id: PlanId(id.into()),
        category: Category::Paid,
        names: Language::ALL.map(|language| (language, id.to_uppercase())).into(),
        descriptions: BTreeMap::new(),
        prices: [("USD".to_owned(), 500)].into(),
        days: 30,
        terms: Terms::of_watches(watches, 0),
        active: true,
        position: 1,
        revision: 0,
    }
}

fn credit(name: &str, user: i64, balance: i64) -> Entry {
    let key = EntryKey::new("operator", name, Kind::Bonus);
    Entry { currency: "USD".into(), balance, ..Entry::new(key, UserId(user), at(0)) }
}

fn given(name: &str, user: i64, plan: &Plan, days: i64, now: DateTime<Utc>) -> Entry {
    let grant = Grant { plan: plan.id.clone(), days, terms: plan.terms.clone() };
    let key = EntryKey::new("operator", name, Kind::Adjustment);
    Entry { grant: Some(grant), ..Entry::new(key, UserId(user), now) }
}

async fn meets(db: &dyn Db, id: i64, now: DateTime<Utc>, more: Vec<Effect>) {
    let effects = [vec![meet(id, id)], more].concat();
    let update =
        magpie::store::UpdateCommit { received_at: now, ..update(9_000 + id, now, effects) };
    assert!(matches!(db.commit_update(&update).await.unwrap(), Committed::Applied { .. }));
}

/// Whether an effect of an account was applied; otherwise it must be decided anew.
async fn does(db: &dyn Db, number: i64, now: DateTime<Utc>, effect: AccountEffect) -> bool {
    let update = update(number, now, vec![Effect::Account(effect)]);
    match db.commit_update(&update).await.unwrap() {
        Committed::Applied { .. } => true,
        Committed::Conflict => false,
        other => panic!("update {number}: {other:?}"),
    }
}

async fn seen(db: &dyn Db, user: i64, ask: AccountAsk) -> AccountView {
    let look = Look { account: Some(ask), ..Look::default() };
    let request = ViewRequest {
        chat: ChatId(user),
        thread: None,
        user: Some(UserId(user)),
        searches: false,
        sample_of: None,
        about: None,
        why: false,
        saved: false,
        told: false,
        look,
    };
    db.load_view(&request).await.unwrap().account.unwrap()
}

async fn account(db: &dyn Db, user: i64) -> AccountView {
    db.account(UserId(user)).await.unwrap()
}

async fn usd(db: &dyn Db, user: i64) -> i64 {
    account(db, user).await.balances.get("USD").copied().unwrap_or(0)
}

async fn a_plan_follows_the_file_until_an_operator_changes_it(db: &dyn Db) {
    let (plus, pro) = (plan("plus", 10), plan("pro", 20));
    let seeded = db.seed_plans(&[plus.clone(), pro.clone()], at(0)).await.unwrap();
    assert_eq!(seeded.added, [plus.id.clone(), pro.id.clone()]);
    assert_eq!(
        db.seed_plans(&[plus.clone(), pro.clone()], at(1)).await.unwrap(),
        Default::default()
    );

    let wider = Plan { terms: Terms::of_watches(15, 0), ..plus.clone() };
    let seeded = db.seed_plans(&[wider.clone(), pro.clone()], at(2)).await.unwrap();
    assert_eq!(seeded.updated, std::slice::from_ref(&plus.id));
    let known = db.plans().await.unwrap();
    assert_eq!((known[0].terms.watches, known[0].revision), (Some(15), 2));

    let by_hand = Plan { prices: [("USD".to_owned(), 900)].into(), ..known[0].clone() };
    assert!(db.set_plan(&by_hand, at(3)).await.unwrap());
    let seeded = db.seed_plans(&[wider, pro.clone()], at(4)).await.unwrap();
    assert_eq!((seeded.kept, seeded.updated), (vec![plus.id.clone()], vec![]));
    assert_eq!(db.plans().await.unwrap()[0].prices["USD"], 900);

    let seeded = db.seed_plans(&[], at(5)).await.unwrap();
    assert_eq!(
        seeded.updated,
        std::slice::from_ref(&pro.id),
        "what left the file is not offered any more"
    );
    let active: Vec<bool> = db.plans().await.unwrap().iter().map(|plan| plan.active).collect();
    assert_eq!(active, [true, false]);
}

async fn a_plan_is_changed_only_by_who_has_seen_it(db: &dyn Db) {
    assert!(db.set_plan(&plan("plus", 10), at(0)).await.unwrap());
    assert!(!db.set_plan(&plan("plus", 11), at(0)).await.unwrap(), "there is one of this name");
    let seen = db.plans().await.unwrap().remove(0);
    let one = Plan { days: 60, ..seen.clone() };
    let other = Plan { days: 90, ..seen };
    assert!(db.set_plan(&one, at(1)).await.unwrap());
    assert!(!db.set_plan(&other, at(2)).await.unwrap());
    assert_eq!(db.plans().await.unwrap()[0].days, 60);
}

async fn what_is_free_follows_the_plan_of_that_name(db: &dyn Db) {
    let mut free = plan("free", 3);
    free.category = Category::Free;
    db.set_plan(&free, at(0)).await.unwrap();
    let (terms, held) = db.plans_of(UserId(1)).await.unwrap();
    assert_eq!((terms.watches, held), (Some(3), vec![]));
}

async fn an_entry_counts_once_and_what_was_bought_keeps_its_terms(db: &dyn Db) {
    let plus = plan("plus", 10);
    db.set_plan(&plus, at(0)).await.unwrap();
    let first = given("a", 1, &plus, 30, at(0));
    assert_eq!(db.post(&first).await.unwrap(), Posted::Done);
    assert_eq!(db.post(&first).await.unwrap(), Posted::Already);
    let mut changed = db.plans().await.unwrap().remove(0);
    changed.terms = Terms::of_watches(2, 0);
    db.set_plan(&changed, at(1)).await.unwrap();
    let (_, held) = db.plans_of(UserId(1)).await.unwrap();
    assert_eq!((held.len(), held[0].terms.watches), (1, Some(10)));
    assert_eq!(held[0].until, at(30 * DAY));
    assert_eq!(db.post(&given("b", 1, &changed, 30, at(DAY))).await.unwrap(), Posted::Done);
    let periods = account(db, 1).await.periods;
    let spans: Vec<_> = periods.iter().map(|p| (p.since, p.until, p.terms.watches)).collect();
    assert_eq!(spans, [(at(0), at(30 * DAY), Some(10)), (at(30 * DAY), at(60 * DAY), Some(2))]);
    assert!(db.post(&credit("", 1, 5)).await.is_err(), "an entry without a name is none");
    assert_eq!(db.audit_ledger().await.unwrap(), []);
}

async fn a_balance_is_never_negative_however_many_spend_it_at_once(db: &dyn Db) {
    db.post(&credit("gift", 1, 1_000)).await.unwrap();
    let spends: Vec<Entry> = (0..40).map(|n| credit(&format!("spend {n}"), 1, -70)).collect();
    let posted = futures_util::future::join_all(spends.iter().map(|entry| db.post(entry))).await;
    let done = posted.into_iter().filter(|one| *one.as_ref().unwrap() == Posted::Done).count();
    assert_eq!((done, usd(db, 1).await), (14, 20));
    assert_eq!(db.post(&credit("one more", 1, -21)).await.unwrap(), Posted::Overdrawn);
    assert_eq!(
        db.post(&credit("one more", 1, -20)).await.unwrap(),
        Posted::Done,
        "not written before"
    );
    assert_eq!(usd(db, 1).await, 0);
    assert_eq!(db.movements(UserId(1), 100).await.unwrap().len(), 16);
    assert_eq!(db.audit_ledger().await.unwrap(), []);
}

async fn the_books_agree_with_what_people_hold_whatever_happened(db: &dyn Db) {
    let plans = [plan("plus", 10), plan("pro", 20)];
    for n in 0..120_i64 {
        let (user, now) = (1 + n % 5, at(n % 17 * DAY));
        let mut entry =
            given(&format!("{n}"), user, &plans[usize::try_from(n % 2).unwrap()], n % 13 - 4, now);
        (entry.currency, entry.balance) = ("USD".into(), n * 37 % 41 - 20);
        db.post(&entry).await.unwrap();
    }
    assert_eq!(db.audit_ledger().await.unwrap(), []);
    for user in 1..6 {
        assert!(usd(db, user).await >= 0);
    }
}

async fn a_trial_is_there_once_for_ever(db: &dyn Db) {
    let mut trial = plan("trial", 10);
    (trial.category, trial.days) = (Category::Trial, 7);
    trial.prices.clear();
    db.set_plan(&trial, at(0)).await.unwrap();
    let take = |revision| AccountEffect::Trial {
        user: UserId(1),
        plan: trial.id.clone(),
        revision,
        days: 7,
    };
    assert!(!does(db, 1, at(0), take(2)).await, "the plan is not what was seen");
    assert!(does(db, 2, at(0), take(1)).await);
    assert!(!does(db, 3, at(90 * DAY), take(1)).await);
    let view = account(db, 1).await;
    assert!(view.trial_used && view.periods.len() == 1);
    assert_eq!(view.periods[0].until, at(7 * DAY));
}

async fn offered(db: &dyn Db, order: Order, number: i64) -> Order {
    assert!(does(db, number, at(0), AccountEffect::Order(Box::new(order.clone()))).await);
    order
}

fn order(user: i64, seed: &str, plan: &Plan) -> Order {
    Order::new((UserId(user), seed), plan, "USD", "balance", at(0)).unwrap()
}

async fn an_order_is_paid_from_the_balance_once(db: &dyn Db) {
    let plus = plan("plus", 10);
    db.set_plan(&plus, at(0)).await.unwrap();
    db.post(&credit("gift", 1, 1_200)).await.unwrap();
    let order = offered(db, order(1, "a", &plus), 1).await;
    let ask = AccountAsk { order: Some(order.id.clone()), ..AccountAsk::default() };
    assert_eq!(seen(db, 1, ask.clone()).await.order, Some(order.clone()));
    assert_eq!(seen(db, 2, ask).await.order, None, "it is somebody else's");

    // What the plan became in between is no matter of this order.
    let dearer =
        Plan { prices: [("USD".to_owned(), 9_999)].into(), days: 1, revision: 1, ..plus.clone() };
    assert!(db.set_plan(&dearer, at(1)).await.unwrap());
    let pay = |user| AccountEffect::PayFromBalance { user: UserId(user), order: order.id.clone() };
    assert!(!does(db, 2, at(2), pay(2)).await);
    assert!(does(db, 3, at(2), pay(1)).await);
    assert!(!does(db, 4, at(3), pay(1)).await);
    assert_eq!(usd(db, 1).await, 700);
    let paid = db.order(&order.id).await.unwrap().unwrap();
    assert_eq!((paid.state, paid.paid_at), (OrderState::Paid, Some(at(2))));
    let view = account(db, 1).await;
    assert_eq!(view.periods[0].until, at(2) + TimeDelta::days(30));
    assert_eq!(view.moves[0].order, Some(order.id.clone()));
    assert_eq!(db.orders_of(UserId(1), 10).await.unwrap(), [paid]);
    assert_eq!(db.audit_ledger().await.unwrap(), []);
}

async fn an_order_that_cannot_be_paid_changes_nothing(db: &dyn Db) {
    let plus = plan("plus", 10);
    db.set_plan(&plus, at(0)).await.unwrap();
    db.post(&credit("gift", 1, 499)).await.unwrap();
    let poor = offered(db, order(1, "a", &plus), 1).await;
    let pay = |id: &magpie::domain::OrderId| AccountEffect::PayFromBalance {
        user: UserId(1),
        order: id.clone(),
    };
    assert!(!does(db, 2, at(1), pay(&poor.id)).await);
    assert_eq!(db.order(&poor.id).await.unwrap().unwrap().state, OrderState::Pending);
    assert_eq!((usd(db, 1).await, account(db, 1).await.periods), (499, vec![]));

    db.post(&credit("more", 1, 1)).await.unwrap();
    assert!(!does(db, 3, poor.expires_at, pay(&poor.id)).await, "its time is over");
    let cancel = AccountEffect::CancelOrder { user: UserId(2), order: poor.id.clone() };
    assert!(does(db, 4, at(1), cancel).await);
    assert_eq!(db.order(&poor.id).await.unwrap().unwrap().state, OrderState::Pending);
    let cancel = AccountEffect::CancelOrder { user: UserId(1), order: poor.id.clone() };
    assert!(does(db, 5, at(1), cancel).await);
    assert!(!does(db, 6, at(2), pay(&poor.id)).await, "it was cancelled");
    assert_eq!(usd(db, 1).await, 500);
}

async fn orders_that_nobody_pays_expire(db: &dyn Db) {
    let plus = plan("plus", 10);
    let open = offered(db, order(1, "a", &plus), 1).await;
    assert_eq!(db.expire_orders(at(1)).await.unwrap(), 0);
    assert_eq!(db.expire_orders(open.expires_at).await.unwrap(), 1);
    assert_eq!(db.order(&open.id).await.unwrap().unwrap().state, OrderState::Expired);
}

fn code(code: &str, uses: i64) -> Promo {
    Promo {
        code: code.into(),
        gift: Gift::Credit(Money { minor: 300, currency: "USD".into() }),
        uses,
        used: 0,
        valid_from: None,
        valid_until: None,
        only_new: false,
        only_plan: None,
        stopped: false,
        created_at: at(0),
    }
}

fn redeem(user: i64, code: &str) -> AccountEffect {
    AccountEffect::Redeem { user: UserId(user), code: code.into() }
}

async fn a_code_is_used_once_by_each_and_never_too_often(db: &dyn Db) {
    assert!(db.add_promo(&code("SPRING", 5)).await.unwrap());
    assert!(!db.add_promo(&code("SPRING", 9)).await.unwrap());
    for user in 1..=20 {
        meets(db, user, at(0), vec![]).await;
    }
    let updates: Vec<_> = (1..=20)
        .map(|user| update(user, at(1), vec![Effect::Account(redeem(user, "SPRING"))]))
        .collect();
    let done =
        futures_util::future::join_all(updates.iter().map(|one| db.commit_update(one))).await;
    let applied = |one: &Result<Committed, _>| matches!(one, Ok(Committed::Applied { .. }));
    assert_eq!(done.iter().filter(|one| applied(one)).count(), 5);
    assert_eq!(db.promos().await.unwrap()[0].used, 5);
    let mut credited = 0;
    for user in 1..=20 {
        credited += usd(db, user).await;
    }
    assert_eq!(credited, 1_500);

    db.add_promo(&code("AGAIN", 0)).await.unwrap();
    assert!(does(db, 31, at(2), redeem(1, "AGAIN")).await);
    assert!(!does(db, 32, at(3), redeem(1, "AGAIN")).await);
    assert!(does(db, 33, at(3), redeem(2, "AGAIN")).await);
    assert!(db.stop_promo("AGAIN").await.unwrap() && !db.stop_promo("NONE").await.unwrap());
    assert!(!does(db, 34, at(3), redeem(3, "AGAIN")).await);
    assert!(!does(db, 35, at(3), redeem(3, "NONE")).await);
    assert_eq!(db.audit_ledger().await.unwrap(), []);
}

async fn a_code_is_for_those_for_whom_it_was_made(db: &dyn Db) {
    let plus = plan("plus", 10);
    db.set_plan(&plus, at(0)).await.unwrap();
    meets(db, 1, at(0), vec![]).await;
    meets(db, 2, at(8 * DAY), vec![]).await;
    let now = at(8 * DAY + 1);
    let promos = [
        Promo { only_new: true, ..code("NEW", 0) },
        Promo { only_plan: Some(plus.id.clone()), ..code("PLUS", 0) },
        Promo { valid_from: Some(at(9 * DAY)), ..code("LATER", 0) },
        Promo { valid_until: Some(now), ..code("OVER", 0) },
        Promo { gift: Gift::Days { plan: plus.id.clone(), days: 10 }, ..code("DAYS", 0) },
        Promo { gift: Gift::Days { plan: PlanId("none".into()), days: 10 }, ..code("GONE", 0) },
    ];
    for promo in &promos {
        db.add_promo(promo).await.unwrap();
    }
    let works = async |user: i64, code: &str| {
        let ask = AccountAsk { promo: Some(code.into()), now, ..AccountAsk::default() };
        seen(db, user, ask).await.promo.is_some()
    };
    assert!(!works(1, "NEW").await && works(2, "NEW").await);
    assert!(!works(2, "PLUS").await && !works(2, "LATER").await && !works(2, "OVER").await);
    assert!(!works(2, "GONE").await && works(2, "DAYS").await);
    assert!(!does(db, 1, now, redeem(1, "NEW")).await);
    assert!(does(db, 2, now, redeem(2, "DAYS")).await);
    let periods = account(db, 2).await.periods;
    assert_eq!((periods[0].until, periods[0].terms.watches), (now + TimeDelta::days(10), Some(10)));
    assert!(works(2, "PLUS").await && !works(2, "DAYS").await);
}

fn growth() -> Growth {
    Growth {
        inviter_bonus: 100,
        invited_bonus: 50,
        monthly_cap: 2,
        after: ReferralAfter::Watch,
        ..Growth::default()
    }
}

fn by(user: i64, code: &str) -> Effect {
    Effect::Account(AccountEffect::Invited { user: UserId(user), code: code.into() })
}

async fn hosts(db: &dyn Db, user: i64, code: &str) {
    meets(db, user, at(0), vec![]).await;
    let effect = AccountEffect::InviteCode { user: UserId(user), code: code.into() };
    assert!(does(db, 500 + user, at(0), effect).await);
}

async fn watches(db: &dyn Db, user: i64, now: DateTime<Utc>) {
    let spec = spec("a");
    db.put_sources(std::slice::from_ref(&spec), now).await.unwrap();
    let watching = subscribe(&format!("w{user}"), user, user, &spec.id());
    apply(db, &update(700 + user, now, vec![watching])).await;
}

async fn told(db: &dyn Db, chat: i64) -> Vec<String> {
    let filter = DeliveryFilter {
        chat: Some(ChatId(chat)),
        class: Some(Class::Payment),
        ..Default::default()
    };
    let all = db.deliveries(&filter).await.unwrap();
    let waiting = all.iter().filter(|one| one.state == DeliveryState::Pending);
    waiting.map(|one| serde_json::to_string(&one.new.content).unwrap()).collect()
}

async fn a_guest_has_one_host_and_is_credited_once_after_staying(db: &dyn Db) {
    hosts(db, 1, "anna").await;
    hosts(db, 2, "boris").await;
    let other = AccountEffect::InviteCode { user: UserId(1), code: "other".into() };
    assert!(!does(db, 1, at(0), other).await, "a person has one code");
    meets(db, 3, at(10), vec![by(3, "anna")]).await;
    // Met already: neither another link nor one's own changes anything.
    apply(db, &update(2, at(20), vec![meet(3, 3), by(3, "boris")])).await;
    apply(db, &update(3, at(20), vec![meet(2, 2), by(2, "anna")])).await;
    meets(db, 4, at(20), vec![by(4, "nobody")]).await;
    assert_eq!(account(db, 1).await.invited.came, 1);
    assert_eq!(account(db, 2).await.invited.came, 0);

    let reward = async |now| db.reward_invitations(&growth(), offers::word, now).await.unwrap();
    assert_eq!(reward(at(5 * DAY)).await, 0, "nothing was done yet");
    watches(db, 3, at(5 * DAY)).await;
    assert_eq!(reward(at(6 * DAY - 1)).await, 0, "not kept for a day yet");
    assert_eq!(reward(at(6 * DAY)).await, 1);
    assert_eq!(reward(at(7 * DAY)).await, 0);
    assert_eq!((usd(db, 1).await, usd(db, 3).await, usd(db, 2).await), (100, 50, 0));
    let view = account(db, 1).await;
    assert_eq!((view.invited.rewarded, view.invited.earned["USD"]), (1, 100));
    assert_eq!((told(db, 1).await.len(), told(db, 3).await.len()), (1, 1));
    assert_eq!(db.audit_ledger().await.unwrap(), []);
}

async fn the_cap_of_a_host_holds(db: &dyn Db) {
    hosts(db, 1, "anna").await;
    for guest in 11..15 {
        meets(db, guest, at(10), vec![by(guest, "anna")]).await;
        watches(db, guest, at(20)).await;
    }
    let reward = async |now| db.reward_invitations(&growth(), offers::word, now).await.unwrap();
    assert_eq!(reward(at(2 * DAY)).await, 2);
    assert_eq!(reward(at(60 * DAY)).await, 0, "what was above the cap is not credited later");
    assert_eq!(usd(db, 1).await, 200);
    let credited = [usd(db, 11).await, usd(db, 12).await, usd(db, 13).await, usd(db, 14).await];
    assert_eq!(credited, [50, 50, 0, 0]);
    assert_eq!(account(db, 1).await.invited.came, 4);
}

async fn the_end_of_a_plan_is_told_three_times_and_a_renewal_silences_the_old_end(db: &dyn Db) {
    let plus = plan("plus", 10);
    db.set_plan(&plus, at(0)).await.unwrap();
    meets(db, 1, at(0), vec![]).await;
    meets(db, 2, at(0), vec![]).await;
    for user in [1, 2] {
        db.post(&given(&format!("{user}"), user, &plus, 30, at(0))).await.unwrap();
    }
    let remind = async |now| db.remind_endings(offers::word, now).await.unwrap();
    assert_eq!(remind(at(26 * DAY)).await, 0);
    db.post(&given("more", 2, &plus, 30, at(20 * DAY))).await.unwrap();
    assert_eq!(remind(at(28 * DAY)).await, 1, "the second one renewed");
    assert_eq!(remind(at(28 * DAY)).await, 0);
    assert_eq!(remind(at(29 * DAY + DAY / 2)).await, 1);
    assert_eq!(remind(at(31 * DAY)).await, 1);
    assert_eq!((told(db, 1).await.len(), told(db, 2).await.len()), (3, 0));
    assert_eq!(remind(at(70 * DAY)).await, 1, "late by days, only the end itself is told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_credited_while_one_of_both_is_banned() {
    let place = Place::new();
    let sql = place.open().await;
    let db: &dyn Db = &sql;
    hosts(db, 1, "anna").await;
    meets(db, 3, at(10), vec![by(3, "anna")]).await;
    watches(db, 3, at(20)).await;
    let shell = rusqlite::Connection::open(place.folder.path().join("magpie.db")).unwrap();
    let reward =
        async || db.reward_invitations(&growth(), offers::word, at(9 * DAY)).await.unwrap();
    for user in [1, 3] {
        shell.execute("UPDATE users SET banned = 1 WHERE id = ?1", [user]).unwrap();
        assert_eq!(reward().await, 0);
        shell.execute("UPDATE users SET banned = 0", []).unwrap();
    }
    assert_eq!(reward().await, 1);
    sql.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cache_that_differs_from_the_ledger_is_named() {
    let place = Place::new();
    let db = place.open().await;
    db.post(&credit("gift", 7, 100)).await.unwrap();
    let shell = rusqlite::Connection::open(place.folder.path().join("magpie.db")).unwrap();
    shell.execute("UPDATE balances SET minor = 101 WHERE user_id = 7", []).unwrap();
    let found = db.audit_ledger().await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].user, found[0].recorded.balances["USD"]), (UserId(7), 101));
    assert_eq!(found[0].ledger.balances["USD"], 100);
    shell.execute("UPDATE balances SET minor = 100 WHERE user_id = 7", []).unwrap();
    shell
        .execute(
            "INSERT INTO entitlements (user_id, plan, until, terms, updated_at) \
             VALUES (8, 'plus', 1, '{}', 0)",
            [],
        )
        .unwrap();
    assert_eq!(db.audit_ledger().await.unwrap().len(), 1);
    db.close().await;
}

#[test]
fn every_word_about_an_account_is_there_in_every_language() {
    let money = || Money { minor: 100, currency: "USD".into() };
    for language in Language::ALL {
        let all = [AccountWord::Rewarded(money()), AccountWord::Welcomed(money())];
        for word in all {
            let text = offers::word(&word, language).text;
            assert!(
                text.contains('1') && !text.contains("Unknown") && !text.contains("{$"),
                "{text}"
            );
        }
    }
}
