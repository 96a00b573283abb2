//! What operators do to the running service: orders about sites, progress of broadcasts, who hears of orders.

use magpie::domain::campaign::{
    Audience, CampaignId, CampaignOptions, CampaignState, NewCampaign, Wording,
};
use magpie::domain::delivery::{Content, delivery_id};
use magpie::domain::health::State;
use magpie::domain::message::Copied;
use magpie::domain::{ChatId, Class, Language, NewDelivery, Outgoing, SourceId, UserId, Verdict};
use magpie::store::{
    CampaignShown, Committed, Db, Decision, Effect, Follow, Look, ModuleState, NewModule,
    OperateAsk, OperateEffect, OperateView, SiteCard, SiteOrder, SourceOrder, ViewRequest,
};

use super::fixtures::{
    Place, apply, at, claim_all, claimed_source, meet, run, sent, settlement, spec, subscribe,
    update,
};

/// What a decision for user 1 sees.
async fn see(db: &dyn Db, ask: OperateAsk) -> OperateView {
    let request = ViewRequest {
        chat: ChatId(1),
        thread: None,
        user: Some(UserId(1)),
        searches: false,
        sample_of: None,
        about: None,
        why: false,
        saved: false,
        told: false,
        look: Look { operate: Some(ask), ..Look::default() },
    };
    db.load_view(&request).await.unwrap().operate.expect("what was asked for")
}

async fn order(db: &dyn Db, id: i64, effect: OperateEffect) {
    apply(db, &update(id, at(id), vec![Effect::Operate(effect)])).await;
}

/// Whether the order is refused because the record has moved on.
async fn is_stale(db: &dyn Db, id: i64, effect: OperateEffect) -> bool {
    let commit = update(id, at(id), vec![Effect::Operate(effect)]);
    matches!(db.commit_update(&commit).await.unwrap(), Committed::Conflict)
}

async fn card(db: &dyn Db, now: i64) -> SiteCard {
    let ask = OperateAsk::Site { site: "demo".into(), hosts: vec![], now: at(now) };
    let OperateView::Site(card) = see(db, ask).await else { panic!("no card") };
    *card
}

fn site(order: SiteOrder) -> OperateEffect {
    OperateEffect::Site("demo".into(), order)
}

async fn a_site_is_paused_and_goes_on_with_all_its_sources(db: &dyn Db) {
    db.put_sources(&[spec("a"), spec("b")], at(0)).await.unwrap();
    order(db, 1, OperateEffect::Source(spec("a").id(), SourceOrder::Pause)).await;
    assert_eq!(card(db, 2).await.line.paused, 1);
    order(db, 3, site(SiteOrder::Pause)).await;
    let OperateView::Sites(lines) = see(db, OperateAsk::Sites).await else { panic!("no list") };
    assert_eq!((lines.len(), lines[0].sources, lines[0].paused), (1, 2, 2));
    order(db, 4, site(SiteOrder::Resume)).await;
    order(db, 5, site(SiteOrder::Run)).await;
    let ask = OperateAsk::Sources { site: "demo".into(), page: 0 };
    let OperateView::Sources(page) = see(db, ask).await else { panic!("no page") };
    assert!(page.sources.iter().all(|one| !one.paused && one.next_due_at == at(5)));
    let gone = OperateEffect::Source(SourceId("none".into()), SourceOrder::Pause);
    assert!(is_stale(db, 6, gone).await);
}

async fn a_module_that_is_put_aside_rests_until_it_is_released(db: &dyn Db) {
    let (id, epoch) = claimed_source(db, "a", "scraper").await;
    assert!(db.record_run(&run(&id, epoch, Verdict::Ok, at(0))).await.unwrap());
    order(db, 1, site(SiteOrder::Quarantine)).await;
    let health = card(db, 2).await.line.health.expect("its health");
    assert_eq!(health.state, State::Quarantined { step: 3 });
    assert_eq!(health.probe_at, Some(at(1) + chrono::TimeDelta::hours(6)));
    assert_eq!(db.site_healths().await.unwrap(), std::slice::from_ref(&health));
    order(db, 3, site(SiteOrder::Release)).await;
    let released = card(db, 4).await.line.health.expect("its health");
    assert_eq!((released.state, released.probe_at), (State::Healthy, None));
    let due = db.sources(&Default::default()).await.unwrap()[0].next_due_at;
    assert_eq!(due, at(3), "it is tried at once");
}

