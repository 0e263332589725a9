using System.Globalization;
using Kindling.Deployment;
using Kindling.Formats.Tflite;

namespace Kindling.Benchmarks;

/// <summary>Counts again the instructions of <c>calibration.tsv</c>: the networks with published times, for each group of operators.</summary>
internal static class CalibrationTable
{
    /// <summary>Prints the table's rows for ST's flowers models in a folder, and the fit they give.</summary>
    public static void Run(string folder)
    {
        var counted = new Dictionary<string, IReadOnlyList<long>>();
        var points = new List<CalibrationPoint>();
        foreach (var point in Calibration.Published.Points)
        {
            var file = File(point);
            if (!counted.TryGetValue(file, out var instructions))
            {
                var graph = TfliteReader.Read(Path.Combine(folder, $"{file}_flowers_int8.tflite"));
                counted.Add(file, instructions = CalibrationPoint.Group(DeploymentBenchmark.Run(graph, Targets.Find("stm32h7"), SampleInputs.Noise(graph, 1), layers: true).Layers));
            }

            points.Add(point with { Instructions = instructions });
            Console.WriteLine(string.Join('\t', [point.Network, point.Input, point.Board, Text(point.ClockMhz), Text(point.Milliseconds), .. instructions.Select(n => Text(n))]));
        }

        var fit = new Calibration(points);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"# cycles an instruction: {string.Join(", ", fit.CyclesPerInstruction.Select(f => f.ToString("F2", CultureInfo.InvariantCulture)))}; leave-one-out error {fit.MeanError:P0}, at most {fit.LeaveOneOutErrors.Max(Math.Abs):P0}; by family {fit.MeanFamilyError:P0}, at most {fit.LeaveOneFamilyOutErrors.Max(Math.Abs):P0}"));
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    // mobilenet_v1_0.25 at 96x96x1: mobilenet_v1_0.25_96_grayscale.
    private static string File(CalibrationPoint point)
    {
        var sides = point.Input.Split('x');
        return $"{point.Network.Replace("st_squeezenet", "squeezenet", StringComparison.Ordinal)}_{sides[0]}{(sides[2] == "1" ? "_grayscale" : "")}";
    }
}
