using Kindling.Tensors;

namespace Kindling.Training.Kernels;

/// <summary>
/// Per-channel work on whole vectors whatever the number of channels: values a channel are repeated to the least common multiple of channels and
/// vector length, and pixels are taken in groups that fill it.
/// </summary>
internal sealed class ChannelPattern
{
    /// <summary>Floats of a vector.</summary>
    public const int Vector = 16;

    private const int MostChunks = 64;
    private const int LeastElements = 1 << 14;
    private readonly int _groupsOfChunk;

    /// <summary>Lays out a tensor without gaps.</summary>
    public ChannelPattern(Shape shape)
    {
        Channels = shape.Channels;
        Elements = shape.ElementCount;
        Pixels = shape.Pixels;
        Length = Channels * Vector / Gcd(Channels, Vector);
        var groups = (Elements + Length - 1) / Length;
        var elements = Math.Max(LeastElements, (Elements + MostChunks - 1) / MostChunks);
        _groupsOfChunk = Math.Max(1, (elements + Length - 1) / Length);
        Chunks = Math.Max(1, (groups + _groupsOfChunk - 1) / _groupsOfChunk);
    }

    /// <summary>Channels.</summary>
    public int Channels { get; }

    /// <summary>Elements of the tensor.</summary>
    public int Elements { get; }

    /// <summary>Pixels of the tensor.</summary>
    public int Pixels { get; }

    /// <summary>Floats after which the channels meet the vectors' lanes as in the beginning.</summary>
    public int Length { get; }

    /// <summary>Chunks the tensor is cut into; depends on its shape only.</summary>
    public int Chunks { get; }

    /// <summary>The first element of a chunk; of the chunk after the last: the number of elements.</summary>
    public int First(int chunk) => (int)Math.Min(Elements, (long)chunk * _groupsOfChunk * Length);

    private static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}
