//! Renders the verifier: one Solidity contract per constraint system.
//!
//! What is rendered is a straight reading of halo2's verifier (`plonk/verifier.rs`, SHPLONK), section by section:
//! the call, the key, the transcript, one batched inversion, the constraints, the opening, the pairing. Three choices
//! are ours:
//!
//! - The function sits behind `fallback`: solc's own decoder answers malformed calldata with an empty revert, and every
//!   refusal here is a typed error.
//! - Everything is range-checked before the first precompile call, and each precompile gets a bounded amount of gas, so
//!   that no refusal costs much more than an acceptance.
//! - SHPLONK's interpolation is barycentric: with `Z_T` vanishing on all points, `z_i(u) r_i(u) = Z_T(u) sum_p w_p
//!   eval_p / (u - p)`. The weights for `x = 1` are in the key, and the inverses are part of the one batch.
//!
//! What the caller must believe: the text depends on the protocol and the name only, so a committed artefact is
//! reproducible; memory is laid out once, with a name for every word.

use crate::{
    Error,
    calldata::{HEAD_WORDS, SELECTOR, VERIFY_SIGNATURE, inputs_offset, proof_length_offset, proof_offset, selector},
    expression::{Node, NodeId},
    protocol::{Commitment, Evaluation, PermutedColumn, ProofPoint, Protocol, RotationSet},
    revert::Refusal,
    vk::{Claim, VkWord, code_length, layout, magic, negated_g2_words, rotation_name},
};
use ff::PrimeField;
use halo2_proofs::halo2curves::bn256::{Fq, Fr};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
};
use veilmark_transcript::{POINT, WORD, scalar_to_word};

const TEMPLATE: &str = include_str!("verifier.sol.template");

/// The exact compiler the source is written for.
pub const SOLC_VERSION: &str = "0.8.37";
/// `VERSION()` of every verifier: counts changes of the call, the transcript or the key's layout.
pub const INTERFACE_VERSION: u32 = 1;
/// The compiler settings (of solc's standard JSON) under which artefacts are reproduced bit for bit.
pub const SOLC_SETTINGS: &str = r#"{
  "optimizer": { "enabled": true, "runs": 200 },
  "viaIR": false,
  "evmVersion": "cancun",
  "metadata": { "bytecodeHash": "none", "appendCBOR": false },
  "outputSelection": { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } }
}"#;

/// Where solc's free memory begins; everything below is scratch, the free pointer and the zero word.
const FREE_MEMORY: usize = 0x80;
/// Operands an expression may leave on the stack before it is stored: the EVM reaches 16 deep.
const MAX_STACK: usize = 7;

/// Gas each precompile may take: about twice its price (EIP-1108, EIP-7883), so that a repricing of the size seen so
/// far does not brick a deployed verifier, and a failing call cannot burn what it was not given.
const PRECOMPILE_GAS: [(&str, usize); 4] =
    [("GAS_MODEXP", 10_000), ("GAS_ADD", 500), ("GAS_MUL", 12_000), ("GAS_PAIRING", 180_000)];

/// Renders the verifier of a claim's protocol as a contract of the given name, and its interface as `I` and that name.
///
/// # Errors
/// [`Error::ContractName`], [`Error::SubjectName`] or [`Error::TooMany`].
pub fn render(protocol: &Protocol, claim: &Claim, name: &str) -> Result<String, Error> {
    let mut letters = name.chars();
    let is_name = letters.next().is_some_and(|first| first.is_ascii_uppercase())
        && letters.all(|letter| letter.is_ascii_alphanumeric())
        && name.len() <= 64;
    if !is_name {
        return Err(Error::ContractName { name: name.to_owned() });
    }
    claim.check()?;
    Ok(Renderer::new(protocol, claim).contract(name))
}

/// Named words of memory, laid out one after the other.
#[derive(Debug)]
struct Memory {
    next: usize,
    names: Vec<(String, usize)>,
}

impl Memory {
    fn reserve(&mut self, name: impl Into<String>, words: usize) -> usize {
        let at = self.next;
        self.names.push((name.into(), at));
        self.next += words * WORD;
        at
    }
}

