using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Kindling.Execution;

namespace Kindling.Benchmarks;

/// <summary>
/// Kindling's training step beside PyTorch's on the same networks, batches and threads: a process each, which take turns of some steps so that both
/// meet the same clock and the same neighbours.
/// </summary>
internal static class TrainingPeers
{
    private const int Rounds = 7;
    private const double SecondsOfTurn = 0.6;

    private static readonly (string Network, int Batch)[] Cases =
    [
        ("squeezenet_v1.1@128", 64), ("squeezenet_v1.1@224", 32), ("mobilenet_v1_0.25@96", 64), ("mobilenet_v1_0.25@224", 32),
        ("st_efficientnet_lc_v1@128", 64),
    ];

    private static readonly JsonSerializerOptions JsonOptions = new() { WriteIndented = true };

    /// <summary>Measures all networks whose name contains a text and prints the table; the figures also go to a JSON file if one is named.</summary>
    public static void Run(string filter, string? json)
    {
        QuickTable.PrintMachine();
        Console.WriteLine("| training step | batch | threads | Kindling images/s | PyTorch images/s | ratio | by best step | by processor time | Kindling MB | PyTorch MB |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        var results = new List<Result>();
        foreach (var (network, batch) in Cases.Where(c => c.Network.Contains(filter, StringComparison.Ordinal)))
        {
            var rows = Enumerable.Range(1, 2).Select(threads => Measure(network, batch, threads)).ToList();
            foreach (var row in rows)
                Console.WriteLine(row);
            results.AddRange(rows);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| scaling from 1 to 2 threads (median, best) | | | {rows[1].Kindling.Median / rows[0].Kindling.Median:F2}, {rows[1].Kindling.Best / rows[0].Kindling.Best:F2} "
                + $"| {rows[1].PyTorch.Median / rows[0].PyTorch.Median:F2}, {rows[1].PyTorch.Best / rows[0].PyTorch.Best:F2} | | | | | |"));
        }

        if (json is not null)
            File.WriteAllText(json, JsonSerializer.Serialize(results, JsonOptions));
    }

    /// <summary>
    /// Prints how far the cut of each step into chunks lets two threads go, by the thread's processor time: a busy machine does not disturb it. Then what they
    /// do, by the wall, of the networks whose name contains a text.
    /// </summary>
    public static void Scaling(string filter)
    {
        QuickTable.PrintMachine();
        Console.WriteLine("| training step | batch | ms on one thread | ms on two by the schedule | scaling |");
        Console.WriteLine("|---|---|---|---|---|");
        using var pool = new WorkerPool(1);
        var cases = Cases.Where(c => c.Network.Contains(filter, StringComparison.Ordinal)).ToList();
        foreach (var (network, batch) in cases)
        {
            using var plan = TrainingWorker.Compile(network, batch, pool);
            plan.Schedule(2, 2, ThreadClock.Seconds);
            var (one, many) = plan.Schedule(5, 2, ThreadClock.Seconds);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {network} | {batch} | {one * 1e3:F1} | {many * 1e3:F1} | {one / many:F2} |"));
        }

        ThreadScaling.PrintHead();
        foreach (var (network, batch) in cases)
            ThreadScaling.Run(network, batch);
    }

    private static Result Measure(string network, int batch, int threads)
    {
        var self = Environment.ProcessPath!;
        string[] start = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(TrainingPeers).Assembly.Location] : [];
        using var kindling = new Peer(self, [.. start, "--training-worker", network, $"{batch}", $"{threads}"]);
        using var torch = new Peer("/usr/bin/python3", [PyTorchScript(), network, $"{batch}", $"{threads}"]);
        if (kindling.Parameters != torch.Parameters)
            throw new InvalidOperationException($"{network}: {kindling.Parameters} parameters here, {torch.Parameters} there: not the same network");
        for (var round = 0; round < Rounds; round++)
        {
            kindling.Turn();
            torch.Turn();
        }

        return new Result(network, batch, threads, kindling.Figures(batch), torch.Figures(batch));
    }

    private static string PyTorchScript()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, "bench", "training", "pytorch_step.py");
            if (File.Exists(script))
                return script;
        }

        throw new FileNotFoundException("bench/training/pytorch_step.py is not above the benchmark's folder");
    }

    /// <summary>Images a second by wall time, images a processor second, and memory.</summary>
    private sealed record Figures(double Median, double Best, double PerProcessorSecond, long PeakBytes);

    private sealed record Result(string Network, int Batch, int Threads, Figures Kindling, Figures PyTorch)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"| {Network} | {Batch} | {Threads} | {Kindling.Median:F0} (best {Kindling.Best:F0}) | {PyTorch.Median:F0} (best {PyTorch.Best:F0}) | {Kindling.Median / PyTorch.Median:F2} "
            + $"| {Kindling.Best / PyTorch.Best:F2} | {Kindling.PerProcessorSecond / PyTorch.PerProcessorSecond:F2} | {Kindling.PeakBytes / 1e6:F0} | {PyTorch.PeakBytes / 1e6:F0} |");
    }

    private sealed class Peer : IDisposable
    {
        private readonly Process _process;
        private readonly List<double> _wall = [];
        private readonly List<double> _cpu = [];

        public Peer(string program, IEnumerable<string> arguments)
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
            // Without them glibc gives every activation back to the kernel and PyTorch faults it in again.
            start.Environment["MALLOC_MMAP_THRESHOLD_"] = "8589934592";
            start.Environment["MALLOC_TRIM_THRESHOLD_"] = "17179869184";
            start.Environment["MALLOC_TOP_PAD_"] = "268435456";
            _process = Process.Start(start)!;
            Parameters = long.Parse(ReadLine().Split(' ')[1], CultureInfo.InvariantCulture);
        }

        public long Parameters { get; }

        public void Turn()
        {
            var steps = _wall.Count == 0 ? 1 : Math.Clamp((int)(SecondsOfTurn / _wall.Min()), 1, 50);
            Say($"run {steps}");
            for (var i = 0; i < steps; i++)
            {
                var times = ReadLine().Split(' ');
                _wall.Add(double.Parse(times[0], CultureInfo.InvariantCulture));
                _cpu.Add(double.Parse(times[1], CultureInfo.InvariantCulture));
            }
        }

        public Figures Figures(int batch)
        {
            Say("memory");
            var bytes = long.Parse(ReadLine(), CultureInfo.InvariantCulture);
            return new Figures(batch / QuickTable.Median(_wall), batch / _wall.Min(), batch / QuickTable.Median(_cpu), bytes);
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                Say("quit");
            _process.WaitForExit();
            _process.Dispose();
        }

        private void Say(string line)
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }

        private string ReadLine() =>
            _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{_process.StartInfo.FileName} ended before it answered");
    }
}
