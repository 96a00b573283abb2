//! A world of one chat for transcripts: people, offered searches, the messages that the chat shows, and a
//! record that keeps just enough to load a view.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use magpie::bot::decide::{Answer, Decision, Reply, Sight, sight};
use magpie::bot::event::{self, Event};
use magpie::bot::rules::{Modules, Rules};
use magpie::bot::state::State;
use magpie::deliver::render::{self, Renderer};
use magpie::domain::change::KnownListing;
use magpie::domain::delivery::Delivery;
use magpie::domain::dialogue::Dialogue;
use magpie::domain::message::Action;
use magpie::domain::preferences::{Mute, MuteKind};
use magpie::domain::source::SourceSpec;
use magpie::domain::watch::WatchOrder;
use magpie::domain::why::WhyFacts;
use magpie::domain::{
    Change, ChangeKind, ChatId, DeliveryState, EventId, Language, NewDelivery, Outgoing, PausedBy,
    Source, SourceId, Terms, TicketId, User, UserId, Watch, WatchId,
};
use magpie::store::{
    About, Effect, Link, Look, MarketAsk, MarketView, OwnView, Recent, Saved, TicketView, View,
    listing_subject, seller_subject,
};
use serde_json::{Value, json};
use sites::{Listing, ListingKey};

use super::record::Record;

/// A person of a transcript.
#[derive(Debug, Clone)]
pub struct Someone {
    pub name: String,
    pub id: i64,
    pub tag: String,
}

/// A button that the chat showed at some time.
#[derive(Debug, Clone)]
pub struct Shown {
    pub message_id: i64,
    pub label: String,
    pub data: String,
}

/// The chat and all that is known of it.
pub struct World {
    pub now: DateTime<Utc>,
    pub preferences: magpie::domain::Preferences,
    pub is_group: bool,
    pub people: Vec<Someone>,
    pub offered: Vec<Source>,
    /// Addresses of all searches that ever were.
    links: BTreeMap<SourceId, String>,
    /// Every button ever shown, oldest first.
    pub shown: Vec<Shown>,
    samples: HashMap<String, Vec<Listing>>,
    users: BTreeMap<i64, User>,
    dialogues: BTreeMap<i64, Dialogue>,
    watches: Vec<Watch>,
    /// A real record that is asked and told instead, if there is one.
    pub record: Option<Record>,
    /// Names of all watches that ever were.
    names: HashMap<String, String>,
    /// Changes that were told of.
    changes: BTreeMap<EventId, Change>,
    kept: Vec<(i64, ListingKey)>,
    mutes: Vec<Mute>,
    /// Terms of everybody.
    pub free: Terms,
    /// What holds for every conversation.
    pub rules: Rules,
    /// Whose private chat it is that we see; the first person's without it.
    pub chat_of: Option<i64>,
    /// Tokens of links that the chat showed, oldest first.
    pub tokens: Vec<String>,
    updates: i64,
    messages: i64,
}

/// A site of a transcript.
const MODULE: &str = r#"
[site]
id = "ID"
name = "The ID"
hosts = ["ID.example"]
kind = "KIND"
country = "de"
time_zone = "Europe/Berlin"
currency = "CURRENCY"
owner = "ops"
[search]
match = '^https://ID\.example/s(\?|$)'
newest = { sort = "date" }
strip = ["page"]
filters = { q = "keywords", maxPrice = "price_max" }
[listing]
item = "li"
id = "@id"
url = "a@href"
title = "a"
[detail]
match = '^https://ID\.example/offer/\d+'
item = "html"
id = 'url | regex (\d+)'
url = "url"
title = "h1"
"#;

/// What a double knows of the market: nothing was seen, nothing is shared.
fn market(ask: &MarketAsk) -> MarketView {
    MarketView {
        recent: ask.recent.as_ref().map(|_| Recent::default()),
        shown: ask.shown.as_ref().map(|_| vec![]),
        link: ask.link_of.as_ref().map(|_| Link { token: "ab".repeat(16), is_shared: false }),
        shared: None,
    }
}

