//! What `docs/zero-knowledge.md` says, on real runs of the prover: under fixed challenges and with chosen randomness, everything that a proof
//! shows moves with the fresh blinding in as many directions as it has numbers.
mod support;

use ff::{Field, PrimeField};
use group::Curve;
use halo2_proofs::{
    halo2curves::bn256::{Fr, G1, G1Affine},
    plonk::ConstraintSystem,
    transcript::{EncodedChallenge, Transcript, TranscriptWrite},
};
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{CryptoRng, Error as RngError, RngCore, SeedableRng},
};
use std::io;
use support::{
    Known,
    random::{K, Random, some},
};
use veilmark_halo2::{Options, ProvingKey, prove};

/// A challenge.
#[derive(Clone, Copy, Debug)]
struct Plain(Fr);

impl EncodedChallenge<G1Affine> for Plain {
    type Input = Fr;

    fn new(value: &Fr) -> Self {
        Self(*value)
    }

    fn get_scalar(&self) -> Fr {
        self.0
    }
}

/// Challenges that do not depend on what is written; what is written.
struct Programmed {
    challenges: ChaCha20Rng,
    points: Vec<G1Affine>,
    scalars: Vec<Fr>,
    squeezed: Vec<Fr>,
}

impl Transcript<G1Affine, Plain> for Programmed {
    fn squeeze_challenge(&mut self) -> Plain {
        self.squeezed.push(Fr::random(&mut self.challenges));
        Plain(self.squeezed[self.squeezed.len() - 1])
    }

    fn common_point(&mut self, _: G1Affine) -> io::Result<()> {
        Ok(())
    }

    fn common_scalar(&mut self, _: Fr) -> io::Result<()> {
        Ok(())
    }
}

impl TranscriptWrite<G1Affine, Plain> for Programmed {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.points.push(point);
        Ok(())
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.scalars.push(scalar);
        Ok(())
    }
}

/// A generator of chosen field elements: eight words each, the number modulo `r`.
struct Chosen<'c> {
    values: &'c [Fr],
    words: usize,
}

impl RngCore for Chosen<'_> {
    fn next_u32(&mut self) -> u32 {
        unreachable!("field elements take words of 64 bits")
    }

    fn next_u64(&mut self) -> u64 {
        let (value, word) = (self.words / 8, self.words % 8);
        self.words += 1;
        let bytes = self.values[value].to_repr();
        bytes.chunks(8).nth(word).map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().unwrap()))
    }

    fn fill_bytes(&mut self, _: &mut [u8]) {
        unreachable!("field elements take words of 64 bits")
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), RngError> {
        unreachable!("field elements take words of 64 bits")
    }
}

impl CryptoRng for Chosen<'_> {}

/// One column is committed.
const COMMITTED: usize = 1;

struct Lab {
    known: Known,
    circuit: Random,
    key: ProvingKey,
}

impl Lab {
    fn new(degree: usize) -> Self {
        let (known, circuit) = (Known::new(K), some(degree, 2));
        let key = ProvingKey::generate(&known.setup(), &circuit, &Options::default()).unwrap();
        Self { known, circuit, key }
    }

    fn cs(&self) -> &ConstraintSystem<Fr> {
        self.key.vk().cs()
    }

    fn products(&self) -> usize {
        self.cs().permutation().get_columns().len().div_ceil(self.cs().degree() - 2)
    }

    fn limbs(&self) -> usize {
        self.cs().degree() - 1
    }

    /// The rows that each random number of a proof goes to, in the order of drawing: the point's number, and the row.
    fn rows(&self) -> Vec<(usize, usize)> {
        let (n, b, advice) = (1usize << K, self.cs().blinding_factors(), self.cs().num_advice_columns());
        // phase by phase
        let phases = self.cs().advice_column_phase();
        let mut order: Vec<usize> = (0..advice).collect();
        order.sort_by_key(|column| phases[*column]);
        let of_advice = order.into_iter().enumerate().filter(|(_, column)| *column >= COMMITTED);
        let of_advice = of_advice.flat_map(|(point, _)| (n - b - 1..n).map(move |row| (point, row)));
        let of_products = (0..self.products()).flat_map(|product| (n - b..n).map(move |row| (advice + product, row)));
        of_advice.chain(of_products).collect()
    }