/// Lines of Solidity; nesting is four spaces a level.
#[derive(Debug, Default)]
struct Lines {
    lines: Vec<String>,
    depth: usize,
}

impl Lines {
    fn line(&mut self, line: impl Display) {
        self.lines.push(format!("{}{line}", "    ".repeat(self.depth)));
    }

    fn open(&mut self) {
        self.line("{");
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.line("}");
    }

    fn constant(&mut self, name: impl Display, value: impl Display) {
        self.line(format_args!("uint256 private constant {name} = {value};"));
    }

    fn offset(&mut self, name: impl Display, value: usize) {
        self.constant(name, format_args!("{value:#x}"));
    }
}

/// Fills the template: `{{name}}` alone on its line stands for lines at its indentation, within a line for a word.
fn fill(template: &str, words: &[(&str, String)], blocks: &[(&str, Lines)]) -> String {
    let mut text = String::new();
    for line in template.lines() {
        let (indentation, content) = line.split_at(line.len() - line.trim_start().len());
        let block = blocks.iter().find(|(name, _)| content == format!("{{{{{name}}}}}"));
        if let Some((_, block)) = block {
            block.lines.iter().for_each(|line| text.extend([indentation, line, "\n"]));
        } else {
            let filled =
                words.iter().fold(line.to_owned(), |line, (name, word)| line.replace(&format!("{{{{{name}}}}}"), word));
            text.extend([&filled, "\n"]);
        }
    }
    text
}

fn hex_literal(bytes: &[u8]) -> String {
    let digits = hex::encode(bytes);
    let digits = digits.trim_start_matches('0');
    format!("0x{}", if digits.is_empty() { "0" } else { digits })
}

/// A name of the circuit's author inside a comment: printable ASCII on one line, whatever it was.
fn comment(name: &str) -> String {
    let printable = |letter: char| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' };
    name.chars().take(100).map(printable).collect()
}

fn point_name(point: ProofPoint) -> String {
    match point {
        ProofPoint::Advice(column) => format!("POINT_ADVICE_{column}"),
        ProofPoint::Product(index) => format!("POINT_PRODUCT_{index}"),
        ProofPoint::Random => "POINT_RANDOM".to_owned(),
        ProofPoint::QuotientPiece(index) => format!("POINT_QUOTIENT_{index}"),
        ProofPoint::OpeningW => "POINT_W".to_owned(),
        ProofPoint::OpeningWPrime => "POINT_W_PRIME".to_owned(),
    }
}

#[derive(Debug)]
struct Renderer<'p> {
    protocol: &'p Protocol,
    claim: &'p Claim,
    sets: Vec<RotationSet>,
    memory: Memory,
    plan: Plan,
    key_words: usize,
    /// Words of the batched inversion.
    inverses: usize,
    /// Lagrange polynomials evaluated: the last row, the blinding rows, row zero and the public inputs' rows.
    lagrange: usize,
    transcript_at: usize,
}

impl<'p> Renderer<'p> {
    fn new(protocol: &'p Protocol, claim: &'p Claim) -> Self {
        let mut renderer = Self {
            protocol,
            claim,
            sets: protocol.rotation_sets(),
            memory: Memory { next: FREE_MEMORY, names: Vec::new() },
            plan: Plan::new(protocol),
            key_words: 0,
            inverses: 0,
            lagrange: protocol.blinding_factors() + 1 + protocol.public_inputs(),
            transcript_at: 0,
        };
        renderer.lay_out_memory();
        renderer
    }

