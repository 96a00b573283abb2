//! The chapter of the record about what operators see and do about people and figures, and the log of all that they do.

use async_trait::async_trait;

/// What a decision asks to see.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelAsk {}

/// What the panel of operators shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PanelView {}

/// What an operator does to a person or a plan.
#[derive(Debug, Clone, PartialEq)]
pub enum PanelEffect {}

/// See the module.
#[async_trait]
pub trait PanelRecord: Send + Sync {}