    /// Points before the limbs: of all columns, of the products, of the random polynomial.
    fn points(&self) -> usize {
        self.cs().num_advice_columns() + self.products() + 1
    }

    /// Everything that is drawn: rows, two coefficients, the limbs' blinds.
    fn draws(&self) -> usize {
        self.rows().len() + 2 + self.limbs() - 1
    }

    fn run(&self, values: &[Fr]) -> Programmed {
        let instance = self.circuit.instance();
        let challenges = ChaCha20Rng::seed_from_u64(9);
        let mut transcript = Programmed { challenges, points: vec![], scalars: vec![], squeezed: vec![] };
        let mut rng = Chosen { values, words: 0 };
        let options = Options::default();
        let (setup, instances): (_, &[&[Fr]]) = (self.known.setup(), &[&instance]);
        prove(&setup, &self.key, &self.circuit, instances, COMMITTED, &mut rng, &mut transcript, &options).unwrap();
        assert_eq!(rng.words, 8 * values.len(), "all that is drawn is counted");
        transcript
    }

    /// `[sum_i s^(n i) h_i(s)]`, of what a proof shows.
    fn quotient(&self, shown: &Programmed) -> G1 {
        let sn = self.known.secret.pow_vartime([1 << K]);
        let limbs = &shown.points[self.points()..self.points() + self.limbs()];
        limbs.iter().rev().fold(G1::default(), |sum, limb| sum * sn + limb)
    }

    /// `L_row(s)`.
    fn lagrange(&self, row: usize) -> Fr {
        let (n, s) = (1u64 << K, self.known.secret);
        let omega = (K..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square()).pow_vartime([row as u64]);
        (s.pow_vartime([n]) - Fr::ONE) * omega * (Fr::from(n) * (s - omega)).invert().unwrap()
    }
}

fn random(count: usize, seed: u64) -> Vec<Fr> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    (0..count).map(|_| Fr::random(&mut rng)).collect()
}

fn generator(scalar: Fr) -> G1Affine {
    (G1::from(G1Affine::generator()) * scalar).to_affine()
}

/// Brings a matrix to echelon form; the pivots' columns.
fn eliminate(matrix: &mut [Vec<Fr>]) -> Vec<usize> {
    let mut pivots = Vec::new();
    for column in 0..matrix.first().map_or(0, Vec::len) {
        let rank = pivots.len();
        let Some(row) = (rank..matrix.len()).find(|row| matrix[*row][column] != Fr::ZERO) else { continue };
        matrix.swap(rank, row);
        let inverse = matrix[rank][column].invert().unwrap();
        matrix[rank].iter_mut().for_each(|x| *x *= inverse);
        let pivot = matrix[rank].clone();
        for (_, other) in matrix.iter_mut().enumerate().filter(|(row, _)| *row != rank) {
            let factor = other[column];
            other.iter_mut().zip(&pivot).for_each(|(x, p)| *x -= factor * p);
        }
        pivots.push(column);
    }
    pivots
}

/// Every draw of randomness goes where it should, and nothing else is drawn; limbs move with their blinds.
#[test]
fn every_limb_but_the_last_moves_with_its_own_blind() {
    for degree in [3, 5, 6] {
        let lab = Lab::new(degree);
        let values = random(lab.draws(), 1);
        let base = lab.run(&values);
        let sn = lab.known.secret.pow_vartime([1 << K]);
        for blind in 0..lab.limbs() - 1 {
            let mut other = values.clone();
            other[lab.draws() - (lab.limbs() - 1) + blind] += Fr::from(5);
            let moved = lab.run(&other);
            assert_eq!(base.scalars, moved.scalars, "no value that is shown");
            for i in 0..lab.points() + lab.limbs() {
                let change = match i.checked_sub(lab.points()) {
                    Some(limb) if limb == blind => sn * Fr::from(5),
                    Some(limb) if limb == blind + 1 => -Fr::from(5),
                    _ => Fr::ZERO,
                };
                let difference = (G1::from(moved.points[i]) - base.points[i]).to_affine();
                assert_eq!(difference, generator(change), "degree {degree}, blind {blind}, point {i}");
            }
            assert_eq!(lab.quotient(&base), lab.quotient(&moved), "the fold is the quotient");
        }
    }
}

