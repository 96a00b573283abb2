//! Conversations in memory.

use chrono::{DateTime, Utc};

use super::{ChatState, LaneState, State};
use crate::domain::delivery::Claimed;
use crate::domain::watch::{WatchOrder, Who};
use crate::domain::{ChatId, ChatKind, PausedBy, SourceId, User, UserId, Watch};
use crate::store::slots::{PATIENCE, remember, reply_slots};
use crate::store::{
    Committed, Effect, OwnView, UpdateCommit, View, ViewRequest, WhyAsk, admission,
};

impl State {
    pub(super) fn view(&self, request: &ViewRequest) -> View {
        let user = request.user.and_then(|id| self.users.get(&id));
        let dialogue = request.user.and_then(|id| self.dialogues.get(&(request.chat, id)));
        let own = self.watches.values().filter(|w| request.searches && w.chat == request.chat);
        let mut watches: Vec<Watch> = own.map(|watch| self.in_own_language(watch)).collect();
        watches.sort_by_key(|watch| watch.created_at);
        let offered = crate::store::SourceFilter { offered: true, ..Default::default() };
        let offered = if request.searches { self.list_sources(&offered) } else { vec![] };
        let about = request
            .about
            .as_ref()
            .and_then(|(event, thread)| self.about(event, (request.chat, *thread), request.user));
        let why = about.as_ref().filter(|_| request.why).map(|about| {
            let listing = about.change.key.clone();
            self.why_facts(&WhyAsk { listing, chat: Some(request.chat), watch: None })
        });
        let place = (request.chat, request.thread);
        View {
            user: user.cloned(),
            dialogue: dialogue.cloned(),
            watches,
            offered,
            sample: request.sample_of.as_ref().map_or_else(Vec::new, |id| self.sample(id)),
            about,
            why,
            saved: match request.user.filter(|_| request.saved) {
                Some(user) => self.saved_by(user),
                None => vec![],
            },
            own: self.own_view(request),
            preferences: match request.searches {
                true => self.preferences_in_force(place),
                false => crate::domain::Preferences::default(),
            },
            silence: if request.searches { self.silence(place) } else { None },
            told: if request.told { self.told_to(request.chat) } else { vec![] },
        }
    }

    fn own_view(&self, request: &ViewRequest) -> OwnView {
        let Some(user) = request.user.filter(|_| request.searches) else {
            return OwnView::default();
        };
        let mut watches: Vec<Watch> =
            self.watches_of_user(user).iter().map(|watch| self.in_own_language(watch)).collect();
        watches.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        let link =
            |id: &SourceId| Some((id.clone(), self.sources.get(id)?.source.spec.url.clone()));
        let links = watches.iter().flat_map(|watch| &watch.sources).filter_map(link).collect();
        OwnView { watches, free: self.free.clone(), held: vec![], links }
    }

    pub(super) fn commit(&mut self, commit: &UpdateCommit) -> Committed {
        let key = (commit.bot, commit.update);
        if self.inbox.contains_key(&key) {
            return Committed::Repeat;
        }
        if let Some(user) = admission::person(&commit.effects) {
            let (watches, now) = (self.watches_of_user(user), commit.received_at);
            if !admission::admits(&commit.effects, &watches, &self.free, vec![], now) {
                return Committed::Conflict;
            }
        }
        if let Some(dialogue) = &commit.dialogue {
            let place = (dialogue.chat, dialogue.user);
            let version = self.dialogues.get(&place).map_or(0, |stored| stored.version);
            if version != dialogue.version {
                return Committed::Conflict;
            }
            let mut stored = dialogue.clone();
            stored.version += 1;
            self.dialogues.insert(place, stored);
        }
        self.inbox.insert(key, commit.received_at);
        if let Some(chat) = commit.heard_from() {
            self.heard.insert(chat, commit.received_at);
        }
        for effect in &commit.effects {
            self.apply(effect, commit.received_at);
        }
        Committed::Applied { replies: self.write_replies(commit) }
    }

    fn write_replies(&mut self, commit: &UpdateCommit) -> Vec<Claimed> {
        let now = commit.received_at.timestamp_millis();
        let mut pace = self.pace(&commit.limits);
        let mut claimed = Vec::new();
        for reply in &commit.replies {
            let kind = self.kind_of(reply.chat);
            let window = commit.limits.window(kind);
            let lane = self.lanes.entry(reply.chat).or_default();
            let from = now.max(lane.wait_until);
            let slot = reply_slots(&lane.recent, window, from, 1)[0];
            let own = slot <= now + PATIENCE;
            let owner = own.then_some(&commit.owner);
            if !self.insert(reply, owner, commit.received_at) || !own {
                continue;
            }
            let lane = self.lanes.entry(reply.chat).or_default();
            remember(&mut lane.recent, &[slot], window);
            let opens = commit.limits.fit(kind, &lane.recent, 1, 0);
            lane.open_at = lane.open_at.max(opens);
            pace.pay(commit.received_at.timestamp_micros());
            let Some(delivery) = self.deliveries.last().cloned() else { continue };
            let change = self.change_of(&delivery);
            let send_at = DateTime::from_timestamp_millis(slot).unwrap_or_default();
            let mut standing = crate::domain::delivery::Standing::default();
            self.chart(&delivery, &mut standing);
            claimed.push(Claimed { delivery, send_at, change, standing });
        }
        self.store_pace(&pace);
        claimed
    }

