//! Prints the table of operators of `docs/models.md`.
use veilmark_onnx::{NEWEST_OPERATOR_SET, OPERATORS};

fn main() {
    println!(
        "| operator | read in the meanings that begin with operator set (up to {NEWEST_OPERATOR_SET}) | attributes |"
    );
    println!("|---|---|---|");
    for operator in OPERATORS {
        let since: Vec<String> = operator.since.iter().map(ToString::to_string).collect();
        println!("| {} | {} | {} |", operator.name, since.join(", "), operator.attributes.join(", "));
    }
}
