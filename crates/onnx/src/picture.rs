//! The output as a picture: its shape, and what its numbers mean.
use super::{
    Options,
    error::{ImportError, Kind, graph_error, whole},
    graph::Graph,
    quantise::Frame,
    tensor::{Data, Element, Tensor, Type},
};
use serde::Serialize;
use std::collections::HashMap;
use veilmark_statement::{model::ModelError, raster::checked_area};

/// What the numbers of the network's output are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputRange {
    /// Samples from 0 to 1.
    ZeroToOne,
    /// Samples from -1 to 1.
    MinusOneToOne,
    /// Samples from 0 to 255.
    Bytes,
}

impl OutputRange {
    /// The numbers of a black and of a full sample.
    pub(crate) fn ends(self) -> (f64, f64) {
        match self {
            Self::ZeroToOne => (0.0, 1.0),
            Self::MinusOneToOne => (-1.0, 1.0),
            Self::Bytes => (0.0, 255.0),
        }
    }

    /// The range whose ends these are.
    fn of(low: f64, high: f64) -> Option<Self> {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-3 * (high - low);
        [Self::ZeroToOne, Self::MinusOneToOne, Self::Bytes]
            .into_iter()
            .find(|range| near(range.ends().0, low) && near(range.ends().1, high))
    }
}

/// The output as channels of planes; where each of its elements is among the output's, and the picture's frame.
pub(crate) fn picture(output: &Tensor, options: &Options) -> Result<(Tensor, Vec<usize>, Frame), ImportError> {
    let error =
        |expected: &str| graph_error(Kind::Picture, "the output's shape", expected, format!("{:?}", output.shape));
    let Data::Elements(list) = &output.data else {
        return Err(ImportError::ConstantPicture { reason: "the output is a constant" });
    };
    let sides: &[usize] = match &output.shape[..] {
        [1, rest @ ..] if rest.len() != 1 || list.len() == rest[0] => rest,
        rest => rest,
    };
    let (channels, height, width, last) = match *sides {
        [c @ (1 | 3), h, w] => (c, h, w, false),
        [h, w, c @ (1 | 3)] => (c, h, w, true),
        [h, w] => (1, h, w, false),
        [n] => {
            let side = n.isqrt();
            match options.size {
                Some((w, h)) => {
                    let area = (w as usize).saturating_mul(h as usize);
                    let channels = [1, 3].into_iter().find(|c| area.checked_mul(*c) == Some(n));
                    (
                        channels.ok_or_else(|| error(&format!("{w}x{h} pixels of 1 or 3 samples")))?,
                        h as usize,
                        w as usize,
                        false,
                    )
                }
                None if side * side == n => (1, side, side, false),
                None => return Err(error("[1, C, H, W], [1, H, W, C], or a flat picture whose size is given")),
            }
        }
        _ => return Err(error("[1, C, H, W] or [1, H, W, C] with 1 or 3 channels")),
    };
    let (Ok(w), Ok(h)) = (u32::try_from(width), u32::try_from(height)) else { return Err(error("of a picture")) };
    if options.size.is_some_and(|size| size != (w, h)) {
        return Err(error(&format!("of {:?} pixels, as asked", options.size)));
    }
    checked_area(w, h).map_err(ModelError::from)?;
    let plane = width * height;
    let order: Vec<usize> =
        (0..channels * plane).map(|at| if last { at % plane * channels + at / plane } else { at }).collect();
    let picture = Tensor::elements(vec![1, channels, height, width], order.iter().map(|at| list[*at]).collect());
    let picture = picture.with_type(output.kind);
    Ok((picture, order, Frame { classes: options.classes, width: w, height: h, channels: channels as u32 }))
}

/// The samples as numbers from 0 to 255.
pub(crate) fn samples(
    graph: &mut Graph,
    picture: &Tensor,
    options: &Options,
) -> Result<(OutputRange, Tensor), ImportError> {
    let list = picture.as_elements("the output").map_err(whole)?;
    let mut bounds = (f64::INFINITY, f64::NEG_INFINITY);
    let mut known: HashMap<u32, (f64, f64)> = HashMap::new();
    for element in list.iter() {
        let Element::Of { form, .. } = *element else { continue };
        let (low, high) = *known.entry(form).or_insert_with(|| {
            let form = graph.forms[form as usize];
            let (low, high) = graph.functions.tape(form.function).bounds();
            let ends = [low, high].map(|end| end * form.post.0.get() + form.post.1.get());
            (ends[0].min(ends[1]), ends[0].max(ends[1]))
        });
        bounds = (bounds.0.min(low), bounds.1.max(high));
    }
    // what is cast to bytes is bytes
    let bytes = picture.kind == Type::Integer(8, false);
    let guessed = if bytes { Some(OutputRange::Bytes) } else { OutputRange::of(bounds.0, bounds.1) };
    let range = options.output_range.or(guessed).ok_or(ImportError::OutputRange { low: bounds.0, high: bounds.1 })?;
    let (low, high) = range.ends();
    let scale = 255.0 / (high - low);
    let floats = Tensor { kind: Type::Float, ..picture.clone() };
    Ok((range, graph.uniform(&floats, scale, -low * scale).map_err(whole)?))
}
