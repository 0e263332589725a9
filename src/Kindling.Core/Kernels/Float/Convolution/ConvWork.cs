using Kindling.Tensors;

namespace Kindling.Kernels.Float.Convolution;

/// <summary>
/// How a convolution is cut into chunks: bands of lines (output rows, or single pixels when the convolution is a plain matrix product)
/// times groups of panels.
/// </summary>
/// <param name="IsFlat">True when lines are pixels.</param>
/// <param name="Lines">Lines of all images.</param>
/// <param name="Bands">Bands of lines.</param>
/// <param name="Groups">Groups of panels.</param>
/// <param name="Quantum">Bands start at multiples of it.</param>
/// <param name="MostRowsOfAnImage">The largest number of one image's rows in a band.</param>
internal readonly record struct ConvWork(bool IsFlat, int Lines, int Bands, int Groups, int Quantum, int MostRowsOfAnImage)
{
    // Some 5 microseconds: large against the cost of handing a chunk out.
    private const long MacsOfChunk = 1 << 18;
    private const int MostChunksBySpeed = 24;
    private const long BytesOfBand = 160 << 10;
    private const int LeastPixelsOfBand = 42;

    /// <summary>Cuts a convolution.</summary>
    public static ConvWork Plan(Shape input, Shape output, int taps, bool isFlat, ConvPanel[] panels)
    {
        long pixels = output.Pixels;
        var quantum = isFlat ? panels[0].Tiles.MaxPixels : 1;
        var lines = isFlat ? output.Pixels : output.Batch * output.Height;
        var macs = pixels * taps * output.Channels;
        var wanted = Math.Clamp(macs / MacsOfChunk, 1, MostChunksBySpeed);
        var byPixels = Math.Max(1, pixels / LeastPixelsOfBand);
        // A band that is read once needs no room in the cache; one that is copied or read panel after panel does.
        var bySize = isFlat && panels.Length == 1 ? 1 : (input.ElementCount * (long)sizeof(float) + BytesOfBand - 1) / BytesOfBand;
        var most = (lines + quantum - 1) / quantum;
        var bands = (int)Math.Clamp(Math.Max(Math.Min(wanted, byPixels), bySize), 1, most);
        var groups = (int)Math.Clamp((wanted + bands - 1) / bands, 1, panels.Length);
        var work = new ConvWork(isFlat, lines, bands, groups, quantum, 0);
        var tallest = Enumerable.Range(0, bands).Max(b => work.FirstLine(b + 1) - work.FirstLine(b));
        return work with { MostRowsOfAnImage = Math.Min(tallest, output.Height) };
    }

    /// <summary>The first line of a band; of the band after the last: the number of lines.</summary>
    public int FirstLine(int band)
    {
        var quanta = (Lines + Quantum - 1) / Quantum;
        return (int)Math.Min(Lines, (long)quanta * band / Bands * Quantum);
    }
}
