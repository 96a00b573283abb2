//! The rules of the sandbox, each with its text.

mod access;
mod demo;
mod envelope;
mod faults;
mod limits;
mod media;
mod polling;
mod sending;
mod support;
mod webapp;
mod webhooks;
