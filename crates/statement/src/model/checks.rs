//! What makes a model consistent: limits, sources, tables, and accumulators within their tables' domains.
use super::{
    Architecture, Layer, MAX_ACCUMULATOR, MAX_ALL_TABLE_ROWS, MAX_LATENT, MAX_LAYERS, MAX_NEURONS, MAX_PRODUCT,
    MAX_SHIFT, MAX_SOURCES, MAX_TABLE_ROWS, MAX_TABLES, MAX_TERMS, MAX_WEIGHTS, Map, Model, Product, Source, View,
    Weights,
};
use crate::raster::{RasterError, checked_area};
use std::collections::HashSet;

/// Not a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The picture's size is not a raster's.
    #[error("the model's output: {0}")]
    Raster(#[from] RasterError),
    /// A number is outside its limits.
    #[error("{place}: {what} must be {expected}, got {got}")]
    Limit {
        /// The layer, table or part.
        place: String,
        /// What is limited.
        what: &'static str,
        /// The limits.
        expected: String,
        /// What it is.
        got: String,
    },
    /// An accumulator can leave its table's domain.
    #[error("layer {layer}, channel {channel}: accumulators reach {reach:?}, the table's domain is {domain:?}")]
    Domain {
        /// The layer.
        layer: usize,
        /// The channel.
        channel: usize,
        /// The least and the greatest accumulator.
        reach: (i64, i64),
        /// The least and the greatest of the domain.
        domain: (i64, i64),
    },
}

#[allow(clippy::needless_pass_by_value)] // numbers, texts and lists alike
fn limit(place: &str, what: &'static str, expected: impl ToString, got: impl ToString) -> ModelError {
    ModelError::Limit { place: place.to_owned(), what, expected: expected.to_string(), got: got.to_string() }
}

#[allow(clippy::needless_pass_by_value)] // numbers, texts and lists alike
pub(super) fn require(
    holds: bool,
    place: &str,
    what: &'static str,
    expected: impl ToString,
    got: impl ToString,
) -> Result<(), ModelError> {
    if holds { Ok(()) } else { Err(limit(place, what, expected, got)) }
}

