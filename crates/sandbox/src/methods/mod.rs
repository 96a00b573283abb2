//! The methods of the Bot API, each a plain function from world and call to an outcome.
//!
//! What needs waiting (fetching a picture by URL, long polling, setWebhook's deliveries) happens
//! outside, in [`crate::api`]; here everything is decided under one lock with the time as an argument.

mod chats;
mod commands;
mod copy;
mod edit;
pub mod media;
mod menu;
mod send;
mod topics;
pub mod webhook;

use std::collections::BTreeMap;

use crate::answer::{Done, Outcome, Refusal};
use crate::api::params::Params;
use crate::clock::Millis;
use crate::world::World;
use axum::body::Bytes;

/// One call of one bot.
#[derive(Debug, Default)]
pub struct Call {
    /// The bot.
    pub bot: i64,
    /// Method as the client wrote it.
    pub method: String,
    /// Its parameters.
    pub params: Params,
    /// When it is decided.
    pub now: Millis,
    /// Local webhooks (plain HTTP, any port) are accepted.
    pub local_webhooks: bool,
    /// Pictures named by URL, fetched before the decision.
    pub fetched: BTreeMap<String, Result<Bytes, Refusal>>,
}

/// Decides a call. `None` for a method that is not imitated.
pub fn run(world: &mut World, call: &Call) -> Option<Outcome> {
    Some(match call.method.to_ascii_lowercase().as_str() {
        "getme" => me(world, call),
        "logout" | "close" => Ok(Done::yes()),
        "sendmessage" => send::message(world, call),
        "sendphoto" => media::photo(world, call),
        "senddocument" => media::document(world, call),
        "sendmediagroup" => media::group(world, call),
        "sendchataction" => send::action(world, call),
        "editmessagetext" => edit::text(world, call),
        "editmessagecaption" => edit::caption(world, call),
        "editmessagereplymarkup" => edit::markup(world, call),
        "editmessagemedia" => edit::media(world, call),
        "deletemessage" => edit::delete(world, call),
        "deletemessages" => edit::delete_many(world, call),
        "copymessage" => copy::copy(world, call),
        "copymessages" => copy::copy_many(world, call),
        "forwardmessage" => copy::forward(world, call),
        "forwardmessages" => copy::forward_many(world, call),
        "answercallbackquery" => chats::answer_callback(world, call),
        "answerprecheckoutquery" => chats::answer_checkout(call),
        "setmessagereaction" => chats::react(world, call),
        "getchat" => chats::get(world, call),
        "getchatmember" => chats::member(world, call),
        "getchatadministrators" => chats::administrators(world, call),
        "getchatmembercount" => chats::count(world, call),
        "leavechat" => chats::leave(world, call),
        "getfile" => media::get_file(world, call),
        "setmycommands" => commands::set(world, call),
        "getmycommands" => commands::get(world, call),
        "deletemycommands" => commands::delete(world, call),
        "setmyname" | "setmydescription" | "setmyshortdescription" => {
            commands::set_text(world, call)
        }
        "getmyname" | "getmydescription" | "getmyshortdescription" => {
            commands::get_text(world, call)
        }
        "setchatmenubutton" => menu::set(world, call),
        "getchatmenubutton" => menu::get(world, call),
        "createforumtopic" => topics::create(world, call),
        "editforumtopic" => topics::edit(world, call),
        "closeforumtopic" => topics::set_closed(world, call, true),
        "reopenforumtopic" => topics::set_closed(world, call, false),
        "deleteforumtopic" => topics::delete(world, call),
        "setwebhook" => webhook::set(world, call),
        "deletewebhook" => webhook::delete(world, call),
        "getwebhookinfo" => webhook::info(world, call),
        _ => return None,
    })
}

fn me(world: &World, call: &Call) -> Outcome {
    let bot = world.bots.get(&call.bot).ok_or_else(|| Refusal::new(401, "Unauthorized"))?;
    Ok(Done::value(bot.me()))
}