/// The news that a listing of a transcript is.
pub fn alert_of(listing: &Listing, now: DateTime<Utc>) -> Change {
    let key = ListingKey { site: "demo".to_owned(), id: listing.id.clone() };
    Change::new(key, ChangeKind::New, 1, now, listing.clone())
}

/// The change that a press is about: all letters of alerts carry it in the same place.
pub fn about(update: &event::Update) -> Option<EventId> {
    let Event::Press { data, .. } = &update.event else { return None };
    let mut fields = data.split(':').skip(1);
    let is_alerts = matches!(fields.next()?, "v" | "x" | "d" | "h" | "y");
    let event = fields.next()?.trim_start_matches('-');
    is_alerts.then(|| EventId(event.to_owned()))
}

impl World {
    pub fn new() -> Self {
        Self::told_to(None)
    }

    /// A world whose record is a file.
    pub fn on_file() -> Self {
        Self::told_to(Some(Record::new()))
    }

    fn told_to(record: Option<Record>) -> Self {
        Self {
            record,
            now: DateTime::from_timestamp(1_763_600_000, 0).expect("a date"),
            is_group: false,
            people: vec![],
            offered: vec![],
            links: BTreeMap::new(),
            shown: vec![],
            samples: HashMap::new(),
            users: BTreeMap::new(),
            dialogues: BTreeMap::new(),
            watches: vec![],
            preferences: Default::default(),
            names: HashMap::new(),
            changes: BTreeMap::new(),
            kept: vec![],
            mutes: vec![],
            free: Terms::default(),
            rules: super::handle::rules(),
            chat_of: None,
            tokens: vec![],
            updates: 0,
            messages: 100,
        }
    }

    /// The real record.
    pub fn record(&self) -> &Record {
        self.record.as_ref().expect("a world on file")
    }

    pub fn chat(&self) -> ChatId {
        let first = || self.people.first().map_or(1, |p| p.id);
        if self.is_group { ChatId(-1000) } else { ChatId(self.chat_of.unwrap_or_else(first)) }
    }

    pub fn person(&mut self, name: &str, tag: &str) -> Someone {
        if let Some(known) = self.people.iter().find(|p| p.name == name) {
            return known.clone();
        }
        let id = 11 + i64::try_from(self.people.len()).expect("few people");
        let someone = Someone { name: name.to_owned(), id, tag: tag.to_owned() };
        self.people.push(someone.clone());
        someone
    }

    pub fn name_of(&self, user: UserId) -> String {
        let known = self.people.iter().find(|p| p.id == user.0);
        known.map_or_else(|| format!("user {user}"), |person| person.name.clone())
    }

    pub fn title_of(&self, watch: &magpie::domain::WatchId) -> String {
        self.names.get(watch.as_str()).cloned().unwrap_or_else(|| format!("watch {watch}"))
    }

    pub fn offer(&mut self, title: &str, interval: Duration) {
        self.offer_on("demo", title, interval);
    }

    /// Offers a search of a site.
    pub fn offer_on(&mut self, site: &str, title: &str, interval: Duration) {
        let spec = SourceSpec {
            site: site.to_owned(),
            url: format!("https://{site}.example/{title}"),
            title: title.to_owned(),
            interval,
            offered: true,
            rhythm: Default::default(),
        };
        if let Some(record) = &self.record {
            record.offer(&spec, self.now);
        }
        self.links.insert(spec.id(), spec.url.clone());
        self.offered.push(Source { baseline_done: true, ..Source::new(spec, self.now) });
        self.offered.sort_by(|a, b| a.spec.title.cmp(&b.spec.title));
    }

    /// Offers a search no longer.
    pub fn withdraw(&mut self, title: &str) {
        let found = self.offered.iter().position(|source| source.spec.title == title);
        let source = self.offered.remove(found.expect("an offered search"));
        if let Some(record) = &self.record {
            record.offer(&SourceSpec { offered: false, ..source.spec }, self.now);
        }
    }

    /// What a search shows now.
    pub fn list(&mut self, title: &str, listing: Listing) {
        let found = self.offered.iter().find(|source| source.spec.title == title);
        let source = found.expect("an offered search").id.clone();
        let shown = self.samples.entry(source.to_string()).or_default();
        shown.push(listing);
        if let Some(record) = &self.record {
            record.list(&source, shown, self.now);
        }
    }

