//! The chapter of the record about what operators see and do about sites, sources, broadcasts and orders from the chat.

use async_trait::async_trait;

/// What a decision asks to see.
#[derive(Debug, Clone, PartialEq)]
pub struct OperateAsk {}

/// What the panel of operators shows of the running service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OperateView {}

/// What an operator does to the running service.
#[derive(Debug, Clone, PartialEq)]
pub enum OperateEffect {}

/// See the module.
#[async_trait]
pub trait OperateRecord: Send + Sync {}
