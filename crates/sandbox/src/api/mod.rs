//! The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`.
//!
//! The course of a call: read → order of a fault? → decide under the lock, journal line in the same
//! breath → answer (unless a fault swallows it).

pub mod fetch;
pub mod params;
pub mod polling;
pub mod push;

use std::borrow::Cow;
use std::sync::{Arc, PoisonError};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;

use crate::answer::{Outcome, Refusal, respond};
use crate::app::App;
use crate::clock::Millis;
use crate::faults::{Action, Cut};
use crate::line::Line;
use crate::methods::{self, Call, media};
use crate::say;
use params::Params;

/// How long an eaten answer keeps its connection unless the rule says otherwise.
const HOLD: Millis = 100_000;

/// Serves everything that no other route took.
pub async fn handle(
    State(app): State<Arc<App>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    if let Some(rest) = path.strip_prefix("/file/bot") {
        return file(&app, rest);
    }
    let Some((token, method)) = path.strip_prefix("/bot").and_then(|rest| rest.split_once('/'))
    else {
        return respond(&Err(Refusal::new(404, "Not Found")));
    };
    let bot = match identify(&app, token) {
        Ok(bot) => bot,
        Err(refusal) => return respond(&Err(refusal)),
    };
    let method = method.strip_prefix("test/").unwrap_or(method).trim_matches('/').to_owned();
    let arrived = app.clock.now();
    match Params::read(request).await {
        Ok(params) => {
            let visit = Visit { bot, method, arrived, via: "http" };
            let chat = params.int("chat_id");
            let fault = {
                let mut faults = app.faults.lock().unwrap_or_else(PoisonError::into_inner);
                faults.judge(bot, &visit.method, chat)
            };
            let call = Call::of(&app, &visit, params);
            let waits = fault.is_some()
                || visit.method.eq_ignore_ascii_case("getupdates")
                || !media::addresses(&visit.method, &call).is_empty();
            if !waits {
                return respond(&decide(&app, &visit, call, None));
            }
            // What has arrived is processed whether the caller lives or not.
            let work = tokio::spawn(serve(app, line, visit, call.params, fault));
            work.await.unwrap_or_else(|_| respond(&Err(Refusal::new(500, "Internal Server Error"))))
        }
        Err(refusal) => respond(&Err(refusal)),
    }
}

/// Where a call came from.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The bot.
    pub bot: i64,
    /// Method as written.
    pub method: String,
    /// When it arrived.
    pub arrived: Millis,
    /// `http`, or `webhook` for a method in the answer of a webhook.
    pub via: &'static str,
}

/// The bot of a token; the texts are those of the envelope.
fn identify(app: &App, token: &str) -> Result<i64, Refusal> {
    let token = match token.contains('%') {
        true => Cow::from(token.replace("%3A", ":").replace("%3a", ":")),
        false => Cow::from(token),
    };
    let id = token.split_once(':').map(|(id, _)| id).unwrap_or_default();
    let number = id.parse::<i64>().is_ok_and(|id| id > 0) && !id.starts_with(['0', '+']);
    if !number || token.len() > 80 {
        return Err(Refusal::new(401, "Unauthorized: invalid token specified"));
    }
    app.with(|world, _| world.bot_of_token(&token)).ok_or_else(|| Refusal::new(401, "Unauthorized"))
}

async fn serve(
    app: Arc<App>,
    line: Line,
    visit: Visit,
    params: Params,
    fault: Option<(u64, Action)>,
) -> Response {
    let chat = params.int("chat_id");
    let Some((rule, action)) = fault else {
        return respond(&perform(&app, &visit, params, None).await);
    };
    if let Some(delay) = action.delay_ms {
        app.clock.sleep_until(app.clock.now().saturating_add(delay)).await;
    }
    if let Some(response) = instead(&app, &line, &visit, &params, rule, &action) {
        return response;
    }
    if let (true, Some(user)) = (action.block, chat) {
        app.with(|world, now| say::set_blocked(world, visit.bot, user, true, now));
    }
    let outcome = perform(&app, &visit, params, Some((rule, &action))).await;
    if action.reset == Some(Cut::After) {
        line.cut();
    }
    if action.eat_answer {
        let until = app.clock.now().saturating_add(action.hold_ms.unwrap_or(HOLD));
        app.clock.sleep_until(until).await;
        line.cut();
    }
    respond(&outcome)
}

