//! The guard as a program of its own, for tests and for programs that cannot be their own guard.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = std::env::args_os().skip(1);
    browser::guard::main(args.skip_while(|word| word == browser::guard::SUBCOMMAND))
}
