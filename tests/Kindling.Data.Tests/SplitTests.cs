using System.Security.Cryptography;
using System.Text;
using Kindling.Tests;

namespace Kindling.Data.Tests;

public sealed class SplitTests
{
    private const int Flowers = 3670;

    public static TheoryData<long, int[], int[]> Permutations => new()
    {
        { 133, [1800, 1735, 1589, 2851, 517, 2652, 2986, 3574, 2568, 438], [838, 1570, 85, 1277, 564, 1900, 1025, 1080, 2952, 2721] },
        { 127, [1745, 2757, 1641, 513, 2668, 3383, 3347, 2259, 2834, 3371], [3172, 265, 3483, 2973, 3395, 3108, 1116, 866, 60, 201] },
        { 123, [553, 1394, 3208, 3240, 1805, 1770, 3552, 2919, 2136, 3424], [1593, 1147, 2154, 3089, 1766, 1122, 1346, 3454, 3437, 3582] },
    };

    public static TheoryData<long, int[], string, string> Validations => new()
    {
        { 133, [126, 169, 123, 151, 165], "aa94469ccdbe0337", "6eb5d8250cdbf870" },
        { 127, [145, 164, 125, 125, 175], "6e081cdcae831b7a", "874653cf415de30c" },
        { 123, [129, 176, 120, 152, 157], "1d6228bfc405f6e1", "53bae6f13ee7f9bc" },
    };

    [Theory]
    [MemberData(nameof(Permutations))]
    public void Permutation_equals_numpys_legacy_shuffle(long seed, int[] first, int[] last)
    {
        int[] order = Split.Permutation(Flowers, seed);

        Assert.Equal(first, order[..10]);
        Assert.Equal(last, order[^10..]);
        Assert.Equal(Enumerable.Range(0, Flowers), order.Order());
    }

    [Theory]
    [MemberData(nameof(Validations))]
    public void Validation_photos_of_the_flowers_are_those_of_the_published_models(long seed, int[] perClass, string inOrder, string sorted)
    {
        using ImageDataset flowers = ImageDataset.Open(SharedData.Require("flowers/flower_photos_256.zip"));
        Assert.Equal(["daisy", "dandelion", "roses", "sunflowers", "tulips"], flowers.ClassNames);
        Assert.Equal([633, 898, 641, 699, 799], flowers.CountByClass());

        TrainValidationSplit split = Split.TrainValidation(flowers, 0.2, seed);

        Assert.Equal(2936, split.Training.Count);
        Assert.Equal(perClass, split.Validation.CountByClass());
        string[] names = [.. Enumerable.Range(0, split.Validation.Count).Select(split.Validation.FileName)];
        Assert.Equal(inOrder, Hash(names));
        Assert.Equal(sorted, Hash([.. names.Order(StringComparer.Ordinal)]));
    }

    [Fact]
    public void Training_and_validation_share_no_photo_and_are_the_whole_set()
    {
        using var dataset = new SyntheticShapes(101, seed: 1, size: 16);

        TrainValidationSplit split = Split.TrainValidation(dataset, 0.25, seed: 7);

        string[] training = [.. Enumerable.Range(0, split.Training.Count).Select(split.Training.FileName)];
        string[] validation = [.. Enumerable.Range(0, split.Validation.Count).Select(split.Validation.FileName)];
        Assert.Equal(75, training.Length);
        Assert.Empty(training.Intersect(validation));
        Assert.Equal(101, training.Union(validation).Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-0.2)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void A_fraction_outside_zero_to_one_is_refused(double fraction)
    {
        using var dataset = new SyntheticShapes(20, seed: 1, size: 16);
        var fault = Assert.Throws<KindlingException>(() => Split.TrainValidation(dataset, fraction, 1));
        Assert.Contains("between 0 and 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_negative_seed_is_refused()
    {
        var fault = Assert.Throws<KindlingException>(() => Split.Permutation(10, -1));
        Assert.Contains("-1", fault.Message, StringComparison.Ordinal);
    }

    private static string Hash(string[] names) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', names))))[..16];
}