/// Actions that come instead of processing.
fn instead(
    app: &App,
    line: &Line,
    visit: &Visit,
    params: &Params,
    rule: u64,
    action: &Action,
) -> Option<Response> {
    let refusal = if let Some(seconds) = action.retry_after {
        Refusal::too_many(seconds)
    } else if let Some(error) = &action.error {
        let seconds = error.description.rsplit("retry after ").next().and_then(|n| n.parse().ok());
        let retry_after = seconds.filter(|_| error.code == 429);
        Refusal { retry_after, ..Refusal::new(error.code, &error.description) }
    } else if let Some(status) = action.status {
        Refusal::new(status, status_text(status))
    } else if action.reset == Some(Cut::Before) {
        Refusal::new(0, "connection reset before processing")
    } else {
        return None;
    };
    let outcome = Err(refusal);
    let fault = Some((rule, action));
    app.journal.write_text(record(app, visit, &params.record(), &outcome, fault));
    if action.reset.is_some() {
        line.cut();
        return Some(StatusCode::OK.into_response());
    }
    match action.status.filter(|_| action.html) {
        Some(status) => {
            let code = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            let title = format!("{status} {}", code.canonical_reason().unwrap_or("Error"));
            let page = format!(
                "<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center>\
                 <hr><center>nginx</center></body></html>"
            );
            Some((code, Html(page)).into_response())
        }
        None => Some(respond(&outcome)),
    }
}

fn status_text(status: u16) -> String {
    let code = StatusCode::from_u16(status).ok();
    code.and_then(|code| code.canonical_reason()).unwrap_or("Internal Server Error").to_owned()
}

/// Processes a call.
pub async fn perform(
    app: &App,
    visit: &Visit,
    params: Params,
    fault: Option<(u64, &Action)>,
) -> Outcome {
    if visit.method.eq_ignore_ascii_case("getupdates") {
        let outcome = polling::get_updates(app, visit.bot, &params).await;
        app.journal.write_text(record(app, visit, &params.record(), &outcome, fault));
        return outcome;
    }
    let mut call = Call::of(app, visit, params);
    for address in media::addresses(&visit.method, &call) {
        let photo = !visit.method.eq_ignore_ascii_case("senddocument");
        let fetched = fetch::fetch(app, &address, photo).await;
        call.fetched.insert(address, fetched);
    }
    decide(app, visit, call, fault)
}

/// Decision and journal line happen under one lock.
fn decide(app: &App, visit: &Visit, mut call: Call, fault: Option<(u64, &Action)>) -> Outcome {
    let kept = call.params.record();
    app.with(|world, now| {
        call.now = now;
        let unknown = || Err(Refusal::new(404, "Not Found: method not found"));
        let outcome = methods::run(world, &call).unwrap_or_else(unknown);
        app.journal.write_text(record(app, visit, &kept, &outcome, fault));
        outcome
    })
}

impl Call {
    /// A call with nothing fetched.
    fn of(app: &App, visit: &Visit, params: Params) -> Self {
        Self {
            bot: visit.bot,
            method: visit.method.clone(),
            params,
            local_webhooks: app.local_webhooks,
            ..Self::default()
        }
    }
}

/// The journal line of a call; `None` is left out.
#[derive(Default, Serialize)]
struct Record<'a> {
    kind: &'a str,
    at: Millis,
    bot: i64,
    method: &'a str,
    answer_at: Millis,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<&'a str>,
    decision: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_ids: Option<&'a [i64]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a str>,
}

/// The journal line of a call, as text; `params` is that already.
fn record(
    app: &App,
    visit: &Visit,
    params: &str,
    outcome: &Outcome,
    fault: Option<(u64, &Action)>,
) -> String {
    let mut line = Record {
        kind: "call",
        at: visit.arrived,
        bot: visit.bot,
        method: &visit.method,
        answer_at: app.clock.now(),
        via: Some(visit.via).filter(|via| *via != "http"),
        fault: fault.map(|(rule, _)| rule),
        ..Record::default()
    };
    match outcome {
        Ok(done) => {
            line.decision = "accepted";
            line.message_id = done.messages.first().copied();
            line.message_ids = Some(done.messages.as_slice()).filter(|all| all.len() > 1);
        }
        Err(refusal) => {
            line.decision = "refused";
            line.error_code = Some(refusal.code);
            line.description = Some(&refusal.description);
            line.retry_after = refusal.retry_after;
        }
    }
    line.answer = match fault {
        Some((_, action)) if action.eat_answer => Some("eaten"),
        Some((_, action)) if action.reset.is_some() => Some("reset"),
        _ => None,
    };
    let fields = serde_json::to_string(&line).unwrap_or_default();
    format!("{{\"params\":{params},{}", fields.trim_start_matches('{'))
}

/// A file that getFile named to this bot within the last hour.
fn file(app: &App, rest: &str) -> Response {
    let missing = || respond(&Err(Refusal::new(404, "Not Found")));
    let Some((token, path)) = rest.split_once('/') else { return missing() };
    let bot = match identify(app, token) {
        Ok(bot) => bot,
        Err(refusal) => return respond(&Err(refusal)),
    };
    let found = app.with(|world, now| {
        let until = world.links.get(&(bot, path.to_owned()))?;
        let file = world.files.values().find(|file| file.path() == path);
        file.filter(|_| now < *until).cloned()
    });
    match found {
        Some(file) => ([(header::CONTENT_TYPE, file.mime)], file.bytes).into_response(),
        None => missing(),
    }
}
