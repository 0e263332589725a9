using Kindling.Data.Images;

namespace Kindling.Data.Tests;

public sealed class CifarDatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cifar_10_joins_its_batches_in_order_and_keeps_the_test_batch_apart()
    {
        _folder.Write("data_batch_2.bin", Record([9], 20));
        _folder.Write("data_batch_1.bin", [.. Record([3], 1), .. Record([0], 2)]);
        _folder.Write("test_batch.bin", Record([7], 30));

        using ImageDataset dataset = ImageDataset.Open(_folder.Path);

        Assert.Equal(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"], dataset.ClassNames);
        Assert.Equal([3, 0, 9], Enumerable.Range(0, dataset.Count).Select(dataset.Label));
        Assert.Equal(["horse/00000"], Enumerable.Range(0, dataset.TestSet!.Count).Select(dataset.TestSet.FileName));
        Image image = dataset.Load(2);
        Assert.Equal((32, 32, 3), (image.Height, image.Width, image.Channels));
        // Red planes hold base + row, green 64 + base + column, blue 128 + base.
        Assert.Equal([20 + 5, 64 + 20 + 11, 128 + 20], (int[])[image[5, 11, 0], image[5, 11, 1], image[5, 11, 2]]);
        Assert.Equal(1, dataset.Load(0, channels: 1).Channels);
    }

    [Fact]
    public void Cifar_100_takes_fine_labels_and_coarse_ones_when_twenty_names_are_given()
    {
        _folder.Write("train.bin", [.. Record([19, 99], 1), .. Record([4, 0], 2)]);
        _folder.Write("test.bin", Record([1, 50], 3));
        _folder.Write("fine_label_names.txt", Lines("fine", 100));
        _folder.Write("coarse_label_names.txt", Lines("coarse", 20));

        using (ImageDataset fine = ImageDataset.Open(_folder.Path))
        {
            Assert.Equal(("fine99", 50), (fine.ClassNames[fine.Label(0)], fine.TestSet!.Label(0)));
            Assert.Equal(100, fine.ClassNames.Count);
        }

        string[] names = [.. Enumerable.Range(0, 20).Select(n => $"coarse{n}")];
        using ImageDataset coarse = ImageDataset.Open(_folder.Path, [.. names.Reverse()]);
        Assert.Equal(names, coarse.ClassNames);
        Assert.Equal([19, 4], [coarse.Label(0), coarse.Label(1)]);
        Assert.Equal(1, coarse.TestSet!.Label(0));
        AssertFault("100 classes, but 3 class names", ["a", "b", "c"]);
    }

    [Fact]
    public void Files_of_another_size_and_impossible_labels_are_named()
    {
        _folder.Write("data_batch_1.bin", Record([3], 1)[1..]);
        AssertFault("data_batch_1.bin' has 3072 bytes");
        _folder.Write("data_batch_1.bin", []);
        AssertFault("data_batch_1.bin' has 0 bytes");
        _folder.Write("data_batch_1.bin", Record([10], 1));
        AssertFault("record 0 has label 10; 0 to 9 are allowed");
    }

    private static byte[] Record(byte[] labels, int start)
    {
        var record = new List<byte>(labels);
        for (int plane = 0; plane < 3; plane++)
        {
            for (int p = 0; p < 1024; p++)
                record.Add((byte)((64 * plane) + start + (plane == 0 ? p / 32 : plane == 1 ? p % 32 : 0)));
        }

        return [.. record];
    }

    private static byte[] Lines(string prefix, int count) =>
        System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(n => $"{prefix}{n}\n")));

    private void AssertFault(string message, string[]? names = null)
    {
        var fault = Assert.Throws<KindlingException>(() => ImageDataset.Open(_folder.Path, names));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }
}
