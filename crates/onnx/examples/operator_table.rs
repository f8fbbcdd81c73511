//! Writes the table of operators at the end of `docs/models.md`, by the code's list of them.
use veilmark_onnx::operator_table;

fn main() -> std::io::Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/models.md");
    let page = std::fs::read_to_string(path)?;
    let text = page.split("| operator |").next().unwrap_or_default();
    std::fs::write(path, format!("{text}{}", operator_table()))
}
