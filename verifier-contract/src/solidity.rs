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

mod constraints;
mod opening;
mod text;

use crate::{
    Error,
    calldata::{HEAD_WORDS, SELECTOR, VERIFY_SIGNATURE, inputs_offset, proof_length_offset, proof_offset, selector},
    protocol::{Evaluation, ProofPoint, Protocol, RotationSet},
    revert::Refusal,
    vk::{Claim, VkWord, code_length, layout, magic, negated_g2_words, rotation_name},
};
use constraints::{Plan, shared_name};
use ff::PrimeField;
use halo2_proofs::halo2curves::bn256::{Fq, Fr};
use opening::product;
use text::{Lines, Memory, fill, hex_literal};
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