    fn apply(&mut self, effect: &Effect, now: DateTime<Utc>) {
        match effect {
            Effect::Meet { user, chat, kind, language } => {
                let fresh = User { id: *user, language: *language, created_at: now, banned: false };
                self.users.entry(*user).or_insert(fresh);
                let at = self.chats.get(chat).map_or(DateTime::UNIX_EPOCH, |chat| chat.at);
                self.chats.insert(*chat, ChatState { kind: *kind, active: true, at });
            }
            Effect::SetLanguage { user, language } => {
                let fresh = User { id: *user, language: *language, created_at: now, banned: false };
                self.users.entry(*user).or_insert(fresh).language = *language;
            }
            Effect::ChatActive { chat, kind, active, at } => {
                self.chat_active(*chat, ChatState { kind: *kind, active: *active, at: *at }, now);
            }
            Effect::Subscribe { watch, user, chat, thread, source, name, filter, language } => {
                let new = Watch {
                    id: watch.clone(),
                    user: *user,
                    chat: *chat,
                    thread: *thread,
                    name: name.clone(),
                    sources: vec![source.clone()],
                    filter: filter.clone(),
                    paused: false,
                    paused_by: crate::domain::PausedBy::Nobody,
                    muted_until: None,
                    telling: crate::domain::preferences::WatchTelling::default(),
                    language: *language,
                    created_at: now,
                };
                self.subscribe(new, *user, *chat, source, now);
            }
            Effect::Unsubscribe { watch, user } => {
                self.change_watch(watch, Who::Person(*user), &WatchOrder::Remove, now);
            }
            Effect::AddWatch(new) => {
                self.add_watch(new, now);
            }
            Effect::ChangeWatch { id, user, order } => {
                self.change_watch(id, Who::Person(*user), order, now);
            }
            Effect::MigrateChat { from, to } => self.migrate(*from, *to, now),
            Effect::Keep { user, key, kept } => self.keep(*user, key, *kept, now),
            Effect::Tell(delivery) => {
                self.insert(delivery, None, now);
            }
            Effect::Prefer { place, patch } => {
                self.prefer(*place, std::slice::from_ref(patch), now);
            }
            Effect::Mute { place, mute } => {
                self.mute(*place, mute, now);
            }
            Effect::Unmute { place, mute } => {
                self.unmute(*place, mute);
            }
            Effect::Support { user, chat, message_id, text } => {
                self.tickets.entry((*chat, *message_id)).or_insert((*user, text.clone()));
            }
        }
    }

    fn subscribe(
        &mut self,
        new: Watch,
        user: UserId,
        chat: ChatId,
        source: &SourceId,
        now: DateTime<Utc>,
    ) {
        let same =
            |own: &&mut Watch| own.user == user && own.chat == chat && own.sources.contains(source);
        match self.watches.values_mut().find(same) {
            Some(present) if present.paused_by == PausedBy::Owner => {
                let id = present.id.clone();
                self.set_paused(&id, PausedBy::Nobody);
            }
            Some(_) => {}
            None => {
                let id = new.id.clone();
                self.watches.entry(id.clone()).or_insert(new);
                self.log_watch(&id, now);
            }
        }
    }

    fn chat_active(&mut self, chat: ChatId, event: ChatState, now: DateTime<Utc>) {
        if self.chats.get(&chat).is_some_and(|known| known.at > event.at) {
            return;
        }
        self.chats.insert(chat, event);
        if !event.active {
            self.drop_pending(chat, "the chat may not be written to", now);
        }
    }

    pub(super) fn chat_gone(&mut self, chat: ChatId, reason: &str, now: DateTime<Utc>) {
        let second = DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now);
        let kind = self.kind_of(chat);
        let known = self.chats.entry(chat);
        let fresh = ChatState { kind, active: false, at: second };
        let known = known.or_insert(fresh);
        if known.at < second {
            *known = fresh;
        }
        self.drop_pending(chat, reason, now);
    }

    pub(super) fn migrate(&mut self, from: ChatId, to: ChatId, now: DateTime<Utc>) {
        if from == to {
            return;
        }
        let kind = ChatKind::Group;
        let second = DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now);
        self.chats.entry(to).or_insert(ChatState { kind, active: true, at: second });
        let at = self.chats.get(&from).map_or(DateTime::UNIX_EPOCH, |chat| chat.at);
        self.chats.insert(from, ChatState { kind, active: false, at });
        let mut moved = Vec::new();
        for watch in self.watches.values_mut().filter(|watch| watch.chat == from) {
            watch.chat = to;
            moved.push(watch.id.clone());
        }
        for watch in moved {
            self.log_watch(&watch, now);
        }
        self.forget_posts(from);
        for one in self.deliveries.iter_mut().filter(|one| one.new.chat == from) {
            one.new.chat = to;
        }
        let moving: Vec<_> =
            self.dialogues.keys().filter(|(chat, _)| *chat == from).copied().collect();
        for place in moving {
            let Some(mut dialogue) = self.dialogues.remove(&place) else { continue };
            dialogue.chat = to;
            self.dialogues.entry((to, place.1)).or_insert(dialogue);
        }
        self.migrate_said(from, to);
        self.lanes.insert(from, LaneState::default());
    }
}
