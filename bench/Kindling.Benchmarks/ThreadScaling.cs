using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Training;
using Kindling.Training.Optimizers;

namespace Kindling.Benchmarks;

/// <summary>
/// What two threads do in the time of one, by wall time in turns: a training step beside loops that use registers only and memory only, which tell what the
/// machine allows in the same minute.
/// </summary>
internal static unsafe class ThreadScaling
{
    private const int Rounds = 25;
    private const int MegabytesOfThread = 64;

    /// <summary>Prints the ratios of a network's step and of the two loops.</summary>
    /// <param name="network">The network, <c>model@pixels</c>.</param>
    /// <param name="batch">Images a step.</param>
    public static void Run(string network, int batch)
    {
        using WorkerPool one = new(1), two = new(2);
        using TrainingPlan single = TrainingWorker.Compile(network, batch, one), both = TrainingWorker.Compile(network, batch, two);
        using OptimizerState singleOptimizer = new(new Sgd(), single), bothOptimizer = new(new Sgd(), both);
        using var triad = new TriadKernel();
        var registers = new RegisterKernel();
        var (step, fma, stream) = (new Samples(), new Samples(), new Samples());
        for (var round = 0; round < Rounds; round++)
        {
            step.Add(() => Step(single, singleOptimizer), () => Step(both, bothOptimizer));
            fma.Add(() => one.Run(registers), () => two.Run(registers));
            stream.Add(() => one.Run(triad), () => two.Run(triad));
        }

        var (slow, fast) = stream.Medians;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {network} | {batch} | {step} | {fma} | {stream} | {TriadKernel.Bytes / slow / 1e9:F0}, {TriadKernel.Bytes / fast / 1e9:F0} | {QuickTable.Load()} |"));
    }

    /// <summary>The head of the table.</summary>
    public static void PrintHead()
    {
        Console.WriteLine("\nTwo threads over one by wall time, in turns: median (best over best)\n");
        Console.WriteLine("| training step | batch | step | registers | memory | GB/s on one, two threads | load |\n|---|---|---|---|---|---|---|");
    }

    private static void Step(TrainingPlan plan, OptimizerState optimizer)
    {
        plan.Run();
        plan.Update(optimizer);
    }

    private static double Seconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private sealed class Samples
    {
        private readonly List<(double One, double Two)> _seconds = [];

        public (double One, double Two) Medians =>
            (QuickTable.Median([.. _seconds.Select(s => s.One)]), QuickTable.Median([.. _seconds.Select(s => s.Two)]));

        /// <summary>Measures both, the other one first each time.</summary>
        public void Add(Action one, Action two)
        {
            if (_seconds.Count % 2 == 0)
            {
                var first = Seconds(one);
                _seconds.Add((first, Seconds(two)));
            }
            else
            {
                var first = Seconds(two);
                _seconds.Add((Seconds(one), first));
            }
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{QuickTable.Median([.. _seconds.Select(s => s.One / s.Two)]):F2} ({_seconds.Min(s => s.One) / _seconds.Min(s => s.Two):F2})");
    }

    /// <summary>Fused multiply-adds on registers in small chunks.</summary>
    private sealed class RegisterKernel : Kernel
    {
        private readonly double[] _seconds = new double[64];

        public override int Chunks => _seconds.Length;

        public override void Run(int chunk, byte* scratch) => _seconds[chunk] = QuickTable.MeasurePeak();
    }

    /// <summary>a = b + 1.5 c over more memory than the caches hold.</summary>
    private sealed class TriadKernel : Kernel, IDisposable
    {
        private const int Parts = 64;
        private const int FloatsOfPart = 2 * MegabytesOfThread * 1024 * 1024 / (3 * sizeof(float)) / Parts / 64 * 64;
        private readonly NativeBuffer _memory = new(Bytes);

        /// <summary>What is read and written, without what a store reads.</summary>
        public static long Bytes => 3L * Parts * FloatsOfPart * sizeof(float);

        public override int Chunks => Parts;

        public override void Run(int chunk, byte* scratch)
        {
            var a = _memory.Floats + (3L * FloatsOfPart * chunk);
            var b = a + FloatsOfPart;
            var c = b + FloatsOfPart;
            var scale = Vector256.Create(1.5f);
            for (var i = 0; i < FloatsOfPart; i += Vector256<float>.Count)
                Vector256.MultiplyAddEstimate(Vector256.Load(c + i), scale, Vector256.Load(b + i)).Store(a + i);
        }

        public void Dispose() => _memory.Dispose();
    }
}
