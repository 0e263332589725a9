using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Kindling.Execution;

namespace Kindling.Benchmarks;

/// <summary>
/// Images per second and share of the FMA peak, in seconds instead of BenchmarkDotNet's minutes. Peak and network take turns, so that both
/// see the same clock and the same neighbours; medians.
/// </summary>
internal static class QuickTable
{
    private const int PeakSteps = 200_000;
    private static float _sink;

    /// <summary>Measures every network with one and with two threads and prints the table.</summary>
    public static void Run(TimeSpan budget)
    {
        PrintMachine();
        Console.WriteLine("| network | threads | ms | images/s | GFLOP/s | peak GFLOP/s | share of peak | best ms | best share |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        var each = budget / (2 * Networks.Names.Count);
        foreach (var name in Networks.Names)
        {
            foreach (var threads in new[] { 1, 2 })
                PrintRow(name, threads, each);
        }

        Console.WriteLine();
        Console.WriteLine($"Medians, and the best single run beside the best peak. The peak and one thread: {ThreadClock.Name}; two threads: wall time, so a busy machine lowers it. Load while measuring: {Load()}.");
    }

    /// <summary>Processor, system and runtime.</summary>
    public static void PrintMachine()
    {
        var processor = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        Console.WriteLine($"{processor ?? "unknown processor"}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} processors, "
            + $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.FrameworkDescription}, {FmaPeak.Bits}-bit registers, "
            + $"{DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC");
        Console.WriteLine();
    }

    /// <summary>Seconds of one peak loop on one thread.</summary>
    public static double MeasurePeak()
    {
        var start = ThreadClock.Seconds();
        Volatile.Write(ref _sink, FmaPeak.Run(PeakSteps));
        return ThreadClock.Seconds() - start;
    }

    /// <summary>Floating-point operations a second from the seconds <see cref="MeasurePeak"/> gives.</summary>
    public static double PeakRate(double seconds) => PeakSteps * FmaPeak.OperationsOfStep / seconds;

    /// <summary>The middle of some numbers.</summary>
    public static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private static void PrintRow(string name, int threads, TimeSpan budget)
    {
        using var executor = Networks.Compile(name, threads);
        using var pool = new WorkerPool(threads);
        var peakKernel = new PeakKernel(threads);
        for (var i = 0; i < 3; i++)
            executor.Run();
        var (times, peaks) = (new List<double>(), new List<double>());
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < budget || times.Count < 5)
        {
            pool.Run(peakKernel);
            peaks.Add(peakKernel.Seconds);
            for (var i = 0; i < 3; i++)
                times.Add(ThreadClock.Measure(threads, executor.Run));
        }

        var seconds = Median(times);
        var rate = 2.0 * executor.Graph.Macs / seconds;
        var peak = threads * PeakRate(Median(peaks));
        var best = times[0];
        var bestPeak = threads * PeakRate(peaks[0]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {threads} | {seconds * 1e3:F3} | {1 / seconds:F0} | {rate / 1e9:F1} | {peak / 1e9:F1} | {rate / peak:F2} "
            + $"| {best * 1e3:F3} | {2.0 * executor.Graph.Macs / best / bestPeak:F2} |"));
    }

    /// <summary>Programs that want to run, on average over the last minute.</summary>
    public static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    /// <summary>The peak loop once for each thread, all at the same time; each by its own clock.</summary>
    private sealed unsafe class PeakKernel(int threads) : Kernel
    {
        private readonly double[] _seconds = new double[threads];

        /// <summary>Mean time of a thread's loop in the last run.</summary>
        public double Seconds => _seconds.Average();

        public override int Chunks => threads;

        public override void Run(int chunk, byte* scratch) => _seconds[chunk] = MeasurePeak();
    }
}