    fn lay_out_memory(&mut self) {
        let memory = &mut self.memory;
        // FOLD and FACTOR are what a multiplication reads; SUM and PRODUCT, or PRODUCT and POINT, what an addition
        // reads.
        for (name, words) in [("FOLD", 2), ("FACTOR", 1), ("SUM", 2), ("PRODUCT", 2), ("POINT", 2)] {
            memory.reserve(format!("M_{name}"), words);
        }
        memory.reserve("M_QUOTIENT", 2);
        memory.reserve("M_PRECOMPILE_INPUT", 12);
        (0..self.protocol.challenges()).for_each(|index| {
            memory.reserve(format!("M_CHALLENGE_{index}"), 1);
        });
        for name in ["BETA", "GAMMA", "Y", "X", "OPENING_Y", "OPENING_V", "U", "X_N", "L_0", "L_LAST", "L_ACTIVE"] {
            memory.reserve(format!("M_{name}"), 1);
        }
        for name in ["INSTANCE_EVAL", "QUOTIENT_EVAL", "Z_0", "R_EVAL"] {
            memory.reserve(format!("M_{name}"), 1);
        }
        (1..self.sets.len()).for_each(|set| {
            memory.reserve(format!("M_COEFFICIENT_{set}"), 1);
        });
        for id in &self.plan.stored {
            memory.reserve(shared_name(*id), 1);
        }
        let first = memory.reserve("M_INVERSE_X", 1);
        memory.reserve("M_INVERSE_VANISHING", 1);
        memory.reserve("M_INVERSE_LAGRANGE", self.lagrange);
        for rotation in self.protocol.rotations() {
            memory.reserve(inverse_point_name(rotation), 1);
        }
        self.inverses = (memory.next - first) / WORD;
        memory.reserve("M_PREFIXES", self.inverses);
        memory.reserve("M_OMEGAS", self.lagrange);
        // One word before the key, whose last byte receives the contract's leading STOP.
        memory.reserve("VK_STOP", 1);
        for word in layout(self.protocol, self.claim) {
            memory.reserve(format!("VK_{word}"), 1);
            self.key_words += 1;
        }
        self.transcript_at = memory.reserve("M_TRANSCRIPT", 0);
    }

    fn evaluation_name(&self, evaluation: Evaluation) -> String {
        match evaluation {
            Evaluation::Advice(index) => {
                let query = self.protocol.advice_queries()[index];
                format!("EVAL_ADVICE_{}_AT_{}", query.column, rotation_name(query.rotation))
            }
            Evaluation::Fixed(index) => {
                let query = self.protocol.fixed_queries()[index];
                format!("EVAL_FIXED_{}_AT_{}", query.column, rotation_name(query.rotation))
            }
            Evaluation::Random => "EVAL_RANDOM".to_owned(),
            Evaluation::Sigma(index) => format!("EVAL_SIGMA_{index}"),
            Evaluation::Product(index) => format!("EVAL_PRODUCT_{index}_AT_0"),
            Evaluation::ProductNext(index) => format!("EVAL_PRODUCT_{index}_AT_1"),
            Evaluation::ProductLast(index) => format!("EVAL_PRODUCT_{index}_AT_LAST"),
            Evaluation::Quotient => "M_QUOTIENT_EVAL".to_owned(),
        }
    }

    fn evaluation(&self, evaluation: Evaluation) -> String {
        match evaluation {
            Evaluation::Quotient => format!("mload({})", self.evaluation_name(evaluation)),
            _ => format!("calldataload({})", self.evaluation_name(evaluation)),
        }
    }

    fn contract(&self, name: &str) -> String {
        let protocol = self.protocol;
        let inputs = protocol.public_inputs();
        let first = self.sets[0].rotations.iter();
        let words = [
            ("generator", env!("CARGO_PKG_VERSION").to_owned()),
            ("digest", hex_literal(&protocol.digest())),
            ("solc", SOLC_VERSION.to_owned()),
            ("name", name.to_owned()),
            ("inputs", inputs.to_string()),
            ("signature", VERIFY_SIGNATURE.to_owned()),
            ("version", INTERFACE_VERSION.to_string()),
            ("omega_last", format!("VK_{}", VkWord::Omega(protocol.last_rotation()))),
            ("z_0", product(first.map(|rotation| format!("mload({})", inverse_point_name(*rotation))))),
        ];
        let blocks = [
            ("errors", self.errors()),
            ("moduli", self.moduli()),
            ("negated_g2", self.negated_g2()),
            ("key", self.key()),
            ("gas", self.gas()),
            ("selectors", self.selectors()),
            ("call", self.call()),
            ("proof", self.proof()),
            ("memory", self.memory_constants()),
            ("valid_points", self.valid_points()),
            ("canonical_scalars", self.canonical_scalars()),
            ("transcript", self.transcript()),
            ("opening_points", self.opening_points()),
            ("constraints", self.constraints()),
            ("permutation", self.permutation()),
            ("opening_evaluation", self.opening_evaluation()),
            ("opening_commitment", self.opening_commitment()),
        ];
        fill(TEMPLATE, &words, &blocks)
    }