    /// Everybody may have so many watches.
    pub fn limit(&mut self, watches: u64) {
        self.free = Terms::of_watches(watches, 0);
        if let Some(record) = &mut self.record {
            record.limit(self.free.clone());
        }
    }

    /// A plan is sold.
    pub fn plan(&mut self, plan: &magpie::domain::Plan) {
        self.record.as_ref().expect("a record").plan(plan, self.now);
    }

    pub fn pass(&mut self, minutes: i64) {
        self.now += TimeDelta::minutes(minutes);
    }

    /// Lets Telegram tell us `kind: body` and does what is decided.
    pub fn tell(&mut self, kind: &str, body: Value) -> Decision {
        self.now += TimeDelta::seconds(1);
        let (update, decision) = self.decide(kind, body);
        self.apply(&update, &decision);
        decision
    }

    /// What would be decided, without doing it.
    pub fn decide(&mut self, kind: &str, body: Value) -> (event::Update, Decision) {
        self.updates += 1;
        let mut json = json!({ "update_id": self.updates });
        json[kind] = body;
        let update = event::read(&json, "magpie_bot").expect("an update");
        let mut look = Look::default();
        for _ in 0..8 {
            let view = self.view(&update, &look);
            let state = State::of(view.dialogue.as_ref(), self.now);
            let decision = magpie::bot::decide(&self.rules, &view, state, &update, self.now);
            match &decision.look {
                Some(more) => look = (**more).clone(),
                None => {
                    if look == Look::default() {
                        self.look_away(&view, &update, &decision);
                    }
                    return (update, decision);
                }
            }
        }
        panic!("it looks and looks: {look:?}");
    }

    /// What an event is said not to look at changes nothing, so it need not be loaded.
    fn look_away(&self, view: &View, update: &event::Update, decision: &Decision) {
        let sight = magpie::bot::decide::sight(&update.event);
        let mut bare = view.clone();
        if sight < Sight::Searches {
            (bare.watches, bare.offered) = (vec![], vec![]);
            (bare.preferences, bare.silence) = (Default::default(), None);
        }
        if sight < Sight::Person {
            (bare.user, bare.dialogue) = (None, None);
        }
        let state = State::of(bare.dialogue.as_ref(), self.now);
        let again = magpie::bot::decide(&self.rules, &bare, state, update, self.now);
        assert_eq!((&again.effects, &again.replies), (&decision.effects, &decision.replies));
        assert_eq!(again.answer, decision.answer);
        // An event that looks at nothing leaves the conversation as it is, whatever is decided.
        assert!(sight == Sight::Nothing || again.state == decision.state);
    }

    pub fn message(&mut self, who: &Someone, more: Value) -> Value {
        self.messages += 1;
        let mut body = json!({ "message_id": self.messages, "date": self.now.timestamp(),
            "from": from(who), "chat": self.chat_json() });
        for (name, value) in more.as_object().expect("an object") {
            body[name] = value.clone();
        }
        body
    }

    pub fn press(&self, who: &Someone, message_id: i64, data: &str) -> Value {
        json!({ "id": format!("press {}", self.updates), "from": from(who), "data": data,
            "message": { "message_id": message_id, "date": self.now.timestamp(),
                "chat": self.chat_json() } })
    }

    pub fn member(&self, who: &Someone, status: &str) -> Value {
        json!({ "chat": self.chat_json(), "from": from(who), "date": self.now.timestamp(),
            "old_chat_member": {}, "new_chat_member": { "status": status } })
    }

    fn chat_json(&self) -> Value {
        let kind = if self.is_group { "supergroup" } else { "private" };
        json!({ "id": self.chat().0, "type": kind })
    }

