using Kindling.Execution;

namespace Kindling.Kernels.Float;

/// <summary>How the second operand of an element-by-element operator repeats under the first.</summary>
/// <param name="Channels">Channels of the output.</param>
/// <param name="SampleElements">Elements of one sample of the output.</param>
/// <param name="PerPixel">True when one value a channel serves all pixels (of a sample or of all samples).</param>
/// <param name="PerSample">True when each sample has values of its own.</param>
internal readonly record struct Operand(int Channels, int SampleElements, bool PerPixel, bool PerSample)
{
    /// <summary>How <paramref name="second"/> repeats under <paramref name="output"/>.</summary>
    public static Operand Of(in TensorView output, in TensorView second)
    {
        var shape = output.Shape;
        var sample = shape.ElementCount / shape.Batch;
        var count = second.Shape.ElementCount;
        if (count == shape.ElementCount)
            return new Operand(shape.Channels, sample, false, true);
        if (count == shape.Channels)
            return new Operand(shape.Channels, sample, true, false);
        return count == shape.Batch * shape.Channels
            ? new Operand(shape.Channels, sample, true, true)
            : new Operand(shape.Channels, sample, false, false);
    }

    /// <summary>The element of the second operand that meets element <paramref name="index"/> of the first.</summary>
    public int Index(int index)
    {
        var sample = PerSample ? index / SampleElements : 0;
        return PerPixel
            ? (sample * Channels) + (index % Channels)
            : (sample * SampleElements) + (index % SampleElements);
    }
}