    fn errors(&self) -> Lines {
        let mut out = Lines::default();
        for error in Refusal::ALL {
            out.line(format_args!("/// {}", error.notice()));
            let parameters: Vec<_> = error.parameters().iter().map(|name| format!("uint256 {name}")).collect();
            out.line(format_args!("error {}({});", error.name(), parameters.join(", ")));
        }
        out
    }

    fn moduli(&self) -> Lines {
        let mut out = Lines::default();
        out.constant("Q", Fq::MODULUS);
        out.constant("R", Fr::MODULUS);
        out.constant("DELTA", hex_literal(&scalar_to_word(Fr::DELTA)));
        out
    }

    fn negated_g2(&self) -> Lines {
        let mut out = Lines::default();
        for (name, word) in ["X1", "X0", "Y1", "Y0"].into_iter().zip(negated_g2_words()) {
            out.constant(format_args!("NEGATED_G2_{name}"), hex_literal(&word));
        }
        out
    }

    fn key(&self) -> Lines {
        let mut out = Lines::default();
        out.constant("KEY_MAGIC", hex_literal(&magic()));
        out.constant("CLAIM_ID", hex_literal(&self.claim.id));
        out.constant("CONSTRAINT_SYSTEM", hex_literal(&self.protocol.digest()));
        out.offset("KEY_CODE_LENGTH", code_length(self.key_words));
        out.constant("MAX_K", Fr::S);
        out
    }

    fn gas(&self) -> Lines {
        let mut out = Lines::default();
        PRECOMPILE_GAS.iter().for_each(|(name, gas)| out.constant(name, gas));
        out
    }

    fn selectors(&self) -> Lines {
        let mut out = Lines::default();
        out.constant("VERIFY", hex_literal(&selector(VERIFY_SIGNATURE)));
        for error in Refusal::ALL {
            out.constant(error_constant(error), hex_literal(&error.selector()));
        }
        out
    }

    fn call(&self) -> Lines {
        let protocol = self.protocol;
        let inputs = protocol.public_inputs() * WORD;
        let proof = proof_offset(protocol.public_inputs());
        let mut out = Lines::default();
        out.offset("CALL_LENGTH", proof + protocol.proof_length());
        out.offset("CALL_KEY", SELECTOR);
        out.offset("CALL_INPUTS_OFFSET", SELECTOR + WORD);
        out.offset("CALL_PROOF_OFFSET", SELECTOR + 2 * WORD);
        out.offset("CALL_INPUT_COUNT", SELECTOR + 3 * WORD);
        out.offset("CALL_INPUTS", SELECTOR + HEAD_WORDS * WORD);
        out.offset("CALL_PROOF_LENGTH", proof - WORD);
        out.offset("CALL_PROOF", proof);
        out.offset("CALL_SCALARS", proof + protocol.points().len() * POINT);
        out.offset("INPUTS_OFFSET", inputs_offset());
        out.offset("INPUT_COUNT", protocol.public_inputs());
        out.offset("INPUTS_LENGTH", inputs);
        out.offset("PROOF_OFFSET", proof_length_offset(protocol.public_inputs()));
        out.offset("PROOF_LENGTH", protocol.proof_length());
        out
    }

    fn proof(&self) -> Lines {
        let protocol = self.protocol;
        let mut at = proof_offset(protocol.public_inputs());
        let mut out = Lines::default();
        let mut next = |name: String, length: usize| {
            out.offset(name, at);
            at += length;
        };
        protocol.points().into_iter().for_each(|point| next(point_name(point), POINT));
        protocol.scalars().into_iter().for_each(|scalar| next(self.evaluation_name(scalar), WORD));
        [ProofPoint::OpeningW, ProofPoint::OpeningWPrime].into_iter().for_each(|point| next(point_name(point), POINT));
        out
    }