    fn view(&self, update: &event::Update, look: &Look) -> View {
        if let Some(record) = &self.record {
            return record.view(self.chat(), update, look);
        }
        let user = update.who.as_ref().map_or(0, |who| who.id.0);
        View {
            user: self.users.get(&user).cloned(),
            dialogue: self.dialogues.get(&user).cloned(),
            watches: self.watches.clone(),
            offered: self.offered.clone(),
            sample: self.sample(&update.event),
            about: about(update).and_then(|event| self.about(&event, user)),
            why: about(update).and_then(|event| self.why(&event)),
            saved: self.saved_by(user),
            own: self.own(user),
            preferences: self.preferences.clone().or_zone("UTC"),
            silence: self.mutes.iter().find(|mute| mute.kind == MuteKind::All).cloned(),
            told: vec![],
            has_searches: look.searches || sight(&update.event) == Sight::Searches,
            market: look.market.as_ref().map(market),
            ticket: look.ticket.as_ref().map(|_| TicketView {
                free: Some(TicketId("A7K2".to_owned())),
                ..TicketView::default()
            }),
            ..View::default()
        }
    }

    /// Something happened to a listing of a search: the alert of it stands in the chat, with its buttons.
    pub fn alert(&mut self, title: &str, listing: Listing) -> Outgoing {
        let change = alert_of(&listing, self.now);
        if let Some(record) = &self.record {
            let source = self.offered.iter().find(|one| one.spec.title == title).expect("offered");
            record.news(&source.id, &listing, self.chat(), self.now);
        }
        let event = change.id();
        let language = Language::En;
        let body = Renderer::default().body(&event, &change, None, language, render::Length::Whole);
        let message = body.message(&[]);
        self.changes.insert(event, change);
        self.messages += 1;
        for button in message.buttons.iter().flatten() {
            if let Action::Callback(data) = &button.action {
                let (message_id, label) = (self.messages, button.text.clone());
                self.shown.push(Shown { message_id, label, data: data.clone() });
            }
        }
        message
    }

    fn about(&self, event: &EventId, user: i64) -> Option<About> {
        let change = self.changes.get(event)?.clone();
        let saved = self.kept.contains(&(user, change.key.clone()));
        let muted = self.is_muted(&listing_subject(&change.key));
        let seller = seller_subject(&change.key.site, &change.listing);
        let hidden = seller.is_some_and(|seller| self.is_muted(&seller));
        Some(About { listing: Some(change.listing.clone()), change, saved, muted, hidden })
    }

    fn is_muted(&self, subject: &str) -> bool {
        self.mutes.iter().any(|mute| mute.subject == subject)
    }

    /// What is known of an alert: it was sent to the chat at once.
    fn why(&self, event: &EventId) -> Option<WhyFacts> {
        let change = self.changes.get(event)?;
        let new =
            NewDelivery::alert(self.chat(), None, Language::En, event.clone(), vec![], change.at);
        let delivery = Delivery {
            new,
            state: DeliveryState::Sent,
            epoch: 1,
            owner: None,
            intent_at: None,
            attempts_refused: 0,
            attempts_crashed: 0,
            doubts: 0,
            message_id: Some(self.messages),
            reason: None,
            created_at: change.at,
            done_at: Some(change.at),
            slot: None,
            folded_in: None,
        };
        let known = KnownListing {
            listing: change.listing.clone(),
            version: 1,
            in_source: true,
            gone: false,
            prices: Default::default(),
        };
        Some(WhyFacts {
            known: Some(known),
            shown: vec![],
            changes: vec![change.clone()],
            watches: self.watches.clone(),
            deliveries: vec![delivery],
        })
    }

    fn saved_by(&self, user: i64) -> Vec<Saved> {
        let own = self.kept.iter().filter(|(who, _)| *who == user);
        let one = |(_, key): &(i64, ListingKey)| {
            let change = self.changes.values().find(|change| change.key == *key)?;
            let listing = change.listing.clone();
            Some(Saved { key: key.clone(), listing, gone: false, saved_at: self.now })
        };
        own.filter_map(one).collect()
    }

    /// What the person has: here all of it is in this chat.
    fn own(&self, user: i64) -> OwnView {
        let own = self.watches.iter().filter(|watch| watch.user.0 == user);
        let watches: Vec<Watch> = own.cloned().collect();
        OwnView { watches, free: self.free.clone(), held: vec![], links: self.links.clone() }
    }

