//! `cargo xtask layers`: the rules that keep the house's arrows one-way, and the drawing in `docs/architecture.md`.
//!
//! 1. Every package says its layer (`[package.metadata.veilmark] layer = N`), and depends on strictly lower layers only.
//!    Dependencies of tests do not count.
//! 2. Inside a package no circle of modules imports itself: a module is a file or folder directly below `src`.
//! 3. Nothing below the faces prints, and nothing below the use cases knows an exit code or names a command or a flag in a text.
//! 4. The drawing between the markers of `docs/architecture.md` is the one that these facts give, and every `path:line` of that
//!    page names a line that holds what the page says stands there.
use crate::{read, root};
use anyhow::{Context, Result, bail};
use proc_macro2::{TokenStream, TokenTree};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::{Path, PathBuf},
    process::Command,
};
use syn::visit::Visit;

/// The layer of whatever people touch: it alone prints.
const FACES: u64 = 6;
/// The page that holds the drawing.
const PAGE: &str = "docs/architecture.md";
const BEGIN: &str = "<!-- layers: written by `cargo xtask layers --write` -->\n";
const END: &str = "<!-- /layers -->\n";

/// A package of the workspace.
struct Package {
    name: String,
    folder: PathBuf,
    layer: u64,
    /// The workspace's packages that it is built from.
    on: BTreeSet<String>,
}

/// Checks every rule; with `write`, puts the drawing into the page first.
pub(crate) fn run(write: bool) -> Result<()> {
    let packages = packages()?;
    let mut problems = Vec::new();
    upward(&packages, &mut problems);
    for package in &packages {
        let sources = sources(&package.folder.join("src"))?;
        circles(package, &sources, &mut problems)?;
        words(package, &sources, &mut problems)?;
    }
    let drawing = drawing(&packages);
    let path = root().join(PAGE);
    let page = read(&path)?;
    let (before, rest) = page.split_once(BEGIN).with_context(|| format!("{PAGE} lacks the line {BEGIN:?}"))?;
    let (held, after) = rest.split_once(END).with_context(|| format!("{PAGE} lacks the line {END:?}"))?;
    if write {
        std::fs::write(&path, format!("{before}{BEGIN}{drawing}{END}{after}"))
            .with_context(|| format!("cannot write {PAGE}"))?;
    } else if held != drawing {
        problems.push(format!("{PAGE} holds another drawing: `cargo xtask layers --write` writes this one"));
    }
    places(&page, &mut problems);
    print!("{drawing}");
    if problems.is_empty() {
        return Ok(());
    }
    bail!("{} problems:\n{}", problems.len(), problems.join("\n"))
}

/// The workspace's packages, lowest layer first.
fn packages() -> Result<Vec<Package>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .current_dir(root())
        .output()
        .context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")?;
    let listed = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let names: BTreeSet<String> = listed.iter().filter_map(|package| text(&package["name"])).collect();
    let mut packages = Vec::new();
    for package in listed {
        let name = text(&package["name"]).context("a package without a name")?;
        let layer = package["metadata"]["veilmark"]["layer"].as_u64();
        let layer =
            layer.with_context(|| format!("{name} lacks `[package.metadata.veilmark] layer` in its manifest"))?;
        let manifest = text(&package["manifest_path"]).context("a package without a manifest")?;
        let folder = Path::new(&manifest).parent().context("a manifest without a folder")?.to_owned();
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        let on = dependencies
            .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
            .filter_map(|dependency| text(&dependency["name"]))
            .filter(|name| names.contains(name))
            .collect();
        packages.push(Package { name, folder, layer, on });
    }
    packages.sort_by(|a, b| (a.layer, &a.name).cmp(&(b.layer, &b.name)));
    Ok(packages)
}

fn upward(packages: &[Package], problems: &mut Vec<String>) {
    let layers: BTreeMap<_, _> = packages.iter().map(|package| (&package.name, package.layer)).collect();
    for package in packages {
        for on in package.on.iter().filter(|on| layers[on] >= package.layer) {
            problems.push(format!(
                "{} (layer {}) depends on {on} (layer {}): only lower layers may be depended on",
                package.name, package.layer, layers[on]
            ));
        }
    }
}

