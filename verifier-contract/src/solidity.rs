//! Renders the verifier: one Solidity contract per constraint system.
//!
//! What is rendered is a straight reading of halo2's verifier (`plonk/verifier.rs`, SHPLONK), section by section:
//! the call, the key, the transcript, one batched inversion, the constraints, the opening, the pairing. Three choices are
//! ours:
//!
//! - The function sits behind `fallback`: solc's own decoder answers malformed calldata with an empty revert, and every
//!   refusal here is a typed error.
//! - Everything is range-checked before the first precompile call, and each precompile gets a bounded amount of gas, so
//!   that no refusal costs much more than an acceptance.
//! - SHPLONK's interpolation is barycentric: with `Z_T` vanishing on all points, `z_i(u) r_i(u) = Z_T(u) sum_p w_p
//!   eval_p / (u - p)`. The weights for `x = 1` are in the key, and the inverses are part of the one batch.
//!
//! What the caller must believe: the text depends on the protocol and the name only, so a committed artefact is
//! reproducible; memory is laid out by [`Memory`], one name per word.

use crate::{
    Error,
    calldata::{SELECTOR, proof_offset, selector, verify_signature},
    expression::{Node, NodeId},
    protocol::{Commitment, Evaluation, PermutedColumn, ProofPoint, Protocol, RotationSet},
    revert::Refusal,
    vk::{VkWord, code_length, layout, magic, negated_g2_words, rotation_name},
};
use ff::PrimeField;
use halo2_proofs::halo2curves::bn256::{Fq, Fr};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
};
use veilmark_circuits::transcript::{POINT, WORD, scalar_to_word};

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

/// Gas each precompile may take: about twice its price (EIP-1108, EIP-7883), so that a repricing of the size seen so far
/// does not brick a deployed verifier, and a failing call cannot burn what it was not given.
const PRECOMPILE_GAS: [(&str, usize); 4] =
    [("GAS_MODEXP", 10_000), ("GAS_ADD", 500), ("GAS_MUL", 12_000), ("GAS_PAIRING", 180_000)];