    fn memory_constants(&self) -> Lines {
        let mut out = Lines::default();
        self.memory.names.iter().for_each(|(name, at)| out.offset(name, *at));
        out.offset("LAGRANGE_LENGTH", self.lagrange * WORD);
        out.offset("LAGRANGE_ROW_0", (self.protocol.blinding_factors() + 1) * WORD);
        out.offset("INVERSES_LENGTH", self.inverses * WORD);
        out
    }

    fn valid_points(&self) -> Lines {
        let mut out = Lines::default();
        for point in self.protocol.points().into_iter().chain([ProofPoint::OpeningW, ProofPoint::OpeningWPrime]) {
            out.line(format_args!("valid := and(valid, isPoint({}))", point_name(point)));
        }
        out
    }

    fn canonical_scalars(&self) -> Lines {
        let mut out = Lines::default();
        for scalar in self.protocol.scalars() {
            let name = self.evaluation_name(scalar);
            out.line(format_args!("canonical := and(canonical, lt(calldataload({name}), r))"));
        }
        out
    }

    /// The challenges in order: how many bytes of the proof are absorbed for each, and its name; `None` for theta,
    /// which without native lookups nothing depends on.
    fn challenges(&self) -> Vec<(usize, Option<String>)> {
        let protocol = self.protocol;
        let mut schedule = Vec::new();
        let mut points = 0;
        for phase in protocol.phases() {
            points += phase.columns.len();
            for challenge in &phase.challenges {
                schedule.push((points * POINT, Some(format!("M_CHALLENGE_{challenge}"))));
                points = 0;
            }
        }
        let rest = [
            (points * POINT, None),
            (0, Some("M_BETA")),
            (0, Some("M_GAMMA")),
            ((protocol.products() + 1) * POINT, Some("M_Y")),
            (protocol.quotient_pieces() * POINT, Some("M_X")),
            (protocol.scalars().len() * WORD, Some("M_OPENING_Y")),
            (0, Some("M_OPENING_V")),
            (POINT, Some("M_U")),
        ];
        schedule.extend(rest.map(|(absorbed, name)| (absorbed, name.map(str::to_owned))));
        schedule
    }

    fn transcript(&self) -> Lines {
        let mut out = Lines::default();
        // Before the proof come the key's hash, its representation and the public inputs, and no state yet.
        let mut at = self.transcript_at;
        let mut before = (2 + self.protocol.public_inputs()) * WORD;
        for (index, (absorbed, name)) in self.challenges().into_iter().enumerate() {
            let length = before + absorbed;
            if index == 0 {
                out.line(format_args!("let state := keccak256(M_TRANSCRIPT, {length:#x})"));
            } else if absorbed == 0 {
                out.line("state := squeezeAgain(state)");
            } else {
                out.line(format_args!("mstore({at:#x}, state)"));
                out.line(format_args!("state := keccak256({at:#x}, {length:#x})"));
            }
            match name {
                Some(name) => out.line(format_args!("mstore({name}, mod(state, r))")),
                None => out.line("// (that was theta, which nothing depends on: there are no native lookups)"),
            }
            // The next state goes over the last word hashed now.
            if index == 0 || absorbed != 0 {
                at += length - WORD;
            }
            before = WORD;
        }
        out
    }

    fn opening_points(&self) -> Lines {
        let mut out = Lines::default();
        for rotation in self.protocol.rotations() {
            let point = match rotation {
                0 => "x".to_owned(),
                _ => format!("mulmod(x, mload(VK_{}), r)", VkWord::Omega(rotation)),
            };
            out.line(format_args!("mstore({}, addmod(u, sub(r, {point}), r))", inverse_point_name(rotation)));
        }
        out
    }

    fn constraints(&self) -> Lines {
        let mut out = Lines::default();
        let mut done = BTreeSet::new();
        for constraint in self.protocol.constraints() {
            out.line(format_args!("// {}", comment(&constraint.name)));
            for id in self.pending(constraint.root, &mut done) {
                out.line(format_args!("mstore({}, {})", shared_name(id), self.operation(id)));
            }
            out.line(format_args!("sum := addmod(mulmod(sum, y, r), {}, r)", self.operand(constraint.root)));
        }
        out
    }

