//! Lists of sources, kept as arithmetic runs.
use super::{ModelError, checks::require};
use serde::{Deserialize, Serialize};

/// Where a layer's input comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A neuron, by its number.
    Neuron(u32),
    /// A constant: padding.
    Constant(i16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Run {
    /// `first`, `first + step`, …
    Neurons {
        first: u32,
        step: i32,
        count: u32,
    },
    Constant {
        value: i16,
        count: u32,
    },
}

impl Run {
    fn count(&self) -> usize {
        match self {
            Self::Neurons { count, .. } | Self::Constant { count, .. } => *count as usize,
        }
    }

    fn at(&self, index: usize) -> Source {
        match *self {
            // a checked run stays among the neurons
            Self::Neurons { first, step, .. } => {
                let at = i64::from(first) + i64::from(step) * i64::try_from(index).unwrap_or(0);
                Source::Neuron(u32::try_from(at).unwrap_or(u32::MAX))
            }
            Self::Constant { value, .. } => Source::Constant(value),
        }
    }
}

/// A list of sources. Lists that are equal are kept equally.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct View(Vec<Run>);

impl FromIterator<Source> for View {
    fn from_iter<I: IntoIterator<Item = Source>>(sources: I) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        for source in sources {
            let longer = match (runs.last_mut(), source) {
                (Some(Run::Constant { value, count }), Source::Constant(next)) if *value == next => {
                    *count += 1;
                    true
                }
                (Some(Run::Neurons { first, step, count }), Source::Neuron(next)) => {
                    let gap = i64::from(next) - i64::from(*first);
                    if *count == 1 {
                        *step = i32::try_from(gap).unwrap_or(0);
                    }
                    let fits = gap == i64::from(*step) * i64::from(*count);
                    if fits {
                        *count += 1;
                    } else if *count == 1 {
                        *step = 0;
                    }
                    fits
                }
                _ => false,
            };
            if !longer {
                runs.push(match source {
                    Source::Neuron(first) => Run::Neurons { first, step: 0, count: 1 },
                    Source::Constant(value) => Run::Constant { value, count: 1 },
                });
            }
        }
        Self(runs)
    }
}

impl View {
    /// The neurons `first..first + count`.
    pub fn neurons(first: usize, count: usize) -> Self {
        (first..first + count).map(|neuron| Source::Neuron(u32::try_from(neuron).unwrap_or(u32::MAX))).collect()
    }

    /// The sources, in order.
    pub fn sources(&self) -> impl Iterator<Item = Source> + '_ {
        self.0.iter().flat_map(|run| (0..run.count()).map(|index| run.at(index)))
    }

    /// How many sources there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(Run::count).fold(0, usize::saturating_add)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// That these are `expected` sources among the first `known` neurons, kept as they should be.
    pub(super) fn check(
        &self,
        place: &str,
        what: &'static str,
        expected: usize,
        known: usize,
    ) -> Result<(), ModelError> {
        require(self.len() == expected, place, what, format!("{expected} sources"), self.len())?;
        for run in &self.0 {
            let ends = [run.at(0), run.at(run.count().saturating_sub(1))];
            let earlier = |end| match end {
                Source::Neuron(neuron) => (neuron as usize) < known,
                Source::Constant(_) => true,
            };
            // a run is monotonous: its ends bound it
            require(ends.into_iter().all(earlier), place, what, format!("neurons below {known}"), format!("{ends:?}"))?;
        }
        require(self.sources().collect::<Self>() == *self, place, what, "in canonical runs", "others")
    }
}
