//! What a decision about an update may look at.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sites::Listing;

use super::chapters::{
    About, AccountAsk, AccountView, MarketAsk, MarketView, OperateAsk, OperateView, PanelAsk,
    PanelView, Saved, TicketAsk, TicketView, Told,
};
use crate::domain::dialogue::Dialogue;
use crate::domain::plan::{Allowance, Entitled, Terms};
use crate::domain::preferences::{Mute, Preferences};
use crate::domain::source::Source;
use crate::domain::why::WhyFacts;
use crate::domain::{ChatId, EventId, SourceId, User, UserId, Watch};

/// Who is talking, and what the decision needs to see.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewRequest {
    /// Where.
    pub chat: ChatId,
    /// The topic, for what it prefers.
    pub thread: Option<i64>,
    /// Who, if a person.
    pub user: Option<UserId>,
    /// Load the watches of the chat, the offered searches, what the person has and prefers; without it all are
    /// empty.
    pub searches: bool,
    /// Load the latest listings of this source too (for the sample of a new watch).
    pub sample_of: Option<SourceId>,
    /// Load what may be done with the listing of this change, in this topic.
    pub about: Option<(EventId, Option<i64>)>,
    /// Load why the chat was, or was not, told of the listing of `about`.
    pub why: bool,
    /// Load what the person keeps.
    pub saved: bool,
    /// Load the listings that the chat was told of last.
    pub told: bool,
    /// What else.
    pub look: Look,
}

/// What a decision wants to see beyond the person and the conversation. A dialogue that misses something in the
/// [`View`] says so, the view is loaded with it, and it is decided again.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Look {
    /// The watches and what comes with them, see [`ViewRequest::searches`].
    pub searches: bool,
    /// Plans and balance.
    pub account: Option<AccountAsk>,
    /// Tickets.
    pub ticket: Option<TicketAsk>,
    /// People and figures.
    pub panel: Option<PanelAsk>,
    /// The running service.
    pub operate: Option<OperateAsk>,
    /// Recent listings, shared watches.
    pub market: Option<MarketAsk>,
}

/// What the store knows of a conversation: all that a decision may look at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct View {
    /// The person, if known.
    pub user: Option<User>,
    /// The conversation's state, if there is one.
    pub dialogue: Option<Dialogue>,
    /// The watches of this chat.
    pub watches: Vec<Watch>,
    /// Searches offered to everybody.
    pub offered: Vec<Source>,
    /// Latest listings of the asked source, newest first, at most 3.
    pub sample: Vec<Listing>,
    /// The asked change with its listing.
    pub about: Option<About>,
    /// Who was told of the asked change's listing in this chat, and what is known of it, if that was asked.
    pub why: Option<WhyFacts>,
    /// What the person keeps, newest first, at most 200.
    pub saved: Vec<Saved>,
    /// Listings that the chat was told of, newest first; one may be there several times.
    pub told: Vec<Told>,
    /// What the person has, wherever it tells; empty unless the searches were asked for.
    pub own: OwnView,
    /// How the place wants to be told, with a zone that can be read.
    pub preferences: Preferences,
    /// The mute of everything in this place, if there is one; it may be over. Like the preferences, it comes with the
    /// searches.
    pub silence: Option<Mute>,
    /// Whether the watches and what comes with them are here.
    pub has_searches: bool,
    /// When the last of the person's plans ends, or ended.
    pub plan_until: Option<DateTime<Utc>>,
    /// Plans and balance, if asked for; like the rest below.
    pub account: Option<AccountView>,
    /// Tickets.
    pub ticket: Option<TicketView>,
    /// People and figures.
    pub panel: Option<PanelView>,
    /// The running service.
    pub operate: Option<OperateView>,
    /// Recent listings, shared watches.
    pub market: Option<MarketView>,
}

/// The watches of a person in all chats, and what their plan allows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OwnView {
    /// All watches, oldest first.
    pub watches: Vec<Watch>,
    /// Terms of everybody.
    pub free: Terms,
    /// Plans of the person, ended ones too.
    pub held: Vec<Entitled>,
    /// Addresses of the searches that the watches look at.
    pub links: BTreeMap<SourceId, String>,
}

impl OwnView {
    /// What the person has and may have.
    pub fn allowance(&self) -> Allowance {
        Allowance::of(self.free.clone(), self.held.clone(), &self.watches)
    }
}
