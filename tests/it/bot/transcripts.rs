//! Conversations as files: what people do, and what the bot must answer, word for word.
//!
//! A line is either something that happens or something the bot says. Running the first kind must give the
//! second. `#` begins a remark, and an empty line changes nothing.
//!
//! What the bot says: `bot>` a new message, `bot edits>` a change of the pressed one, both going on with `   |`
//! and ending in rows of `[buttons]`; `note>` and `alert>` the answer to a press; `change>` what the record is
//! told.
//!
//! | happens | meaning |
//! |---|---|
//! | `people anna en, boris uk` | names with the language of their app |
//! | `in a group` | the chat is a group of these people |
//! | `offer Demo flats every 6 minutes` | a search is offered (`every 10 seconds` works too) |
//! | `offer Bikes on shop every 6 minutes` | a search of another site is offered |
//! | `site shop has goods in UAH` | a site that the bot knows: `https://shop.example/s?q=…&maxPrice=…` |
//! | `Demo flats was looked at` | this search had a good run |
//! | `in the chat of boris` | from here on this is his private chat |
//! | `anna shares the place 49.84, 24.03` | a location |
//! | `listing Demo flats: Title / 1450.00 EUR / Place` | this search shows that now |
//! | `alert Demo flats: Title / 1450.00 EUR / Place / Seller` | an alert of that listing stands in the chat |
//! | `withdraw Demo flats` | it is offered no longer |
//! | `anna> text` | a message; `{Demo flats}` in it is the id of that search |
//! | `anna sends photo: words` | another kind of message |
//! | `anna sends app data {"v":1,…}` | what the Mini App sends |
//! | `anna presses [label]` | the newest button of that label; `the first [label]` for the oldest |
//! | `anna presses data x` | a button that says `x` |
//! | `anna is kicked` | a change of membership |
//! | `anna moves the group to -2000` | it becomes a supergroup |
//! | `olga operates the service` | a person becomes an operator |
//! | `plan plus Plus: 4.99 USD for 30 days` | a plan is sold |
//! | `11 minutes pass` | time |

use std::path::{Path, PathBuf};
use std::time::Duration;

use magpie::bot::decide::Decision;
use magpie::domain::UserId;
use magpie::domain::delivery::Content;
use magpie::domain::offer::Category;
use magpie::domain::preferences::{Mute, MuteKind};
use magpie::domain::watch::{Sample, WatchOrder};
use magpie::domain::{Language, Plan, PlanId, Terms};
use magpie::store::{Effect, ShareEffect, TicketEffect};
use serde_json::json;
use sites::{Listing, Money};

use super::account_transcripts;
use super::world::{self, Shown, Someone, World};

const SAYS: &[&str] =
    &["bot> ", "bot edits> ", "bot copies> ", "note> ", "alert> ", "change> ", "   |", "     "];

