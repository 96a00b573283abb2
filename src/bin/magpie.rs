//! The scraper process and the operator's command line. `magpie --help` says what there is.

use std::process::ExitCode;

fn main() -> ExitCode {
    magpie::cli::main()
}