/// What the page holds between its markers.
fn drawing(packages: &[Package]) -> String {
    let mut text = String::from("```text\n");
    let top = packages.iter().map(|package| package.layer).max().unwrap_or(0);
    for layer in (0..=top).rev() {
        for (i, package) in packages.iter().filter(|package| package.layer == layer).enumerate() {
            let number = if i == 0 { layer.to_string() } else { String::new() };
            let below: Vec<_> = package.on.iter().map(|name| short(name)).collect();
            let arrow = if below.is_empty() { "" } else { "-> " };
            let line = format!("{number:>2}  {:<20} {arrow}{}", short(&package.name), below.join(" "));
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    text.push_str("```\n");
    text
}

fn short(name: &str) -> &str {
    name.strip_prefix("veilmark-").unwrap_or(name)
}

/// A source file: its path below `src` and what it holds, without what is compiled for tests only.
struct Source {
    path: PathBuf,
    file: syn::File,
}

fn sources(folder: &Path) -> Result<Vec<Source>> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                left.push(path);
            } else if name.ends_with(".rs") && !name.contains("test") {
                let mut file = syn::parse_file(&read(&path)?).with_context(|| path.display().to_string())?;
                file.items.retain(|item| !is_for_tests(item));
                found.push(Source { path, file });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn is_for_tests(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string().contains("test"))
    })
}

/// Refuses circles between the modules directly below `src`. The crate's root may name them all.
fn circles(package: &Package, sources: &[Source], problems: &mut Vec<String>) -> Result<()> {
    let src = package.folder.join("src");
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Source { path, file } in sources {
        let inside = path.strip_prefix(&src).context("a source outside of src")?;
        let mut module: Vec<String> =
            inside.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        let Some(own) = module.first().cloned().filter(|name| !["lib", "main"].contains(&name.as_str())) else {
            continue;
        };
        let mut found = Imports { module, top: BTreeSet::new() };
        found.visit_file(file);
        found.top.remove(&own);
        arrows.entry(own).or_default().extend(found.top);
    }
    // names that are no module (items of the root) lead nowhere
    let modules: BTreeSet<String> = arrows.keys().cloned().collect();
    arrows.values_mut().for_each(|to| to.retain(|name| modules.contains(name)));
    // what nothing of the rest is imported by, or imports, is in no circle
    while let Some(done) = arrows.iter().find(|(_, to)| to.is_empty()).map(|(name, _)| name.clone()) {
        arrows.remove(&done);
        arrows.values_mut().for_each(|to| {
            to.remove(&done);
        });
    }
    while let Some(done) = arrows.keys().find(|name| !arrows.values().any(|to| to.contains(*name))).cloned() {
        arrows.remove(&done);
    }
    if !arrows.is_empty() {
        let list: Vec<_> = arrows
            .iter()
            .map(|(from, to)| format!("{from} -> {}", to.iter().cloned().collect::<Vec<_>>().join(" ")))
            .collect();
        problems.push(format!("{}: a circle of modules: {}", package.name, list.join("; ")));
    }
    Ok(())
}

/// The modules of the crate's root that a file names.
struct Imports {
    /// Where the file's module stands.
    module: Vec<String>,
    top: BTreeSet<String>,
}

impl Imports {
    fn path(&mut self, path: &[String]) {
        let mut at = self.module.clone();
        let mut rest = path;
        match rest.first().map(String::as_str) {
            Some("crate") => at.clear(),
            Some("super") => {}
            _ => return,
        }
        while let Some((first, more)) = rest.split_first() {
            match first.as_str() {
                "crate" => {}
                "super" => {
                    at.pop();
                }
                _ => break,
            }
            rest = more;
        }
        at.extend(rest.iter().cloned());
        self.top.extend(at.first().cloned());
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |name: String| before.iter().cloned().chain([name]).collect::<Vec<_>>();
        match tree {
            syn::UseTree::Path(path) => self.tree(&path.tree, &with(path.ident.to_string())),
            syn::UseTree::Name(name) => self.path(&with(name.ident.to_string())),
            syn::UseTree::Rename(name) => self.path(&with(name.ident.to_string())),
            syn::UseTree::Glob(_) => self.path(before),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before)),
        }
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_for_tests(item) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        syn::visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.path(&names);
        syn::visit::visit_path(self, path);
    }
}

