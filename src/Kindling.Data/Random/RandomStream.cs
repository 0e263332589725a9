using System.Numerics;

namespace Kindling.Data;

/// <summary>
/// A small random generator (PCG-XSH-RR 64/32, O'Neill 2014) started from a key, so that what is drawn for an image depends on nothing but the key:
/// not on threads, batches or what was drawn before.
/// </summary>
internal struct RandomStream
{
    private const ulong Multiplier = 6364136223846793005;
    private const ulong Increment = 1442695040888963407;
    private ulong _state;

    public RandomStream(ulong key)
    {
        _state = key + Increment;
        _ = NextUInt();
    }

    /// <summary>Mixes numbers into a well-spread key (the finalizer of SplitMix64 over each).</summary>
    public static ulong Key(ulong a, ulong b = 0, ulong c = 0, ulong d = 0) => Mix(Mix(Mix(Mix(a) ^ b) ^ c) ^ d);

    public uint NextUInt()
    {
        ulong old = _state;
        _state = (old * Multiplier) + Increment;
        return BitOperations.RotateRight((uint)(((old >> 18) ^ old) >> 27), (int)(old >> 59));
    }

    /// <summary>Uniform in [0, 1), 24 bits.</summary>
    public float NextSingle() => (NextUInt() >> 8) * (1f / (1 << 24));

    /// <summary>Uniform in [low, high).</summary>
    public float Uniform(float low, float high) => low + ((high - low) * NextSingle());

    /// <summary>Uniform in 0 … count - 1, without bias that matters for counts far below 2^32.</summary>
    public int Below(int count) => (int)(((ulong)NextUInt() * (uint)count) >> 32);

    /// <summary>True with the given probability; a probability of 1 is always true.</summary>
    public bool Chance(float probability) => NextSingle() < probability;

    /// <summary>A number from the standard normal distribution (see <see cref="Ziggurat"/>).</summary>
    public float NextNormal()
    {
        while (true)
        {
            uint bits = NextUInt();
            int layer = (int)(bits & (Ziggurat.Layers - 1));
            float position = ((bits >> 7) * (2f / (1 << 25))) - 1;
            if (MathF.Abs(position) < Ziggurat.Ratios[layer])
                return position * Ziggurat.Edges[layer];
            if (layer == 0)
                return NormalTail(position < 0);
            float x = position * Ziggurat.Edges[layer];
            if (Ziggurat.IsBelowCurve(x, layer, NextSingle()))
                return x;
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

    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
