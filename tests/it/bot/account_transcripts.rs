//! What transcripts of plans, balance, codes and invitations need beyond the others.
//!
//! | happens | meaning |
//! |---|---|
//! | `the plans of the program are offered` | those of `config/plans.toml`, with a trial and bonuses |
//! | `anna has 1000 USD` | so much (smallest units) is credited to her balance |
//! | `the code SPRING gives 500 USD, at most 2 times` | a promo code; `gives 7 days of plus` works too |
//! | `{invite of anna}` in a message | the code of her link, which is another one each time |

use magpie::config::plans;
use magpie::domain::account::{Gift, Growth, Promo};
use magpie::domain::ledger::{Entry, EntryKey, Kind};
use magpie::domain::{PlanId, UserId};
use magpie::store::{AccountEffect, AccountRecord};
use sites::Money;

use super::world::World;

/// Sets up what a line says, if it is one of ours.
pub fn set_up(world: &mut World, line: &str) -> bool {
    if line == "the plans of the program are offered" {
        let plans = plans("plans.toml", plans::PLANS).expect("good plans");
        let now = world.now;
        world
            .record()
            .does(|db| Box::pin(async move { db.seed_plans(&plans, now).await.map(drop) }));
        world.rules.growth = Growth {
            trial_plan: Some(PlanId("trial".into())),
            inviter_bonus: 100,
            invited_bonus: 100,
            ..Growth::default()
        };
    } else if let Some((name, money)) =
        line.split_once(" has ").filter(|(_, m)| m.ends_with(" USD"))
    {
        let user = world.person(name, "en").id;
        let minor = money.trim_end_matches(" USD").parse().expect("a number");
        let key = EntryKey::new("operator", "gift", Kind::Bonus);
        let (currency, balance) = ("USD".to_owned(), minor);
        let entry = Entry { currency, balance, ..Entry::new(key, UserId(user), world.now) };
        world.record().does(|db| Box::pin(async move { db.post(&entry).await.map(drop) }));
    } else if let Some(rest) = line.strip_prefix("the code ") {
        let promo = promo(world, rest).expect("a code, what it gives, and how often");
        world.record().does(|db| Box::pin(async move { db.add_promo(&promo).await.map(drop) }));
    } else {
        return false;
    }
    true
}

fn promo(world: &World, rest: &str) -> Option<Promo> {
    let (code, rest) = rest.split_once(" gives ")?;
    let (gift, uses) = rest.split_once(", at most ")?;
    let gift = match gift.split_once(" days of ") {
        Some((days, plan)) => Gift::Days { plan: PlanId(plan.into()), days: days.parse().ok()? },
        None => {
            let (minor, currency) = gift.split_once(' ')?;
            Gift::Credit(Money { minor: minor.parse().ok()?, currency: currency.into() })
        }
    };
    Some(Promo {
        code: code.into(),
        gift,
        uses: uses.trim_end_matches(" times").parse().ok()?,
        used: 0,
        valid_from: None,
        valid_until: None,
        only_new: false,
        only_plan: None,
        stopped: false,
        created_at: world.now,
    })
}

/// Whose account an effect changes.
pub fn owner(effect: &AccountEffect) -> UserId {
    match effect {
        AccountEffect::Invited { user, .. }
        | AccountEffect::InviteCode { user, .. }
        | AccountEffect::Trial { user, .. }
        | AccountEffect::Redeem { user, .. }
        | AccountEffect::CancelOrder { user, .. }
        | AccountEffect::PayFromBalance { user, .. } => *user,
        AccountEffect::Order(order) => order.user,
    }
}

/// An effect in words.
pub fn change(world: &World, effect: &AccountEffect) -> String {
    let who = world.name_of(owner(effect));
    match effect {
        AccountEffect::Invited { .. } => format!("{who} comes by an invitation"),
        AccountEffect::InviteCode { .. } => format!("{who} has a link for friends"),
        AccountEffect::Trial { plan, days, .. } => format!("{who} takes {days} days of {plan}"),
        AccountEffect::Redeem { code, .. } => format!("{who} uses the code {code}"),
        AccountEffect::Order(order) => format!(
            "{who} orders {} for {} {}",
            order.plan, order.price.minor, order.price.currency
        ),
        AccountEffect::CancelOrder { .. } => format!("{who} cancels an order"),
        AccountEffect::PayFromBalance { .. } => format!("{who} pays an order from the balance"),
    }
}

/// A message with the codes of people's links.
pub fn with_codes(world: &mut World, text: &str) -> String {
    let Some((before, rest)) = text.split_once("{invite of ") else { return text.to_owned() };
    let (name, after) = rest.split_once('}').expect("it ends");
    let user = UserId(world.person(name, "en").id);
    let view = world.record().does(|db| Box::pin(async move { db.account(user).await }));
    format!("{before}{}{after}", view.invite.expect("a link was shown"))
}

/// A link of a person without its code, which is another one each time.
pub fn masked(text: &str) -> String {
    let code = regex::Regex::new("start(=|%3D)r_[a-z0-9]{10}").expect("a pattern");
    code.replace_all(text, "start${1}r_…").into_owned()
}
