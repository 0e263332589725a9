using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>What a random value is drawn from, uniformly.</summary>
internal readonly record struct ValueRange(float Low, float High)
{
    public float Draw(ref RandomStream random) => random.NextSingle(Low, High);

    /// <summary>A whole number, both ends included.</summary>
    public int DrawInteger(ref RandomStream random) => (int)Low + random.NextInt32((int)High - (int)Low + 1);
}