/// The rank test: the Jacobian of all that is shown by the fresh blinding alone has full rank.
#[test]
fn what_is_shown_moves_in_as_many_directions_as_it_has_numbers() {
    for degree in [3, 5] {
        let lab = Lab::new(degree);
        let rows = lab.rows();
        let values = random(lab.draws(), 2);
        let base = lab.run(&values);
        let (advice, products) = (lab.cs().num_advice_columns(), lab.products());

        // which evaluations belong to fresh columns, in the order of the proof
        let queries = lab.cs().advice_queries();
        let fixed = lab.cs().fixed_queries().len();
        let (of_random, sigma) = (queries.len() + fixed, lab.cs().permutation().get_columns().len());
        let of_products = of_random + 1 + sigma..base.scalars.len();
        let fresh: Vec<usize> = (0..queries.len())
            .filter(|query| queries[*query].0.index() >= COMMITTED)
            .chain([of_random])
            .chain(of_products)
            .collect();
        // a line for each draw: changes of the points (by their known logarithm), and of the evaluations
        let mut lines: Vec<Vec<Fr>> = Vec::new();
        for draw in 0..rows.len() + 2 {
            let mut other = values.clone();
            other[draw] += Fr::ONE;
            let moved = lab.run(&other);
            let (point, change) = match rows.get(draw) {
                Some((point, row)) => (*point, lab.lagrange(*row)),
                None => (advice + products, if draw == rows.len() { Fr::ONE } else { lab.known.secret }),
            };
            for i in 0..lab.points() {
                let expected = if i == point { change } else { Fr::ZERO };
                let difference = (G1::from(moved.points[i]) - base.points[i]).to_affine();
                assert_eq!(difference, generator(expected), "degree {degree}, draw {draw}, point {i}");
            }
            let mut line = vec![Fr::ZERO; lab.points() - COMMITTED];
            line[point - COMMITTED] = change;
            line.extend(fresh.iter().map(|i| moved.scalars[*i] - base.scalars[*i]));
            lines.push(line);
        }
        let numbers = lines[0].len();
        let mut matrix = lines.clone();
        assert_eq!(eliminate(&mut matrix).len(), numbers, "degree {degree}: points and values, full rank");

        // and given all of these, the quotient moves: along a direction of the last product's rows that changes nothing shown
        let own: Vec<usize> = (0..rows.len()).filter(|draw| rows[*draw].0 == advice + products - 1).collect();
        let mut equations: Vec<Vec<Fr>> =
            (0..numbers).map(|number| own.iter().map(|draw| lines[*draw][number]).collect()).collect();
        let pivots = eliminate(&mut equations);
        assert_eq!(pivots.len(), 3, "it shows three numbers");
        let free = (0..own.len()).find(|i| !pivots.contains(i)).expect("more rows than numbers");
        let along = |factor: u64| {
            let mut other = values.clone();
            other[own[free]] += Fr::from(factor);
            for (row, pivot) in pivots.iter().enumerate() {
                other[own[*pivot]] -= equations[row][free] * Fr::from(factor);
            }
            let moved = lab.run(&other);
            assert_eq!(moved.scalars, base.scalars, "no value that is shown");
            assert_eq!(moved.points[..lab.points()], base.points[..lab.points()], "no point before the limbs");
            lab.quotient(&moved) - lab.quotient(&base)
        };
        let (once, twice) = (along(1), along(2));
        assert!(once != G1::default(), "the quotient is uniform, given everything else");
        assert_eq!(once + once, twice, "it is linear along this direction");
    }
}
