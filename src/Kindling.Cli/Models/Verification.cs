using System.Globalization;
using Kindling.Cli.Hosting;
using Kindling.Cli.Pipeline;
using Kindling.Data;
using Kindling.Data.Images;
using Kindling.Deployment;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Quantization;
using Kindling.Reports;
using Kindling.Tensors;

namespace Kindling.Cli.Models;

/// <summary>Runs a float network, its int8 form and the C generated from that on the same photos.</summary>
/// <param name="floats">The float network.</param>
/// <param name="int8">Its int8 form; values of the same name are compared.</param>
/// <param name="photos">The photos, prepared.</param>
/// <param name="floatSource">Where the float network comes from, as a sentence.</param>
internal sealed class Verification(Graph floats, Graph int8, DecodedImageCache photos, string floatSource)
{
    private const int MostPhotosShown = 12;

    /// <summary>The simulated board that runs the C; null takes this machine.</summary>
    public Target? Target { get; init; }

    /// <summary>Compares.</summary>
    public VerificationReport Run(int threads, VerbContext context)
    {
        var outcomes = new List<Outcome>();
        var layers = LayerComparison.Run(floats, int8, Quantizing.Batches(photos).Select(b => b.Images), threads, (image, expected, actual) =>
        {
            var scores = Scores(actual);
            var difference = 0.0;
            for (var i = 0; i < scores.Length; i++)
                difference = Math.Max(difference, Math.Abs(scores[i] - expected[i]));
            var (best, found) = (Largest(expected), Largest(scores));
            outcomes.Add(new Outcome(image, best, expected[best], found, scores[found], difference));
        }, context.Cancellation);
        var names = int8.Metadata.ClassNames.Count == int8.Outputs[0].Shape.ElementCount ? int8.Metadata.ClassNames
            : photos.ClassNames.Count == int8.Outputs[0].Shape.ElementCount ? photos.ClassNames
            : [.. Enumerable.Range(0, int8.Outputs[0].Shape.ElementCount).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        return new VerificationReport
        {
            Title = int8.Name,
            Subtitle = string.Create(CultureInfo.InvariantCulture, $"{int8.Inputs[0].Shape.ToSizeString()}, {int8.Nodes.Count} operators, {photos.Count} photos"),
            FloatSource = floatSource,
            Images = photos.Count,
            Agreeing = outcomes.Count(o => o.FloatClass == o.Int8Class),
            Identical = CompareC(context),
            Layers = [.. layers.Select(l => new VerifiedLayer(
                l.Name, l.Kind, l.SignalToNoise, l.Loss, l.MaxDifference, l.SaturatedShare, photos.FileName(l.WorstImage)) { IsRescaled = l.IsRescaled })],
            WorstPhotos = [.. outcomes.Where(o => o.Difference > 0).OrderByDescending(o => o.FloatClass != o.Int8Class).ThenByDescending(o => o.Difference).Take(MostPhotosShown)
                .Select(o => new VerifiedPhoto(
                    photos.FileName(o.Image), names[o.FloatClass], o.FloatScore, names[o.Int8Class], o.Int8Score, o.Difference, Thumbnail(photos, o.Image)))],
            Reproduction = new Reproduction(context.CommandLine, [new("Kindling", typeof(Verification).Assembly.GetName().Version?.ToString(3) ?? ""), new("Processor", Machine.Processor())], null),
        };
    }

    /// <summary>A photo as the network sees it, as a PNG file.</summary>
    internal static byte[] Thumbnail(DecodedImageCache photos, int index)
    {
        var preprocessing = photos.Preprocessing;
        var pixels = photos.Pixels(index).ToArray();
        if (preprocessing.Color == ColorMode.Bgr)
        {
            for (var i = 0; i < pixels.Length; i += 3)
                (pixels[i], pixels[i + 2]) = (pixels[i + 2], pixels[i]);
        }

        return PngEncoder.Encode(new Image(preprocessing.Height, preprocessing.Width, preprocessing.Channels, pixels));
    }

    private ReportPart<IdenticalOutputs> CompareC(VerbContext context)
    {
        using var folder = new GeneratedFolder();
        try
        {
            context.Terminal.Info(Target is null ? "compiling the generated C with this machine's compiler" : $"compiling the generated C for {Target.Board} and running it in QEMU ({Target.Machine})");
            var encoder = new InputEncoder(int8.Inputs[0], photos.Preprocessing);
            var inputs = Enumerable.Range(0, photos.Count).Select(i =>
            {
                var bytes = new byte[int8.Inputs[0].Bytes];
                encoder.EncodePixels(photos.Pixels(i), bytes);
                return bytes;
            }).ToList();
            var outputs = Target is null ? HostBuild.Run(CGenerator.Generate(int8, folder.Path), inputs) : DeploymentBenchmark.Outputs(int8, Target, inputs);
            using var executor = Executor.Compile(int8, new ExecutorOptions { Arithmetic = Int8Arithmetic.TfliteMicro });
            var equal = inputs.Zip(outputs).Count(pair =>
            {
                pair.First.CopyTo(executor.InputBytes());
                executor.Run();
                return executor.ValueBytes(executor.Graph.Outputs[0]).SequenceEqual(pair.Second);
            });
            return ReportPart.Of(new IdenticalOutputs(equal, inputs.Count));
        }
        catch (ToolMissingException e)
        {
            context.Terminal.Warn(e.Message);
            return ReportPart.Missing<IdenticalOutputs>($"The C was not run: {e.Message}");
        }
    }

    private float[] Scores(ReadOnlySpan<byte> output)
    {
        var value = int8.Outputs[0];
        if (value.Type == ElementType.Float32)
            return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(output).ToArray();
        var q = value.Quantization ?? throw new KindlingException($"{int8.Name}: output {value.Name} is {value.Type.Name()} without a scale");
        var scores = new float[output.Length];
        for (var i = 0; i < scores.Length; i++)
            scores[i] = ((value.Type == ElementType.Int8 ? (sbyte)output[i] : output[i]) - q.ZeroPoint) * q.Scale;
        return scores;
    }

    private static int Largest(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
            best = scores[i] > scores[best] ? i : best;
        return best;
    }

    private sealed record Outcome(int Image, int FloatClass, float FloatScore, int Int8Class, float Int8Score, double Difference);

    private sealed class GeneratedFolder : IDisposable
    {
        private readonly string _root = Directory.CreateTempSubdirectory("kindling-verify-").FullName;

        public string Path => System.IO.Path.Combine(_root, "c");

        public void Dispose() => Directory.Delete(_root, recursive: true);
    }
}
