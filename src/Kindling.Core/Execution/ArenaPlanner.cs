namespace Kindling.Execution;

/// <summary>One buffer that wants room in an arena.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="First">The first step that touches it.</param>
/// <param name="Last">The last step that touches it, at least <paramref name="First"/>.</param>
public readonly record struct BufferLifetime(long Bytes, int First, int Last);

/// <summary>
/// Places buffers with known lifetimes into one arena so that no two that live at the same time overlap. Largest first, each at the
/// lowest address that is free for its whole life; several orders are tried and the smallest arena is kept.
/// </summary>
public static class ArenaPlanner
{
    /// <summary>Offsets for the buffers, in the order given, and the size of the arena.</summary>
    /// <param name="buffers">The buffers.</param>
    /// <param name="alignment">Every offset is a multiple of it (a power of two).</param>
    public static (long[] Offsets, long ArenaBytes) Assign(IReadOnlyList<BufferLifetime> buffers, int alignment)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        if (alignment < 1 || (alignment & (alignment - 1)) != 0)
            throw new ArgumentException($"alignment {alignment} is not a power of two", nameof(alignment));

        var all = Enumerable.Range(0, buffers.Count).ToArray();
        int[][] orders =
        [
            [.. all.OrderByDescending(i => buffers[i].Bytes).ThenBy(i => buffers[i].First)],
            [.. all.OrderByDescending(i => buffers[i].Bytes * (buffers[i].Last - buffers[i].First + 1)).ThenBy(i => i)],
            [.. all.OrderBy(i => buffers[i].First).ThenByDescending(i => buffers[i].Bytes)],
            [.. all.OrderByDescending(i => buffers[i].Last - buffers[i].First).ThenByDescending(i => buffers[i].Bytes)],
        ];
        return orders.Select(order => Place(buffers, order, alignment)).MinBy(plan => plan.ArenaBytes);
    }

    /// <summary>The largest sum of bytes alive at one step: no plan without overlap can be smaller.</summary>
    public static long LowerBound(IReadOnlyList<BufferLifetime> buffers)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        return buffers.Select(b => b.First).Distinct()
            .Select(step => buffers.Where(b => b.First <= step && step <= b.Last).Sum(b => b.Bytes))
            .DefaultIfEmpty(0).Max();
    }

    private static (long[] Offsets, long ArenaBytes) Place(IReadOnlyList<BufferLifetime> buffers, int[] order, int alignment)
    {
        var offsets = new long[buffers.Count];
        var placed = new List<int>();
        long arena = 0;
        foreach (var i in order)
        {
            var buffer = buffers[i];
            long offset = 0;
            foreach (var other in placed.Where(p => buffers[p].First <= buffer.Last && buffer.First <= buffers[p].Last).OrderBy(p => offsets[p]))
            {
                if (offset + buffer.Bytes <= offsets[other])
                    break;
                offset = Math.Max(offset, (offsets[other] + buffers[other].Bytes + alignment - 1) & -alignment);
            }

            offsets[i] = offset;
            placed.Add(i);
            arena = Math.Max(arena, offset + buffer.Bytes);
        }

        return (offsets, arena);
    }
}
