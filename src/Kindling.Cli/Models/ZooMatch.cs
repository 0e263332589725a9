using System.Runtime.InteropServices;
using Kindling.Execution;
using Kindling.Formats.Weights;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Zoo;

namespace Kindling.Cli.Models;

/// <summary>Finds the network of the zoo that a whole model of another program is, so that it can be trained further and rebuilt from its weights.</summary>
internal static class ZooMatch
{
    private const float Tolerance = 1e-4f;

    /// <summary>The network with the file's weights.</summary>
    /// <param name="path">A float model that holds its network, such as Keras' .h5.</param>
    /// <param name="change">What is to be built otherwise than the file says, such as the dropout.</param>
    /// <exception cref="KindlingException">The file cannot be read, or is none of the zoo's networks.</exception>
    public static (Graph Graph, ZooModel Model, ModelOptions Options) Find(string path, Func<ModelOptions, ModelOptions> change)
    {
        var read = ModelFile.Read(path);
        var weights = WeightSet.Load(path);
        var (input, classes) = (read.Inputs[0].Shape, read.Outputs[0].Shape.Channels);
        if (input.Rank == 4)
        {
            foreach (var model in ZooCatalogue.Models)
            {
                var options = model.Defaults with
                {
                    Height = input.Height,
                    Width = input.Width,
                    Channels = input.Channels,
                    Classes = classes,
                    Dropout = 0,
                    DropConnect = 0,
                    Metadata = read.Metadata,
                };
                if (!Fits(model, options, read, weights))
                    continue;
                options = change(options);
                var graph = model.Build(options);
                weights.ApplyTo(graph, WeightMappingOptions.Strict);
                return (graph, model, options);
            }
        }

        throw new KindlingException(
            $"{path} is none of the zoo's networks, and only those can be trained further; as the beginning of one of them name it as training.model.pretrained_model_path");
    }

    private static bool Fits(ZooModel model, ModelOptions options, Graph read, WeightSet weights)
    {
        try
        {
            var graph = model.Build(options);
            if (graph.ParameterCount != read.ParameterCount)
                return false;
            weights.ApplyTo(graph, WeightMappingOptions.Strict);
            return Answers(graph).Zip(Answers(read)).All(p => MathF.Abs(p.First - p.Second) <= Tolerance);
        }
        catch (KindlingException)
        {
            // An input too small for this network, or layers of other shapes: it is another one.
            return false;
        }
    }

    private static float[] Answers(Graph graph)
    {
        using var executor = Executor.Compile(graph, new ExecutorOptions { Threads = 1 });
        var noise = new RandomStream(1, 0);
        foreach (ref var pixel in MemoryMarshal.Cast<byte, float>(executor.InputBytes()))
            pixel = noise.NextSingle(-1, 1);
        executor.Run();
        return executor.Output<float>().ToArray();
    }
}
