//! What the buttons of support mean.
//!
//! ```text
//! ask, write          what support is; the next message goes there
//! faq-<question>      the answer to a question that many have
//! close-, reopen-, helped-<ticket>   the person's own conversation
//! shut-, who-, list-, reply-<ticket> staff: closes it, says who it is, lists canned answers, answers it
//! show-, send-<ticket>-<name>        staff: shows a canned answer, sends it
//! ```

use crate::domain::TicketId;

/// A question that many have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faq {
    /// How a search is made.
    Search,
    /// Why somebody was not told.
    Silence,
    /// How to pay.
    Pay,
    /// How to stop.
    Stop,
}

impl Faq {
    /// All, in the order of their buttons.
    pub const ALL: [Self; 4] = [Self::Search, Self::Silence, Self::Pay, Self::Stop];

    fn word(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Silence => "silence",
            Self::Pay => "pay",
            Self::Stop => "stop",
        }
    }
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketButton {
    /// Shows what support is.
    Ask,
    /// The next message goes to support.
    Write,
    /// Answers a question.
    Faq(Faq),
    /// The person closes a ticket.
    Close(TicketId),
    /// The person opens it again.
    Reopen(TicketId),
    /// It helped.
    Helped(TicketId),
    /// Staff closes a ticket.
    Shut(TicketId),
    /// Who the person is.
    Who(TicketId),
    /// Lists the canned answers.
    List(TicketId),
    /// The next message of this operator answers it.
    Reply(TicketId),
    /// Shows a canned answer as it would go out.
    Show(TicketId, String),
    /// Sends it.
    Send(TicketId, String),
}

impl TicketButton {
    /// What it carries: letters, digits and `-`, at most 46.
    pub fn encode(&self) -> String {
        match self {
            Self::Ask => "ask".to_owned(),
            Self::Write => "write".to_owned(),
            Self::Faq(faq) => format!("faq-{}", faq.word()),
            Self::Close(id) => format!("close-{id}"),
            Self::Reopen(id) => format!("reopen-{id}"),
            Self::Helped(id) => format!("helped-{id}"),
            Self::Shut(id) => format!("shut-{id}"),
            Self::Who(id) => format!("who-{id}"),
            Self::List(id) => format!("list-{id}"),
            Self::Reply(id) => format!("reply-{id}"),
            Self::Show(id, name) => format!("show-{id}-{name}"),
            Self::Send(id, name) => format!("send-{id}-{name}"),
        }
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(argument: &str) -> Option<Self> {
        let Some((what, rest)) = argument.split_once('-') else {
            return match argument {
                "ask" => Some(Self::Ask),
                "write" => Some(Self::Write),
                _ => None,
            };
        };
        if what == "faq" {
            return Faq::ALL.into_iter().find(|faq| faq.word() == rest).map(Self::Faq);
        }
        if let "show" | "send" = what {
            let (id, name) = rest.split_once('-')?;
            let (id, name) = (ticket(id)?, name.to_owned());
            let shows = what == "show";
            return (!name.is_empty()).then_some(if shows {
                Self::Show(id, name)
            } else {
                Self::Send(id, name)
            });
        }
        let id = ticket(rest)?;
        match what {
            "close" => Some(Self::Close(id)),
            "reopen" => Some(Self::Reopen(id)),
            "helped" => Some(Self::Helped(id)),
            "shut" => Some(Self::Shut(id)),
            "who" => Some(Self::Who(id)),
            "list" => Some(Self::List(id)),
            "reply" => Some(Self::Reply(id)),
            _ => None,
        }
    }

    /// Whether it is for staff.
    pub fn is_staffs(&self) -> bool {
        matches!(
            self,
            Self::Shut(_)
                | Self::Who(_)
                | Self::List(_)
                | Self::Reply(_)
                | Self::Show(..)
                | Self::Send(..)
        )
    }
}

fn ticket(text: &str) -> Option<TicketId> {
    let is_name = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then(|| TicketId(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_carries_comes_back() {
        let id = || TicketId("A7K2".into());
        let name = || "how-to_pay".to_owned();
        let all = [
            TicketButton::Ask,
            TicketButton::Write,
            TicketButton::Close(id()),
            TicketButton::Reopen(id()),
            TicketButton::Helped(id()),
            TicketButton::Shut(id()),
            TicketButton::Who(id()),
            TicketButton::List(id()),
            TicketButton::Reply(id()),
            TicketButton::Show(id(), name()),
            TicketButton::Send(id(), name()),
        ];
        for button in all.into_iter().chain(Faq::ALL.map(TicketButton::Faq)) {
            let carried = button.encode();
            assert!(carried.len() <= 46, "{carried}");
            assert_eq!(TicketButton::decode(&carried), Some(button));
        }
        for broken in ["", "-", "close", "close-", "close-a-b", "faq-x", "show-A", "show-A-", "x-A"]
        {
            assert_eq!(TicketButton::decode(broken), None, "{broken}");
        }
    }
}