    fn sample(&self, event: &Event) -> Vec<Listing> {
        let Event::Press { data, .. } = event else { return vec![] };
        let source = data.split(':').nth(2).unwrap_or("");
        self.samples.get(source).cloned().unwrap_or_default()
    }

    fn apply(&mut self, update: &event::Update, decision: &Decision) {
        if let Some(record) = &self.record {
            record.commit(self.chat(), update, decision, self.now);
        }
        for effect in &decision.effects {
            self.change(effect);
        }
        if let (Some(who), true) = (&update.who, decision.writes(&State::Idle)) {
            let before = self.dialogues.get(&who.id.0).map_or(0, |d| d.version);
            let (chat, state) = (self.chat(), decision.state.to_json());
            let at = self.now;
            let dialogue = Dialogue { chat, user: who.id, state, at, version: before + 1 };
            self.dialogues.insert(who.id.0, dialogue);
        }
        for reply in &decision.replies {
            self.show(&reply.message);
        }
    }

    /// A site that publishes things of a kind in a currency; its searches are `https://<id>.example/s?q=&maxPrice=`.
    pub fn site(&mut self, id: &str, kind: &str, currency: &str) {
        let module = MODULE.replace("ID", id).replace("KIND", kind).replace("CURRENCY", currency);
        let mut registry = self.rules.modules.get().clone();
        registry.insert(sites::Site::from_toml("site.toml", &module).expect("a module"));
        self.rules.modules = Modules::of_registry(registry);
    }

    /// A search had a good run.
    pub fn look_at(&mut self, title: &str) {
        let found = self.offered.iter().find(|source| source.spec.title == title);
        let source = found.expect("an offered search").id.clone();
        if let Some(record) = &self.record {
            record.look_at(&source, self.now);
        }
    }

    fn show(&mut self, message: &Outgoing) {
        let after = |at: usize| message.text.get(at + 2..at + 34);
        let tokens = message.text.match_indices("c_").filter_map(|(at, _)| after(at));
        for token in tokens {
            if token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                self.tokens.push(token.to_owned());
            }
        }
        self.messages += 1;
        let message_id = message.edit.unwrap_or(self.messages);
        for button in message.buttons.iter().flatten() {
            if let Action::Callback(data) = &button.action {
                let (label, data) = (button.text.clone(), data.clone());
                self.shown.push(Shown { message_id, label, data });
            }
        }
    }

    fn change_watch(&mut self, id: &WatchId, user: UserId, order: &WatchOrder) {
        let found = self.watches.iter_mut().find(|w| w.id == *id && w.user == user);
        let Some(watch) = found else { return };
        match order {
            WatchOrder::Pause => (watch.paused, watch.paused_by) = (true, PausedBy::Owner),
            WatchOrder::Resume => (watch.paused, watch.paused_by) = (false, PausedBy::Nobody),
            WatchOrder::Mute(until) => watch.muted_until = *until,
            WatchOrder::Edit(edit) => {
                if let Some(name) = &edit.name {
                    watch.name.clone_from(name);
                    self.names.insert(id.to_string(), name.clone());
                }
            }
            WatchOrder::Clone { id, name } => {
                let copy = Watch {
                    id: id.clone(),
                    name: name.clone(),
                    paused: false,
                    paused_by: PausedBy::Nobody,
                    muted_until: None,
                    created_at: self.now,
                    ..watch.clone()
                };
                self.names.insert(id.to_string(), name.clone());
                self.watches.push(copy);
            }
            WatchOrder::Remove => self.watches.retain(|w| w.id != *id),
        }
    }

    fn change(&mut self, effect: &Effect) {
        match effect {
            Effect::Meet { user, language, .. } => {
                let met = User {
                    id: *user,
                    language: *language,
                    created_at: self.now,
                    banned: false,
                    name: String::new(),
                    username: None,
                };
                self.users.entry(user.0).or_insert(met);
            }
            Effect::SetLanguage { user, language } => {
                self.users.get_mut(&user.0).expect("a known person").language = *language;
                let own = self.watches.iter_mut().filter(|watch| watch.user == *user);
                own.for_each(|watch| watch.language = *language);
            }
            Effect::Subscribe { watch, user, chat, thread, source, name, filter, language } => {
                self.watches.retain(|w| w.id != *watch);
                self.names.insert(watch.to_string(), name.clone());
                self.watches.push(Watch {
                    id: watch.clone(),
                    user: *user,
                    chat: *chat,
                    thread: *thread,
                    name: name.clone(),
                    sources: vec![source.clone()],
                    filter: filter.clone(),
                    paused: false,
                    paused_by: magpie::domain::PausedBy::Nobody,
                    muted_until: None,
                    telling: magpie::domain::preferences::WatchTelling::default(),
                    language: *language,
                    created_at: self.now,
                });
            }
            Effect::Unsubscribe { watch, user } => {
                self.watches.retain(|w| w.id != *watch || w.user != *user);
            }
            Effect::Keep { user, key, kept: true } => {
                self.kept.push((user.0, key.clone()));
            }
            Effect::Keep { user, key, kept: false } => {
                self.kept.retain(|one| *one != (user.0, key.clone()));
            }
            Effect::AddWatch(new) => {
                self.names.insert(new.id.to_string(), new.name.clone());
                self.watches.push(Watch {
                    id: new.id.clone(),
                    user: new.user,
                    chat: new.chat,
                    thread: new.thread,
                    name: new.name.clone(),
                    sources: new.source_ids(),
                    filter: new.filter.clone(),
                    paused: new.paused,
                    paused_by: if new.paused { PausedBy::Owner } else { PausedBy::Nobody },
                    muted_until: None,
                    telling: new.telling.clone(),
                    language: new.language,
                    created_at: self.now,
                });
            }
            Effect::ChangeWatch { id, user, order } => self.change_watch(id, *user, order),
            Effect::Prefer { patch, .. } => patch.apply(&mut self.preferences),
            Effect::Mute { mute, .. } | Effect::Unmute { mute, .. } => {
                let same = |own: &Mute| own.kind == mute.kind && own.subject == mute.subject;
                self.mutes.retain(|own| !same(own));
                if matches!(effect, Effect::Mute { .. }) {
                    self.mutes.push(mute.clone());
                }
            }
            // What this double does not know is asked of a real record, see [`World::on_file`].
            _ => {}
        }
    }
}

