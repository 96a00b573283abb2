//! Cells that a spreadsheet would run.
//!
//! A cell that begins with one of [`LEADS`] gets an apostrophe in front when it is written and loses it when it is
//! read. An apostrophe itself is such a beginning, so that nothing is lost on the way there and back.

/// First characters that get an apostrophe.
pub const LEADS: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\''];

/// The cell as it is written.
pub fn guard(cell: &str) -> String {
    if cell.starts_with(LEADS) { format!("'{cell}") } else { cell.to_owned() }
}

/// The cell as it was meant.
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(LEADS) => rest,
        _ => cell,
    }
}
