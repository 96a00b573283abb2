//! Promo codes and invitations.
//!
//! ```text
//! anna> /promo spring
//! bot> The code works: $5 are on your balance.
//! anna> /promo spring                     (again; or one that is unknown, over, used up, for others)
//! bot> This code cannot be used: …
//! anna> /invite
//! bot> Your link for friends: https://t.me/magpie_bot?start=r_k3mxw8pqzt
//!      When somebody who came by it keeps a watch for a day, you get $1 and they get $1 …
//!      Came: 3. Credited: 2 ($2).
//!      [Share]
//! boris> /start r_k3mxw8pqzt              (a new person: the usual greeting, and he is anna's guest for ever)
//! ```
//!
//! Whatever speaks against a code is answered alike, so that trying codes teaches nothing.

use super::account::{said, seen};
use super::account_plans::end_after;
use super::{Press, Scene};
use crate::bot::callback::Callback;
use crate::bot::callback::account::AccountButton;
use crate::bot::decide::Decision;
use crate::domain::account::{Gift, ReferralAfter, fold_code};
use crate::domain::message::Action;
use crate::domain::{Button, ChatKind, Outgoing};
use crate::store::{AccountAsk, AccountEffect, AccountView, Effect};
use crate::texts::Value;
use crate::texts::offers;

/// Says how a code is used.
pub fn how(scene: &Scene<'_>, press: Press<'_>) -> Decision {
    let message = Outgoing::text(scene.plain("account-promo-how"));
    scene.change(Press { message_id: None, ..press }, message, None)
}

/// Uses a code.
pub fn typed(scene: &Scene<'_>, words: &str) -> Decision {
    if words.trim().is_empty() {
        return scene.answer([Outgoing::text(scene.plain("account-promo-how"))]);
    }
    let Some(code) = fold_code(words) else { return wrong(scene) };
    let ask = AccountAsk { promo: Some(code.clone()), ..AccountAsk::default() };
    let view = match seen(scene, ask) {
        Ok(view) => view,
        Err(look) => return *look,
    };
    let Some(promo) = &view.promo else { return wrong(scene) };
    let text = match &promo.gift {
        Gift::Days { plan, days } => {
            let name = view.plan(plan).map_or(plan.as_str(), |plan| plan.name(scene.language));
            let date = end_after(scene, view, plan, *days);
            let values = [
                ("plan", Value::Text(name)),
                ("days", Value::Text(&offers::days(*days, scene.language))),
                ("date", Value::Text(&date)),
            ];
            scene.say("account-promo-days", &values)
        }
        Gift::Credit(money) => {
            let money = offers::amount(money.minor, &money.currency, scene.language);
            scene.say("account-promo-credit", &[("money", Value::Text(&money))])
        }
    };
    let mut message = Outgoing::text(text);
    let button = |key: &str, button| (scene.plain(key), Callback::Account(button));
    message.buttons.push(scene.row(&[
        button("account-button-balance", AccountButton::Balance),
        button("account-button-plans", AccountButton::Plans),
    ]));
    let mut decision = scene.answer([message]);
    let user = scene.user;
    decision.effects.push(Effect::Account(AccountEffect::Redeem { user, code }));
    decision
}

fn wrong(scene: &Scene<'_>) -> Decision {
    scene.answer([Outgoing::text(scene.plain("account-promo-wrong"))])
}

/// Shows the link for friends, and what came of it.
pub fn invite(scene: &Scene<'_>, press: Option<Press<'_>>) -> Decision {
    let view = match seen(scene, AccountAsk::default()) {
        Ok(view) => view,
        Err(look) => return *look,
    };
    let code = view.invite.as_ref().unwrap_or(&view.fresh);
    let link = scene.rules.link(&format!("r_{code}"));
    let mut lines = vec![scene.say("account-invite", &[("link", Value::Text(&link))])];
    lines.extend(bonus(scene));
    lines.extend([String::new(), achieved(scene, view)]);
    let mut message = Outgoing::text(lines.join("\n"));
    // Telegram's own page for sharing a link (core.telegram.org/widgets/share).
    if let Ok(share) = url::Url::parse_with_params("https://t.me/share/url", [("url", &link)]) {
        let (text, action) = (scene.plain("account-button-share"), Action::Url(share.into()));
        message.buttons.push(vec![Button { text, action }]);
    }
    let mut decision = said(scene, press, message);
    if view.invite.is_none() {
        let (user, code) = (scene.user, code.clone());
        decision.effects.push(Effect::Account(AccountEffect::InviteCode { user, code }));
    }
    decision
}

/// What an invitation gives, if it gives anything.
fn bonus(scene: &Scene<'_>) -> Option<String> {
    let growth = &scene.rules.growth;
    if growth.inviter_bonus == 0 && growth.invited_bonus == 0 {
        return None;
    }
    let key = match growth.after {
        ReferralAfter::Watch => "account-invite-watch",
        ReferralAfter::Payment => "account-invite-payment",
    };
    let amount = |minor| offers::amount(minor, &growth.currency, scene.language);
    let (you, they) = (amount(growth.inviter_bonus), amount(growth.invited_bonus));
    let cap = i64::try_from(growth.monthly_cap).unwrap_or(i64::MAX);
    let values =
        [("you", Value::Text(&you)), ("they", Value::Text(&they)), ("count", Value::Count(cap))];
    Some(scene.say(key, &values))
}

fn achieved(scene: &Scene<'_>, view: &AccountView) -> String {
    let invited = &view.invited;
    let earned: Vec<String> = invited
        .earned
        .iter()
        .map(|(currency, minor)| offers::amount(*minor, currency, scene.language))
        .collect();
    let earned = match earned.is_empty() {
        true => offers::amount(0, &scene.rules.growth.currency, scene.language),
        false => earned.join(" · "),
    };
    let (came, rewarded) = (invited.came.to_string(), invited.rewarded.to_string());
    let values = [
        ("came", Value::Text(&came)),
        ("rewarded", Value::Text(&rewarded)),
        ("money", Value::Text(&earned)),
    ];
    scene.say("account-invited", &values)
}

/// What the record is told of somebody who came by an invitation: only a person that we never met counts.
pub fn came(scene: &Scene<'_>, code: &str) -> Option<Effect> {
    let is_new = scene.view.user.is_none() && scene.place.kind == ChatKind::Private;
    let (user, code) = (scene.user, code.to_owned());
    is_new.then_some(Effect::Account(AccountEffect::Invited { user, code }))
}
