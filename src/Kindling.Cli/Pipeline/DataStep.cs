using Kindling.Cli.Configuration;
using Kindling.Cli.Models;
using Kindling.Data;
using Kindling.Graphs;

namespace Kindling.Cli.Pipeline;

/// <summary>Opens, divides and decodes the photos.</summary>
internal sealed class DataStep : IPipelineStep
{
    /// <inheritdoc/>
    public bool AppliesTo(PipelineState state) => state.Config.Runs(Steps.Train | Steps.Evaluate | Steps.Quantize);

    /// <inheritdoc/>
    public void Run(PipelineState state)
    {
        var config = state.Config;
        state.Preprocessing ??= config.Preprocessing!.For(config.Training!.Model!.InputShape[0], config.Training.Model.InputShape[1]);
        using var sources = new Sources(config.Dataset, state.Preprocessing);
        var needsTraining = config.Runs(Steps.Train);
        var tunes = config.Runs(Steps.Quantize) && config.Quantization.Method.FineTuningEpochs > 0;
        var training = needsTraining || tunes ? Decode(sources.Training, "training", state) : null;
        var validation = needsTraining || (config.Runs(Steps.Evaluate) && sources.Test is null) ? Decode(sources.Validation, "validation", state) : null;
        var evaluation = config.Runs(Steps.Evaluate) && sources.Test is not null ? Decode(sources.Test, "test", state) : validation;
        var calibration = config.Runs(Steps.Quantize) ? Decode(sources.Calibration, "calibration", state) : null;
        var heldOut = config.Runs(Steps.Quantize) && config.Quantization.Method.Searches ? Decode(sources.HeldOut(), "held-out", state) : null;
        var unreadable = new[] { training, validation, evaluation }.OfType<DecodedImageCache>().Distinct().Sum(c => c.SkippedImages.Count);
        state.Photos = new PhotoSets(
            training, validation, evaluation, calibration, heldOut, evaluation is null ? "no photos" : $"{evaluation.Count} {(sources.Test is null ? "validation" : "test")} photos", unreadable);
        var counts = new[] { training is null ? null : $"{training.Count} to train on", evaluation is null ? null : $"{evaluation.Count} to evaluate on", calibration is null ? null : $"{calibration.Count} to calibrate on" };
        state.Context.Terminal.Info($"photos: {string.Join(", ", counts.OfType<string>())}; classes: {string.Join(", ", (training ?? evaluation ?? calibration)!.ClassNames)}");
    }

    private static DecodedImageCache? Decode(ImageDataset? dataset, string what, PipelineState state) =>
        dataset is null
            ? null
            : Photos.Decode(dataset, state.Preprocessing!, $"decoding {what} photos", state.Config.General.Threads, state.Config.Dataset.CheckImageFiles, state.Context);

    /// <summary>The data sets that the configuration names.</summary>
    private sealed class Sources : IDisposable
    {
        private readonly List<ImageDataset> _opened = [];
        private readonly ImageDataset? _calibrationSource;
        private readonly IReadOnlyList<int> _calibrated = [];

        public Sources(DatasetConfig config, Preprocessing preprocessing)
        {
            var main = config.IsSynthetic ? new SyntheticShapes(config.SyntheticImages, config.Seed, Math.Max(preprocessing.Height, preprocessing.Width)) : Open(config.TrainingPath, config);
            if (main is not null && config.IsSynthetic)
                _opened.Add(main);
            Training = main;
            Validation = Open(config.ValidationPath, config);
            if (main is not null && Validation is null)
            {
                var split = Split.TrainValidation(main, config.ValidationSplit, config.Seed);
                (Training, Validation) = (split.Training, split.Validation);
            }

            Test = Open(config.TestPath, config) is { } test ? test.TestSet ?? test : main?.TestSet;
            var calibration = Open(config.QuantizationPath, config);
            var source = calibration ?? Training;
            if (source is null)
                return;
            _calibrationSource = source;
            var most = config.QuantizationSplit is { } share ? Math.Max(1, (int)(source.Count * share))
                : calibration is null ? Quantizing.DefaultImages : source.Count;
            _calibrated = Quantizing.Choose(source.Count, most);
            Calibration = source.Subset(_calibrated);
        }

        public ImageDataset? Training { get; }

        public ImageDataset? Validation { get; }

        public ImageDataset? Test { get; }

        public ImageDataset? Calibration { get; }

        /// <summary>Photos to compare quantization methods on.</summary>
        public ImageDataset? HeldOut() => _calibrationSource?.Subset(Quantizing.ChooseHeldOut(_calibrationSource.Count, _calibrated));

        public void Dispose()
        {
            foreach (var dataset in _opened)
                dataset.Dispose();
        }

        private ImageDataset? Open(string? path, DatasetConfig config)
        {
            if (path is null)
                return null;
            var dataset = ImageDataset.Open(path, config.ClassNames);
            _opened.Add(dataset);
            return dataset;
        }
    }
}
