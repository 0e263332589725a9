using Kindling.Execution;
using Kindling.Graphs;

namespace Kindling.Deployment;

/// <summary>A folder of generated C and what is known about it before it is compiled.</summary>
public sealed record GeneratedProject
{
    /// <summary>The folder.</summary>
    public required string Directory { get; init; }

    /// <summary>What every global name starts with: <c>kindling_model</c>.</summary>
    public required string Symbol { get; init; }

    /// <summary>The files, relative to <see cref="Directory"/>.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The folder of the C sources, which is also the only include folder.</summary>
    public string SourceDirectory => Path.Combine(Path.GetFullPath(Directory), "src");

    /// <summary>Absolute paths of the C files to compile: network, weights, kernels.</summary>
    public IReadOnlyList<string> Sources =>
        [.. Files.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".c", StringComparison.Ordinal)).Select(f => Path.GetFullPath(Path.Combine(Directory, f)))];

    /// <summary>The graph that was written: the one given, rewritten for inference.</summary>
    public required Graph Graph { get; init; }

    /// <summary>What was preferred where two demands conflict.</summary>
    public required OptimizationGoal Optimize { get; init; }

    /// <summary>The compiler's optimization flag that goes with <see cref="Optimize"/>.</summary>
    public string CompilerOptimization => Optimize == OptimizationGoal.Flash ? "-Os" : "-O2";

    /// <summary>Where every activation lives in the arena.</summary>
    public required MemoryPlan Plan { get; init; }

    /// <summary>True when a run asks the application for rows of the input, which then has no place in the arena (<see cref="OptimizationGoal.Ram"/>).</summary>
    public bool HasRowsOfInput { get; init; }

    /// <summary>Multiply-accumulates that are computed a second time to save RAM, contained in those of <see cref="Graph"/>.</summary>
    public long RecomputedMacs { get; init; }

    /// <summary>Bytes of the static arena: all activations, output included; the input too, unless it comes in rows, of which it then holds those in use.</summary>
    public long ArenaBytes => Plan.ArenaBytes;

    /// <summary>Bytes of int8 weights.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Bytes of int32 biases.</summary>
    public required long BiasBytes { get; init; }

    /// <summary>Bytes of requantization constants: 5 for each output channel (multiplier and shift).</summary>
    public required long RequantizationBytes { get; init; }

    /// <summary>Bytes of lookup tables (softmax, logistic), which lie with the code.</summary>
    public required long TableBytes { get; init; }

    /// <summary>Bytes of the largest scratch of a kernel; it lies in the arena, and a second thread needs it once more.</summary>
    public required long ScratchBytes { get; init; }

    /// <summary>Flash for weights, biases and requantization constants.</summary>
    public long WeightsFlashBytes => WeightBytes + BiasBytes + RequantizationBytes;

    /// <summary>
    /// Why there is no function for camera frames; null when <c>NAME_input_from_frame()</c> is there. A model's preprocessing must be known and work pixel by pixel.
    /// </summary>
    public string? FrameRefusal { get; init; }

    /// <summary>The board that the toolchain file and the examples are written for.</summary>
    public required Target Target { get; init; }

    /// <summary>Names of the output's elements in order; empty when the model does not name all of them.</summary>
    public IReadOnlyList<string> ClassNames =>
        Graph.Metadata.ClassNames.Count == Graph.Outputs[0].Shape.ElementCount ? Graph.Metadata.ClassNames : [];

    /// <summary>What the examples print for the image that is built into them: <c>daisy: 0.996</c>.</summary>
    public string ExampleAnswer { get; init; } = "";

    /// <summary>Bytes of one input.</summary>
    public int InputBytes => (int)Graph.Inputs[0].Bytes;

    /// <summary>Bytes of one output.</summary>
    public int OutputBytes => (int)Graph.Outputs[0].Bytes;

    /// <summary>The share of the multiply-accumulates that is computed a second time.</summary>
    public double RecomputedShare => RecomputedMacs == 0 ? 0 : (double)RecomputedMacs / (Graph.Macs - RecomputedMacs);

    /// <summary>Writes inputs one behind the other, as the programs that run the C read them.</summary>
    /// <exception cref="KindlingException">One has another size than the network's input.</exception>
    internal void WriteInputs(string path, IReadOnlyList<byte[]> inputs)
    {
        using var stream = File.Create(path);
        foreach (var input in inputs)
        {
            if (input.Length != InputBytes)
                throw new KindlingException($"an input has {input.Length} bytes, the network's input {InputBytes}");
            stream.Write(input);
        }
    }
}
