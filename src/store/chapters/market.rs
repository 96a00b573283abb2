//! The chapter of the record about what listings a search would have found lately, and watches that are shared by a link.

use async_trait::async_trait;

/// What a decision asks to see.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketAsk {}

/// What a new watch is made from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MarketView {}

/// A change of what is shared.
#[derive(Debug, Clone, PartialEq)]
pub enum ShareEffect {}

/// See the module.
#[async_trait]
pub trait MarketRecord: Send + Sync {}