/// Refuses printing below the faces, and the command's words below them.
fn words(package: &Package, sources: &[Source], problems: &mut Vec<String>) -> Result<()> {
    // tools of the workspace are nobody's library
    if package.layer >= FACES {
        return Ok(());
    }
    for Source { path, file } in sources {
        let mut found = Words::default();
        found.visit_file(file);
        let place = path.strip_prefix(root().canonicalize()?).unwrap_or(path).display().to_string();
        problems.extend(found.problems.into_iter().map(|problem| format!("{place}: {problem}")));
    }
    Ok(())
}

/// Whether a text is `veilmark <words> v<number>` and nothing more: what hashes and files begin with, so that none is taken for
/// another. People are not told it, and it must not change.
fn is_domain_tag(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let ["veilmark", names @ .., version] = &words[..] else { return false };
    let number = version.strip_prefix('v').unwrap_or_default();
    let is_name = |name: &&str| name.starts_with(|c: char| c.is_ascii_lowercase());
    !names.is_empty() && names.iter().all(is_name) && number.parse::<u32>().is_ok()
}

#[derive(Default)]
struct Words {
    problems: Vec<String>,
}

impl Words {
    fn text(&mut self, text: &str) {
        let names_flag = text
            .split([' ', '`', '(', '"'])
            .any(|word| word.strip_prefix("--").is_some_and(|flag| flag.starts_with(|c: char| c.is_ascii_lowercase())));
        let names_command = text.contains("veilmark srs ") || text.contains("`veilmark ");
        if names_flag || names_command && !is_domain_tag(text) {
            self.problems.push(format!("a text names a command or a flag: {text:?}"));
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        self.text(&text.value());
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Words {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_for_tests(item) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        // the texts of errors; documentation may name what it likes
        if attribute.path().is_ident("error")
            && let syn::Meta::List(list) = &attribute.meta
        {
            self.tokens(list.tokens.clone());
        }
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let name = call.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if ["print", "println", "eprint", "eprintln", "dbg"].contains(&name.as_str()) {
            self.problems.push(format!("`{name}!`: only what people touch prints"));
        }
        self.tokens(call.tokens.clone());
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.text(&text.value());
    }

    fn visit_ident(&mut self, name: &'ast proc_macro2::Ident) {
        if name == "exit_code" || name == "ExitCode" {
            self.problems.push(format!("`{name}`: exit codes are the command line's"));
        }
    }
}

/// Every `` `name` … (path:line) `` of the page: that line holds the name.
fn places(page: &str, problems: &mut Vec<String>) {
    for line in page.lines() {
        let Some((before, place)) = line.rsplit_once('(') else { continue };
        let Some((path, number)) = place.trim_end_matches([')', '.', ' ']).rsplit_once(':') else { continue };
        let (Ok(number), Some(name)) = (number.parse::<usize>(), before.rsplit('`').nth(1)) else { continue };
        let path = path.trim_matches('`');
        let name = name.rsplit("::").next().unwrap_or(name).trim_end_matches("()");
        let held = read(&root().join(path)).unwrap_or_default();
        if !held.lines().nth(number.wrapping_sub(1)).is_some_and(|line| line.contains(name)) {
            let now = held
                .lines()
                .position(|line| line.contains(&format!("fn {name}")) || line.contains(&format!("function {name}")));
            let now = now.map_or("nowhere".to_owned(), |at| format!("line {}", at + 1));
            problems.push(format!("{PAGE}: `{name}` does not stand at {path}:{number} (it is found at {now})"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(text: &str) -> bool {
        let mut words = Words::default();
        words.text(text);
        !words.problems.is_empty()
    }

    #[test]
    fn a_domain_tag_is_no_command() {
        for tag in ["veilmark srs v1", "veilmark salts v1", "veilmark srs contribution v12"] {
            assert!(!is_refused(tag), "{tag}");
        }
    }

    #[test]
    fn a_text_that_names_a_command_or_a_flag_is_refused() {
        for text in [
            "veilmark srs dev",
            "veilmark srs v",
            "veilmark srs v1 makes one",
            "run veilmark srs v1",
            "veilmark srs --dev v1",
            "see `veilmark prove`",
            "`veilmark srs v1",
            "give --k 14",
        ] {
            assert!(is_refused(text), "{text}");
        }
    }
}
