using System.Diagnostics;
using System.Globalization;
using Kindling.Execution;

namespace Kindling.Benchmarks;

/// <summary>Where the time of a network goes: each kernel on one thread, with its share of the peak.</summary>
internal static class LayerTable
{
    /// <summary>Prints a table for each network.</summary>
    public static void Run(TimeSpan budgetOfNetwork, bool isInt8, string filter = "")
    {
        QuickTable.PrintMachine();
        foreach (var name in Networks.Names.Where(n => n.Contains(filter, StringComparison.OrdinalIgnoreCase)))
            Print(name, budgetOfNetwork, isInt8);
    }

    private static void Print(string name, TimeSpan budget, bool isInt8)
    {
        using var executor = isInt8 ? Networks.CompileInt8(Networks.Quantized(name), threads: 1) : Networks.Compile(name, threads: 1);
        using var pool = new WorkerPool(1);
        foreach (var (_, kernel) in executor.Steps)
            pool.Reserve(kernel);
        var times = executor.Steps.Select(_ => new List<double>()).ToArray();
        var peaks = new List<double>();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < budget || peaks.Count < 5)
        {
            peaks.Add(QuickTable.MeasurePeak());
            for (var i = 0; i < times.Length; i++)
            {
                var start = ThreadClock.Seconds();
                pool.Run(executor.Steps[i].Kernel);
                times[i].Add(ThreadClock.Seconds() - start);
            }
        }

        var peak = QuickTable.PeakRate(QuickTable.Median(peaks));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: peak {peak / 1e9:F1} GFLOP/s"));
        Console.WriteLine();
        Console.WriteLine("| layer | output | us | best us | chunks | GFLOP/s | share of peak |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        for (var i = 0; i < times.Length; i++)
        {
            var (node, kernel) = executor.Steps[i];
            var seconds = QuickTable.Median(times[i]);
            var rate = 2.0 * node.Macs / seconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {node.Name} | {node.Output.Shape} | {seconds * 1e6:F1} | {times[i].Min() * 1e6:F1} | {kernel.Chunks} | {rate / 1e9:F1} | {rate / peak:F2} |"));
        }

        Console.WriteLine();
    }
}