/// All transcripts.
pub fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/bot/transcripts");
    let entries = std::fs::read_dir(folder).expect("the transcripts are there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// Plays a transcript; answers it as it really went, and the world afterwards.
pub fn play(script: &str, mut world: World) -> (String, World) {
    let mut lines = Vec::new();
    for line in script.lines().filter(|line| !SAYS.iter().any(|says| line.starts_with(says))) {
        lines.push(line.to_owned());
        if !line.is_empty() && !line.starts_with('#') {
            happen(&mut world, line, &mut lines);
        }
    }
    let played = lines.join("\n") + "\n";
    // Tokens are random: what is read shows where they stand.
    let played = world.tokens.iter().fold(played, |text, token| text.replace(token, "{token}"));
    (account_transcripts::masked(&played), world)
}

fn happen(world: &mut World, line: &str, lines: &mut Vec<String>) {
    if set_up(world, line) {
        return;
    }
    let Some(decision) = act(world, line) else { panic!("nobody knows what this means: {line}") };
    let is_told = |effect: &&Effect| !matches!(effect, Effect::Name { .. });
    for effect in decision.effects.iter().filter(is_told) {
        lines.push(format!("change> {}", change(world, effect)));
    }
    if let Some(answer) = &decision.answer {
        world::print_answer(answer, lines);
    }
    for reply in &decision.replies {
        world::print_reply(reply, lines);
    }
}

fn set_up(world: &mut World, line: &str) -> bool {
    if let Some(people) = line.strip_prefix("people ") {
        for person in people.split(", ") {
            let (name, tag) = person.split_once(' ').expect("a name and a language");
            world.person(name, tag);
        }
    } else if line == "in a group" {
        world.is_group = true;
    } else if let Some(offer) = line.strip_prefix("offer ") {
        let (title, every) = offer.split_once(" every ").expect("a title and a rhythm");
        let (count, unit) = every.split_once(' ').expect("a number and a unit");
        let seconds = if unit.starts_with("minute") { 60 } else { 1 };
        let (title, site) = title.split_once(" on ").unwrap_or((title, "demo"));
        let interval = Duration::from_secs(count.parse::<u64>().expect("a number") * seconds);
        world.offer_on(site, title, interval);
    } else if let Some(site) = line.strip_prefix("site ") {
        let words: Vec<&str> = site.split(' ').collect();
        let [id, "has", kind, "in", currency] = words[..] else { panic!("no site: {line}") };
        world.site(id, kind, currency);
    } else if let Some(title) = line.strip_suffix(" was looked at") {
        world.look_at(title);
    } else if let Some(name) = line.strip_prefix("in the chat of ") {
        world.chat_of = Some(world.person(name, "en").id);
    } else if let Some(listing) = line.strip_prefix("listing ") {
        let (title, listing) = listing.split_once(": ").expect("a search and what it shows");
        world.list(title, self::listing(listing));
    } else if let Some(listing) = line.strip_prefix("alert ") {
        let (title, listing) = listing.split_once(": ").expect("a search and a listing of it");
        world.alert(title, self::listing(listing));
    } else if let Some(title) = line.strip_prefix("withdraw ") {
        world.withdraw(title);
    } else if let Some(watches) = line.strip_prefix("the plan allows watches: ") {
        world.limit(watches.parse().expect("a number"));
    } else if let Some(name) = line.strip_suffix(" operates the service") {
        let operator = world.person(name, "en");
        world.rules.operators.insert(magpie::domain::UserId(operator.id));
    } else if let Some(plan) = line.strip_prefix("plan ") {
        let (id, rest) = plan.split_once(' ').expect("an id and a name");
        let (name, rest) = rest.split_once(": ").expect("a name and a price");
        let (price, days) = rest.split_once(" for ").expect("a price and a time");
        world.plan(&self::plan((id, name), price, days));
    } else if let Some(minutes) = line.strip_suffix(" minutes pass") {
        world.pass(minutes.parse().expect("a number"));
    } else {
        return account_transcripts::set_up(world, line);
    }
    true
}

fn plan((id, name): (&str, &str), price: &str, days: &str) -> Plan {
    let (amount, currency) = price.split_once(' ').expect("an amount and a currency");
    let minor = amount.replace('.', "").parse().expect("a number");
    Plan {
        id: PlanId(id.to_owned()),
        category: Category::Paid,
        names: Language::ALL.map(|language| (language, name.to_owned())).into(),
        descriptions: Default::default(),
        prices: [(currency.to_owned(), minor)].into(),
        days: days.trim_end_matches(" days").parse().expect("a number"),
        terms: Terms::of_watches(30, 30),
        active: true,
        position: 1,
        revision: 0,
    }
}

fn listing(line: &str) -> Listing {
    let mut parts = line.split(" / ");
    let title = parts.next().expect("a title").to_owned();
    let price = parts.next().unwrap_or("");
    let location = parts.next().map(str::to_owned);
    let seller = parts.next().map(str::to_owned);
    let amount = price.split_once(' ').and_then(|(amount, currency)| {
        let minor = amount.replace('.', "").parse().ok()?;
        Some(Money { minor, currency: currency.to_owned() })
    });
    let url = format!("https://demo.example/{}", title.replace(' ', "-"));
    Listing {
        price_text: amount.is_none().then(|| price.to_owned()),
        price: amount,
        location,
        seller,
        ..Listing::new(title.clone(), url, title)
    }
}

fn act(world: &mut World, line: &str) -> Option<Decision> {
    if let Some((name, text)) = line.split_once("> ") {
        let who = world.person(name, "en");
        let text = with_ids(world, text);
        let text = account_transcripts::with_codes(world, &text);
        let message = world.message(&who, json!({ "text": text }));
        return Some(world.tell("message", message));
    }
    let (name, action) = line.split_once(' ')?;
    let who = world.person(name, "en");
    if let Some(press) = action.strip_prefix("presses ") {
        return Some(press_button(world, &who, press));
    }
    if let Some(status) = action.strip_prefix("is ") {
        let member = world.member(&who, status);
        return Some(world.tell("my_chat_member", member));
    }
    if let Some(id) = action.strip_prefix("moves the group to ") {
        let id: i64 = id.parse().expect("a number");
        let message = world.message(&who, json!({ "migrate_to_chat_id": id }));
        return Some(world.tell("message", message));
    }
    if let Some(point) = action.strip_prefix("shares the place ") {
        let (latitude, longitude) = point.split_once(", ").expect("two numbers");
        let degrees = |text: &str| text.parse::<f64>().expect("degrees");
        let location = json!({ "latitude": degrees(latitude), "longitude": degrees(longitude) });
        let message = world.message(&who, json!({ "location": location }));
        return Some(world.tell("message", message));
    }
    if let Some(data) = action.strip_prefix("sends app data ") {
        let data = with_ids(world, data);
        let message = world.message(&who, json!({ "web_app_data": { "data": data } }));
        return Some(world.tell("message", message));
    }
    let (content, caption) = action.strip_prefix("sends ")?.split_once(':')?;
    let message = world.message(&who, json!({ content: [], "caption": caption.trim() }));
    Some(world.tell("message", message))
}

/// `{Demo flats}` in a message is the id of that search, `{token}` the newest link.
fn with_ids(world: &World, text: &str) -> String {
    let token = world.tokens.last().map_or("", String::as_str);
    let text = &text.replace("{token}", token);
    world.offered.iter().fold(text.to_owned(), |text, source| {
        text.replace(&format!("{{{}}}", source.spec.title), source.id.as_str())
    })
}

fn press_button(world: &mut World, who: &Someone, press: &str) -> Decision {
    if let Some(data) = press.strip_prefix("data ") {
        let press = world.press(who, 100, data);
        return world.tell("callback_query", press);
    }
    let (is_first, label) = match press.strip_prefix("the first ") {
        Some(label) => (true, label),
        None => (false, press),
    };
    let label = label.trim_start_matches('[').trim_end_matches(']');
    let mut fitting = world.shown.iter().filter(|button| button.label == label);
    let found = if is_first { fitting.next() } else { fitting.next_back() };
    let button = found.unwrap_or_else(|| panic!("no button says {label}")).clone();
    let press = world.press(who, button.message_id, &button.data);
    world.tell("callback_query", press)
}

fn change(world: &World, effect: &Effect) -> String {
    match effect {
        Effect::Meet { user, kind, language, .. } => {
            format!(
                "{} is met in a {} chat ({})",
                world.name_of(*user),
                kind.as_str(),
                language.code()
            )
        }
        Effect::SetLanguage { user, language } => {
            format!("{} speaks {}", world.name_of(*user), language.code())
        }
        Effect::ChatActive { kind, active, .. } => {
            format!("the {} chat is {}", kind.as_str(), if *active { "open" } else { "closed" })
        }
        Effect::Subscribe { user, name, .. } => format!("{} watches {name}", world.name_of(*user)),
        Effect::Unsubscribe { watch, user } => {
            format!("{} leaves {}", world.name_of(*user), world.title_of(watch))
        }
        Effect::Keep { user, key, kept } => {
            let word = if *kept { "keeps" } else { "lets go" };
            format!("{} {word} {}/{}", world.name_of(*user), key.site, key.id)
        }
        Effect::Tell(delivery) => match &delivery.content {
            Content::Chart { key, .. } => format!("a chart of {}/{} is queued", key.site, key.id),
            Content::Figures(board) => {
                let first = board.series.first().map_or(0, |series| series.values.len());
                format!("a picture of {} figures over {first} days is queued", board.series.len())
            }
            Content::Message(message) => {
                let words: Vec<_> = message.text.split_whitespace().collect();
                format!("chat {} is told: {}", delivery.chat, words.join(" "))
            }
            other => panic!("nobody tells that: {other:?}"),
        },
        Effect::AddWatch(new) => {
            let watches = format!("{} watches {}", world.name_of(new.user), new.name);
            match &new.sample {
                Sample::Now(message) => {
                    let lines = message.text.lines().filter(|line| line.starts_with('•')).count();
                    format!("{watches} (and gets a sample of {lines})")
                }
                Sample::Later | Sample::Never => watches,
            }
        }
        Effect::ChangeWatch { id, user, order } => {
            let (who, title) = (world.name_of(*user), world.title_of(id));
            match order {
                WatchOrder::Pause => format!("{who} pauses {title}"),
                WatchOrder::Resume => format!("{who} resumes {title}"),
                WatchOrder::Mute(None) => format!("{who} unmutes {title}"),
                WatchOrder::Mute(Some(until)) => {
                    let hours = (*until - world.now).num_hours();
                    let how_long = if hours > 9_999 { "ever".into() } else { format!("{hours} h") };
                    format!("{who} mutes {title} for {how_long}")
                }
                WatchOrder::Edit(edit) => {
                    let name = edit.name.as_deref().unwrap_or("nothing new");
                    format!("{who} calls {title}: {name}")
                }
                WatchOrder::Clone { name, .. } => format!("{who} copies {title} as {name}"),
                WatchOrder::Remove => format!("{who} leaves {title}"),
            }
        }
        Effect::MigrateChat { from, to } => format!("chat {from} is {to} now"),
        Effect::Prefer { patch, .. } => {
            format!("the chat prefers {}", serde_json::to_string(patch).expect("JSON"))
        }
        Effect::Mute { mute, .. } => format!("the chat mutes {}", muted(mute, world.now)),
        Effect::Unmute { mute, .. } => format!("the chat hears {}", muted(mute, world.now)),
        Effect::Name { user, name, .. } => format!("{} is called {name}", world.name_of(*user)),
        Effect::Audit(entry) => {
            format!("{} did {} to {} ({})", entry.actor, entry.action, entry.target, entry.detail)
        }
        Effect::Account(effect) => account_transcripts::change(world, effect),
        Effect::Ticket(effect) => ticket(world, effect),
        Effect::Panel(effect) => format!("{effect:?}"),
        Effect::Operate(effect) => super::operate_transcripts::told(effect),
        Effect::Share(ShareEffect::Begin { watch, user, token }) => {
            format!("{} shares {} by {token}", world.name_of(*user), world.title_of(watch))
        }
        Effect::Share(ShareEffect::End { watch, user }) => {
            format!("{} shares {} no longer", world.name_of(*user), world.title_of(watch))
        }
    }
}

fn ticket(world: &World, effect: &TicketEffect) -> String {
    match effect {
        TicketEffect::Write(written) => {
            let (who, id, text) = (world.name_of(written.user), &written.ticket, &written.text);
            let opens = if written.opens.is_some() { "opens" } else { "adds to" };
            format!("{who} {opens} ticket {id}: {text}")
        }
        TicketEffect::Edit { ticket, text, .. } => format!("edited in ticket {ticket}: {text}"),
        TicketEffect::Answer(one) => format!("{} answers {}: {}", one.author, one.ticket, one.text),
        TicketEffect::Note(one) => format!("{} notes in {}: {}", one.author, one.ticket, one.text),
        TicketEffect::Close { ticket, by, .. } => format!("ticket {ticket} is closed by {by:?}"),
        TicketEffect::Reopen { ticket, by } => format!("ticket {ticket} is reopened by {by:?}"),
        TicketEffect::Helped { ticket } => format!("ticket {ticket} helped"),
    }
}

/// What a mute is about, and for how long.
fn muted(mute: &Mute, now: chrono::DateTime<chrono::Utc>) -> String {
    let words = format!("{} {}", mute.kind.as_str(), mute.subject);
    let span = mute.ends_at.map(|end| format!(" for {} h", (end - now).num_hours()));
    words.trim_end().to_owned() + &span.unwrap_or_default()
}

#[test]
fn the_bot_answers_as_the_transcripts_say() {
    let files = files();
    assert!(files.len() >= 8, "transcripts are missing");
    let mut wrong = Vec::new();
    for file in files {
        let script = std::fs::read_to_string(&file).expect("readable");
        let (played, _) = play(&script, World::on_file());
        if played != script {
            let name = file.file_name().expect("a name");
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("transcripts");
            std::fs::create_dir_all(&folder).expect("a folder for what really happened");
            std::fs::write(folder.join(name), &played).expect("written");
            let first = script.lines().zip(played.lines()).find(|(a, b)| a != b);
            wrong.push(format!("{}: {first:?}, all of it in {}", name.display(), folder.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_button_made_for_one_person_is_refused_to_every_other() {
    let mut pressed = 0;
    for file in files() {
        let script = std::fs::read_to_string(file).expect("readable");
        let (_, mut world) = play(&script, World::on_file());
        let stranger = world.person("mallory", "en");
        // The buttons of alerts are made for everybody: see the transcripts of alerts.
        let owned = |button: &Shown| !button.data.ends_with(":0");
        let shown: Vec<_> = world.shown.iter().filter(|button| owned(button)).cloned().collect();
        for button in shown {
            let press = world.press(&stranger, button.message_id, &button.data);
            let (_, decision) = world.decide("callback_query", press);
            assert!(decision.refused && decision.answer.is_some(), "{}", button.label);
            assert!(decision.effects.is_empty() && decision.replies.is_empty(), "{}", button.label);
            pressed += 1;
        }
    }
    assert!(pressed > 40, "only {pressed} buttons were tried");
}

#[test]
fn a_button_with_another_name_written_on_it_touches_nothing_of_its_owner() {
    let mut tried = 0;
    for file in files() {
        let script = std::fs::read_to_string(file).expect("readable");
        let (_, mut world) = play(&script, World::on_file());
        let stranger = world.person("mallory", "en");
        let (own, is_group) = (i64_base36(stranger.id), world.is_group);
        for button in world.shown.clone() {
            let (rest, _) = button.data.rsplit_once(':').expect("an owner");
            let press = world.press(&stranger, button.message_id, &format!("{rest}:{own}"));
            let (_, decision) = world.decide("callback_query", press);
            let touches_another = |effect: &Effect| match effect {
                // Ids are no secrets: the record looks at the owner.
                Effect::ChangeWatch { user, .. } => user.0 != stranger.id,
                Effect::Unsubscribe { .. } => true,
                Effect::Subscribe { user, .. }
                | Effect::SetLanguage { user, .. }
                | Effect::Keep { user, .. }
                | Effect::Name { user, .. }
                | Effect::Meet { user, .. } => user.0 != stranger.id,
                // In a private chat there is nobody else to press; the settings are everybody's there.
                Effect::Mute { mute, .. } | Effect::Unmute { mute, .. } => {
                    is_group && mute.kind != MuteKind::All
                }
                Effect::Tell(_) => false,
                Effect::Account(effect) => {
                    account_transcripts::owner(effect) != UserId(stranger.id)
                }
                Effect::Prefer { place, .. } => place.0 != world.chat(),
                Effect::AddWatch(new) => new.user.0 != stranger.id,
                Effect::Share(ShareEffect::Begin { user, .. } | ShareEffect::End { user, .. }) => {
                    user.0 != stranger.id
                }
                _ => true,
            };
            assert!(!decision.effects.iter().any(touches_another), "{}", button.label);
            tried += 1;
        }
    }
    assert!(tried > 40, "only {tried} buttons were tried");
}

fn i64_base36(number: i64) -> String {
    let digit = |d: i64| char::from_digit(u32::try_from(d).expect("a digit"), 36).expect("a digit");
    if number < 36 {
        digit(number).to_string()
    } else {
        i64_base36(number / 36) + &digit(number % 36).to_string()
    }
}
