//! Integration tests of this part.
