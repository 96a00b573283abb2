//! What the buttons of the operator panel about people, plans and figures mean.
//!
//! ```text
//! home               the panel
//! fig                the figures
//! pic, pic-d         their picture, on a light or a dark ground
//! ppl                asks whom to look for
//! u-<user>           somebody
//! b-<user>           asks whether to bar them; `B` to let them in, `r` to end their conversations
//! m-<user>           asks for a message to them
//! w-<user>           what they see of their searches; `s` of their settings, `p` of their plan
//! g-<user>           asks of which plan to give days
//! g-<user>-<plan>    asks how many
//! d<days>-<user>-<plan>   asks whether to
//! plans              the plans
//! P-<plan>           one of them
//! n-<plan>           asks for another name of it; `c` price, `t` time, `l` limits, `a` whether it is offered
//! y-<code>           yes, do what was asked
//! ```

use serde::{Deserialize, Serialize};

use crate::domain::{PlanId, UserId};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PanelButton {
    /// Shows the panel.
    Home,
    /// Shows the figures.
    Figures,
    /// Sends their picture; true on a dark ground.
    Picture(bool),
    /// Asks whom to look for.
    People,
    /// Shows somebody.
    Person(UserId),
    /// Asks before something is done to somebody.
    Ask(Deed, UserId),
    /// Shows what somebody sees.
    See(Sight, UserId),
    /// Asks how many days of a plan to give.
    Plan(UserId, String),
    /// Asks whether to give so many days of a plan.
    Days(u32, UserId, String),
    /// Does what was asked, by the code of the question.
    Yes(String),
    /// Shows the plans.
    Plans,
    /// Shows one of them.
    PlanCard(PlanId),
    /// Asks for another value of something of a plan.
    Edit(Field, PlanId),
}

/// What can be changed of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// What it is called, in the language of the operator.
    Name,
    /// What it costs.
    Price,
    /// How long a period is.
    Days,
    /// What it allows.
    Terms,
    /// Whether it is offered.
    Active,
}

/// What can be done to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Bar them.
    Ban,
    /// Let them in again.
    Unban,
    /// End their conversations.
    Reset,
    /// Write to them.
    Message,
    /// Give them days of a plan.
    Grant,
}

/// What can be seen with somebody's eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Their searches.
    Watches,
    /// How they are told.
    Settings,
    /// What they have and may have.
    Plan,
}

const DEEDS: [(Deed, &str); 5] = [
    (Deed::Ban, "b"),
    (Deed::Unban, "B"),
    (Deed::Reset, "r"),
    (Deed::Message, "m"),
    (Deed::Grant, "g"),
];

const SIGHTS: [(Sight, &str); 3] =
    [(Sight::Watches, "w"), (Sight::Settings, "s"), (Sight::Plan, "p")];

const FIELDS: [(Field, &str); 5] = [
    (Field::Name, "n"),
    (Field::Price, "c"),
    (Field::Days, "t"),
    (Field::Terms, "l"),
    (Field::Active, "a"),
];

