namespace Kindling.Numerics;

/// <summary>A factor from an integer sum to the output's steps, in the arithmetic of either family.</summary>
public readonly record struct Requantizer
{
    // Far beyond 8 bits, and exact in single precision.
    private const float Largest = 1 << 24;

    private Requantizer(Int8Arithmetic arithmetic, QuantizedMultiplier multiplier, float scale)
    {
        Arithmetic = arithmetic;
        Multiplier = multiplier;
        Scale = scale;
    }

    /// <summary>The family.</summary>
    public Int8Arithmetic Arithmetic { get; }

    /// <summary>The factor in fixed point, for <see cref="Int8Arithmetic.TfliteMicro"/>.</summary>
    public QuantizedMultiplier Multiplier { get; }

    /// <summary>The factor in single precision, for <see cref="Int8Arithmetic.Xnnpack"/>.</summary>
    public float Scale { get; }

    /// <summary>A factor in fixed point.</summary>
    public static Requantizer Fixed(QuantizedMultiplier multiplier) => new(Int8Arithmetic.TfliteMicro, multiplier, 0);

    /// <summary>A factor in single precision.</summary>
    public static Requantizer Single(float scale) => new(Int8Arithmetic.Xnnpack, default, scale);

    /// <summary>The sum in steps of the output, without its zero point.</summary>
    public int Apply(int sum) => Arithmetic == Int8Arithmetic.TfliteMicro
        ? Multiplier.Apply(sum)
        : (int)MathF.Round(Math.Clamp(sum * Scale, -Largest, Largest), MidpointRounding.ToEven);
}
