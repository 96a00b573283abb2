//! The executables as they are, against the sandbox.

mod chat_page;
mod journey;
mod kill;
mod mini_app;
mod repair;
mod road;
