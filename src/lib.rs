//! Magpie.