impl Architecture {
    /// Checks everything that needs no weights; sizes before anything of that size is made.
    pub(super) fn check(&self) -> Result<(), ModelError> {
        let pixels = checked_area(self.width, self.height)?;
        require([1, 3].contains(&self.channels), "output", "the channels", "1 or 3", self.channels)?;
        require(
            (1..=MAX_LATENT).contains(&self.latent),
            "latent",
            "its entries",
            format!("1..={MAX_LATENT}"),
            self.latent,
        )?;
        require(
            self.classes < self.latent,
            "latent",
            "the classes",
            format!("fewer than {}", self.latent),
            self.classes,
        )?;
        let tables = self.tables.len();
        require(tables <= MAX_TABLES, "model", "the tables", format!("at most {MAX_TABLES}"), tables)?;
        require(
            (1..=MAX_LAYERS).contains(&self.layers.len()),
            "model",
            "the layers",
            format!("1..={MAX_LAYERS}"),
            self.layers.len(),
        )?;
        let (mut distinct, mut all_rows) = (HashSet::with_capacity(self.tables.len()), 0);
        for (index, table) in self.tables.iter().enumerate() {
            let place = format!("table {index}");
            require(table.shift <= MAX_SHIFT, &place, "the shift", format!("at most {MAX_SHIFT}"), table.shift)?;
            let rows = table.outputs.len();
            require((1..=MAX_TABLE_ROWS).contains(&rows), &place, "the rows", format!("1..={MAX_TABLE_ROWS}"), rows)?;
            let (low, high) = table.domain();
            let bound = MAX_ACCUMULATOR;
            require(
                -bound <= low && high <= bound,
                &place,
                "the domain",
                format!("within {bound}"),
                format!("{low}..={high}"),
            )?;
            require(distinct.insert(table), &place, "a table", "listed once", "a copy")?;
            all_rows += rows + (1 << table.shift);
            let most = MAX_ALL_TABLE_ROWS;
            require(all_rows <= most, &place, "the rows of all tables", format!("at most {most}"), all_rows)?;
        }
        let mut used = vec![false; self.tables.len()];
        let mut known = self.latent as usize;
        let mut sources = 0;
        let mut parameters = 0usize;
        let mut monomials = 0usize;
        for (index, layer) in self.layers.iter().enumerate() {
            let place = format!("layer {index}");
            let size = layer.shape.iter().try_fold(1usize, |size, &side| size.checked_mul(side as usize));
            let size = size.filter(|size| (1..=MAX_NEURONS).contains(size));
            let size = size.ok_or_else(|| {
                limit(&place, "the outputs", format!("1..={MAX_NEURONS}"), format!("{:?}", layer.shape))
            })?;
            require(
                layer.tables.len() == layer.shape[0] as usize,
                &place,
                "the tables",
                layer.shape[0],
                layer.tables.len(),
            )?;
            for &table in &layer.tables {
                let slot = used.get_mut(table as usize);
                *slot.ok_or_else(|| limit(&place, "a table", format!("below {}", self.tables.len()), table))? = true;
            }
            let mut view = |view: &View, what, expected: usize| {
                sources += expected;
                require(sources <= MAX_SOURCES, &place, "the sources", format!("at most {MAX_SOURCES}"), sources)?;
                view.check(&place, what, expected, known)
            };
            match &layer.map {
                Map::Product(product) => {
                    let input =
                        product.input_shape.iter().try_fold(1usize, |size, &side| size.checked_mul(side as usize));
                    let input = input.filter(|size| (1..=MAX_SOURCES).contains(size));
                    let input = input
                        .ok_or_else(|| limit(&place, "the input", "1 or more", format!("{:?}", product.input_shape)))?;
                    view(&product.input, "the input", input)?;
                    let (own, plane) = product.check(&place, layer)?;
                    parameters = parameters.saturating_add(own);
                    monomials = monomials.saturating_add(plane);
                    require(
                        monomials <= MAX_PRODUCT,
                        &place,
                        "the products",
                        format!("at most {MAX_PRODUCT} monomials in all"),
                        monomials,
                    )?;
                    require(
                        parameters <= MAX_WEIGHTS,
                        &place,
                        "the weights",
                        format!("at most {MAX_WEIGHTS}"),
                        parameters,
                    )?;
                }
                Map::Sum(terms) => {
                    require(
                        (1..=MAX_TERMS).contains(&terms.len()),
                        &place,
                        "the terms",
                        format!("1..={MAX_TERMS}"),
                        terms.len(),
                    )?;
                    for (coefficient, term) in terms {
                        require(*coefficient != 0, &place, "a coefficient", "not 0", coefficient)?;
                        view(term, "a term", size)?;
                    }
                }
                Map::Mul(left, right) => {
                    view(left, "the left factor", size)?;
                    view(right, "the right factor", size)?;
                }
            }
            known += size;
            require(known <= MAX_NEURONS, &place, "the neurons", format!("at most {MAX_NEURONS}"), known)?;
        }
        require(used.iter().all(|&used| used), "model", "a table", "used", "an unused one")?;
        self.output.check("output", "the samples", pixels * self.channels as usize, known)?;
        let constant = self.output.sources().any(|source| matches!(source, Source::Constant(_)));
        require(!constant, "output", "a sample", "computed", "a constant")?;
        let latent = self.output.sources().any(|source| matches!(source, Source::Neuron(n) if n < self.latent));
        require(!latent, "output", "a sample", "a layer's output", "an entry of the latent")?;
        let strides = self.samples().map(|[r, g, b]| [i64::from(g) - i64::from(r), i64::from(b) - i64::from(g)]);
        let uneven = strides.into_iter().find(|[first, second]| first != second);
        let got = format!("{:?}", uneven.unwrap_or_default());
        require(uneven.is_none(), "output", "the distances of a pixel's samples", "equal", got)?;
        // here and not with the weights: whoever checks a proof has the architecture alone, and no circuit says it again
        let ranges = self.ranges();
        for source in self.output.sources() {
            let Source::Neuron(neuron) = source else { continue };
            let (low, high) = ranges[neuron as usize];
            require(low >= 0 && high <= 255, "output", "a sample", "0..=255", format!("{low}..={high}"))?;
        }
        Ok(())
    }
}

