namespace Kindling.Kernels.Float.Simd;

/// <summary>The few vector operations the float kernels need, for one register width. Kernels are generic over it and compiled for each.</summary>
internal unsafe interface ISimd<TVector>
    where TVector : struct
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Count { get; }

    /// <summary>Reads a vector, aligned or not.</summary>
    static abstract TVector Load(float* source);

    /// <summary>Writes a vector, aligned or not.</summary>
    static abstract void Store(TVector value, float* target);

    /// <summary>The same number in every lane.</summary>
    static abstract TVector Broadcast(float value);

    /// <summary>a * b + c, with one rounding where the hardware can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>a + b.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a * b.</summary>
    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>The larger of a and b.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>min(max(value, min), max); a NaN stays one.</summary>
    static abstract TVector Clip(TVector value, TVector min, TVector max);
}
