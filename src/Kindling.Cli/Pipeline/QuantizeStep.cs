using System.Globalization;
using Kindling.Cli.Configuration;
using Kindling.Formats.Tflite;
using Kindling.Quantization;

namespace Kindling.Cli.Pipeline;

/// <summary>Quantizes the float network and writes it as .tflite.</summary>
internal sealed class QuantizeStep : IPipelineStep
{
    /// <inheritdoc/>
    public bool AppliesTo(PipelineState state) => state.Config.Runs(Steps.Quantize);

    /// <inheritdoc/>
    public void Run(PipelineState state)
    {
        if (state.FloatGraph is null)
            throw new KindlingException($"general.model_path: {state.Config.General.ModelPath} is quantized already");
        if (state.Photos.Calibration is null)
            throw new KindlingException("dataset: quantization needs photos to calibrate on; name a training_path or a quantization_path");
        var config = state.Config.Quantization;
        var options = new QuantizationOptions
        {
            InputType = Calibration.TypeOf(config.InputType),
            OutputType = Calibration.TypeOf(config.OutputType),
            Threads = state.Config.General.Threads,
        };
        state.Int8Graph = Calibration.Quantize(state.FloatGraph, state.Photos.Calibration, options, state.Context).Graph;
        TfliteWriter.Write(state.Int8Graph, state.Folder.Int8Model);
        state.Context.Terminal.Info($"quantized to int8: {state.Folder.Int8Model}, {new FileInfo(state.Folder.Int8Model).Length.ToString("N0", CultureInfo.InvariantCulture)} bytes");
    }
}
