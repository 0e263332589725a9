using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Zoo;

namespace Kindling.Quantization.Tests;

/// <summary>Networks of the zoo with random weights that let a signal through, and random photos for them.</summary>
internal static class Networks
{
    public static Preprocessing Preprocessing(int side) => new(side, side, ColorMode.Rgb, [1 / 127.5f], [-1]);

    public static Graph SqueezeNet(int side = 64) => WithActiveWeights(Zoo.SqueezeNet.V11(Options(side)), 1);

    public static Graph MobileNet(int side = 64) => WithActiveWeights(MobileNetV1.Build(0.25, Options(side)), 2);

    /// <summary>Smooth random photos: blobs of colour, as pixels from 0 to 255, preprocessed.</summary>
    public static ReadOnlyMemory<float> Photos(int count, int side, int seed)
    {
        var values = new float[count * side * side * 3];
        var random = new RandomStream(seed);
        for (var n = 0; n < count; n++)
        {
            for (var c = 0; c < 3; c++)
            {
                var (fx, fy, phase, contrast) = (random.NextSingle(0, 8), random.NextSingle(0, 8), random.NextSingle(0, 6), random.NextSingle(20, 127));
                for (var y = 0; y < side; y++)
                {
                    for (var x = 0; x < side; x++)
                    {
                        var wave = MathF.Sin(phase + (fx * x / side) + (fy * y / side)) * contrast;
                        var pixel = (int)Math.Clamp(127.5f + wave + random.NextSingle(-20, 20), 0, 255);
                        values[(((((n * side) + y) * side) + x) * 3) + c] = (pixel / 127.5f) - 1;
                    }
                }
            }
        }

        return values;
    }

    private static ModelOptions Options(int side) => new()
    {
        Height = side,
        Width = side,
        Classes = 5,
        Dropout = 0.3f,
        Seed = 11,
        Metadata = new ModelMetadata(Preprocessing(side), ["a", "b", "c", "d", "e"]),
    };

    // Glorot weights fade out before ReLUs; twice the variance (He et al. 2015) and lively batch norms keep the logits apart.
    private static Graph WithActiveWeights(Graph graph, long seed)
    {
        var random = new RandomStream(seed);
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is Conv2D or DepthwiseConv2D or Dense)
            {
                var w = node.Inputs[1].Shape;
                var fanIn = node.Operator is DepthwiseConv2D ? w[0] * w[1] : w.ElementCount / w[0];
                var limit = MathF.Sqrt(6f / fanIn);
                Fill(node.Inputs[1], -limit, limit);
                if (node.Inputs.Count > 2)
                    Fill(node.Inputs[2], -0.1f, 0.3f);
            }
            else if (node.Operator is BatchNorm)
            {
                Fill(node.Inputs[1], 0.7f, 1.5f);
                Fill(node.Inputs[2], -0.3f, 0.6f);
                Fill(node.Inputs[3], -0.3f, 0.3f);
                Fill(node.Inputs[4], 0.5f, 1.5f);
            }
        }

        return graph;

        void Fill(Value constant, float low, float high)
        {
            foreach (ref var v in constant.Constant!.AsSpan<float>())
                v = random.NextSingle(low, high);
        }
    }
}
