//! What to do about a model file that is not imported: a hint for each kind of error, in the words of exporters.
use veilmark::import::{ImportError, Kind};

/// The next step.
pub(crate) fn hint(error: &ImportError) -> String {
    let text = match error.kind() {
        Kind::Io => "check the path, and that the files of weights stand beside the model under their own names",
        Kind::FileSize => "name an ONNX file; a network of this size is beyond what can be proved",
        Kind::Protobuf => "name an .onnx file that is whole; fetch or export it again",
        Kind::OperatorSet => {
            "export with another operator set, torch.onnx.export(..., opset_version=17), or convert the file: \
             onnx.version_converter.convert_version(model, 17)"
        }
        Kind::ExternalData => {
            "put the file of weights beside the model under the name that the model says, or store all in one file: \
             torch.onnx.export(..., external_data=False), or onnx.save(onnx.load(FILE), OUT)"
        }
        Kind::Type => {
            "export in float32: model.float() before torch.onnx.export; quantisation is done here, not before"
        }
        Kind::Operator => {
            "replace the operator by others before the export; docs/models.md lists those that are read, and \
             onnx.inliner or onnxsim may write it out"
        }
        Kind::FusedOperator => {
            "export without a runtime's optimisation: the file that the exporter wrote, not what an optimiser saved \
             (onnxruntime: GraphOptimizationLevel.ORT_DISABLE_ALL)"
        }
        Kind::Random => {
            "a picture must follow from its latent alone: export in evaluation mode (model.eval(), noise_mode='const')"
        }
        Kind::Node => "change that node before the export; docs/models.md says what is read of each operator",
        Kind::BothDependOnLatent => {
            "one factor of a matrix product must be constant: attention and the like cannot be read; use convolutions \
             and gates, which multiply element by element"
        }
        Kind::WeightsDependOnLatent => {
            "scale the input of the convolution instead of its weights: conv(x * s, w) with s of shape [1, C, 1, 1]"
        }
        Kind::ControlDependsOnLatent => {
            "conditions, indices, shapes and grids must be constants: export the one path that is taken"
        }
        Kind::Batch => {
            "export with a batch of 1: torch.onnx.export(model, torch.randn(1, ...), ...), or name the batch in \
             dynamic_axes / dynamic_shapes"
        }
        Kind::Inputs => {
            "leave one input, the latent, with fixed sides: make the others constants before the export \
             (functools.partial, or onnx.compose); an integer label is fixed with --label N"
        }
        Kind::Label => {
            "fix the label with --label N; for a class that each picture chooses, join it to the latent and say --classes N"
        }
        Kind::Outputs => "name the picture with --output NAME (the model's own file goes to -o)",
        Kind::Picture => {
            "the output must be a picture of 1 or 3 channels, [1, C, H, W] or [1, H, W, C]; a flat list needs \
             --size WIDTHxHEIGHT, another output --output NAME"
        }
        Kind::OutputRange => {
            "say what the output's numbers are: --output-range unit (0 to 1), signed (-1 to 1) or byte (0 to 255); what is \
             beyond is cut off"
        }
        Kind::ConstantPicture => {
            "check that the latent reaches the picture: another --output, or weights that were not loaded before the export"
        }
        Kind::Overflow => {
            "check the exported network on standard normal latents: some values are infinite or not numbers"
        }
        Kind::Quality => {
            "narrow that layer's range (normalise or clip before it) and train on; --accept-low-quality takes the model as it \
             is, and --report OUT.html then shows what is lost"
        }
        Kind::TooLarge => "take a smaller network: fewer channels, a smaller picture",
        Kind::Broken => {
            "the file contradicts itself: onnx.checker.check_model(FILE, full_check=True) says more; export it again"
        }
        _ => "docs/models.md says what is read",
    };
    text.to_owned()
}