fn from(who: &Someone) -> Value {
    json!({ "id": who.id, "is_bot": false, "first_name": who.name, "language_code": who.tag })
}

/// What a reply and an answer look like in a transcript.
pub fn print_reply(reply: &Reply, lines: &mut Vec<String>) {
    let head = if reply.message.edit.is_some() { "bot edits> " } else { "bot> " };
    if let Some(copied) = &reply.message.copy {
        let ids: Vec<String> = copied.ids.iter().map(i64::to_string).collect();
        lines.push(format!("bot copies> {}", ids.join(", ")));
    }
    let text = with_links(&reply.message);
    for (index, line) in text.lines().enumerate() {
        let line = if index == 0 { format!("{head}{line}") } else { format!("   | {line}") };
        lines.push(line.trim_end().to_owned());
    }
    for row in &reply.message.buttons {
        let labels: Vec<_> = row.iter().map(|button| format!("[{}]", button.text)).collect();
        lines.push(format!("     {}", labels.join(" ")));
    }
}

pub fn print_answer(answer: &Answer, lines: &mut Vec<String>) {
    let head = if answer.alert { "alert>" } else { "note>" };
    if let Some(note) = &answer.note {
        lines.push(format!("{head} {note}"));
    }
}

/// The text with the address of every link behind it; shows that entities are where they should be.
fn with_links(message: &Outgoing) -> String {
    let mut units: Vec<u16> = message.text.encode_utf16().collect();
    for entity in message.entities.iter().rev() {
        if let magpie::domain::EntityKind::Link(address) = &entity.kind {
            let end = entity.offset + entity.length;
            let address: Vec<u16> = format!(" <{address}>").encode_utf16().collect();
            units.splice(end..end, address);
        }
    }
    String::from_utf16(&units).expect("entities end between characters")
}
