using System.Globalization;
using Kindling.Deployment;
using Kindling.Formats.Tflite;

namespace Kindling.Benchmarks;

/// <summary>Instructions, RAM and flash of int8 models as C on a simulated Cortex-M7, beside TensorFlow Lite Micro with CMSIS-NN.</summary>
internal static class MicrocontrollerTable
{
    // Instructions of one TFLM inference (the better of -O2 and -O3) on the same machine, compiler and files.
    private static readonly Dictionary<string, long> Tflm = new()
    {
        ["squeezenet_v1.1_128"] = 175_365_146,
        ["squeezenet_v1.1_224"] = 567_555_369,
        ["mobilenet_v1_0.25_96"] = 24_535_947,
        ["mobilenet_v1_0.25_96_grayscale"] = 23_722_879,
        ["mobilenet_v1_0.25_224"] = 131_040_403,
        ["mobilenet_v1_0.5_224"] = 346_274_139,
        ["st_efficientnet_lc_v1_128"] = 123_807_532,
        ["st_efficientnet_lc_v1_224"] = 374_527_663,
    };

    /// <summary>Prints the table for ST's flowers models in a folder.</summary>
    /// <param name="folder">Where the .tflite files are.</param>
    /// <param name="goal">What the C prefers.</param>
    public static void Run(string folder, OptimizationGoal goal)
    {
        Console.WriteLine("| model | instructions | a MAC | TFLM + CMSIS-NN | ratio | arena | other RAM | weights flash | code flash | largest shares (instructions a MAC) | equals the host |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---|---|");
        foreach (var (name, anchor) in Tflm)
        {
            var graph = TfliteReader.Read(Path.Combine(folder, $"{name}_flowers_int8.tflite"));
            var result = DeploymentBenchmark.Run(
                graph, Targets.Find("stm32h7"), SampleInputs.Noise(graph, 1), new CGeneratorOptions { Optimize = goal }, layers: true);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {result.Instructions:N0} | {(double)result.Instructions / result.Macs:F2} | {anchor:N0} | {(double)result.Instructions / anchor:F2} | {result.ActivationRamBytes:N0} | {result.RuntimeRamBytes:N0} | {result.WeightsFlashBytes:N0} | {result.CodeFlashBytes:N0} | {Shares(result)} | {(result.OutputsEqualHost == result.Inputs ? "yes" : "NO")} |"));
        }
    }

    private static string Shares(BenchmarkResult result) => string.Join("; ", result.Layers
        .GroupBy(l => l.Operator)
        .Select(g => (Kind: g.Key, Instructions: g.Sum(l => l.Instructions), Macs: g.Sum(l => l.Macs)))
        .OrderByDescending(g => g.Instructions)
        .Take(3)
        .Select(g => string.Create(
            CultureInfo.InvariantCulture,
            $"{g.Kind} {100.0 * g.Instructions / result.Instructions:F0} %{(g.Macs > 0 ? $" ({(double)g.Instructions / g.Macs:F2})" : "")}")));
}