async fn the_card_of_a_site_counts_a_day_of_runs(db: &dyn Db) {
    for (place, verdict) in
        [Verdict::Ok, Verdict::Failed, Verdict::Unchanged].into_iter().enumerate()
    {
        let now = at(i64::try_from(place).unwrap() * 600_000);
        let claimed = match place {
            0 => claimed_source(db, "a", "scraper").await,
            _ => {
                let owner = super::fixtures::owner("scraper");
                let claimed = db.claim_due_sources(&owner, now, 1).await.unwrap().remove(0);
                (claimed.id, claimed.epoch)
            }
        };
        let mut report = run(&claimed.0, claimed.1, verdict, now);
        report.error = (verdict == Verdict::Failed).then(|| "no route".to_owned());
        assert!(db.record_run(&report).await.unwrap());
    }
    let card = card(db, 2_000_000).await;
    assert_eq!((card.runs, card.good, card.failures.len()), (3, 2, 1));
    assert_eq!(card.failures[0].error.as_deref(), Some("no route"));
    assert_eq!(card.line.failing, 0, "the last run was good");
    let old = self::card(db, 2_000_000 + 25 * 3_600_000).await;
    assert_eq!((old.runs, old.failures.len()), (0, 0));
    apply(db, &update(7, at(7), vec![meet(3, 3), subscribe("w", 3, 3, &spec("a").id())])).await;
    let OperateView::Source(Some(source)) = see(db, OperateAsk::Source(spec("a").id())).await
    else {
        panic!("no card")
    };
    assert_eq!((source.runs.len(), source.watchers), (3, 1));
}

async fn a_repair_is_decided_once(db: &dyn Db) {
    db.put_sources(&[spec("a")], at(0)).await.unwrap();
    let new = NewModule {
        site: "demo".into(),
        toml: "t".into(),
        base: "b".into(),
        origin: "repair".into(),
        report: "{}".into(),
    };
    assert_eq!(db.propose_module(&new, at(0)).await.unwrap(), Some(1));
    let ask = || OperateAsk::Proposal("demo".into());
    assert_eq!(see(db, ask()).await, OperateView::Proposal(None), "it is in shadow");
    let seen = db.module_versions(None).await.unwrap().remove(0);
    assert!(db.report_module(&seen, "{\"n\":1}", ModuleState::Proposed, &[], at(1)).await.unwrap());
    assert!(card(db, 2).await.line.is_proposed);
    let approve = || OperateEffect::Module("demo".into(), Decision::Approve(1), "user 1".into());
    order(db, 3, approve()).await;
    assert!(is_stale(db, 4, approve()).await, "somebody else was faster");
    let version = db.module_versions(None).await.unwrap().remove(0);
    assert_eq!(
        (version.state, version.decided_by.as_deref()),
        (ModuleState::Active, Some("user 1"))
    );
}

fn draft(name: &str) -> NewCampaign {
    let copy = Some(Copied { from: ChatId(1), ids: vec![4, 5] });
    let message = Outgoing { copy, ..Outgoing::default() };
    NewCampaign {
        id: CampaignId(name.into()),
        title: name.into(),
        wording: Wording([(Language::En, message)].into()),
        audience: Audience::default(),
        options: CampaignOptions::default(),
        created_by: "user 1".into(),
    }
}

fn follow(name: &str, message_id: i64, begins: bool) -> OperateEffect {
    OperateEffect::Follow(Box::new(Follow {
        campaign: CampaignId(name.into()),
        chat: ChatId(1),
        thread: None,
        message_id,
        language: Language::Uk,
        press_stop: "stop".into(),
        press_card: "card".into(),
        begins,
    }))
}

