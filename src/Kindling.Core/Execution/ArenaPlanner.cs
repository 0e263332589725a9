namespace Kindling.Execution;

/// <summary>One buffer that wants room in an arena.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="First">The first step that touches it.</param>
/// <param name="Last">The last step that touches it, at least <paramref name="First"/>.</param>
public readonly record struct BufferLifetime(long Bytes, int First, int Last);

/// <summary>
/// Places buffers with known lifetimes into one arena so that no two that live at the same time overlap, but for those that are allowed to.
/// Largest first, each at the lowest address that is free for its whole life; several orders are tried and the smallest arena is kept.
/// </summary>
public static class ArenaPlanner
{
    /// <summary>Offsets for the buffers, in the order given, and the size of the arena.</summary>
    /// <param name="buffers">The buffers.</param>
    /// <param name="alignment">Every offset is a multiple of it (a power of two).</param>
    /// <param name="overlaps">Buffers that may overlap where one ends and the other begins; null: none.</param>
    /// <param name="exchanges">Further orders to try, each the best one so far with two buffers exchanged.</param>
    public static (long[] Offsets, long ArenaBytes) Assign(
        IReadOnlyList<BufferLifetime> buffers, int alignment, IReadOnlyList<BufferOverlap>? overlaps = null, int exchanges = 0)
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
        var search = new Search([.. buffers], alignment, overlaps ?? []);
        var (order, best) = orders.Select(o => (o, search.Place(o))).MinBy(p => p.Item2.ArenaBytes);
        return search.Exchange(order, best, exchanges);
    }

    /// <summary>The largest sum of bytes alive at one step: no plan without overlap can be smaller.</summary>
    public static long LowerBound(IReadOnlyList<BufferLifetime> buffers)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        return buffers.Select(b => b.First).Distinct()
            .Select(step => buffers.Where(b => b.First <= step && step <= b.Last).Sum(b => b.Bytes))
            .DefaultIfEmpty(0).Max();
    }

    private sealed class Search
    {
        private readonly BufferLifetime[] _buffers;
        private readonly int _alignment;
        private readonly Dictionary<(int Dying, int Born), OverlapRule> _overlaps;
        private readonly List<(long Low, long High)> _taken = [];

        public Search(BufferLifetime[] buffers, int alignment, IReadOnlyList<BufferOverlap> overlaps)
        {
            _buffers = buffers;
            _alignment = alignment;
            _overlaps = overlaps.ToDictionary(o => (o.Dying, o.Born), o => o.Rule);
        }

        public (long[] Offsets, long ArenaBytes) Place(int[] order)
        {
            var offsets = new long[_buffers.Length];
            long arena = 0;
            for (var n = 0; n < order.Length; n++)
            {
                var i = order[n];
                var buffer = _buffers[i];
                _taken.Clear();
                for (var m = 0; m < n; m++)
                {
                    var other = _buffers[order[m]];
                    if (other.First <= buffer.Last && buffer.First <= other.Last)
                        Take(i, order[m], offsets[order[m]]);
                }

                _taken.Sort();
                long offset = 0;
                // An interval is open: its ends are free.
                foreach (var (low, high) in _taken)
                {
                    if (offset > low && offset < high)
                        offset = (high + _alignment - 1) & -_alignment;
                }

                offsets[i] = offset;
                arena = Math.Max(arena, offset + buffer.Bytes);
            }

            return (offsets, arena);
        }

        public (long[] Offsets, long ArenaBytes) Exchange(int[] order, (long[] Offsets, long ArenaBytes) best, int exchanges)
        {
            var largest = _buffers.Length == 0 ? 0 : _buffers.Max(b => b.Bytes);
            var random = 12345u;
            for (var i = 0; i < exchanges && best.ArenaBytes > largest; i++)
            {
                var (a, b) = (Next(), Next());
                (order[a], order[b]) = (order[b], order[a]);
                if (Place(order) is var plan && plan.ArenaBytes <= best.ArenaBytes)
                    best = plan;
                else
                    (order[a], order[b]) = (order[b], order[a]);
            }

            return best;

            int Next()
            {
                random = (random * 1664525) + 1013904223;
                return (int)((ulong)random * (ulong)order.Length >> 32);
            }
        }

        // Where buffer i may not begin because of one that is placed.
        private void Take(int i, int other, long at)
        {
            var (bytes, otherBytes) = (_buffers[i].Bytes, _buffers[other].Bytes);
            var (low, high) = (at - bytes, at + otherBytes);
            if (_overlaps.TryGetValue((other, i), out var rule))
            {
                // The other one is dying: it must begin at least the distance behind this one.
                if (!rule.OnlyTogether)
                    low = Math.Max(low, at - rule.Distance);
            }
            else if (_overlaps.TryGetValue((i, other), out rule) && !rule.OnlyTogether)
            {
                high = Math.Min(high, at + rule.Distance);
            }

            if (rule.OnlyTogether && low < at && at < high)
            {
                _taken.Add((low, at));
                _taken.Add((at, high));
            }
            else if (low < high)
            {
                _taken.Add((low, high));
            }
        }
    }
}
