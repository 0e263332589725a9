using System.Diagnostics;
using System.Globalization;
using Kindling.Execution;
using Kindling.Training;
using Kindling.Training.Optimizers;
using Kindling.Zoo;

namespace Kindling.Benchmarks;

/// <summary>One network trained on noise, driven over standard input as <c>bench/training/pytorch_step.py</c> is: a process of its own, so that its memory can be told.</summary>
internal static class TrainingWorker
{
    /// <summary>Serves until "quit": "run N" is answered with wall and processor seconds of N steps, "memory" with the peak of resident bytes.</summary>
    public static void Run(string network, int batch, int threads)
    {
        using var pool = new WorkerPool(threads);
        using var plan = Compile(network, batch, pool);
        using var optimizer = new OptimizerState(new Sgd { LearningRate = 0.01f, Momentum = 0.9f }, plan);
        for (var i = 0; i < 3; i++)
            Step();
        Console.WriteLine($"ready {plan.Graph.Constants.Sum(c => (long)c.Shape.ElementCount)}");
        while (Console.ReadLine()?.Split(' ') is { } words && words[0] != "quit")
        {
            if (words[0] == "memory")
            {
                Process.GetCurrentProcess().Refresh();
                Console.WriteLine(Process.GetCurrentProcess().PeakWorkingSet64);
                continue;
            }

            for (var n = int.Parse(words[1], CultureInfo.InvariantCulture); n > 0; n--)
            {
                var (wall, cpu) = (Stopwatch.GetTimestamp(), ThreadClock.ProcessSeconds());
                Step();
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(wall).TotalSeconds:R} {ThreadClock.ProcessSeconds() - cpu:R}"));
            }
        }

        void Step()
        {
            plan.Run();
            plan.Update(optimizer);
        }
    }

    /// <summary>A network of the zoo for 5 classes, named <c>model@pixels</c>, compiled for training, its batch filled with noise.</summary>
    public static TrainingPlan Compile(string network, int batch, WorkerPool pool)
    {
        var parts = network.Split('@');
        var size = int.Parse(parts[1], CultureInfo.InvariantCulture);
        var graph = ZooCatalogue.Find(parts[0]).Build(new ModelOptions { Height = size, Width = size, Classes = 5 });
        return TrainingTable.Fill(TrainingPlan.Compile(graph, new TrainingPlanOptions { Batch = batch }, pool));
    }
}