async fn a_broadcast_of_the_chat_is_the_same_row_as_one_of_the_command_line(db: &dyn Db) {
    apply(db, &update(1, at(1), vec![meet(1, 1), meet(2, 2)])).await;
    order(db, 2, OperateEffect::Draft(Box::new(draft("c")))).await;
    let id = CampaignId("c".into());
    let kept = db.campaign(&id).await.unwrap().expect("the row");
    assert_eq!(kept.new, draft("c"));
    let audience = Some(Audience { with_plan: true, ..Audience::default() });
    let ask = |audience| OperateAsk::Campaign { id: id.clone(), audience, now: at(3) };
    let OperateView::Campaign(Some(card)) = see(db, ask(None)).await else { panic!("no card") };
    assert_eq!(card.counts, [(Language::Uk, 2)]);
    let OperateView::Campaign(Some(card)) = see(db, ask(audience)).await else { panic!("no card") };
    assert_eq!(card.counts, [], "nobody has a plan");
    order(db, 4, OperateEffect::Start(id.clone(), at(4))).await;
    assert!(is_stale(db, 5, OperateEffect::Draft(Box::new(draft("c")))).await, "no draft any more");
    assert!(is_stale(db, 5, OperateEffect::Forget(id.clone())).await);
    assert!(is_stale(db, 5, OperateEffect::Start(id.clone(), at(5))).await);
    while !db.freeze_recipients(&id, 9, at(5)).await.unwrap().complete {}
    db.queue_recipients(&id, 9, at(5)).await.unwrap();
    let claimed = db.claim_deliveries(&claim_all("sender", at(6))).await.unwrap();
    let counts = |one: &Content| matches!(one, Content::Campaign { count: Some(2), .. });
    assert!(claimed.len() == 2 && claimed.iter().all(|one| counts(&one.delivery.new.content)));
    assert_eq!(claimed[0].standing.message.as_ref().map(Outgoing::count), Some(2));
    order(db, 7, OperateEffect::Stop(id.clone())).await;
    assert!(is_stale(db, 8, OperateEffect::Stop(id.clone())).await);
    let state = db.campaign(&id).await.unwrap().expect("the row").state;
    assert_eq!(state, CampaignState::Stopped);
    let OperateView::Campaigns(all) = see(db, OperateAsk::Campaigns).await else { panic!() };
    assert_eq!((all.len(), all[0].1.under_way), (1, 2));
}

fn edit(place: i64, message_id: i64) -> NewDelivery {
    NewDelivery {
        id: delivery_id(Class::Reply, ChatId(1), None, &format!("progress {place}")),
        class: Class::Reply,
        chat: ChatId(1),
        thread: None,
        language: Language::Uk,
        content: Content::Message(Outgoing {
            edit: Some(message_id),
            ..Outgoing::text(format!("{place}"))
        }),
        not_before: at(0),
        fate: Default::default(),
    }
}

async fn progress_is_shown_by_one_process_and_in_the_message_that_stands(db: &dyn Db) {
    apply(db, &update(1, at(1), vec![meet(1, 1)])).await;
    order(db, 2, OperateEffect::Draft(Box::new(draft("c")))).await;
    order(db, 3, OperateEffect::Start(CampaignId("c".into()), at(50))).await;
    order(db, 4, follow("c", 70, true)).await;
    assert_eq!(db.campaign_reports(at(9), at(9)).await.unwrap(), [], "it waits for its moment");
    let due = db.campaign_reports(at(60), at(60)).await.unwrap();
    assert_eq!((due.len(), due[0].follow.message_id, due[0].last), (1, 70, None));
    assert_eq!(due[0].begun, (at(4), 0));
    let id = CampaignId("c".into());
    let shown = |edits, delivery, ended| CampaignShown {
        campaign: id.clone(),
        edits,
        delivery,
        shown: format!("digest {edits}"),
        ended,
    };
    assert!(db.show_campaign(&shown(0, Some(edit(0, 70)), false), at(60)).await.unwrap());
    assert!(!db.show_campaign(&shown(0, Some(edit(1, 70)), false), at(60)).await.unwrap());
    assert_eq!(db.campaign_reports(at(59), at(61)).await.unwrap(), [], "shown a moment ago");
    let claimed = db.claim_deliveries(&claim_all("sender", at(61))).await.unwrap();
    assert_eq!(claimed.len(), 1, "the slower process wrote nothing");
    // The message is gone, and the words were sent anew: `sent` says that they stand in message 7.
    db.settle_deliveries(&[settlement(&claimed[0], sent())], at(62)).await.unwrap();
    let due = db.campaign_reports(at(60), at(63)).await.unwrap();
    assert_eq!((due[0].follow.message_id, due[0].edits, due[0].shown.as_str()), (7, 1, "digest 0"));
    assert!(db.show_campaign(&shown(1, Some(edit(2, 7)), true), at(64)).await.unwrap());
    assert_eq!(db.campaign_reports(at(99), at(99)).await.unwrap(), [], "that was the last one");
    // Opened again in another message, it counts its pace on; started again, anew.
    order(db, 100, follow("c", 80, false)).await;
    let due = db.campaign_reports(at(200), at(200)).await.unwrap();
    assert_eq!((due[0].follow.message_id, due[0].begun.0, due[0].last), (80, at(4), None));
    order(db, 101, follow("c", 80, true)).await;
    assert_eq!(db.campaign_reports(at(200), at(200)).await.unwrap()[0].begun.0, at(101));
}

