namespace Kindling.Numerics;

/// <summary>
/// A small random generator whose sequence is ours to keep: SplitMix64 (Steele, Lea and Flood 2014). A stream is named by numbers
/// (seed, epoch, image, …), so that what is drawn never depends on threads or on how far a run has come.
/// </summary>
public struct RandomStream
{
    private ulong _state;

    /// <summary>Creates the stream that belongs to a seed and any further numbers.</summary>
    public RandomStream(long seed, params ReadOnlySpan<long> keys)
    {
        _state = Mix((ulong)seed + 0x9E3779B97F4A7C15UL);
        foreach (var key in keys)
            _state = Mix(_state ^ Mix((ulong)key + 0xD1B54A32D192ED03UL));
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64() => Mix(_state += 0x9E3779B97F4A7C15UL);

    /// <summary>A number from 0 to below 1, with 24 random bits.</summary>
    public float NextSingle() => (NextUInt64() >> 40) * (1f / (1 << 24));

    /// <summary>A number from <paramref name="low"/> to below <paramref name="high"/>.</summary>
    public float NextSingle(float low, float high) => low + ((high - low) * NextSingle());

    /// <summary>A whole number from 0 to below <paramref name="bound"/>, without bias.</summary>
    public int NextInt32(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        var product = (NextUInt64() >> 32) * (ulong)bound;
        var low = (uint)product;
        if (low < (uint)bound)
        {
            var threshold = (uint)(-bound) % (uint)bound;
            while (low < threshold)
            {
                product = (NextUInt64() >> 32) * (ulong)bound;
                low = (uint)product;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>True with the given probability; a probability of 1 is always true.</summary>
    public bool Chance(float probability) => NextSingle() < probability;

    /// <summary>A number from the standard normal distribution (Marsaglia and Tsang's ziggurat, see <see cref="Ziggurat"/>).</summary>
    public float NextGaussian()
    {
        while (true)
        {
            var bits = (uint)(NextUInt64() >> 32);
            var layer = (int)(bits & (Ziggurat.Layers - 1));
            var position = ((bits >> 7) * (2f / (1 << 25))) - 1;
            if (MathF.Abs(position) < Ziggurat.Ratios[layer])
                return position * Ziggurat.Edges[layer];
            if (layer == 0)
                return NormalTail(position < 0);
            var x = position * Ziggurat.Edges[layer];
            if (Ziggurat.IsBelowCurve(x, layer, NextSingle()))
                return x;
        }
    }

    /// <summary>Puts the elements into random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt32(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>Marsaglia's method for the part beyond the last layer.</summary>
    private float NormalTail(bool negative)
    {
        float x, y;
        do
        {
            x = MathF.Log(1 - NextSingle()) / Ziggurat.Tail;
            y = MathF.Log(1 - NextSingle());
        }
        while (-2 * y < x * x);
        return negative ? x - Ziggurat.Tail : Ziggurat.Tail - x;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
