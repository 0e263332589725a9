namespace Kindling.Data;

/// <summary>
/// Divides a data set as the published models were trained: the sorted list is shuffled with NumPy's legacy generator and its end is kept for validation.
/// </summary>
public static class Split
{
    /// <summary>
    /// Shuffles with <paramref name="seed"/> and returns the first <c>int(n * (1 - fraction))</c> photos for training and the rest for validation.
    /// The two share no photo and together are the whole set.
    /// </summary>
    /// <param name="dataset">The data set, in its sorted order.</param>
    /// <param name="validationFraction">The share kept for validation, between 0 and 1, both excluded.</param>
    /// <param name="seed">The configuration's <c>dataset.seed</c>, not negative.</param>
    /// <exception cref="KindlingException">The fraction is out of range, the seed negative, or a part would be empty.</exception>
    public static TrainValidationSplit TrainValidation(ImageDataset dataset, double validationFraction, long seed)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (!(validationFraction > 0 && validationFraction < 1))
            throw new KindlingException($"The validation split is {validationFraction}; it must lie between 0 and 1, both excluded.");
        int training = (int)(dataset.Count * (1 - validationFraction));
        if (training == 0 || training == dataset.Count)
            throw new KindlingException($"Data set '{dataset.Name}' has {dataset.Count} photos: a validation split of {validationFraction} leaves {training} for training and {dataset.Count - training} for validation.");
        int[] order = Permutation(dataset.Count, seed);
        return new TrainValidationSplit(dataset.Subset(order[..training]), dataset.Subset(order[training..]));
    }

    /// <summary>The numbers 0 … <paramref name="count"/> - 1 as <c>numpy.random.RandomState(seed).shuffle</c> orders them.</summary>
    /// <exception cref="KindlingException">The seed is negative or above 2^32 - 1.</exception>
    public static int[] Permutation(int count, long seed)
    {
        if (seed is < 0 or > uint.MaxValue)
            throw new KindlingException($"The seed of the split is {seed}; it must lie between 0 and {uint.MaxValue}.");
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
            order[i] = i;
        var random = new Mt19937((uint)seed);
        for (int i = count - 1; i >= 1; i--)
        {
            int j = (int)random.NextInclusive((uint)i);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}