impl Product {
    /// How many weights and biases there are, and how many monomials over all channels; everything about the geometry is
    /// checked.
    pub(super) fn check(&self, place: &str, layer: &Layer) -> Result<(usize, usize), ModelError> {
        let [outputs, height, width] = layer.shape;
        let inputs = self.input_shape[0];
        let whole = self.groups > 0 && inputs.is_multiple_of(self.groups) && outputs.is_multiple_of(self.groups);
        require(whole, place, "the groups", format!("a divisor of {inputs} and {outputs}"), self.groups)?;
        let steps = [self.input_step, self.kernel_step, self.output_step, self.kernel];
        let sane = steps.iter().flatten().all(|step| (1..=1 << 12).contains(step));
        require(sane, place, "kernel and steps", "1..=4096", format!("{steps:?}"))?;
        require(
            self.input_step.iter().all(|&step| step <= 64),
            place,
            "the input's step",
            "at most 64",
            self.input_step[0],
        )?;
        let sane = self.offset.iter().all(|&offset| offset < 1 << 24);
        require(sane, place, "the offset", "below 2^24", format!("{:?}", self.offset))?;
        let [rows, columns] = self.full([height, width]);
        let monomials = rows.checked_mul(columns).and_then(|plane| plane.checked_mul(outputs as usize));
        let monomials = monomials.filter(|monomials| *monomials <= MAX_PRODUCT).ok_or_else(|| {
            let got = format!("{rows}x{columns}x{outputs}");
            limit(place, "the product", format!("at most {MAX_PRODUCT} monomials"), got)
        })?;
        let kernel = u64::from(outputs)
            * u64::from(inputs / self.groups)
            * u64::from(self.kernel[0])
            * u64::from(self.kernel[1]);
        let parameters = usize::try_from(kernel + u64::from(outputs)).unwrap_or(usize::MAX);
        require(parameters <= MAX_WEIGHTS, place, "the weights", format!("at most {MAX_WEIGHTS}"), parameters)?;
        Ok((parameters, monomials))
    }
}

impl Model {
    /// A model of an architecture and the weights of each of its layers.
    ///
    /// # Errors
    /// [`ModelError`] where they are not consistent.
    pub fn new(architecture: Architecture, weights: Vec<Option<Weights>>) -> Result<Self, ModelError> {
        architecture.check()?;
        let layers = architecture.layers.len();
        require(weights.len() == layers, "model", "the weights", format!("of {layers} layers"), weights.len())?;
        let model = Self { architecture, weights };
        model.check_weights()?;
        let reach = model.reach();
        for (index, (layer, reach)) in model.architecture.layers.iter().zip(reach).enumerate() {
            for (channel, (&table, reach)) in layer.tables.iter().zip(reach).enumerate() {
                let domain = model.architecture.tables[table as usize].domain();
                if reach.0 < domain.0 || reach.1 > domain.1 {
                    return Err(ModelError::Domain { layer: index, channel, reach, domain });
                }
            }
        }
        Ok(model)
    }

    pub(super) fn check_weights(&self) -> Result<(), ModelError> {
        for (index, (layer, weights)) in self.architecture.layers.iter().zip(&self.weights).enumerate() {
            let place = format!("layer {index}");
            match (&layer.map, weights) {
                (Map::Product(product), Some(weights)) => {
                    let outputs = layer.shape[0] as usize;
                    let kernel = outputs * product.kernel_len();
                    require(weights.kernel.len() == kernel, &place, "the weights", kernel, weights.kernel.len())?;
                    require(weights.bias.len() == outputs, &place, "the biases", outputs, weights.bias.len())?;
                }
                (Map::Product(_), None) => return Err(limit(&place, "the weights", "there", "none")),
                (_, Some(_)) => return Err(limit(&place, "the weights", "none", "some")),
                (_, None) => {}
            }
        }
        Ok(())
    }
}
