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

    /// <summary>Stores sums as they are.</summary>
    static abstract void StoreSums(int* target, TVector sums);

    /// <summary>Requantizes finished sums of channels <paramref name="channel"/> and following and stores them as <see cref="Width"/> bytes.</summary>
    static abstract void Store(sbyte* target, TVector sums, in RequantizationTable table, int channel);
}
