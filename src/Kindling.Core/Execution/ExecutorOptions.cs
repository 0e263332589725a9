using Kindling.Numerics;

namespace Kindling.Execution;

/// <summary>How a graph is compiled for the host.</summary>
public sealed record ExecutorOptions
{
    /// <summary>Samples a run.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Threads; 0 takes one for each processor. The result is the same to the bit for any number.</summary>
    public int Threads { get; init; }

    /// <summary>True rewrites the graph first (BatchNorm, activations and paddings folded); false runs it operator by operator as written.</summary>
    public bool Optimize { get; init; } = true;

    /// <summary>True keeps every value apart, so that all of them can be read after a run.</summary>
    public bool KeepAllValues { get; init; }

    /// <summary>True uses the scalar reference kernels: the specification in code, many times slower.</summary>
    public bool UseReferenceKernels { get; init; }

    /// <summary>How integer kernels round; null takes what travels with the graph, and <see cref="Int8Arithmetic.TfliteMicro"/> where it does not say.</summary>
    public Int8Arithmetic? Arithmetic { get; init; }

    /// <summary>A pool to share between executors; null gives the executor its own.</summary>
    public WorkerPool? Pool { get; init; }
}