    fn permutation(&self) -> Lines {
        let protocol = self.protocol;
        let mut out = Lines::default();
        let Some(last) = protocol.products().checked_sub(1) else {
            return out;
        };
        let fold = |out: &mut Lines, term: String| {
            out.line(format_args!("sum := addmod(mulmod(sum, y, r), {term}, r)"));
        };
        let eval = |evaluation| self.evaluation(evaluation);
        out.line("// permutation: the first product starts at one");
        fold(&mut out, format!("mulmod(mload(M_L_0), addmod(1, sub(r, {}), r), r)", eval(Evaluation::Product(0))));
        out.line("// permutation: the last product ends at zero or one");
        out.open();
        out.line(format_args!("let z := {}", eval(Evaluation::Product(last))));
        fold(&mut out, "mulmod(mload(M_L_LAST), mulmod(z, addmod(z, sub(r, 1), r), r), r)".to_owned());
        out.close();
        for index in 1..=last {
            out.line(format_args!("// permutation: product {index} starts where product {} ends", index - 1));
            let (now, before) = (eval(Evaluation::Product(index)), eval(Evaluation::ProductLast(index - 1)));
            fold(&mut out, format!("mulmod(mload(M_L_0), addmod({now}, sub(r, {before}), r), r)"));
        }
        out.line("// permutation: products run over the columns and over their shifted identities");
        out.open();
        out.line("let shift := mulmod(mload(M_BETA), mload(M_X), r)");
        let columns = protocol.permutation();
        for (index, chunk) in columns.chunks(protocol.permutation_chunk()).enumerate() {
            out.open();
            out.line(format_args!("let left := {}", eval(Evaluation::ProductNext(index))));
            out.line(format_args!("let right := {}", eval(Evaluation::Product(index))));
            out.line("let value");
            for (position, column) in chunk.iter().enumerate() {
                let column_index = index * protocol.permutation_chunk() + position;
                let value = match column {
                    PermutedColumn::Advice(query) => eval(Evaluation::Advice(*query)),
                    PermutedColumn::Fixed(query) => eval(Evaluation::Fixed(*query)),
                    PermutedColumn::Instance => "mload(M_INSTANCE_EVAL)".to_owned(),
                };
                let sigma = eval(Evaluation::Sigma(column_index));
                out.line(format_args!("value := addmod({value}, mload(M_GAMMA), r)"));
                out.line(format_args!("left := mulmod(left, addmod(value, mulmod(mload(M_BETA), {sigma}, r), r), r)"));
                out.line("right := mulmod(right, addmod(value, shift, r), r)");
                if column_index + 1 < columns.len() {
                    out.line("shift := mulmod(shift, DELTA, r)");
                }
            }
            fold(&mut out, "mulmod(mload(M_L_ACTIVE), addmod(left, sub(r, right), r), r)".to_owned());
            out.close();
        }
        out.close();
        out
    }

    fn opening_evaluation(&self) -> Lines {
        let mut out = Lines::default();
        for (index, set) in self.sets.iter().enumerate() {
            out.line(format_args!("// set {index}: rotations {:?}", set.rotations));
            out.open();
            if set.rotations.len() > 1 {
                out.line("let set := 0");
            }
            out.line("let value");
            for (position, rotation) in set.rotations.iter().enumerate() {
                for (member, (_, evaluations)) in set.members.iter().rev().enumerate() {
                    let evaluation = self.evaluation(evaluations[position]);
                    match member {
                        0 => out.line(format_args!("value := {evaluation}")),
                        _ => out.line(format_args!("value := addmod(mulmod(value, y, r), {evaluation}, r)")),
                    }
                }
                let inverse = format!("mload({})", inverse_point_name(*rotation));
                if set.rotations.len() > 1 {
                    let weight = format!("mload(VK_{})", VkWord::Weight { set: index, rotation: *rotation });
                    out.line(format_args!("set := addmod(set, mulmod(value, mulmod({inverse}, {weight}, r), r), r)"));
                } else {
                    out.line(format_args!("let set := mulmod(value, {inverse}, r)"));
                }
            }
            // The weights are those for x = 1; each of the set's other points brings one x.
            (1..set.rotations.len()).for_each(|_| out.line("set := mulmod(set, mload(M_INVERSE_X), r)"));
            out.line("result := addmod(result, mulmod(scale, set, r), r)");
            if index > 0 {
                let inverses = set.rotations.iter().map(|rotation| format!("mload({})", inverse_point_name(*rotation)));
                let factors = ["scale".to_owned()].into_iter().chain(inverses);
                out.line(format_args!("mstore(M_COEFFICIENT_{index}, {})", product(factors)));
            }
            if index + 1 < self.sets.len() {
                out.line("scale := mulmod(scale, mload(M_OPENING_V), r)");
            }
            out.close();
        }
        out
    }

