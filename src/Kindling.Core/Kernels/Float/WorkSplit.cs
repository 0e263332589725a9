namespace Kindling.Kernels.Float;

/// <summary>Cuts a row of equal items into chunks of neighbouring ones.</summary>
/// <param name="Items">Items in all.</param>
/// <param name="Chunks">Chunks they are cut into.</param>
/// <param name="Quantum">Chunks start at multiples of it.</param>
internal readonly record struct WorkSplit(int Items, int Chunks, int Quantum)
{
    private const int MostChunks = 32;

    /// <summary>Cuts so that a chunk costs at least <paramref name="leastCost"/> and there are at most 32.</summary>
    public static WorkSplit By(int items, double costOfItem, double leastCost, int quantum = 1)
    {
        var quanta = (items + quantum - 1) / quantum;
        var chunks = (int)Math.Clamp(items * costOfItem / leastCost, 1, MostChunks);
        return new WorkSplit(items, Math.Clamp(chunks, 1, Math.Max(1, quanta)), quantum);
    }

    /// <summary>The first item of a chunk; of the chunk after the last: the number of items.</summary>
    public int First(int chunk)
    {
        var quanta = (Items + Quantum - 1) / Quantum;
        return (int)Math.Min(Items, (long)quanta * chunk / Chunks * Quantum);
    }
}
