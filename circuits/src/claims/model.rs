//! The circuit of claims with a model: *generation* ([`GenerationClaim`](super::generation::GenerationClaim)), and
//! *authenticity* ([`AuthenticityClaim`](super::authenticity::AuthenticityClaim)), which is generation and fingerprint of one picture in one
//! proof.
//!
//! The clauses (see `docs/statement.md`):
//!
//! 1. `S1`–`S4`, the fingerprint claim's, in the authenticity claim only; `S1` follows from `G3`, as samples are neurons.
//! 2. `G1-latent`: the latent's entries are integers from -128 to 127 ([`logup`](crate::chips::logup)).
//! 3. `G2-inference`: every neuron is the model's for this latent and these weights ([`network`]).
//! 4. `G3-picture`: every sample of every pixel is the neuron the architecture says ([`logup`](crate::chips::logup)).
//!
//! One constraint system serves every architecture: the graph, its tables and the picture's size are in the fixed values
//! and copies of the verifying key.
//!
//! # Layout
//! Phase 0, committed: `r g b latent w0 … w7`; phase 0: `cell remainder neuron`; phase 1: `factor sum lookup`, and for the
//! weights `product_factor product_sum`. Rows: the pixels; the latent; the tables; the looked-up part of the trace; one bound row; the plain
//! part. The weights' program runs beside all of that, from the first row.
//!
//! A pixel's row reads its three samples: `constant` is the address of R, `weight` the distance to G's, and on to B's.
use crate::{
    chips::{
        bilinear::{self, BilinearConfig},
        distance::{self, DistanceHint, Fingerprints},
        horner::HornerConfig,
        logup::{Entry, LogUpConfig, NetworkQueries, Queries, RowKind},
        network::{self, NetworkHint, address},
        products::{ProductConfig, Program, WEIGHT_COLUMNS},
        split::{self, SplitHint},
        trace::{
            CellRef, InputColumns, InputValues, Layout, NetworkColumns, RANGE_OFFSET, Tamper, Target, TraceBuilder,
            Values, latent_byte_query,
        },
    },
    claims::{
        assign_columns, challenges,
        picture::{assign_pixels, luma},
    },
    column::{self, SALT_ROWS, Salts},
    committed,
    relation::{
        Falsehood, Generator, Inputs, MissingInput, Named, Picture, Relation, Shape, ShapeError, WeightColumns,
        instance,
    },
    statement::{
        claim::{Claim, Header},
        fingerprint::Fingerprint,
        model::Architecture,
        pdq,
        public::PublicInputs,
        raster::Raster,
    },
};
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    halo2curves::bn256::Fr,
    plonk::{Advice, Challenge, Circuit, Column, ConstraintSystem, Error, FirstPhase, Fixed, SecondPhase},
    poly::Rotation,
};
use std::{marker::PhantomData, sync::Arc};

/// The claims' columns and chips.
#[derive(Clone, Debug)]
pub struct ModelConfig {
    rgb: [Column<Advice>; 3],
    q_pixel: Column<Fixed>,
    given: InputColumns,
    alpha: Challenge,
    sigma: Challenge,
    network: NetworkColumns,
    logup: LogUpConfig,
    horner: HornerConfig,
    products: ProductConfig,
    bilinear: Option<BilinearConfig>,
}

/// The witness of claims with a model.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The picture.
    pub picture: Picture,
    /// The model and the latent that made it.
    pub generator: Generator,
}

/// The circuit with its witness: picture, latent and weights with their salts, and hints nobody trusts.
#[derive(Clone)]
pub struct ModelClaim<C> {
    architecture: Arc<Architecture>,
    image: Raster,
    salts: Salts,
    latent: column::Column,
    weights: WeightColumns,
    public: Vec<Fr>,
    network: NetworkHint,
    split: SplitHint,
    distance: DistanceHint,
    tamper: Tamper,
    claim: PhantomData<C>,
}

/// The witness stays out of logs.
impl<C: Named> std::fmt::Debug for ModelClaim<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelClaim").field("claim", &C::CLAIM).finish_non_exhaustive()
    }
}

impl<C: Named> Relation for ModelClaim<C> {
    const CLAIM: Claim = C::CLAIM;
    type Witness = Generated;

