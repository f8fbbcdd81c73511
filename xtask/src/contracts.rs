//! `cargo xtask contracts`: generated sources, then compiled artefacts, both committed and reproduced bit for bit.
//!
//! `contracts/src/**/*.sol` becomes `artifacts/<Contract>.json`, `contracts/test/Mock*.sol` becomes
//! `artifacts/test/<Contract>.json`; the interfaces become one source that the bindings read. What they import from the pinned packages is compiled in and gets none. An artefact
//! holds the ABI, both bytecodes and the compiler's version and settings, nothing that depends on the machine.

use crate::{contracts_dir, generated, install_packages, npm, read, root};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Files to be written, or compared, by path.
type Files = BTreeMap<PathBuf, String>;

pub(crate) fn run(check: bool) -> Result<()> {
    install_packages()?;

    let generated_dir = contracts_dir().join("src/generated");
    let mut sources = Files::new();
    for source in generated::sources() {
        let text = source.generate().with_context(|| format!("cannot generate {}", source.file))?;
        sources.insert(generated_dir.join(source.file), text);
    }
    let tests_dir = contracts_dir().join("test/generated");
    sources.insert(tests_dir.join("Claims.sol"), generated::claims_for_tests());
    let present = [on_disk(&generated_dir, "sol")?, on_disk(&tests_dir, "sol")?].concat();
    let generated = settle(&sources, &present, check, "generated sources");

    // Compiled is what is on the disk: a check tells of both, whichever differs.
    let artifacts = compile()?;
    let compiled =
        settle(&artifacts, &on_disk(&root().join("verifier-contract/artifacts"), "json")?, check, "artefacts");
    let bindings_dir = root().join("verifier-contract/bindings/src/generated");
    let bindings = Files::from([(bindings_dir.join("interfaces.sol"), interfaces(&artifacts)?)]);
    let bindings = settle(&bindings, &on_disk(&bindings_dir, "sol")?, check, "bindings' sources");
    let mut present = Vec::new();
    for folder in npm::generated() {
        present.extend(on_disk(&folder, "ts")?.into_iter().chain(on_disk(&folder, "json")?));
    }
    let package = settle(&npm::files(&artifacts)?, &present, check, "npm package's sources");
    generated.and(compiled).and(bindings).and(package)
}

