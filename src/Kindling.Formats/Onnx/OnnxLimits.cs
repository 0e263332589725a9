namespace Kindling.Formats.Onnx;

/// <summary>What is accepted from a file before memory is taken for it.</summary>
internal static class OnnxLimits
{
    /// <summary>The newest operator set whose operators are known.</summary>
    public const int NewestOpset = 23;

    /// <summary>The newest intermediate representation known.</summary>
    public const int NewestIr = 12;

    /// <summary>The largest kernel, stride, dilation or padding.</summary>
    public const int LargestWindow = 1 << 15;

    /// <summary>The largest extent of an input.</summary>
    public const int LargestExtent = 1 << 20;

    /// <summary>The most dimensions of a tensor.</summary>
    public const int LargestRank = 16;

    /// <summary>Elements of all constants together that an import may compute beyond those in the file.</summary>
    public const long DerivedElements = 1L << 26;
}
