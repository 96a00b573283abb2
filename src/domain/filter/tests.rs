//! Filters against listings: cases that people meet.
