//! What the buttons of plans and the balance mean.
//!
//! ```text
//! balance           shows plan, balance and movements
//! plans             shows what is offered
//! invite            shows the link for friends
//! promo             says how a code is used
//! trial             begins the trial
//! p-<plan>          shows a plan
//! b-<cur>-<plan>    makes an order to be paid from the balance in this currency
//! y-<order>         pays the order from the balance
//! n-<order>         ends the order
//! ```

use crate::domain::{OrderId, PlanId};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountButton {
    /// Shows plan, balance and movements.
    Balance,
    /// Shows what is offered.
    Plans,
    /// Shows the link for friends.
    Invite,
    /// Says how a code is used.
    Promo,
    /// Begins the trial.
    Trial,
    /// Shows a plan.
    Plan(PlanId),
    /// Makes an order to be paid from the balance.
    Buy {
        /// Of which plan.
        plan: PlanId,
        /// In which currency.
        currency: String,
    },
    /// Pays an order from the balance.
    Pay(OrderId),
    /// Ends an order.
    Drop(OrderId),
}

impl AccountButton {
    /// What it carries: letters, digits and `-`, at most 46.
    pub fn encode(&self) -> String {
        match self {
            Self::Balance => "balance".to_owned(),
            Self::Plans => "plans".to_owned(),
            Self::Invite => "invite".to_owned(),
            Self::Promo => "promo".to_owned(),
            Self::Trial => "trial".to_owned(),
            Self::Plan(plan) => format!("p-{plan}"),
            Self::Buy { plan, currency } => format!("b-{currency}-{plan}"),
            Self::Pay(order) => format!("y-{order}"),
            Self::Drop(order) => format!("n-{order}"),
        }
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(argument: &str) -> Option<Self> {
        let plan = |text: &str| (!text.is_empty()).then(|| PlanId(text.to_owned()));
        let order = |text: &str| (!text.is_empty()).then(|| OrderId(text.to_owned()));
        match argument {
            "balance" => return Some(Self::Balance),
            "plans" => return Some(Self::Plans),
            "invite" => return Some(Self::Invite),
            "promo" => return Some(Self::Promo),
            "trial" => return Some(Self::Trial),
            _ => {}
        }
        match argument.split_once('-')? {
            ("p", rest) => Some(Self::Plan(plan(rest)?)),
            ("b", rest) => {
                let (currency, rest) = rest.split_once('-')?;
                Some(Self::Buy { plan: plan(rest)?, currency: currency.to_owned() })
            }
            ("y", rest) => Some(Self::Pay(order(rest)?)),
            ("n", rest) => Some(Self::Drop(order(rest)?)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_carries_comes_back() {
        let (plan, order) = (PlanId("a-long-plan-of-24-letter".into()), OrderId("0f".repeat(16)));
        let all = [
            AccountButton::Balance,
            AccountButton::Plans,
            AccountButton::Invite,
            AccountButton::Promo,
            AccountButton::Trial,
            AccountButton::Plan(plan.clone()),
            AccountButton::Buy { plan, currency: "USD".into() },
            AccountButton::Pay(order.clone()),
            AccountButton::Drop(order),
        ];
        for button in all {
            let carried = button.encode();
            assert!(carried.len() <= 46, "{carried}");
            assert_eq!(AccountButton::decode(&carried), Some(button));
        }
        for other in ["", "p", "p-", "b-USD", "b-USD-", "x-1", "balances"] {
            assert_eq!(AccountButton::decode(other), None, "{other}");
        }
    }
}
