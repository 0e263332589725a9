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

    /// <summary>Two independent numbers from the standard normal distribution (Box and Muller).</summary>
    public (float First, float Second) NextNormals()
    {
        float radius = MathF.Sqrt(-2 * MathF.Log(1 - NextSingle()));
        (float sin, float cos) = MathF.SinCos(2 * MathF.PI * NextSingle());
        return (radius * cos, radius * sin);
    }

    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
