//! The chapter of the record about plans that are sold, what a person has of them, the balance, invitations, promo codes and the trial.

use async_trait::async_trait;

/// What a decision asks to see.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountAsk {}

/// What a person has and may have.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AccountView {}

/// A change of what a person has.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountEffect {}

/// See the module.
#[async_trait]
pub trait AccountRecord: Send + Sync {}
