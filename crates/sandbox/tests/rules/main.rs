//! The rules of the sandbox, each with its text.
