namespace Kindling.Kernels.Int8;

/// <summary>What becomes of int8 inputs on their way to scratch memory.</summary>
/// <typeparam name="T">Element of the scratch memory.</typeparam>
internal unsafe interface IRowConversion<T>
    where T : unmanaged
{
    /// <summary>Converts <paramref name="count"/> numbers.</summary>
    static abstract void Convert(sbyte* source, T* target, int count, int zeroPoint);
}
