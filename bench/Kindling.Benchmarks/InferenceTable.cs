using System.Diagnostics;
using System.Globalization;
using Kindling.Execution;
using Kindling.Formats.Onnx;
using Kindling.Graphs;
using Kindling.Kernels.Int8.Emitted;

namespace Kindling.Benchmarks;

/// <summary>
/// Our float and int8 executors beside ONNX Runtime's on the same networks (float ONNX and QDQ as our exporter writes them), in one process,
/// in turns. One thread: CPU time of the calling thread. Two threads: wall time.
/// </summary>
internal static class InferenceTable
{
    private const string PeerLibrary = "tests/peers/onnx/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1";
    private static readonly (int Batch, int Threads)[] Rows = [(1, 1), (32, 1), (1, 2), (32, 2)];

    /// <summary>Prints the table.</summary>
    /// <param name="budgetOfRow">Time for each row.</param>
    /// <param name="filter">Part of the networks' names.</param>
    /// <param name="library">The peer's library; null looks where its npm package is installed for the tests.</param>
    public static void Run(TimeSpan budgetOfRow, string filter, string? library)
    {
        QuickTable.PrintMachine();
        var hasPeer = OrtSession.TryLoad(library ?? FindPeer());
        Console.WriteLine(hasPeer ? $"ONNX Runtime {OrtSession.Version}" : $"no ONNX Runtime: npm ci --ignore-scripts in tests/peers/onnx, or name {Path.GetFileName(PeerLibrary)}");
        Console.WriteLine(EmittedCode.Tiles is null ? "int8 convolutions in managed code" : "int8 convolutions in emitted code (AVX-512 VNNI)");
        Console.WriteLine();
        Console.WriteLine("| network | batch | threads | float ms | int8 ms | ORT float ms | ORT int8 ms | int8 : float | float : ORT | int8 : ORT |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        var networks = Networks.Names.Where(n => n.Contains(filter, StringComparison.OrdinalIgnoreCase))
            .Select(n => (Name: n, Float: Networks.Build(n), Int8: Networks.Quantized(n))).ToList();
        foreach (var (batch, threads) in Rows)
        {
            foreach (var network in networks)
                PrintRow(network.Name, network.Float, network.Int8, batch, threads, hasPeer, budgetOfRow);
        }

        Console.WriteLine();
        Console.WriteLine("Medians, for one image. Ratios are speeds: above 1 the first named is faster; in brackets the ratio of the best runs. "
            + $"One thread: {ThreadClock.Name}; two threads: wall time, so a busy machine lowers it. Load: {QuickTable.Load()}.");
    }

    private static void PrintRow(string name, Graph graph, Graph quantized, int batch, int threads, bool hasPeer, TimeSpan budget)
    {
        using var ourFloat = Executor.Compile(graph, new ExecutorOptions { Threads = threads, Batch = batch });
        Networks.Fill(ourFloat);
        using var ourInt8 = Networks.CompileInt8(quantized, threads, batch);
        var shape = graph.Inputs[0].Shape;
        long[] dimensions = [batch, shape.Channels, shape.Height, shape.Width];
        var bytes = new byte[batch * shape.ElementCount];
        Networks.FillBytes(bytes);
        using var peerFloat = hasPeer
            ? new OrtSession(OnnxWriter.ToBytes(graph), threads, bytes.Select(b => (b - 128) / 128f).ToArray(), dimensions) : null;
        // ONNX Runtime has its direct convolution kernels for weights of int8; where sums of their products saturate, its speed is the same.
        using var peerInt8 = hasPeer ? new OrtSession(OnnxWriter.ToBytes(quantized, weights: OnnxWeights.Int8), threads, bytes, dimensions) : null;

        Action?[] actions = [ourFloat.Run, ourInt8.Run, peerFloat is null ? null : peerFloat.Run, peerInt8 is null ? null : peerInt8.Run];
        var times = actions.Select(_ => new List<double>()).ToArray();
        var clock = Stopwatch.StartNew();
        var repeats = batch == 1 ? 5 : 1;
        var isWarm = false;
        while (clock.Elapsed < budget || times[0].Count < 5)
        {
            for (var i = 0; i < actions.Length; i++)
            {
                if (actions[i] is not { } run)
                    continue;
                // One call that is not counted: caches, and the other's threads that still spin.
                run();
                for (var r = 0; r < repeats; r++)
                    times[i].Add(ThreadClock.Measure(threads, run));
            }

            // Tiered compilation replaces the first versions of our methods in the meantime.
            if (!isWarm && clock.Elapsed > budget / 4)
            {
                isWarm = true;
                foreach (var list in times)
                    list.Clear();
            }
        }

        var medians = times.Select(t => t.Count == 0 ? double.NaN : QuickTable.Median(t) / batch).ToArray();
        var best = times.Select(t => t.Count == 0 ? double.NaN : t[0] / batch).ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {batch} | {threads} | {medians[0] * 1e3:F3} | {medians[1] * 1e3:F3} | {medians[2] * 1e3:F3} | {medians[3] * 1e3:F3} "
            + $"| {Ratio(1, 0)} | {Ratio(0, 2)} | {Ratio(1, 3)} |"));

        string Ratio(int mine, int other) =>
            string.Create(CultureInfo.InvariantCulture, $"{medians[other] / medians[mine]:F2} ({best[other] / best[mine]:F2})");
    }

    private static string? FindPeer()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, PeerLibrary);
            if (File.Exists(path))
                return path;
        }

        return null;
    }
}
