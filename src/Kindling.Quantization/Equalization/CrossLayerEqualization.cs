using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Quantization.Equalization;
using Kindling.Quantization.Estimators;

namespace Kindling.Quantization;

/// <summary>
/// Cross-layer equalization (Nagel and others 2019, "Data-free quantization", section 4.1): factors on the channels between layers, put
/// into the weights before and taken out of the weights behind, so that all channels use the range of their tensor. A ReLU lets
/// factors through; a ReLU6 does not, so behind one only channels that stayed clear of 6 on the calibration images are scaled, and
/// never so far that they come near it. Products of constants that a batch normalization behind a ReLU leaves go into the
/// weights too. The float function stays the same; what runs in int8 changes.
/// <para>
/// With one weight scale a layer the factors balance the weights of both layers, as published. With one scale a channel the rows of the
/// first layer are free, and the factors balance its activations against the second layer's weights instead (Xiao and others 2023,
/// "SmoothQuant", equation 4 with exponent 1/2); before a depthwise layer, which is free as well, all activations get the same range.
/// </para>
/// </summary>
public static class CrossLayerEqualization
{
    // How far a factor may go: channels that hardly ever fire must not swallow the weights behind them.
    private const float MostFactor = 64;

    // A channel behind a ReLU6 is left this share of 6, for images that fire it harder than the calibration did.
    private const float Relu6Share = 0.8f;
    private const int Rounds = 20;

    /// <summary>The exponent of "SmoothQuant" unless said otherwise.</summary>
    internal const float DefaultBalance = 0.5f;

    /// <summary>Equalizes a network.</summary>
    /// <param name="graph">A float network as post-training quantization reads it (<see cref="Graphs.Passes.Passes.ForQuantization"/>).</param>
    /// <param name="seen">What calibration saw of each activation, with the largest magnitudes of channels.</param>
    /// <param name="perChannel">True when weights will have one scale for each output channel.</param>
    /// <param name="balance">
    /// With one scale a channel: how far activations are brought to one range at the expense of the weights behind them, from 0 (not at all) to 1
    /// (wholly); "SmoothQuant"'s exponent. Layers whose weights are free, and one scale a layer, do not need it.
    /// </param>
    /// <returns>A network of the same function with copies of the constants; the graph itself when there is nothing to scale.</returns>
    public static Graph Run(Graph graph, IReadOnlyDictionary<Value, ActivationStatistics> seen, bool perChannel, float balance = DefaultBalance)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(seen);
        var largest = seen.ToDictionary(s => s.Key.Name, s => s.Value.LargestOfChannels.ToArray());
        var copy = ProductAbsorption.Run(GraphCopy.WithOwnConstants(graph), largest);
        var paths = copy.Nodes.Where(n => LayerWeights.Has(copy, n) && LayerWeights.ActivationOf(n) != Activation.ReluN1To1)
            .Select(n => ChannelPath.Find(copy, n)).OfType<ChannelPath>().ToList();
        var isChanged = copy.Nodes.Count != graph.Nodes.Count;
        for (var round = 0; round < (perChannel ? 1 : Rounds); round++)
        {
            foreach (var path in paths)
                isChanged |= Equalize(path, largest, perChannel, perChannel ? balance : DefaultBalance);
        }

        return isChanged ? copy : graph;
    }

    private static bool Equalize(ChannelPath path, Dictionary<string, float[]> largest, bool perChannel, float balance)
    {
        var before = new float[path.Channels];
        var behind = new float[path.Channels];
        for (var c = 0; c < path.Channels; c++)
            before[c] = perChannel ? path.Values.Max(v => largest[v.Value.Name][v.First + c]) : LayerWeights.LargestOfOutput(path.Layer, c);
        var isFree = perChannel && path.Ends.All(e => e.Layer.Operator is DepthwiseConv2D);
        foreach (var (layer, first) in path.Ends.Where(e => isFree || !perChannel || e.Layer.Operator is not DepthwiseConv2D))
        {
            var weights = LayerWeights.LargestOfInputs(layer, relative: perChannel);
            for (var c = 0; c < path.Channels; c++)
                behind[c] = MathF.Max(behind[c], weights[first + c]);
        }

        var factors = Factors(before, behind, isFree ? 1 : balance);
        if (LayerWeights.ActivationOf(path.Layer) == Activation.Relu6)
            KeepClearOfSix(factors, largest[path.Layer.Output.Name]);
        if (factors.All(f => f is > 0.999f and < 1.001f))
            return false;
        for (var c = 0; c < path.Channels; c++)
            Scale(path, c, factors[c], largest);
        return true;
    }

    private static float[] Factors(float[] before, float[] behind, float balance)
    {
        var factors = new float[before.Length];
        for (var c = 0; c < factors.Length; c++)
        {
            var isUsed = before[c] > 0 && behind[c] > 0;
            factors[c] = !isUsed ? 0 : balance == 1 ? 1 / before[c] : MathF.Sqrt(behind[c] / before[c]) * MathF.Pow(behind[c] * before[c], 0.5f - balance);
        }

        // The channel that matters most keeps its scale; a channel without signal keeps its own.
        var least = factors.Where(f => f > 0).DefaultIfEmpty(1).Min();
        return [.. factors.Select(f => f == 0 ? 1 : MathF.Min(MostFactor, f / least))];
    }

    private static void KeepClearOfSix(float[] factors, float[] largest)
    {
        for (var c = 0; c < factors.Length; c++)
            factors[c] = largest[c] > 0 ? MathF.Max(1, MathF.Min(factors[c], Relu6Share * 6 / largest[c])) : 1;
    }

    private static void Scale(ChannelPath path, int channel, float factor, Dictionary<string, float[]> largest)
    {
        LayerWeights.ScaleOutput(path.Layer, channel, factor);
        foreach (var (layer, first) in path.Ends)
            LayerWeights.ScaleInput(layer, first + channel, 1 / factor);
        foreach (var (constant, first) in path.Summands)
            constant.Constant!.AsSpan<float>()[first + channel] *= factor;
        foreach (var (value, first) in path.Values)
            largest[value.Name][first + channel] *= factor;
    }
}
