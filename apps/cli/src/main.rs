//! The `veilmark` command. What it says and how it ends is in `cli`, what it does in the library.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