    fn opening_commitment(&self) -> Lines {
        let pieces = self.protocol.quotient_pieces();
        let mut out = Lines::default();
        out.line("// the quotient, from its pieces");
        out.line(format_args!("calldatacopy(M_FOLD, {}, 0x40)", point_name(ProofPoint::QuotientPiece(pieces - 1))));
        out.line("mstore(M_FACTOR, mload(M_X_N))");
        for piece in (0..pieces - 1).rev() {
            out.line(format_args!("foldProof({})", point_name(ProofPoint::QuotientPiece(piece))));
        }
        out.line("mcopy(M_QUOTIENT, M_FOLD, 0x40)");
        for (index, set) in self.sets.iter().enumerate() {
            out.line(format_args!("// set {index}"));
            if set.members.len() > 1 {
                out.line("mstore(M_FACTOR, mload(M_OPENING_Y))");
            }
            for (member, (commitment, _)) in set.members.iter().rev().enumerate() {
                let (in_proof, place) = match commitment {
                    Commitment::Advice(column) => (true, point_name(ProofPoint::Advice(*column))),
                    Commitment::Product(index) => (true, point_name(ProofPoint::Product(*index))),
                    Commitment::Random => (true, point_name(ProofPoint::Random)),
                    Commitment::Fixed(column) => (false, format!("VK_{}", VkWord::FixedX(*column))),
                    Commitment::Sigma(column) => (false, format!("VK_{}", VkWord::SigmaX(*column))),
                    Commitment::Quotient => (false, "M_QUOTIENT".to_owned()),
                };
                match (member, in_proof) {
                    (0, true) => out.line(format_args!("calldatacopy(M_FOLD, {place}, 0x40)")),
                    (0, false) => out.line(format_args!("mcopy(M_FOLD, {place}, 0x40)")),
                    (_, true) => out.line(format_args!("foldProof({place})")),
                    (_, false) => out.line(format_args!("foldMemory({place})")),
                }
            }
            match index {
                0 => out.line("mcopy(M_SUM, M_FOLD, 0x40)"),
                _ => out.line(format_args!("accumulate(mload(M_COEFFICIENT_{index}))")),
            }
        }
        out
    }

    /// The stored nodes a constraint needs and no earlier one has computed, operands first.
    fn pending(&self, root: NodeId, done: &mut BTreeSet<NodeId>) -> Vec<NodeId> {
        let mut needed = BTreeSet::new();
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            if done.contains(&id) || !needed.insert(id) {
                continue;
            }
            open.extend(self.protocol.graph().node(id).operands());
        }
        // Node ids ascend from operands to results, so their order is an order of evaluation.
        let pending: Vec<_> = needed.into_iter().filter(|id| self.plan.stored.contains(id)).collect();
        done.extend(&pending);
        pending
    }

    /// A node as an operand: read from where it is, or computed in place.
    fn operand(&self, id: NodeId) -> String {
        if self.plan.stored.contains(&id) { format!("mload({})", shared_name(id)) } else { self.operation(id) }
    }

    /// A node, computed. Values are below `r`, a negated one at most `r`: `addmod` and `mulmod` take both.
    fn operation(&self, id: NodeId) -> String {
        let graph = self.protocol.graph();
        match graph.node(id) {
            Node::Constant(value) => constant_literal(value),
            Node::Advice(query) => self.evaluation(Evaluation::Advice(query)),
            Node::Fixed(query) => self.evaluation(Evaluation::Fixed(query)),
            Node::Instance => "mload(M_INSTANCE_EVAL)".to_owned(),
            Node::Challenge(challenge) => format!("mload(M_CHALLENGE_{challenge})"),
            Node::Negated(a) => format!("sub(r, {})", self.operand(a)),
            Node::Sum(a, b) => {
                let (first, second) = self.by_depth(a, b);
                format!("addmod({}, {}, r)", self.operand(first), self.operand(second))
            }
            Node::Product(a, b) => {
                let (first, second) = self.by_depth(a, b);
                format!("mulmod({}, {}, r)", self.operand(first), self.operand(second))
            }
        }
    }

    /// Two operands, the shallower first: arguments are evaluated from the last to the first.
    fn by_depth(&self, a: NodeId, b: NodeId) -> (NodeId, NodeId) {
        if self.plan.depth(a) > self.plan.depth(b) { (b, a) } else { (a, b) }
    }
}

