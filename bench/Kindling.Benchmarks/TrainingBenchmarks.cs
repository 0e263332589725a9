using BenchmarkDotNet.Attributes;
using Kindling.Execution;
using Kindling.Training;
using Kindling.Training.Optimizers;

namespace Kindling.Benchmarks;

/// <summary>One training step: forward, backward, Adam. <c>--training</c> prints images per second and share of the peak.</summary>
[JsonExporterAttribute.BriefCompressed]
public class TrainingBenchmarks
{
    private WorkerPool? _pool;
    private TrainingPlan? _plan;
    private OptimizerState? _optimizer;

    [ParamsSource(nameof(TrainedNetworks))]
    public string TrainedNetwork { get; set; } = TrainingTable.Names[0];

    [Params(1, 2)]
    public int Threads { get; set; }

    public IEnumerable<string> TrainedNetworks => TrainingTable.Names;

    [GlobalSetup]
    public void Compile() => (_pool, _plan, _optimizer) = TrainingTable.Start(TrainedNetwork, Threads);

    [Benchmark]
    public void TrainingStep()
    {
        _plan!.Run();
        _plan.Update(_optimizer!);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _optimizer?.Dispose();
        _plan?.Dispose();
        _pool?.Dispose();
    }
}
