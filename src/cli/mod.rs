//! The operator's commands, one file each.

pub mod config;
pub mod doctor;
