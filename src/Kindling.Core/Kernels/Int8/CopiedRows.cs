namespace Kindling.Kernels.Int8;

/// <summary>Copies rows of an image into scratch memory as they are, with the zero point where the image ends.</summary>
internal readonly unsafe struct CopiedRows : IRowConversion<sbyte>
{
    /// <inheritdoc/>
    public static void Convert(sbyte* source, sbyte* target, int count, int zeroPoint) => new Span<sbyte>(source, count).CopyTo(new Span<sbyte>(target, count));
}