    fn blank(shape: &Shape) -> Result<Self, ShapeError> {
        let Shape::Model(architecture) = shape else { return Err(ShapeError::Kind(C::CLAIM)) };
        Ok(Self::of_architecture(architecture.clone()))
    }

    fn rows(shape: &Shape, weight_salts: usize) -> Result<usize, ShapeError> {
        let Plan { layout, program, .. } = Self::blank(shape)?.plan();
        let mut cs = ConstraintSystem::default();
        Self::configure(&mut cs);
        let image = layout.pixels + SALT_ROWS;
        // one row below the last instruction holds its sum, a row of ones stands before the salts
        let weights = program.rows() + 1 + weight_salts;
        let latent = layout.tables + 1 + SALT_ROWS;
        Ok((layout.end + 1).max(weights).max(image).max(latent) + cs.blinding_factors() + 1)
    }

    fn witness(mut inputs: Inputs) -> Result<Generated, MissingInput> {
        Ok(Generated { picture: inputs.picture()?, generator: inputs.generator()? })
    }

    fn header(Generated { picture, generator }: &Generated) -> Header {
        Header { architecture: generator.architecture.hash(), ..picture.header() }
    }

    fn columns(Generated { picture, generator }: &Generated) -> Vec<column::Column> {
        let mut columns = picture.columns();
        columns.push(generator.latent_column());
        columns.extend(generator.weights.iter().cloned());
        columns
    }

    fn check(Generated { picture, generator }: &Generated, public: &PublicInputs) -> Result<(), Falsehood> {
        generator.check_picture(&picture.image)?;
        if C::CLAIM.has_fingerprint() {
            picture.check_distance(public.fingerprint, public.tolerance)?;
        }
        Ok(())
    }

    fn new(Generated { picture, generator }: Generated, public: &PublicInputs) -> Self {
        let coefficients = pdq::coefficients(&picture.image);
        Self {
            split: SplitHint::of(&coefficients, pdq::median(&coefficients)),
            distance: DistanceHint::of(pdq::split(&coefficients), public.fingerprint, public.tolerance),
            public: instance(C::CLAIM, public),
            network: NetworkHint::of(&generator.architecture, &generator.activations),
            latent: generator.latent_column(),
            architecture: generator.architecture,
            image: picture.image,
            salts: picture.salts,
            weights: generator.weights,
            tamper: Tamper::default(),
            claim: PhantomData,
        }
    }
}

impl<C: Named> ModelClaim<C> {
    /// The circuit of an architecture, for key generation: a witness of nothing.
    fn of_architecture(architecture: Arc<Architecture>) -> Self {
        let (width, height) = (architecture.width, architecture.height);
        let pixels = vec![[0; 3]; width as usize * height as usize];
        let image = Raster::new(width, height, pixels).expect("a model's picture is a raster");
        let coefficients = pdq::coefficients(&image);
        let public = PublicInputs::new(Fingerprint::default(), 0, [0; 31]);
        Self {
            split: SplitHint::of(&coefficients, 0),
            distance: DistanceHint::of(Fingerprint::default(), public.fingerprint, 0),
            public: instance(C::CLAIM, &public),
            network: NetworkHint::blank(&architecture),
            architecture,
            image,
            salts: Salts::public(),
            latent: column::Column::default(),
            weights: Arc::default(),
            tamper: Tamper::default(),
            claim: PhantomData,
        }
    }

    /// Rows of the trace's instructions, and rows of the weights' program, which stands beside it: what grows with a model.
    pub fn parts(architecture: &Arc<Architecture>) -> (usize, usize) {
        let Plan { builder, program, .. } = Self::of_architecture(architecture.clone()).plan();
        (builder.written(), program.rows())
    }

    fn plan(&self) -> Plan {
        Plan::new(self)
    }

    /// Every phase-1 value of the trace and the pixels, under the challenge `sigma`.
    fn values(&self, plan: &Plan, sigma: Fr) -> Values {
        let Plan { builder, layout, powers, before_pixels, .. } = plan;
        let given = InputValues { public: self.public.clone(), committed: column::Column::default() };
        let mut values = Values::new(layout, sigma, given, &self.tamper);
        builder.evaluate(0, *before_pixels, layout, &mut values);
        if C::CLAIM.has_fingerprint() {
            BilinearConfig::evaluate(luma(&self.image), powers, layout, &mut values);
        }
        builder.evaluate(*before_pixels, builder.written(), layout, &mut values);
        values
    }