fn shared_name(NodeId(index): NodeId) -> String {
    format!("M_SHARED_{index}")
}

fn inverse_point_name(rotation: i32) -> String {
    format!("M_INVERSE_POINT_{}", rotation_name(rotation))
}

fn error_constant(error: Refusal) -> String {
    let mut name = "ERROR".to_owned();
    for letter in error.name().chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

fn product(factors: impl Iterator<Item = String>) -> String {
    factors.reduce(|left, right| format!("mulmod({right}, {left}, r)")).unwrap_or_else(|| "1".to_owned())
}

fn constant_literal(value: Fr) -> String {
    let short = |value: Fr| {
        let word = scalar_to_word(value);
        word[..WORD - 8].iter().all(|byte| *byte == 0).then(|| hex_literal(&word))
    };
    short(value)
        .or_else(|| short(-value).map(|negated| format!("sub(r, {negated})")))
        .unwrap_or_else(|| hex_literal(&scalar_to_word(value)))
}

/// Which nodes are kept in memory once computed, and how many stack slots computing each node takes.
#[derive(Debug)]
struct Plan {
    /// Operations that more than one other node uses, and operands that would go too deep.
    stored: BTreeSet<NodeId>,
    depths: BTreeMap<NodeId, usize>,
}

impl Plan {
    fn new(protocol: &Protocol) -> Self {
        let graph = protocol.graph();
        let mut uses: BTreeMap<NodeId, usize> = BTreeMap::new();
        let mut open: Vec<_> = protocol.constraints().iter().map(|constraint| constraint.root).collect();
        open.iter().for_each(|root| *uses.entry(*root).or_default() += 1);
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                for operand in graph.node(id).operands() {
                    *uses.entry(operand).or_default() += 1;
                    open.push(operand);
                }
            }
        }
        let computes = |id: NodeId| matches!(graph.node(id), Node::Sum(..) | Node::Product(..));
        let shared = uses.iter().filter(|(id, uses)| **uses > 1 && computes(**id)).map(|(id, _)| *id);
        let mut plan = Self { stored: shared.collect(), depths: BTreeMap::new() };
        for (id, node) in graph.nodes().filter(|(id, _)| uses.contains_key(id)) {
            while plan.depth_of(node) > MAX_STACK {
                let operands = node.operands().filter(|operand| !plan.stored.contains(operand));
                let Some(deepest) = operands.max_by_key(|operand| plan.depths[operand]) else { break };
                plan.stored.insert(deepest);
            }
            plan.depths.insert(id, plan.depth_of(node));
        }
        plan
    }

    /// Slots an operand takes, when it is read from memory or computed in place.
    fn depth(&self, operand: NodeId) -> usize {
        if self.stored.contains(&operand) { 1 } else { self.depths[&operand] }
    }

    fn depth_of(&self, node: Node) -> usize {
        match node {
            Node::Negated(a) => self.depth(a) + 1,
            Node::Sum(a, b) | Node::Product(a, b) => {
                let (low, high) = (self.depth(a).min(self.depth(b)), self.depth(a).max(self.depth(b)));
                // The modulus first, then the deeper operand, then the other one on top of both.
                (1 + high).max(2 + low)
            }
            _ => 1,
        }
    }
}
