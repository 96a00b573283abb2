//! What a process shows of itself: [`logs`], [`metrics`], [`health`], the small HTTP server that serves the last
//! two, and the [`signals`] it listens to.

pub mod health;
pub mod http;
pub mod logs;
pub mod metrics;
pub mod rolling;
pub mod signals;
