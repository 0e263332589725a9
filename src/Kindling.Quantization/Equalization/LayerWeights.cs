using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Quantization.Equalization;

/// <summary>A layer's weights by input and output channel.</summary>
internal static class LayerWeights
{
    /// <summary>True for layers that multiply with constant float weights that nothing else uses.</summary>
    public static bool Has(Graph graph, Node node) =>
        node.Operator is Conv2D or DepthwiseConv2D or Dense
        && node.Inputs.Skip(1).All(i => i is { IsConstant: true, Type: Tensors.ElementType.Float32 } && graph.Consumers(i).Count == 1);

    /// <summary>The activation a layer applies.</summary>
    public static Activation ActivationOf(Node node) => node.Operator switch
    {
        Conv2D op => op.Activation,
        DepthwiseConv2D op => op.Activation,
        Dense op => op.Activation,
        _ => throw new ArgumentException($"{node.Name} has no weights", nameof(node)),
    };

    /// <summary>Multiplies what makes an output channel.</summary>
    public static void ScaleOutput(Node node, int channel, float factor)
    {
        var weights = node.Inputs[1].Constant!.AsSpan<float>();
        var channels = node.Output.Shape.Channels;
        if (node.Operator is DepthwiseConv2D)
        {
            for (var i = channel; i < weights.Length; i += channels)
                weights[i] *= factor;
        }
        else
        {
            foreach (ref var weight in weights.Slice(channel * (weights.Length / channels), weights.Length / channels))
                weight *= factor;
        }

        if (node.Inputs.Count > 2)
            node.Inputs[2].Constant!.AsSpan<float>()[channel] *= factor;
    }

    /// <summary>Multiplies the weights of an input channel.</summary>
    public static void ScaleInput(Node node, int channel, float factor)
    {
        var weights = node.Inputs[1].Constant!.AsSpan<float>();
        var channels = node.Inputs[0].Shape.Channels;
        for (var i = channel; i < weights.Length; i += channels)
            weights[i] *= factor;
    }

    /// <summary>The largest magnitude among the weights of an output channel.</summary>
    public static float LargestOfOutput(Node node, int channel)
    {
        var weights = node.Inputs[1].Constant!.AsSpan<float>();
        var channels = node.Output.Shape.Channels;
        var (start, step, count) = node.Operator is DepthwiseConv2D
            ? (channel, channels, weights.Length / channels)
            : (channel * (weights.Length / channels), 1, weights.Length / channels);
        var most = 0f;
        for (var i = 0; i < count; i++)
            most = MathF.Max(most, MathF.Abs(weights[start + (i * step)]));
        return most;
    }

    /// <summary>
    /// The largest magnitude among the weights of each input channel; with <paramref name="relative"/> each taken as a share of the
    /// largest weight of its output channel.
    /// </summary>
    public static float[] LargestOfInputs(Node node, bool relative)
    {
        var weights = node.Inputs[1].Constant!.AsSpan<float>();
        var inputs = node.Inputs[0].Shape.Channels;
        var most = new float[inputs];
        var perOutput = weights.Length / node.Output.Shape.Channels;
        var whole = 1f;
        for (var i = 0; i < weights.Length; i++)
        {
            if (relative && node.Operator is not DepthwiseConv2D && i % perOutput == 0)
                whole = MathF.Max(LargestOfOutput(node, i / perOutput), float.Epsilon);
            most[i % inputs] = MathF.Max(most[i % inputs], MathF.Abs(weights[i]) / whole);
        }

        return most;
    }
}
