namespace Kindling.Kernels.Int8;

/// <summary>
/// A width of vectors for the integer kernels: lanes of 32-bit sums, fed with pairs of 16-bit numbers. One source serves all widths;
/// the compiler specializes it.
/// </summary>
/// <typeparam name="TVector">The vector of 32-bit integers.</typeparam>
internal unsafe interface IInt8Lanes<TVector>
    where TVector : struct
{
    /// <summary>32-bit lanes of a vector.</summary>
    static abstract int Width { get; }

    /// <summary>Loads <see cref="Width"/> integers.</summary>
    static abstract TVector Load(int* source);

    /// <summary>The same integer (or the same pair of 16-bit numbers) in every lane.</summary>
    static abstract TVector Broadcast(int value);

    /// <summary>Loads <see cref="Width"/> 16-bit numbers, sign-extended.</summary>
    static abstract TVector LoadWidened(short* source);

    /// <summary><c>sum + x.low * w.low + x.high * w.high</c> in every lane, x and w taken as pairs of 16-bit numbers.</summary>
    static abstract TVector MultiplyAddPairs(TVector sum, TVector x, TVector w);

    /// <summary><c>x.low * w.low + x.high * w.high</c> in every lane.</summary>
    static abstract TVector MultiplyPairs(TVector x, TVector w);

    /// <summary>Sums that wrap.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>Differences that wrap.</summary>
    static abstract TVector Subtract(TVector a, TVector b);

    /// <summary>Every lane times a power of two, wrapping.</summary>
    static abstract TVector ShiftLeft(TVector a, int bits);

    /// <summary>Every lane divided by a power of two, rounded down.</summary>
    static abstract TVector ShiftRight(TVector a, int bits);

    /// <summary>The low 32 bits of products.</summary>
    static abstract TVector MultiplyLow(TVector a, TVector b);

    /// <summary>Stores sums as they are.</summary>
    static abstract void StoreSums(int* target, TVector sums);

    /// <summary>
    /// Requantizes finished sums of <see cref="Width"/> channels from <paramref name="channel"/> on, pixel by pixel, and stores them as
    /// <see cref="Width"/> bytes each.
    /// </summary>
    /// <param name="target">Bytes of the first pixel.</param>
    /// <param name="stride">Bytes from one pixel to the next.</param>
    /// <param name="sums">Sums of the first pixel.</param>
    /// <param name="sumStride">Integers from one pixel's sums to the next one's.</param>
    /// <param name="pixels">How many.</param>
    /// <param name="table">Factors of all channels.</param>
    /// <param name="channel">The first channel.</param>
    static abstract void StorePixels(sbyte* target, nint stride, int* sums, nint sumStride, int pixels, in RequantizationTable table, int channel);
}