fn letter<T: PartialEq>(all: &[(T, &'static str)], one: &T) -> &'static str {
    all.iter().find(|(known, _)| known == one).map_or("", |(_, letter)| letter)
}

impl PanelButton {
    /// What it carries: letters, digits and `-`, at most 46.
    pub fn encode(&self) -> String {
        match self {
            Self::Home => "home".to_owned(),
            Self::Figures => "fig".to_owned(),
            Self::Picture(false) => "pic".to_owned(),
            Self::Picture(true) => "pic-d".to_owned(),
            Self::People => "ppl".to_owned(),
            Self::Person(user) => format!("u-{user}"),
            Self::Ask(deed, user) => format!("{}-{user}", letter(&DEEDS, deed)),
            Self::See(sight, user) => format!("{}-{user}", letter(&SIGHTS, sight)),
            Self::Plan(user, plan) => format!("g-{user}-{plan}"),
            Self::Days(days, user, plan) => format!("d{days}-{user}-{plan}"),
            Self::Yes(code) => format!("y-{code}"),
            Self::Plans => "plans".to_owned(),
            Self::PlanCard(plan) => format!("P-{plan}"),
            Self::Edit(field, plan) => format!("{}-{plan}", letter(&FIELDS, field)),
        }
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(argument: &str) -> Option<Self> {
        let (verb, rest) = argument.split_once('-').unwrap_or((argument, ""));
        let whole = match (verb, rest) {
            ("home", "") => Some(Self::Home),
            ("fig", "") => Some(Self::Figures),
            ("pic", "") => Some(Self::Picture(false)),
            ("pic", "d") => Some(Self::Picture(true)),
            ("ppl", "") => Some(Self::People),
            ("u", user) => number(user).map(|user| Self::Person(UserId(user))),
            ("y", code) if !code.is_empty() => Some(Self::Yes(code.to_owned())),
            ("plans", "") => Some(Self::Plans),
            ("P", plan) if !plan.is_empty() => Some(Self::PlanCard(PlanId(plan.to_owned()))),
            _ => of_plan(verb, rest).or_else(|| of_person(verb, rest)),
        }?;
        // One meaning has one spelling.
        (whole.encode() == argument).then_some(whole)
    }
}

fn of_plan(verb: &str, plan: &str) -> Option<PanelButton> {
    let (field, _) = FIELDS.iter().find(|(_, letter)| *letter == verb)?;
    (!plan.is_empty()).then(|| PanelButton::Edit(*field, PlanId(plan.to_owned())))
}

fn of_person(verb: &str, rest: &str) -> Option<PanelButton> {
    let (user, plan) = rest.split_once('-').unwrap_or((rest, ""));
    let (user, plan_named) = (UserId(number(user)?), (!plan.is_empty()).then(|| plan.to_owned()));
    if let Some(days) = verb.strip_prefix('d') {
        let days = number(days).and_then(|days| u32::try_from(days).ok())?;
        return plan_named.map(|plan| PanelButton::Days(days, user, plan));
    }
    match plan_named {
        Some(plan) => (verb == "g").then_some(PanelButton::Plan(user, plan)),
        None => {
            let deed = DEEDS.iter().find(|(_, letter)| *letter == verb);
            let sight = SIGHTS.iter().find(|(_, letter)| *letter == verb);
            let deed = deed.map(|(deed, _)| PanelButton::Ask(*deed, user));
            deed.or_else(|| sight.map(|(sight, _)| PanelButton::See(*sight, user)))
        }
    }
}

/// A number without sign.
fn number(text: &str) -> Option<i64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_button() -> impl Strategy<Value = PanelButton> {
        let user = || (0i64..(1 << 52)).prop_map(UserId);
        let plan = || "[a-z][a-z0-9_-]{0,11}";
        prop_oneof![
            Just(PanelButton::Home),
            Just(PanelButton::Figures),
            any::<bool>().prop_map(PanelButton::Picture),
            Just(PanelButton::People),
            user().prop_map(PanelButton::Person),
            (0usize..5, user()).prop_map(|(at, user)| PanelButton::Ask(DEEDS[at].0, user)),
            (0usize..3, user()).prop_map(|(at, user)| PanelButton::See(SIGHTS[at].0, user)),
            (user(), plan()).prop_map(|(user, plan)| PanelButton::Plan(user, plan)),
            (0u32..4_000, user(), plan())
                .prop_map(|(days, user, plan)| PanelButton::Days(days, user, plan)),
            "[0-9a-f]{12}".prop_map(PanelButton::Yes),
            Just(PanelButton::Plans),
            plan().prop_map(|plan| PanelButton::PlanCard(PlanId(plan))),
            (0usize..5, plan()).prop_map(|(at, id)| PanelButton::Edit(FIELDS[at].0, PlanId(id))),
        ]
    }

    proptest! {
        #[test]
        fn what_a_button_carries_comes_back(button in any_button()) {
            let text = button.encode();
            prop_assert!(text.len() <= 46, "{text}");
            prop_assert_eq!(PanelButton::decode(&text), Some(button));
        }

        #[test]
        fn any_other_argument_means_nothing_or_itself(text in "[A-Za-z0-9_-]{1,46}") {
            if let Some(button) = PanelButton::decode(&text) {
                prop_assert_eq!(button.encode(), text);
            }
        }
    }
}