/// Writes what is wanted and removes what is not; with `check`, changes nothing and fails if there was anything to do.
fn settle(wanted: &Files, present: &[PathBuf], check: bool, what: &str) -> Result<()> {
    let mut differences = Vec::new();
    for (path, text) in wanted {
        let old = std::fs::read_to_string(path).ok();
        if old.as_deref() == Some(text) {
            continue;
        }
        differences.push(match old {
            None => format!("{}: missing", short(path)),
            Some(old) => format!("{}: {}", short(path), first_difference(&old, text)),
        });
        if !check {
            let folder = path.parent().context("a path without a folder")?;
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
            std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    for path in present.iter().filter(|path| !wanted.contains_key(*path)) {
        differences.push(format!("{}: nothing makes it", short(path)));
        if !check {
            std::fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    for difference in &differences {
        eprintln!("  {difference}");
    }
    if check && !differences.is_empty() {
        bail!("{} of the {what} differ from what is committed: run `cargo xtask contracts`", differences.len());
    }
    eprintln!("{what}: {} files, {} changed", wanted.len(), if check { 0 } else { differences.len() });
    Ok(())
}

/// Where two texts part, short enough for one line.
fn first_difference(old: &str, new: &str) -> String {
    let excerpt = |line: Option<&str>, from: usize| match line {
        None => "nothing".to_owned(),
        Some(line) => {
            let rest: String = line.chars().skip(from).take(40).collect();
            format!("`{rest}`")
        }
    };
    let (mut old_lines, mut new_lines) = (old.lines(), new.lines());
    for number in 1.. {
        let (old_line, new_line) = (old_lines.next(), new_lines.next());
        if old_line.is_none() && new_line.is_none() {
            break;
        }
        if old_line != new_line {
            let same = old_line.unwrap_or("").chars().zip(new_line.unwrap_or("").chars());
            let column = same.take_while(|(a, b)| a == b).count();
            return format!(
                "line {number}, column {}: committed {}, made now {}",
                column + 1,
                excerpt(old_line, column),
                excerpt(new_line, column)
            );
        }
    }
    "line ends differ".to_owned()
}

/// Every file below a folder with this extension; none where there is no folder.
fn on_disk(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let path = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn short(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Compiles every contract.
fn compile() -> Result<Files> {
    let project = contracts_dir();
    let mut sources = Map::new();
    for folder in ["src", "test"] {
        for path in on_disk(&project.join(folder), "sol")? {
            let name = path.strip_prefix(&project).context("a source outside the project")?;
            let name = name.to_str().context("a source's name is not UTF-8")?.replace('\\', "/");
            // forge's tests have no use outside forge
            if folder == "src" || name.starts_with("test/Mock") {
                sources.insert(name, json!({ "content": read(&path)? }));
            }
        }
    }
    add_packages(&project, &mut sources)?;
    let settings = json!({
        "evmVersion": "cancun",
        "optimizer": { "enabled": true, "runs": 200 },
        // Two compilations of one source give one bytecode: no hash of file names or comments in it.
        "metadata": { "bytecodeHash": "none", "appendCBOR": false },
        "viaIR": false,
    });
    let mut input_settings = settings.clone();
    input_settings["outputSelection"] = json!({ "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode"] } });
    let input = json!({ "language": "Solidity", "sources": sources, "settings": input_settings });

    let version = solc(&["--version"], None)?.trim().to_owned();
    let output: Value =
        serde_json::from_str(&solc(&[], Some(&input.to_string()))?).context("solc did not answer with JSON")?;
    let mut complaints = 0;
    for complaint in output["errors"].as_array().into_iter().flatten() {
        eprintln!("{}", complaint["formattedMessage"].as_str().unwrap_or("solc complains without saying of what"));
        complaints += 1;
    }
    if complaints > 0 {
        bail!("solc has {complaints} errors or warnings; a warning counts as an error");
    }

    let artifacts = root().join("verifier-contract/artifacts");
    let mut files = Files::new();
    for (source, contracts) in output["contracts"].as_object().context("solc's answer has no contracts")? {
        if source.starts_with(PACKAGES) {
            continue;
        }
        let folder = if source.starts_with("test/") { artifacts.join("test") } else { artifacts.clone() };
        for (name, contract) in contracts.as_object().context("solc's answer has no contracts")? {
            let code = |kind: &str| {
                let code = contract["evm"][kind]["object"].as_str().context("solc's answer has no bytecode")?;
                anyhow::Ok(format!("0x{code}"))
            };
            // What cannot be deployed is an interface: the contracts' own ABIs have it. What nobody can call is a library that
            // is compiled into them.
            let callable = |item: &Value| item["type"] == "function" || item["type"] == "fallback";
            if contract["evm"]["bytecode"]["object"] == ""
                || !contract["abi"].as_array().is_some_and(|abi| abi.iter().any(callable))
            {
                continue;
            }
            let artifact = json!({
                "contractName": name,
                "sourceName": source,
                "abi": contract["abi"],
                "bytecode": code("bytecode")?,
                "deployedBytecode": code("deployedBytecode")?,
                "immutables": immutables(&contract["evm"]["deployedBytecode"]["immutableReferences"]),
                "compiler": { "name": "solc", "version": version, "settings": settings },
            });
            let text = format!("{}\n", serde_json::to_string_pretty(&sorted(artifact))?);
            if files.insert(folder.join(format!("{name}.json")), text).is_some() {
                bail!("two contracts are called {name}: an artefact is named after its contract");
            }
        }
    }
    Ok(files)
}

/// The interfaces of the contracts, in the order in which one needs another.
const INTERFACES: [&str; 7] =
    ["Types", "IClaimVerifier", "IClaimRouter", "IModelRegistry", "IContentRegistry", "IAuthenticityToken", "IERC7007"];

/// What the tool asks of the token as an ERC-721.
const ERC721: &str = "interface IERC721 {
    function ownerOf(uint256 tokenId) external view returns (address owner);
    function tokenURI(uint256 tokenId) external view returns (string memory uri);
    function safeTransferFrom(address from, address to, uint256 tokenId) external;
    function supportsInterface(bytes4 interfaceId) external view returns (bool supported);
}
";

/// All interfaces as one source, for a macro that follows no imports; and the errors that the artefacts' ABI has and no
/// interface declares: the generated verifiers', and those of the libraries that the contracts inherit.
fn interfaces(artifacts: &Files) -> Result<String> {
    let mut text = String::from(
        "// SPDX-License-Identifier: MIT OR Apache-2.0\n\
         // The interfaces of `contracts/src`, one after the other. Do not edit: `cargo xtask contracts` makes this file.\n",
    );
    for name in INTERFACES {
        let source = read(&contracts_dir().join("src").join(format!("{name}.sol")))?;
        let body = source.split_once("pragma ").and_then(|(_, rest)| rest.split_once(";\n"));
        let (_, body) = body.with_context(|| format!("{name}.sol has no pragma"))?;
        // An import ends with its line: the sources are formatted.
        let lines = body.lines().filter(|line| !line.starts_with("import "));
        text.extend(["\n", lines.collect::<Vec<_>>().join("\n").trim(), "\n"]);
    }
    text.extend(["\n", ERC721]);
    let (mut verifiers, mut inherited) = (BTreeMap::new(), BTreeMap::new());
    for (path, artifact) in artifacts.iter().filter(|(path, _)| path.parent().is_some_and(|p| p.ends_with("artifacts")))
    {
        let artifact: Value = serde_json::from_str(artifact)?;
        let generated = artifact["sourceName"].as_str().is_some_and(|name| name.contains("/generated/"));
        for error in artifact["abi"].as_array().into_iter().flatten().filter(|item| item["type"] == "error") {
            let name =
                error["name"].as_str().with_context(|| format!("{}: an error without a name", path.display()))?;
            let declared = text.contains(&format!("    error {name}("));
            match (generated, declared) {
                (true, _) => verifiers.insert(name.to_owned(), declaration(name, error)),
                (false, false) => inherited.insert(name.to_owned(), declaration(name, error)),
                (false, true) => None,
            };
        }
    }
    for (name, errors) in [("IVerifier", verifiers), ("IInherited", inherited)] {
        let errors: Vec<_> = errors.into_values().collect();
        text.push_str(&format!("\ninterface {name} {{\n{}}}\n", errors.concat()));
    }
    Ok(text)
}

/// An error of an ABI as Solidity declares it.
fn declaration(name: &str, error: &Value) -> String {
    let inputs = error["inputs"].as_array().into_iter().flatten();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parameters: Vec<_> = inputs.map(|input| format!("{} {}", word(&input["type"]), word(&input["name"]))).collect();
    format!("    error {name}({});\n", parameters.join(", "))
}

/// Where the constructor writes into the deployed code: `start+length`, in order.
fn immutables(references: &Value) -> String {
    let places = references.as_object().into_iter().flat_map(|by_variable| by_variable.values());
    let places = places.flat_map(|places| places.as_array().into_iter().flatten());
    let places = places.filter_map(|place| Some((place["start"].as_u64()?, place["length"].as_u64()?)));
    let mut places: Vec<_> = places.collect();
    places.sort_unstable();
    places.iter().map(|(start, length)| format!("{start}+{length}")).collect::<Vec<_>>().join(" ")
}

/// What a name of a source of the pinned packages begins with.
const PACKAGES: &str = "@";

/// Adds what the sources import from packages, and what that imports. A source's name is what an import calls it.
fn add_packages(project: &Path, sources: &mut Map<String, Value>) -> Result<()> {
    let mut waiting: Vec<String> = sources.keys().cloned().collect();
    while let Some(importer) = waiting.pop() {
        let text = sources[&importer]["content"].as_str().unwrap_or_default().to_owned();
        for import in imports(&text) {
            let name = resolved(&importer, import)?;
            if !name.starts_with(PACKAGES) || sources.contains_key(&name) {
                continue;
            }
            sources.insert(name.clone(), json!({ "content": read(&project.join("node_modules").join(&name))? }));
            waiting.push(name);
        }
    }
    Ok(())
}

/// The names in a source's import directives.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    let directives =
        text.split("import ").skip(1).filter_map(|rest| rest.split_once(';')).map(|(directive, _)| directive);
    directives.filter_map(|directive| directive.split('"').nth(1))
}

/// The name of the source that an import means: relative to the importer where it begins with a dot.
fn resolved(importer: &str, import: &str) -> Result<String> {
    if !import.starts_with('.') {
        return Ok(import.to_owned());
    }
    let mut parts: Vec<&str> = importer.split('/').collect();
    parts.pop();
    for part in import.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop().with_context(|| format!("{importer} imports {import}, which is outside the project"))?;
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// The same value with every object's keys in alphabetical order, whatever features of `serde_json` are on.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> = fields.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            fields.into_iter().collect()
        }
        other => other,
    }
}

