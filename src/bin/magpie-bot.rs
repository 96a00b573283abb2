//! The bot process: webhook or polling, dialogues, replies. It knows no browser.

use std::process::ExitCode;

fn main() -> ExitCode {
    magpie::roles::bot::main()
}
