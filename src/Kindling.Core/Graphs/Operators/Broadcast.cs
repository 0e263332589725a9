using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>Which shapes may meet in an element-by-element operator.</summary>
public static class Broadcast
{
    /// <summary>True when <paramref name="second"/> holds one value a channel of <paramref name="first"/>, for each sample or for all.</summary>
    public static bool IsPerChannel(Shape first, Shape second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return second.Channels == first.Channels
            && (second.ElementCount == first.Channels
                || (second.Rank == first.Rank && second.Batch == first.Batch && second.ElementCount == first.Batch * first.Channels));
    }
}