/// Renders the verifier of a protocol as a contract of the given name, and its interface as `I` and that name.
pub fn render(protocol: &Protocol, name: &str) -> Result<String, Error> {
    let mut letters = name.chars();
    let is_name = letters.next().is_some_and(|first| first.is_ascii_uppercase())
        && letters.all(|letter| letter.is_ascii_alphanumeric())
        && name.len() <= 64;
    if !is_name {
        return Err(Error::ContractName { name: name.to_owned() });
    }
    Ok(Renderer::new(protocol).contract(name))
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

/// Lines with indentation.
#[derive(Debug, Default)]
struct Text {
    lines: String,
    depth: usize,
}

impl Text {
    fn line(&mut self, line: impl Display) {
        let line = line.to_string();
        if !line.is_empty() {
            self.lines.push_str(&"    ".repeat(self.depth));
            self.lines.push_str(&line);
        }
        self.lines.push('\n');
    }

    fn lines(&mut self, lines: &str) {
        lines.lines().for_each(|line| self.line(line));
    }

    fn open(&mut self, line: impl Display) {
        self.line(line);
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.line("}");
    }
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
    sets: Vec<RotationSet>,
    memory: Memory,
    /// Nodes kept in memory once computed: shared ones, and operands too deep for the stack.
    stored: BTreeSet<NodeId>,
    key_words: usize,
    /// Words of the batched inversion.
    inverses: usize,
    /// Lagrange polynomials evaluated: the last row, the blinding rows, row zero and the public inputs' rows.
    lagrange: usize,
    transcript_at: usize,
}

impl<'p> Renderer<'p> {
    fn new(protocol: &'p Protocol) -> Self {
        let mut renderer = Self {
            protocol,
            sets: protocol.rotation_sets(),
            memory: Memory { next: FREE_MEMORY, names: Vec::new() },
            stored: stored_nodes(protocol),
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
        // The three points an addition and a multiplication work on lie side by side.
        for (name, words) in
            [("M_SUM", 2), ("M_FOLD", 2), ("M_OPERAND", 2), ("M_QUOTIENT", 2), ("M_PRECOMPILE_INPUT", 12)]
        {
            memory.reserve(name, words);
        }
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
        for id in &self.stored {
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
        for word in layout(self.protocol) {
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
        let mut out = Text::default();
        let digest = hex::encode(protocol.digest());
        out.line("// SPDX-License-Identifier: MIT OR Apache-2.0");
        out.line(format!(
            "// Generated by veilmark-verifier-contract {}. Do not edit: `cargo xtask contracts` makes this file.",
            env!("CARGO_PKG_VERSION")
        ));
        out.line(format!("// Constraint system 0x{digest}"));
        out.line(format!("pragma solidity {SOLC_VERSION};"));
        out.line("");
        self.interface(&mut out, name);
        out.line("");
        out.line(format!("/// @title The verifier behind I{name}: Halo2 over KZG on BN254, SHPLONK, Keccak-256."));
        out.lines(
            "/// @notice Stateless, without owner, immutable: whether a proof holds under a key depends on the call alone.\n\
             /// @dev The call is read by hand behind `fallback`, so that malformed data too meets a typed error.\n\
             /// POINT_, EVAL_ and CALL_ constants are offsets in calldata, VK_ and M_ constants are offsets in memory.",
        );
        out.open(format!("contract {name} is I{name}Errors {{"));
        self.constants(&mut out);
        out.line("");
        out.line("/// Counts changes of the call, the transcript or the verifying key's layout.");
        out.line(format!("uint256 public constant VERSION = {INTERFACE_VERSION};"));
        out.line("");
        out.line("/// The constraint system whose proofs this contract checks.");
        out.open("function constraintSystemDigest() external pure returns (bytes32) {");
        out.line("return bytes32(CONSTRAINT_SYSTEM);");
        out.close();
        out.line("");
        out.line(format!("/// Answers {} and nothing else.", verify_signature(protocol.public_inputs())));
        out.open("fallback() external {");
        out.open("assembly (\"memory-safe\") {");
        self.functions(&mut out);
        out.line("let r := R");
        self.check_call(&mut out);
        self.check_ranges(&mut out);
        self.load_key(&mut out);
        self.transcript(&mut out);
        self.invert(&mut out);
        self.lagrange(&mut out);
        self.quotient_evaluation(&mut out);
        self.opening_evaluation(&mut out);
        self.opening_commitment(&mut out);
        self.pairing(&mut out);
        out.close();
        out.close();
        out.close();
        out.lines
    }

    fn interface(&self, out: &mut Text, name: &str) {
        let inputs = self.protocol.public_inputs();
        out.line(format!("/// @title How {name} refuses. It never returns false."));
        out.open(format!("interface I{name}Errors {{"));
        for error in Refusal::ALL {
            out.line(format!("/// {}", error.notice()));
            let parameters: Vec<_> = error.parameters().iter().map(|name| format!("uint256 {name}")).collect();
            out.line(format!("error {}({});", error.name(), parameters.join(", ")));
        }
        out.close();
        out.line("");
        out.line(format!("/// @title How {name} is called."));
        out.open(format!("interface I{name} is I{name}Errors {{"));
        out.lines(
            "/// @notice Returns, with nothing, if the proof holds for the public inputs under the key; reverts otherwise.\n\
             /// @dev The caller pins the key's EXTCODEHASH: a key made for cheating makes any proof hold.\n\
             /// @param vk The verifying key's data contract.\n\
             /// @param publicInputs The instance column's first rows, each below r.\n\
             /// @param proof The proof, of exactly one length.",
        );
        out.line(format!(
            "function verify(address vk, uint256[{inputs}] calldata publicInputs, bytes calldata proof) external view;"
        ));
        out.line("");
        out.line("/// @notice The constraint system whose proofs are checked; a key carries the same digest.");
        out.line("function constraintSystemDigest() external view returns (bytes32);");
        out.line("");
        out.line("/// @notice Counts changes of the call, the transcript or the verifying key's layout.");
        out.line("function VERSION() external view returns (uint256);");
        out.close();
    }

    fn constants(&self, out: &mut Text) {
        let protocol = self.protocol;
        let constant = |out: &mut Text, name: &str, value: String| {
            out.line(format!("uint256 private constant {name} = {value};"));
        };
        let number = |value: usize| format!("{value:#x}");
        out.line("// The curve's two moduli, and the generator of the permutation argument's cosets.");
        constant(out, "Q", Fq::MODULUS.to_owned());
        constant(out, "R", Fr::MODULUS.to_owned());
        constant(out, "DELTA", hex_literal(&scalar_to_word(Fr::DELTA)));
        out.line("// -[1]_2, in the order of the pairing precompile.");
        for (name, word) in ["X1", "X0", "Y1", "Y0"].into_iter().zip(negated_g2_words()) {
            constant(out, &format!("NEGATED_G2_{name}"), hex_literal(&word));
        }
        out.line("");
        out.line("// The key: its code is STOP and then words, these two among them.");
        constant(out, "KEY_MAGIC", hex_literal(&magic()));
        constant(out, "CONSTRAINT_SYSTEM", hex_literal(&protocol.digest()));
        constant(out, "KEY_CODE_LENGTH", number(code_length(self.key_words)));
        out.line("");
        out.line("// Gas a precompile may take: about twice its price.");
        for (name, gas) in PRECOMPILE_GAS {
            constant(out, name, gas.to_string());
        }
        out.line("");
        out.line("// Selectors of the function and of the errors.");
        constant(out, "VERIFY", hex_literal(&selector(&verify_signature(protocol.public_inputs()))));
        for error in Refusal::ALL {
            constant(out, &error_constant(error), hex_literal(&error.selector()));
        }
        out.line("");
        out.line("// The call.");
        let proof = proof_offset(protocol.public_inputs());
        constant(out, "CALL_LENGTH", number(proof + protocol.proof_length()));
        constant(out, "CALL_KEY", number(SELECTOR));
        constant(out, "CALL_INPUTS", number(SELECTOR + WORD));
        constant(out, "CALL_PROOF_OFFSET", number(proof - 2 * WORD));
        constant(out, "CALL_PROOF_LENGTH", number(proof - WORD));
        constant(out, "CALL_PROOF", number(proof));
        constant(out, "PROOF_OFFSET", number((protocol.public_inputs() + 2) * WORD));
        constant(out, "PROOF_LENGTH", number(protocol.proof_length()));
        out.line("");
        out.line("// The proof: points, scalars, and the opening's two points.");
        let mut at = proof;
        for point in protocol.points() {
            constant(out, &point_name(point), number(at));
            at += POINT;
        }
        constant(out, "POINTS_END", number(at));
        for scalar in protocol.scalars() {
            constant(out, &self.evaluation_name(scalar), number(at));
            at += WORD;
        }
        for point in [ProofPoint::OpeningW, ProofPoint::OpeningWPrime] {
            constant(out, &point_name(point), number(at));
            at += POINT;
        }
        out.line("");
        out.line("// Memory.");
        for (name, at) in &self.memory.names {
            constant(out, name, number(*at));
        }
    }

    fn functions(&self, out: &mut Text) {
        out.lines(&format!(
            "function refuse(error) {{\n\
             \x20   mstore(0x00, error)\n\
             \x20   revert(0x1c, 0x04)\n\
             }}\n\
             function refuseAt(error, index) {{\n\
             \x20   mstore(0x00, error)\n\
             \x20   mstore(0x20, index)\n\
             \x20   revert(0x1c, 0x24)\n\
             }}\n\
             // Points from `at` to `end` lie on the curve, which infinity, encoded (0, 0), does not.\n\
             function checkPoints(at, end, index) {{\n\
             \x20   let q := Q\n\
             \x20   for {{}} lt(at, end) {{ at := add(at, 0x40) }} {{\n\
             \x20       let x := calldataload(at)\n\
             \x20       let y := calldataload(add(at, 0x20))\n\
             \x20       let onCurve := eq(mulmod(y, y, q), addmod(mulmod(x, mulmod(x, x, q), q), 3, q))\n\
             \x20       if iszero(and(onCurve, and(lt(x, q), lt(y, q)))) {{ refuseAt({}, index) }}\n\
             \x20       index := add(index, 1)\n\
             \x20   }}\n\
             }}\n\
             // The next challenge where nothing was absorbed since the last one.\n\
             function squeezeAgain(state) -> next {{\n\
             \x20   mstore(0x00, state)\n\
             \x20   mstore8(0x20, 1)\n\
             \x20   next := keccak256(0x00, 0x21)\n\
             }}\n\
             // FOLD := factor FOLD\n\
             function multiply(factor) {{\n\
             \x20   mstore(M_OPERAND, factor)\n\
             \x20   if iszero(staticcall(GAS_MUL, 0x07, M_FOLD, 0x60, M_FOLD, 0x40)) {{ refuse({precompile}) }}\n\
             }}\n\
             // FOLD := factor FOLD + a point of the proof\n\
             function foldProof(factor, point) {{\n\
             \x20   multiply(factor)\n\
             \x20   calldatacopy(M_OPERAND, point, 0x40)\n\
             \x20   if iszero(staticcall(GAS_ADD, 0x06, M_FOLD, 0x80, M_FOLD, 0x40)) {{ refuse({precompile}) }}\n\
             }}\n\
             // FOLD := factor FOLD + a point in memory\n\
             function foldMemory(factor, point) {{\n\
             \x20   multiply(factor)\n\
             \x20   mcopy(M_OPERAND, point, 0x40)\n\
             \x20   if iszero(staticcall(GAS_ADD, 0x06, M_FOLD, 0x80, M_FOLD, 0x40)) {{ refuse({precompile}) }}\n\
             }}\n\
             // SUM := SUM + factor FOLD\n\
             function accumulate(factor) {{\n\
             \x20   multiply(factor)\n\
             \x20   if iszero(staticcall(GAS_ADD, 0x06, M_SUM, 0x80, M_SUM, 0x40)) {{ refuse({precompile}) }}\n\
             }}\n",
            error_constant(Refusal::PointNotOnCurve),
            precompile = error_constant(Refusal::PrecompileFailed),
        ));
        out.line("");
    }

    fn check_call(&self, out: &mut Text) {
        out.line("");
        out.line("// 1. The call: one encoding, no other.");
        out.lines(&format!(
            "if iszero(eq(shr(224, calldataload(0)), VERIFY)) {{ refuse({}) }}\n\
             if iszero(eq(calldatasize(), CALL_LENGTH)) {{\n\
             \x20   mstore(0x00, {})\n\
             \x20   mstore(0x20, CALL_LENGTH)\n\
             \x20   mstore(0x40, calldatasize())\n\
             \x20   revert(0x1c, 0x44)\n\
             }}\n\
             if or(\n\
             \x20   shr(160, calldataload(CALL_KEY)),\n\
             \x20   or(\n\
             \x20       xor(calldataload(CALL_PROOF_OFFSET), PROOF_OFFSET),\n\
             \x20       xor(calldataload(CALL_PROOF_LENGTH), PROOF_LENGTH)\n\
             \x20   )\n\
             ) {{ refuse({}) }}",
            error_constant(Refusal::UnknownFunction),
            error_constant(Refusal::CalldataLength),
            error_constant(Refusal::CalldataNotCanonical),
        ));
    }

    fn check_ranges(&self, out: &mut Text) {
        let protocol = self.protocol;
        let scalars = protocol.scalars();
        out.line("");
        out.line("// 2. Every word: public inputs and scalars below r, points on the curve.");
        out.lines(&format!(
            "for {{ let i := 0 }} lt(i, {}) {{ i := add(i, 1) }} {{\n\
             \x20   if iszero(lt(calldataload(add(CALL_INPUTS, shl(5, i))), r)) {{ refuseAt({}, i) }}\n\
             }}\n\
             checkPoints(CALL_PROOF, POINTS_END, 0)\n\
             checkPoints(POINT_W, CALL_LENGTH, {})",
            protocol.public_inputs(),
            error_constant(Refusal::PublicInputNotCanonical),
            protocol.points().len(),
        ));
        out.open("{");
        out.line("let canonical := 1");
        for scalar in &scalars {
            out.line(format!("canonical := and(canonical, lt(calldataload({}), r))", self.evaluation_name(*scalar)));
        }
        out.open("if iszero(canonical) {");
        out.lines(&format!(
            "let at := POINTS_END\n\
             for {{}} lt(calldataload(at), r) {{ at := add(at, 0x20) }} {{}}\n\
             refuseAt({}, shr(5, sub(at, POINTS_END)))",
            error_constant(Refusal::ScalarNotCanonical)
        ));
        out.close();
        out.close();
    }

    fn load_key(&self, out: &mut Text) {
        out.line("");
        out.line("// 3. The key: of this constraint system, in full. (k is bounded because section 5 loops over it.)");
        out.lines(&format!(
            "{{\n\
             \x20   let vk := calldataload(CALL_KEY)\n\
             \x20   if iszero(eq(extcodesize(vk), KEY_CODE_LENGTH)) {{ refuse({mismatch}) }}\n\
             \x20   extcodecopy(vk, sub(VK_MAGIC, 1), 0, KEY_CODE_LENGTH)\n\
             \x20   if or(\n\
             \x20       or(mload(VK_STOP), gt(mload(VK_K), {})),\n\
             \x20       or(xor(mload(VK_MAGIC), KEY_MAGIC), xor(mload(VK_CONSTRAINT_SYSTEM), CONSTRAINT_SYSTEM))\n\
             \x20   ) {{ refuse({mismatch}) }}\n\
             }}",
            Fr::S,
            mismatch = error_constant(Refusal::VerifyingKeyMismatch),
        ));
    }

    /// Follows the proof through the transcript: what is absorbed lies in memory in order, and each challenge hashes the
    /// state, written over the word before, together with what was absorbed since.
    fn transcript(&self, out: &mut Text) {
        let protocol = self.protocol;
        let inputs = protocol.public_inputs() * WORD;
        let at = |words_before: usize| format!("{:#x}", self.transcript_at + words_before);
        out.line("");
        out.line("// 4. The transcript: challenges are Keccak-256 of the state and what was absorbed since, modulo r.");
        out.open("{");
        out.line("mstore(M_TRANSCRIPT, mload(VK_TRANSCRIPT_REPR))");
        out.line(format!("calldatacopy({}, CALL_INPUTS, {inputs:#x})", at(WORD)));
        out.line(format!("calldatacopy({}, CALL_PROOF, sub(PROOF_LENGTH, 0x40))", at(WORD + inputs)));

        let mut started = false;
        // Bytes of the buffer hashed so far, and absorbed so far.
        let (mut hashed, mut absorbed) = (0, WORD + inputs);
        let mut squeeze = |out: &mut Text, absorbed: usize, name: Option<&str>| {
            if !started {
                out.line(format!("let state := keccak256(M_TRANSCRIPT, {absorbed:#x})"));
                started = true;
            } else if absorbed == hashed {
                out.line("state := squeezeAgain(state)");
            } else {
                let start = at(hashed - WORD);
                out.line(format!("mstore({start}, state)"));
                out.line(format!("state := keccak256({start}, {:#x})", absorbed - hashed + WORD));
            }
            hashed = absorbed;
            if let Some(name) = name {
                out.line(format!("mstore({name}, mod(state, r))"));
            }
        };
        for phase in protocol.phases() {
            absorbed += phase.columns.len() * POINT;
            for challenge in &phase.challenges {
                squeeze(out, absorbed, Some(&format!("M_CHALLENGE_{challenge}")));
            }
        }
        out.line("// theta, which without native lookups nothing depends on");
        squeeze(out, absorbed, None);
        squeeze(out, absorbed, Some("M_BETA"));
        squeeze(out, absorbed, Some("M_GAMMA"));
        absorbed += (protocol.products() + 1) * POINT;
        squeeze(out, absorbed, Some("M_Y"));
        absorbed += protocol.quotient_pieces() * POINT;
        squeeze(out, absorbed, Some("M_X"));
        absorbed += protocol.scalars().len() * WORD;
        squeeze(out, absorbed, Some("M_OPENING_Y"));
        squeeze(out, absorbed, Some("M_OPENING_V"));
        absorbed += POINT;
        squeeze(out, absorbed, Some("M_U"));
        out.close();
    }

    fn invert(&self, out: &mut Text) {
        let bytes = self.inverses * WORD;
        out.line("");
        out.line("// 5. Everything that is divided by, and its inverses, by one inversion.");
        out.open("{");
        out.lines(&format!(
            "let x := mload(M_X)\n\
             let xn := x\n\
             for {{ let i := mload(VK_K) }} i {{ i := sub(i, 1) }} {{ xn := mulmod(xn, xn, r) }}\n\
             mstore(M_X_N, xn)\n\
             mstore(M_INVERSE_X, x)\n\
             mstore(M_INVERSE_VANISHING, addmod(xn, sub(r, 1), r))\n\
             // x - omega^i, from the last row (negative) over the blinding rows to the public inputs' rows\n\
             let omega := mload(VK_OMEGA_1)\n\
             let power := mload(VK_OMEGA_{last})\n\
             for {{ let i := 0 }} lt(i, {length:#x}) {{ i := add(i, 0x20) }} {{\n\
             \x20   mstore(add(M_OMEGAS, i), power)\n\
             \x20   mstore(add(M_INVERSE_LAGRANGE, i), addmod(x, sub(r, power), r))\n\
             \x20   power := mulmod(power, omega, r)\n\
             }}\n\
             // u - omega^i x, for every rotation i at which anything is opened\n\
             let u := mload(M_U)",
            last = rotation_name(self.protocol.last_rotation()),
            length = self.lagrange * WORD,
        ));
        for rotation in self.protocol.rotations() {
            let point = match rotation {
                0 => "x".to_owned(),
                _ => format!("mulmod(x, mload(VK_{}), r)", VkWord::Omega(rotation)),
            };
            out.line(format!("mstore({}, addmod(u, sub(r, {point}), r))", inverse_point_name(rotation)));
        }
        out.line("// the vanishing polynomial of the first rotation set at u");
        let first = &self.sets[0].rotations;
        let factors = first.iter().map(|rotation| format!("mload({})", inverse_point_name(*rotation)));
        out.line(format!("mstore(M_Z_0, {})", product(factors)));
        out.lines(&format!(
            "let product := 1\n\
             for {{ let i := 0 }} lt(i, {bytes:#x}) {{ i := add(i, 0x20) }} {{\n\
             \x20   mstore(add(M_PREFIXES, i), product)\n\
             \x20   product := mulmod(product, mload(add(M_INVERSE_X, i)), r)\n\
             }}\n\
             if iszero(product) {{ refuse({degenerate}) }}\n\
             // product^(r - 2), and that it is the inverse\n\
             mstore(M_PRECOMPILE_INPUT, 0x20)\n\
             mstore(add(M_PRECOMPILE_INPUT, 0x20), 0x20)\n\
             mstore(add(M_PRECOMPILE_INPUT, 0x40), 0x20)\n\
             mstore(add(M_PRECOMPILE_INPUT, 0x60), product)\n\
             mstore(add(M_PRECOMPILE_INPUT, 0x80), sub(r, 2))\n\
             mstore(add(M_PRECOMPILE_INPUT, 0xa0), r)\n\
             mstore(0x00, 0)\n\
             if iszero(staticcall(GAS_MODEXP, 0x05, M_PRECOMPILE_INPUT, 0xc0, 0x00, 0x20)) {{ refuse({precompile}) }}\n\
             let inverse := mload(0x00)\n\
             if iszero(eq(mulmod(product, inverse, r), 1)) {{ refuse({precompile}) }}\n\
             for {{ let i := {bytes:#x} }} i {{}} {{\n\
             \x20   i := sub(i, 0x20)\n\
             \x20   let denominator := mload(add(M_INVERSE_X, i))\n\
             \x20   mstore(add(M_INVERSE_X, i), mulmod(inverse, mload(add(M_PREFIXES, i)), r))\n\
             \x20   inverse := mulmod(inverse, denominator, r)\n\
             }}",
            degenerate = error_constant(Refusal::DegenerateChallenge),
            precompile = error_constant(Refusal::PrecompileFailed),
        ));
        out.close();
    }

    fn lagrange(&self, out: &mut Text) {
        let protocol = self.protocol;
        let blinding = protocol.blinding_factors() * WORD;
        out.line("");
        out.line("// 6. Lagrange polynomials at x: l_i(x) = omega^i (x^n - 1) / (n (x - omega^i)).");
        out.open("{");
        out.lines(&format!(
            "let scale := mulmod(addmod(mload(M_X_N), sub(r, 1), r), mload(VK_ROWS_INVERSE), r)\n\
             let last := mulmod(scale, mulmod(mload(M_OMEGAS), mload(M_INVERSE_LAGRANGE), r), r)\n\
             mstore(M_L_LAST, last)\n\
             let sum := 0\n\
             for {{ let i := 0x20 }} lt(i, {:#x}) {{ i := add(i, 0x20) }} {{\n\
             \x20   sum := addmod(sum, mulmod(mload(add(M_OMEGAS, i)), mload(add(M_INVERSE_LAGRANGE, i)), r), r)\n\
             }}\n\
             mstore(M_L_ACTIVE, addmod(1, sub(r, addmod(last, mulmod(scale, sum, r), r)), r))\n\
             mstore(M_L_0, mulmod(scale, mload(add(M_INVERSE_LAGRANGE, {:#x})), r))",
            blinding + WORD,
            blinding + WORD,
        ));
        if protocol.instance_queried() {
            out.lines(&format!(
                "sum := 0\n\
                 for {{ let i := 0 }} lt(i, {:#x}) {{ i := add(i, 0x20) }} {{\n\
                 \x20   let row := add(i, {:#x})\n\
                 \x20   let term := mulmod(mload(add(M_OMEGAS, row)), mload(add(M_INVERSE_LAGRANGE, row)), r)\n\
                 \x20   sum := addmod(sum, mulmod(term, calldataload(add(CALL_INPUTS, i)), r), r)\n\
                 }}\n\
                 mstore(M_INSTANCE_EVAL, mulmod(scale, sum, r))",
                protocol.public_inputs() * WORD,
                blinding + WORD,
            ));
        }
        out.close();
    }

    fn quotient_evaluation(&self, out: &mut Text) {
        let protocol = self.protocol;
        out.line("");
        out.line("// 7. The constraints, folded with powers of y; divided by x^n - 1 they are the quotient at x.");
        out.open("{");
        out.line("let y := mload(M_Y)");
        out.line("let sum := 0");
        let mut done = BTreeSet::new();
        for constraint in protocol.constraints() {
            out.line(format!("// {}", comment(&constraint.name)));
            for id in self.pending(constraint.root, &mut done) {
                out.line(format!("mstore({}, {})", shared_name(id), self.operation(id)));
            }
            out.line(format!("sum := addmod(mulmod(sum, y, r), {}, r)", self.operand(constraint.root)));
        }
        self.permutation(out);
        out.line("mstore(M_QUOTIENT_EVAL, mulmod(sum, mload(M_INVERSE_VANISHING), r))");
        out.close();
    }

    fn permutation(&self, out: &mut Text) {
        let protocol = self.protocol;
        let Some(last) = protocol.products().checked_sub(1) else {
            return;
        };
        let fold = |out: &mut Text, term: String| {
            out.line(format!("sum := addmod(mulmod(sum, y, r), {term}, r)"));
        };
        let eval = |evaluation| self.evaluation(evaluation);
        out.line("// permutation: the first product starts at one");
        fold(out, format!("mulmod(mload(M_L_0), addmod(1, sub(r, {}), r), r)", eval(Evaluation::Product(0))));
        out.line("// permutation: the last product ends at zero or one");
        out.open("{");
        out.line(format!("let z := {}", eval(Evaluation::Product(last))));
        fold(out, "mulmod(mload(M_L_LAST), mulmod(z, addmod(z, sub(r, 1), r), r), r)".to_owned());
        out.close();
        for index in 1..=last {
            out.line(format!("// permutation: product {index} starts where product {} ends", index - 1));
            let (now, before) = (eval(Evaluation::Product(index)), eval(Evaluation::ProductLast(index - 1)));
            fold(out, format!("mulmod(mload(M_L_0), addmod({now}, sub(r, {before}), r), r)"));
        }
        out.line("// permutation: products run over the columns and over their shifted identities");
        out.open("{");
        out.line("let shift := mulmod(mload(M_BETA), mload(M_X), r)");
        let columns = protocol.permutation();
        for (index, chunk) in columns.chunks(protocol.permutation_chunk()).enumerate() {
            out.open("{");
            out.line(format!("let left := {}", eval(Evaluation::ProductNext(index))));
            out.line(format!("let right := {}", eval(Evaluation::Product(index))));
            out.line("let value");
            for (position, column) in chunk.iter().enumerate() {
                let column_index = index * protocol.permutation_chunk() + position;
                let value = match column {
                    PermutedColumn::Advice(query) => eval(Evaluation::Advice(*query)),
                    PermutedColumn::Fixed(query) => eval(Evaluation::Fixed(*query)),
                    PermutedColumn::Instance => "mload(M_INSTANCE_EVAL)".to_owned(),
                };
                let sigma = eval(Evaluation::Sigma(column_index));
                out.line(format!("value := addmod({value}, mload(M_GAMMA), r)"));
                out.line(format!("left := mulmod(left, addmod(value, mulmod(mload(M_BETA), {sigma}, r), r), r)"));
                out.line("right := mulmod(right, addmod(value, shift, r), r)");
                if column_index + 1 < columns.len() {
                    out.line("shift := mulmod(shift, DELTA, r)");
                }
            }
            fold(out, "mulmod(mload(M_L_ACTIVE), addmod(left, sub(r, right), r), r)".to_owned());
            out.close();
        }
        out.close();
    }

    fn opening_evaluation(&self, out: &mut Text) {
        out.line("");
        out.line("// 8. SHPLONK: the evaluation at u, and the coefficient of each rotation set's commitments.");
        out.open("{");
        out.line("let y := mload(M_OPENING_Y)");
        out.line("let scale := mload(M_Z_0)");
        out.line("let result := 0");
        for (index, set) in self.sets.iter().enumerate() {
            out.line(format!("// set {index}: rotations {:?}", set.rotations));
            out.open("{");
            if set.rotations.len() > 1 {
                out.line("let set := 0");
            }
            out.line("let value");
            for (position, rotation) in set.rotations.iter().enumerate() {
                for (member, (_, evaluations)) in set.members.iter().rev().enumerate() {
                    let evaluation = self.evaluation(evaluations[position]);
                    match member {
                        0 => out.line(format!("value := {evaluation}")),
                        _ => out.line(format!("value := addmod(mulmod(value, y, r), {evaluation}, r)")),
                    }
                }
                let inverse = format!("mload({})", inverse_point_name(*rotation));
                if set.rotations.len() > 1 {
                    let weight = format!("mload(VK_{})", VkWord::Weight { set: index, rotation: *rotation });
                    out.line(format!("set := addmod(set, mulmod(value, mulmod({inverse}, {weight}, r), r), r)"));
                } else {
                    out.line(format!("let set := mulmod(value, {inverse}, r)"));
                }
            }
            // The weights are those for x = 1; each of the set's other points brings one x.
            (1..set.rotations.len()).for_each(|_| out.line("set := mulmod(set, mload(M_INVERSE_X), r)"));
            out.line("result := addmod(result, mulmod(scale, set, r), r)");
            if index > 0 {
                let inverses = set.rotations.iter().map(|rotation| format!("mload({})", inverse_point_name(*rotation)));
                let factors = ["scale".to_owned()].into_iter().chain(inverses);
                out.line(format!("mstore(M_COEFFICIENT_{index}, {})", product(factors)));
            }
            if index + 1 < self.sets.len() {
                out.line("scale := mulmod(scale, mload(M_OPENING_V), r)");
            }
            out.close();
        }
        out.line("mstore(M_R_EVAL, result)");
        out.close();
    }

    fn opening_commitment(&self, out: &mut Text) {
        let pieces = self.protocol.quotient_pieces();
        out.line("");
        out.line("// 9. SHPLONK: the commitment that must open to zero at u.");
        out.line("// the quotient, from its pieces");
        out.line(format!("calldatacopy(M_FOLD, {}, 0x40)", point_name(ProofPoint::QuotientPiece(pieces - 1))));
        for piece in (0..pieces - 1).rev() {
            out.line(format!("foldProof(mload(M_X_N), {})", point_name(ProofPoint::QuotientPiece(piece))));
        }
        out.line("mcopy(M_QUOTIENT, M_FOLD, 0x40)");
        for (index, set) in self.sets.iter().enumerate() {
            out.line(format!("// set {index}"));
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
                    (0, true) => out.line(format!("calldatacopy(M_FOLD, {place}, 0x40)")),
                    (0, false) => out.line(format!("mcopy(M_FOLD, {place}, 0x40)")),
                    (_, true) => out.line(format!("foldProof(mload(M_OPENING_Y), {place})")),
                    (_, false) => out.line(format!("foldMemory(mload(M_OPENING_Y), {place})")),
                }
            }
            match index {
                0 => out.line("mcopy(M_SUM, M_FOLD, 0x40)"),
                _ => out.line(format!("accumulate(mload(M_COEFFICIENT_{index}))")),
            }
        }
        out.lines(
            "// - r(u) [1]_1 - z_0(u) W + u W'\n\
             mstore(M_FOLD, 1)\n\
             mstore(add(M_FOLD, 0x20), 2)\n\
             accumulate(sub(r, mload(M_R_EVAL)))\n\
             calldatacopy(M_FOLD, POINT_W, 0x40)\n\
             accumulate(sub(r, mload(M_Z_0)))\n\
             calldatacopy(M_FOLD, POINT_W_PRIME, 0x40)\n\
             accumulate(mload(M_U))",
        );
    }

    fn pairing(&self, out: &mut Text) {
        out.line("");
        out.line("// 10. e(W', [tau]_2) e(SUM, -[1]_2) = 1");
        out.lines(&format!(
            "calldatacopy(M_PRECOMPILE_INPUT, POINT_W_PRIME, 0x40)\n\
             mcopy(add(M_PRECOMPILE_INPUT, 0x40), VK_TAU_X1, 0x80)\n\
             mcopy(add(M_PRECOMPILE_INPUT, 0xc0), M_SUM, 0x40)\n\
             mstore(add(M_PRECOMPILE_INPUT, 0x100), NEGATED_G2_X1)\n\
             mstore(add(M_PRECOMPILE_INPUT, 0x120), NEGATED_G2_X0)\n\
             mstore(add(M_PRECOMPILE_INPUT, 0x140), NEGATED_G2_Y1)\n\
             mstore(add(M_PRECOMPILE_INPUT, 0x160), NEGATED_G2_Y0)\n\
             mstore(0x00, 0)\n\
             if iszero(staticcall(GAS_PAIRING, 0x08, M_PRECOMPILE_INPUT, 0x180, 0x00, 0x20)) {{ refuse({}) }}\n\
             if iszero(eq(mload(0x00), 1)) {{ refuse({}) }}\n\
             return(0x00, 0x00)",
            error_constant(Refusal::PrecompileFailed),
            error_constant(Refusal::ProofInvalid),
        ));
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
        let pending: Vec<_> = needed.into_iter().filter(|id| self.stored.contains(id)).collect();
        done.extend(&pending);
        pending
    }

    /// A node as an operand: read from where it is, or computed in place.
    fn operand(&self, id: NodeId) -> String {
        if self.stored.contains(&id) { format!("mload({})", shared_name(id)) } else { self.operation(id) }
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
        let depths = stack_depths(self.protocol, &self.stored);
        if depths[&a] > depths[&b] { (b, a) } else { (a, b) }
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

/// Stack slots each node takes while it is computed.
fn stack_depths(protocol: &Protocol, stored: &BTreeSet<NodeId>) -> BTreeMap<NodeId, usize> {
    let mut depths = BTreeMap::new();
    for (id, node) in protocol.graph().nodes() {
        let depth = |operand: NodeId| if stored.contains(&operand) { 1 } else { depths[&operand] };
        let own = match node {
            Node::Negated(a) => depth(a) + 1,
            Node::Sum(a, b) | Node::Product(a, b) => {
                let (low, high) = (depth(a).min(depth(b)), depth(a).max(depth(b)));
                // The modulus first, then the deeper operand, then the other one on top of both.
                (1 + high).max(2 + low)
            }
            _ => 1,
        };
        depths.insert(id, own);
    }
    depths
}

/// Operations that more than one other node uses, and operands that would go too deep.
fn stored_nodes(protocol: &Protocol) -> BTreeSet<NodeId> {
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
    let mut stored: BTreeSet<_> =
        uses.iter().filter(|(id, uses)| **uses > 1 && computes(**id)).map(|(id, _)| *id).collect();
    for (id, node) in graph.nodes() {
        let depths = stack_depths(protocol, &stored);
        if uses.contains_key(&id) && depths[&id] > MAX_STACK {
            let deepest =
                node.operands().filter(|operand| !stored.contains(operand)).max_by_key(|operand| depths[operand]);
            stored.extend(deepest);
        }
    }
    stored
}