/// Runs the pinned compiler.
fn solc(arguments: &[&str], input: Option<&str>) -> Result<String> {
    let mut child = Command::new("node")
        .arg("solc.cjs")
        .args(arguments)
        .current_dir(contracts_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run node")?;
    // The compiler reads everything before it writes anything, so writing first cannot block for ever.
    let mut stdin = child.stdin.take().context("node has no standard input")?;
    stdin.write_all(input.unwrap_or_default().as_bytes()).context("cannot write to solc")?;
    drop(stdin);
    let output = child.wait_with_output().context("cannot read from solc")?;
    if !output.status.success() {
        bail!("solc ended with {}", output.status);
    }
    String::from_utf8(output.stdout).context("solc's answer is not UTF-8")
}

#[cfg(test)]
mod tests {
    use super::{imports, resolved};

    #[test]
    fn imports_are_found_and_resolved() {
        let text = "import {A} from \"./A.sol\";\nimport {\n  B,\n  C\n} from \"@openzeppelin/contracts/B.sol\";\ncontract D {}";
        assert_eq!(imports(text).collect::<Vec<_>>(), ["./A.sol", "@openzeppelin/contracts/B.sol"]);
        assert_eq!(resolved("src/x/Y.sol", "../A.sol").unwrap(), "src/A.sol");
        assert_eq!(resolved("@o/c/t/E.sol", "./I.sol").unwrap(), "@o/c/t/I.sol");
        assert!(resolved("a.sol", "../../b.sol").is_err());
    }
}
