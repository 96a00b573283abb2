//! What a process shows of itself: [`logs`], [`metrics`], [`health`], the small HTTP server that serves the last
//! two, the [`signals`] it listens to, and what
//! operators see of it in the chat: [`vitals`] and the last [`errors`].

pub mod errors;
pub mod health;
pub mod http;
pub mod logs;
pub mod metrics;
pub mod rolling;
pub mod signals;
pub mod vitals;
