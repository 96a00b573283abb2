//! The chapter of the record about support: tickets, their messages, where their copies are, and what waits for an answer.

use async_trait::async_trait;

/// What a decision asks to see.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketAsk {}

/// The tickets that a decision looks at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TicketView {}

/// A change of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub enum TicketEffect {}

/// See the module.
#[async_trait]
pub trait TicketRecord: Send + Sync {}
