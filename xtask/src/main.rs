//! `cargo xtask`: the command-line face of the recipes in this package's library.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    xtask::cli::main()
}
