using System.Globalization;
using Kindling.Cli.Configuration;
using Kindling.Data;
using Kindling.Data.Augmentation;
using Kindling.Formats.Tflite;
using Kindling.Training;

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
        if (state.Config.Quantization.Method.FineTuningEpochs > 0 && state.Photos.Training is null)
            throw new KindlingException("quantization.qat_epochs: fine-tuning needs photos to train on; name a training_path");
        var method = state.Config.Quantization.Method;
        using var feed = method.FineTuningEpochs == 0 ? null : new TrainingFeed(
            state.Photos.Training!, new AugmentationPipeline(state.Config.Augmentation, state.Photos.Training!.Preprocessing),
            state.Config.Training?.BatchSize ?? Quantizing.FineTuningBatch(state.Photos.Training), state.Config.General.Seed);
        var (result, trials) = Quantizing.Run(
            state.FloatGraph, state.Photos.Calibration, state.Photos.HeldOut, feed?.AsSource(), method, state.Config.General.Threads, state.Context);
        state.Int8Graph = result.Graph;
        state.QuantizationTrials = trials;
        TfliteWriter.Write(state.Int8Graph, state.Folder.Int8Model);
        state.Context.Terminal.Info($"quantized to int8: {state.Folder.Int8Model}, {new FileInfo(state.Folder.Int8Model).Length.ToString("N0", CultureInfo.InvariantCulture)} bytes");
    }
}
