//! The words of Magpie and the decisions about them. Plain functions over plain data, with the time
//! as an argument; no I/O, no clock, no async.

pub mod account;
pub mod campaign;
pub mod change;
pub mod delivery;
pub mod dialogue;
pub mod figures;
pub mod filter;
pub mod health;
pub mod host;
pub mod identity;
pub mod ids;
pub mod import;
pub mod ledger;
pub mod mask;
pub mod matching;
pub mod message;
pub mod offer;
pub mod order;
pub mod pace;
pub mod paste;
pub mod plan;
pub mod preferences;
pub mod quota;
pub mod rhythm;
pub mod source;
pub mod ticket;
pub mod user;
pub mod watch;
pub mod why;
pub mod wish;

pub use change::{Change, ChangeKind};
pub use delivery::{Class, Delivery, DeliveryState, NewDelivery, Post, PostForm};
pub use filter::Filter;
pub use ids::{ChatId, DeliveryId, EventId, OrderId, OwnerId, PlanId, SourceId, UserId, WatchId};
pub use ledger::{Entry, EntryKey, Period};
pub use message::{Button, Entity, EntityKind, Outgoing};
pub use offer::Plan;
pub use order::{Order, OrderState};
pub use plan::{Allowance, Refusal, Terms};
pub use preferences::Preferences;
pub use source::{Source, Verdict};
pub use ticket::{Ticket, TicketId};
pub use user::{Chat, ChatKind, Language, User};
pub use watch::{PausedBy, Watch};
