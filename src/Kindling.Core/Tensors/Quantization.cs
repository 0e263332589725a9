namespace Kindling.Tensors;

/// <summary>
/// Affine quantization as TFLite specifies it: <c>real = scale * (q - zeroPoint)</c>, one scale for the whole tensor
/// or one for each index of <see cref="Axis"/>.
/// </summary>
public sealed class Quantization : IEquatable<Quantization>
{
    /// <summary>Quantization per tensor.</summary>
    /// <param name="scale">Step between neighbouring quantized values; finite and greater than zero.</param>
    /// <param name="zeroPoint">The quantized value that stands for 0.0.</param>
    public Quantization(float scale, int zeroPoint)
        : this([scale], [zeroPoint], 0)
    {
    }

    /// <summary>Quantization per channel.</summary>
    /// <param name="scales">One scale a channel, each finite and greater than zero.</param>
    /// <param name="zeroPoints">One zero point a channel (all 0 for weights).</param>
    /// <param name="axis">The dimension the scales run along.</param>
    /// <exception cref="ArgumentException">The lists are empty, differ in length, or hold a scale that is not positive.</exception>
    public Quantization(float[] scales, int[] zeroPoints, int axis)
    {
        ArgumentNullException.ThrowIfNull(scales);
        ArgumentNullException.ThrowIfNull(zeroPoints);
        if (scales.Length == 0 || scales.Length != zeroPoints.Length)
            throw new ArgumentException($"{scales.Length} scales for {zeroPoints.Length} zero points");
        foreach (var s in scales)
        {
            if (!(s > 0) || !float.IsFinite(s))
                throw new ArgumentException($"scale {s} is not a positive number", nameof(scales));
        }

        Scales = scales;
        ZeroPoints = zeroPoints;
        Axis = axis;
    }

    /// <summary>The scales; one element when per tensor.</summary>
    public IReadOnlyList<float> Scales { get; }

    /// <summary>The zero points, as many as scales.</summary>
    public IReadOnlyList<int> ZeroPoints { get; }

    /// <summary>The dimension the scales run along; meaningless when per tensor.</summary>
    public int Axis { get; }

    /// <summary>True when there is one scale for each channel.</summary>
    public bool IsPerChannel => Scales.Count > 1;

    /// <summary>The scale of the whole tensor (of the first channel when per channel).</summary>
    public float Scale => Scales[0];

    /// <summary>The zero point of the whole tensor (of the first channel when per channel).</summary>
    public int ZeroPoint => ZeroPoints[0];

    /// <inheritdoc/>
    public bool Equals(Quantization? other) =>
        other is not null && Scales.SequenceEqual(other.Scales) && ZeroPoints.SequenceEqual(other.ZeroPoints)
        && (!IsPerChannel || Axis == other.Axis);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Quantization);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Scales.Count, Scale, ZeroPoint);

    /// <inheritdoc/>
    public override string ToString() =>
        IsPerChannel ? $"{Scales.Count} scales along axis {Axis}" : $"scale {Scale:G9}, zero point {ZeroPoint}";
}
