namespace Kindling.Numerics;

/// <summary>
/// Tables of the ziggurat method for the normal distribution (Marsaglia and Tsang 2000, in Doornik's 2005 form): 128 layers of equal area under exp(-x²/2).
/// </summary>
internal static class Ziggurat
{
    public const int Layers = 128;

    /// <summary>Where the last layer ends and the tail begins.</summary>
    public const float Tail = (float)TailStart;

    private const double TailStart = 3.442619855899;
    private const double LayerArea = 9.91256303526217e-3;

    /// <summary>The right edge of each layer, and 0 at the end.</summary>
    public static readonly float[] Edges = BuildEdges();

    /// <summary>The share of each layer that lies wholly under the curve.</summary>
    public static readonly float[] Ratios = [.. Enumerable.Range(0, Layers).Select(i => Edges[i + 1] / Edges[i])];

    /// <summary>Decides for a point in the part of a layer that the curve cuts.</summary>
    public static bool IsBelowCurve(float x, int layer, float height)
    {
        float outer = MathF.Exp(-0.5f * ((Edges[layer] * Edges[layer]) - (x * x)));
        float inner = MathF.Exp(-0.5f * ((Edges[layer + 1] * Edges[layer + 1]) - (x * x)));
        return inner + (height * (outer - inner)) < 1;
    }

    private static float[] BuildEdges()
    {
        double[] edges = new double[Layers + 1];
        double density = Math.Exp(-0.5 * TailStart * TailStart);
        edges[0] = LayerArea / density;
        edges[1] = TailStart;
        for (int i = 2; i < Layers; i++)
        {
            edges[i] = Math.Sqrt(-2 * Math.Log((LayerArea / edges[i - 1]) + density));
            density = Math.Exp(-0.5 * edges[i] * edges[i]);
        }

        return [.. edges.Select(e => (float)e)];
    }
}
