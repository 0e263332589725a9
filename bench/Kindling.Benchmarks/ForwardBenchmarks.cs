using BenchmarkDotNet.Attributes;
using Kindling.Execution;

namespace Kindling.Benchmarks;

/// <summary>One forward run of a batch of one.</summary>
[JsonExporterAttribute.BriefCompressed]
public class ForwardBenchmarks
{
    private Executor? _executor;

    [ParamsSource(nameof(AllNetworks))]
    public string Network { get; set; } = Networks.Names[0];

    [Params(1, 2)]
    public int Threads { get; set; }

    public IEnumerable<string> AllNetworks => Networks.Names;

    [GlobalSetup]
    public void Compile() => _executor = Networks.Compile(Network, Threads);

    [Benchmark]
    public void Forward() => _executor!.Run();

    [GlobalCleanup]
    public void Release() => _executor?.Dispose();
}