    /// What each pixel reads: samples under their addresses.
    fn pixel_entries(&self, sigma: Fr) -> impl Iterator<Item = Entry> + '_ {
        self.image.pixels().iter().zip(self.architecture.samples()).map(move |(pixel, neurons)| {
            let value = |c: usize| Fr::from(u64::from(pixel[c])) + sigma * Fr::from(address(neurons[c]));
            Entry::Three([value(0), value(1), value(2)])
        })
    }
}

/// The trace and the program of an architecture, and what is needed to lay them.
struct Plan {
    builder: TraceBuilder,
    program: Program,
    layout: Layout,
    /// The cells of the powers `V_x` of the fingerprint.
    powers: Vec<CellRef>,
    /// Lines that are evaluated before the pixels' sum, the others need it.
    before_pixels: usize,
}

impl Plan {
    fn new<C: Named>(claim: &ModelClaim<C>) -> Self {
        let architecture = &claim.architecture;
        let (width, height) = (architecture.width, architecture.height);
        let (mut builder, mut program) = (TraceBuilder::default(), Program::default());
        let zero = builder.zero();
        let (mut powers, mut before_pixels) = (Vec::new(), 0);
        if C::CLAIM.has_fingerprint() {
            // S2-coefficients
            powers = bilinear::powers(&mut builder, zero, &pdq::basis(width));
            before_pixels = builder.written();
            let rows = bilinear::rows(&mut builder, zero, &pdq::basis(height), width as usize);
            // S3-split
            let bits = split::median_split(&mut builder, zero, &rows, &claim.split);
            // S4-tolerance
            distance::within_tolerance(&mut builder, zero, &bits, Fingerprints::of(C::CLAIM), &claim.distance);
        }
        // G1-latent, G2-inference
        network::network(&mut builder, &mut program, zero, architecture, &claim.network);
        let layout = builder.layout(width as usize * height as usize);
        Self { builder, program, layout, powers, before_pixels }
    }
}