async fn only_operators_of_today_hear_of_orders(db: &dyn Db) {
    let tell = |user, on| OperateEffect::TellOrders {
        user: UserId(user),
        chat: ChatId(user),
        language: Language::En,
        on,
    };
    order(db, 1, tell(1, true)).await;
    order(db, 2, tell(2, true)).await;
    order(db, 3, tell(2, true)).await;
    let who = async |operators: &[i64]| {
        let operators: Vec<UserId> = operators.iter().copied().map(UserId).collect();
        let all = db.order_watchers(&operators).await.unwrap();
        all.iter().map(|one| one.user.0).collect::<Vec<_>>()
    };
    assert_eq!(who(&[1, 2, 3]).await, [1, 2]);
    assert_eq!(who(&[2]).await, [2], "1 operates no longer");
    order(db, 4, tell(2, false)).await;
    assert_eq!(who(&[1, 2]).await, [1]);
    let ask = OperateAsk::Orders { state: None, page: 0 };
    let OperateView::Orders(page) = see(db, ask).await else { panic!("no orders") };
    assert!(page.is_told && page.orders.is_empty() && page.states.is_empty());
}

async fn the_service_is_counted(db: &dyn Db) {
    db.put_sources(&[spec("a"), spec("b")], at(0)).await.unwrap();
    let now = at(400_000);
    let OperateView::Service(service) = see(db, OperateAsk::Service { now }).await else {
        panic!("no service")
    };
    assert_eq!((service.sources, service.running, service.due, service.late), (2, 0, 2, 2));
    db.claim_due_sources(&super::fixtures::owner("scraper"), now, 1).await.unwrap();
    let OperateView::Service(service) = see(db, OperateAsk::Service { now }).await else {
        panic!("no service")
    };
    assert_eq!((service.sources, service.running, service.due), (2, 1, 1));
}

#[tokio::test]
async fn orders_are_listed_newest_first_by_state_and_page() {
    let place = Place::new();
    let db = place.open().await;
    let conn = rusqlite::Connection::open(place.folder.path().join("magpie.db")).unwrap();
    for number in 0..20i64 {
        let state = if number % 2 == 0 { "paid" } else { "pending" };
        conn.execute(
            "INSERT INTO orders (id, user_id, plan, minor, currency, provider, state, created_at, \
             expires_at) VALUES (?1, 5, 'pro', 499, 'EUR', 'stars', ?2, ?3, 0)",
            rusqlite::params![format!("o{number}"), state, number],
        )
        .unwrap();
    }
    conn.execute_batch(
        "INSERT INTO payments (provider, payment_id, order_id, minor, currency, state, data, \
         created_at, updated_at) VALUES ('stars', 'a', 'o18', 499, 'EUR', 'held', '{}', 1, 1), \
         ('stars', 'b', 'o18', 499, 'EUR', 'refunded', '{}', 1, 2)",
    )
    .unwrap();
    let page = async |state: Option<&str>, page| {
        let ask = OperateAsk::Orders { state: state.map(str::to_owned), page };
        let OperateView::Orders(found) = see(&db, ask).await else { panic!("no orders") };
        found
    };
    let first = page(None, 0).await;
    let ids: Vec<&str> = first.orders.iter().map(|order| order.id.as_str()).collect();
    assert_eq!(ids, ["o19", "o18", "o17", "o16", "o15", "o14", "o13", "o12"]);
    assert!(first.has_more && first.orders[1].payment.as_deref() == Some("refunded"));
    assert_eq!(first.states, [("paid".to_owned(), 10), ("pending".to_owned(), 10)]);
    let last = page(Some("paid"), 1).await;
    assert_eq!((last.orders.len(), last.has_more), (2, false));
    assert!(last.orders.iter().all(|order| order.state == "paid"));
    assert!(page(Some("no' OR '1'='1"), 0).await.orders.is_empty());
    db.close().await;
}

super::for_each_db!(
    a_site_is_paused_and_goes_on_with_all_its_sources,
    a_module_that_is_put_aside_rests_until_it_is_released,
    the_card_of_a_site_counts_a_day_of_runs,
    a_repair_is_decided_once,
    a_broadcast_of_the_chat_is_the_same_row_as_one_of_the_command_line,
    progress_is_shown_by_one_process_and_in_the_message_that_stands,
    only_operators_of_today_hear_of_orders,
    the_service_is_counted,
);
