//! A second reading: what `tract` makes of the same file.
use super::{
    program::Onnx,
    tensor::{Data, Tensor as Fixed},
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tract_onnx::{
    pb::{
        TensorProto, TensorShapeProto, tensor_shape_proto, tensor_shape_proto::dimension::Value as Dimension,
        type_proto::Value as TypeValue,
    },
    prelude::*,
};

type Plan = Arc<TypedRunnableModel>;

/// A plan of tract's.
pub(super) struct Reference {
    plan: Plan,
    shape: Vec<usize>,
}

impl std::fmt::Debug for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reference").field("shape", &self.shape).finish_non_exhaustive()
    }
}

impl Reference {
    /// tract's reading of a file; why it has none otherwise.
    ///
    /// A panic of tract is caught: what it computes is only compared with, never a part of the model, and the file is by now
    /// known to be sound.
    pub(super) fn new(onnx: Onnx) -> Result<Self, String> {
        let order = onnx.needed();
        let Onnx { mut proto, input_shape, input, output, fixed, .. } = onnx;
        let graph = proto.graph.as_mut().ok_or("no graph")?;
        let mut nodes: Vec<_> = std::mem::take(&mut graph.node).into_iter().map(Some).collect();
        graph.node = order.iter().filter_map(|index| nodes[*index].take()).collect();
        graph.value_info.clear();
        graph.output.retain(|info| info.name == output);
        graph.initializer.extend(fixed.into_iter().map(|(name, tensor)| stored(name, &tensor)));
        let stored: std::collections::HashSet<_> = graph.initializer.iter().map(|tensor| tensor.name.clone()).collect();
        graph.input.retain(|info| info.name == input || stored.contains(&info.name));
        for info in graph.input.iter_mut().filter(|info| info.name == input) {
            if let Some(TypeValue::TensorType(tensor)) = info.r#type.as_mut().and_then(|kind| kind.value.as_mut()) {
                let dim = |side: &usize| tensor_shape_proto::Dimension {
                    value: Some(Dimension::DimValue(*side as i64)),
                    ..Default::default()
                };
                tensor.shape = Some(TensorShapeProto { dim: input_shape.iter().map(dim).collect() });
            }
        }
        let plan = catch_unwind(AssertUnwindSafe(|| {
            tract_onnx::onnx()
                .with_ignore_output_shapes(true)
                .with_ignore_value_info(true)
                .model_for_proto_model(&proto)?
                .into_optimized()?
                .into_runnable()
        }));
        match plan {
            Ok(Ok(plan)) => Ok(Self { plan, shape: input_shape }),
            Ok(Err(error)) => Err(format!("{error:#}")),
            Err(_) => Err("a panic".to_owned()),
        }
    }

    /// The output of a latent, in the order of its elements.
    pub(super) fn run(&self, latent: &[f32]) -> Result<Vec<f32>, String> {
        let run = catch_unwind(AssertUnwindSafe(|| -> TractResult<Vec<f32>> {
            let input = Tensor::from_shape(&self.shape, latent)?;
            let made = self.plan.run(tvec!(input.into()))?;
            Ok(made[0].to_plain_array_view::<f32>()?.iter().copied().collect())
        }));
        match run {
            Ok(Ok(list)) => Ok(list),
            Ok(Err(error)) => Err(format!("{error:#}")),
            Err(_) => Err("a panic".to_owned()),
        }
    }
}

/// A label as a stored tensor.
fn stored(name: String, tensor: &Fixed) -> TensorProto {
    let dims = tensor.shape.iter().map(|side| *side as i64).collect();
    match &tensor.data {
        Data::Integers(list) => {
            TensorProto { name, dims, data_type: 7, int64_data: list.to_vec(), ..Default::default() }
        }
        _ => {
            let list = tensor.as_floats("a label").map(|list| list.to_vec()).unwrap_or_default();
            TensorProto { name, dims, data_type: 1, float_data: list, ..Default::default() }
        }
    }
}