impl<C: Named> Circuit<Fr> for ModelClaim<C> {
    type Config = ModelConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self::of_architecture(self.architecture.clone())
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> ModelConfig {
        // the committed columns: first of all, so that their points come first in every proof
        let rgb = [(); 3].map(|()| meta.advice_column());
        let latent = meta.advice_column();
        let weights = [(); WEIGHT_COLUMNS].map(|()| meta.advice_column());
        let [cell, remainder, neuron] = [(); 3].map(|()| meta.advice_column());
        let alpha = meta.challenge_usable_after(FirstPhase);
        let sigma = meta.challenge_usable_after(FirstPhase);
        let [factor, sum, lookup] = [(); 3].map(|()| meta.advice_column_in(SecondPhase));
        let [product_factor, product_sum] = [(); 2].map(|()| meta.advice_column_in(SecondPhase));
        let [q_pixel, constant, weight, step, role] = [(); 5].map(|()| meta.fixed_column());
        let [address, neuron_reads, latent_reads, op] = [(); 4].map(|()| meta.fixed_column());
        let public = meta.instance_column();

        let horner = HornerConfig { cell, factor, sum, constant, weight, step, role }.configure(meta, sigma);
        let products = ProductConfig { weights, factor: product_factor, sum: product_sum, op }.configure(meta, sigma);
        let bilinear = C::CLAIM.has_fingerprint().then(|| {
            meta.enable_equality(public);
            BilinearConfig::configure(meta, q_pixel, rgb, &horner)
        });
        if bilinear.is_none() {
            // no fingerprint is claimed: the first public input is zero, so a proof of another one shows a broken circuit
            meta.create_gate("public", |meta| {
                let role = meta.query_fixed(role, Rotation::cur());
                let public = meta.query_instance(public, Rotation::cur());
                vec![("no fingerprint is claimed", RowKind::Bound.selector(&role) * public)]
            });
        }
        let logup = LogUpConfig::configure(meta, lookup, role, alpha, |meta| {
            let sigma = meta.query_challenge(sigma);
            let [constant, weight, q_pixel, address, neuron_reads, latent_reads] =
                [constant, weight, q_pixel, address, neuron_reads, latent_reads]
                    .map(|column| meta.query_fixed(column, Rotation::cur()));
            let [cell, remainder, neuron, latent] =
                [cell, remainder, neuron, latent].map(|column| meta.query_advice(column, Rotation::cur()));
            let [r, g, b] = rgb.map(|column| meta.query_advice(column, Rotation::cur()));
            // tags are multiplied by a challenge: added as they are, they could be part of the prover's cell
            let tag = constant.clone() * sigma.clone();
            let written = |value: halo2_proofs::plonk::Expression<Fr>| value + address.clone() * sigma.clone();
            let to_next = weight.clone() * sigma.clone();
            let second = |value| value * sigma.clone() * sigma.clone();
            let offset = sigma.clone() * Fr::from(RANGE_OFFSET);
            Queries {
                three: Some((
                    q_pixel,
                    [
                        r + tag.clone(),
                        g + tag.clone() + to_next.clone(),
                        b + tag.clone() + to_next.clone() + to_next,
                    ],
                )),
                value: written(cell.clone() + tag.clone()),
                table: weight + tag.clone() + second(address.clone()),
                multiplicity: cell.clone(),
                network: Some(NetworkQueries {
                    neuron_reads,
                    neuron: [neuron.clone() + tag.clone() + second(cell - remainder.clone()), remainder + tag + offset],
                    neuron_written: written(neuron),
                    latent_reads,
                    latent: latent_byte_query(latent.clone()),
                    latent_written: written(latent),
                }),
            }
        });
        let network = NetworkColumns { latent, remainder, neuron, address, neuron_reads, latent_reads };
        let given = InputColumns { public, committed: None };
        ModelConfig { rgb, q_pixel, given, alpha, sigma, network, logup, horner, products, bilinear }
    }

    fn synthesize(&self, config: ModelConfig, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let plan = self.plan();
        let Plan { builder, program, layout, powers, .. } = &plan;
        // the pixels look up no bytes: they read neurons
        let multiplicities = builder.multiplicities(&[0; 256]);

        layouter.assign_region(
            || "phase 0",
            |mut region| {
                assign_columns(&mut region, config.rgb, &committed::picture(&self.image, &self.salts));
                assign_columns(&mut region, [config.network.latent], std::slice::from_ref(&self.latent));
                assign_columns(&mut region, config.products.weights, &self.weights);
                assign_pixels(config.q_pixel, &mut region, layout.pixels);
                for (row, [r, g, _]) in self.architecture.samples().enumerate() {
                    region.assign_fixed(config.horner.constant, row, Fr::from(address(r)));
                    region.assign_fixed(config.horner.weight, row, Fr::from(u64::from(g)) - Fr::from(u64::from(r)));
                }
                builder.assign_cells(&config.horner, Some(&config.network), None, &mut region, layout, &multiplicities);
                config.products.assign_ops(&mut region, program);
                Ok(())
            },
        )?;
        layouter.next_phase();
        let [alpha, sigma] = challenges(&layouter, [config.alpha, config.sigma]);

        let values = self.values(&plan, sigma);

        layouter.assign_region(
            || "phase 1",
            |mut region| {
                // G3-picture, and every lookup, write and read of the trace
                let entries = self.pixel_entries(sigma).chain(builder.entries(&multiplicities, sigma, |_, _| unreachable!("no canvas")));
                config
                    .logup
                    .assign(&mut region, (0, Fr::from(0)), entries, alpha, |row, sum| self.tamper.apply(Target::Lookup, row, sum));
                if let Some(bilinear) = &config.bilinear {
                    bilinear.assign(&mut region, powers, layout, &values);
                } else {
                    region.assign_advice(config.horner.sum, 0, Value::known(values.sums[0]));
                }
                builder.assign_sums(&config.horner, &config.given, &mut region, layout, &values);
                config.products.assign_sums(config.horner.sum, &mut region, program, &self.weights, layout, &values);
                Ok(())
            },
        )
    }
}

#[cfg(test)]
mod tests;
