using System.Diagnostics;
using System.Globalization;
using Kindling.Execution;
using Kindling.Numerics;
using Kindling.Training;
using Kindling.Training.Optimizers;

namespace Kindling.Benchmarks;

/// <summary>Training steps (forward, backward, Adam) as images per second and share of the FMA peak, counting six operations a multiply-accumulate.</summary>
internal static class TrainingTable
{
    /// <summary>Images of a step.</summary>
    public const int Batch = 64;

    /// <summary>The networks that are trained.</summary>
    public static IReadOnlyList<string> Names { get; } = ["SqueezeNet 1.1 @128", "MobileNet v1 0.25 @96"];

    /// <summary>Measures both networks with one and with two threads and prints the table.</summary>
    public static void Run(TimeSpan budget)
    {
        QuickTable.PrintMachine();
        Console.WriteLine($"| training step, batch {Batch} | threads | ms | images/s | GFLOP/s | peak GFLOP/s | share of peak | best ms | best share |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var name in Names)
        {
            foreach (var threads in new[] { 1, 2 })
                PrintRow(name, threads, budget / (2 * Names.Count));
        }
    }

    /// <summary>Prints where the time of a step goes, slowest kernel first.</summary>
    public static void Profile(string name, int threads)
    {
        using var pool = new WorkerPool(threads);
        using var plan = Compile(name, pool);
        Func<double> clock = threads == 1 ? ThreadClock.Seconds : () => (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency;
        plan.Profile(2, clock);
        var parts = plan.Profile(8, clock);
        foreach (var group in parts.GroupBy(p => p.Name[(p.Name.IndexOf(' ') + 1)..]).OrderByDescending(g => g.Sum(p => p.Seconds)).Where(g => g.Count() > 2))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{group.Sum(p => p.Seconds) * 1e3,9:F3} ms  all {group.Key} ({group.Count()})"));
        Console.WriteLine($"{name}, batch {Batch}, {threads} threads: {parts.Sum(p => p.Seconds) * 1e3:F2} ms, arena {plan.ArenaBytes >> 20} MiB");
        foreach (var (part, seconds) in parts.OrderByDescending(p => p.Seconds).Take(100))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3,9:F3} ms  {part}"));
    }

    /// <summary>A network compiled for training, its batch filled with noise.</summary>
    public static TrainingPlan Compile(string name, WorkerPool pool) => name.Contains(' ')
        ? Fill(TrainingPlan.Compile(Networks.Build(name), new TrainingPlanOptions { Batch = Batch }, pool))
        : TrainingWorker.Compile(name, Batch, pool);

    /// <summary>Fills a plan's batch with noise.</summary>
    public static TrainingPlan Fill(TrainingPlan plan)
    {
        var random = new RandomStream(1);
        foreach (ref var x in plan.Images)
            x = random.NextSingle(-1, 1);
        foreach (ref var label in plan.Labels)
            label = random.NextInt32(5);
        return plan;
    }

    /// <summary>A network with threads and optimizer, ready to train.</summary>
    public static (WorkerPool Pool, TrainingPlan Plan, OptimizerState Optimizer) Start(string name, int threads)
    {
        var pool = new WorkerPool(threads);
        var plan = Compile(name, pool);
        return (pool, plan, new OptimizerState(new Adam(), plan));
    }

    private static void PrintRow(string name, int threads, TimeSpan budget)
    {
        using var pool = new WorkerPool(threads);
        using var plan = Compile(name, pool);
        using var optimizer = new OptimizerState(new Adam(), plan);
        for (var i = 0; i < 2; i++)
            Step();
        var (times, peaks) = (new List<double>(), new List<double>());
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < budget || times.Count < 5)
        {
            peaks.Add(QuickTable.MeasurePeak());
            times.Add(threads == 1 ? CpuTime() : WallTime());
        }

        var seconds = QuickTable.Median(times);
        var operations = 6.0 * plan.Graph.Macs * Batch;
        var peak = threads * QuickTable.PeakRate(QuickTable.Median(peaks));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {threads} | {seconds * 1e3:F1} | {Batch / seconds:F0} | {operations / seconds / 1e9:F1} | {peak / 1e9:F1} "
            + $"| {operations / seconds / peak:F2} | {times[0] * 1e3:F1} | {operations / times[0] / peak:F2} |"));

        void Step()
        {
            plan.Run();
            plan.Update(optimizer);
        }

        double CpuTime()
        {
            var start = ThreadClock.Seconds();
            Step();
            return ThreadClock.Seconds() - start;
        }

        double WallTime()
        {
            var start = Stopwatch.GetTimestamp();
            Step();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }
}
