using System.Buffers.Binary;
using System.IO.Compression;
using Kindling.Data.Images;
using Kindling.Tests;

namespace Kindling.Data.Tests;

public sealed class IdxDatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_folder_gives_its_training_images_and_the_test_images_beside_them(bool zipped)
    {
        Write("train", [3, 0, 9], zipped);
        Write("t10k", [1, 2], zipped);

        using ImageDataset dataset = ImageDataset.Open(_folder.Path);

        Assert.Equal(3, dataset.Count);
        Assert.Equal([3, 0, 9], Enumerable.Range(0, 3).Select(dataset.Label));
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], dataset.ClassNames);
        Assert.Equal("9/00002", dataset.FileName(2));
        Image image = dataset.Load(1, channels: 1);
        Assert.Equal((2, 3, 1), (image.Height, image.Width, image.Channels));
        Assert.Equal([6, 7, 8, 9, 10, 11], image.Pixels);
        Assert.Equal([6, 6, 6, 7, 7, 7], dataset.Load(1).Pixels[..6]);
        Assert.Equal([1, 2], Enumerable.Range(0, dataset.TestSet!.Count).Select(dataset.TestSet.Label));
        Assert.Null(dataset.TestSet.TestSet);
    }

    [Fact]
    public void One_file_of_images_is_a_data_set_of_its_own()
    {
        Write("train", [3, 0, 9], zipped: true);
        Write("t10k", [1, 2], zipped: true);
        using ImageDataset dataset = ImageDataset.Open(Path.Combine(_folder.Path, "t10k-images-idx3-ubyte.gz"));
        Assert.Equal(2, dataset.Count);
        Assert.Null(dataset.TestSet);
    }

    [Fact]
    public void Names_given_are_in_the_order_of_the_labels()
    {
        Write("train", [1, 0], zipped: false);
        using (ImageDataset dataset = ImageDataset.Open(_folder.Path, ["zero", "one"]))
            Assert.Equal(["zero", "one"], dataset.ClassNames);
        AssertFault("2 classes, but 1 class names", ["zero"]);
        AssertFault("given twice", ["zero", "zero"]);
    }

    [Fact]
    public void Fashion_mnist_is_known_by_its_labels()
    {
        using ImageDataset dataset = ImageDataset.Open(SharedData.Require("fashion-mnist"));

        Assert.Equal((60000, 10000), (dataset.Count, dataset.TestSet!.Count));
        Assert.Equal("Ankle boot", dataset.ClassNames[dataset.Label(0)]);
        Assert.Equal("T-shirt-top/00001", dataset.FileName(1));
        Assert.All(dataset.CountByClass(), count => Assert.Equal(6000, count));
        Assert.Equal(dataset.ClassNames, dataset.TestSet.ClassNames);
        Image first = dataset.Load(0, channels: 1);
        Assert.Equal((28, 28), (first.Height, first.Width));
        // Mean of the training set's first image, as every MNIST reader finds it.
        Assert.Equal(76247, first.Pixels.Sum(p => p));
        using ImageDataset sorted = ImageDataset.Open(SharedData.Require("fashion-mnist"), [.. dataset.ClassNames.Order()]);
        Assert.Equal(dataset.ClassNames, sorted.ClassNames);
    }

    [Fact]
    public void Files_that_do_not_fit_each_other_are_named()
    {
        Write("train", [3, 0, 9], zipped: false);
        _folder.Write("train-labels-idx1-ubyte", Idx([2], [3, 0]));
        AssertFault("holds 3 images, but");
        File.Delete(Path.Combine(_folder.Path, "train-labels-idx1-ubyte"));
        AssertFault("no labels beside it");
    }

    [Fact]
    public void Two_sets_in_one_folder_are_a_fault_that_lists_them()
    {
        Write("emnist-letters-train", [1], zipped: false);
        Write("emnist-digits-train", [1], zipped: false);
        AssertFault("emnist-digits-train-images-idx3-ubyte, emnist-letters-train-images-idx3-ubyte");
    }

    [Theory]
    [InlineData(0x7FFFFFFF, 0x7FFFFFFF, 4, "are read")]
    [InlineData(60000, 28, 28, "cut short")]
    [InlineData(1, 2, 2, "more bytes")]
    [InlineData(1, 0, 4, "are read")]
    [InlineData(-1, -1, 8, "are read")]
    public void A_size_that_the_file_does_not_have_is_refused_before_memory_is_taken(int images, int height, int width, string message)
    {
        _folder.Write("train-labels-idx1-ubyte", Idx([1], [0]));
        foreach (bool zipped in (bool[])[false, true])
        {
            byte[] file = Idx([images, height, width], new byte[8]);
            _folder.Write("train-images-idx3-ubyte", zipped ? Zip(file) : file);
            long before = GC.GetAllocatedBytesForCurrentThread();
            AssertFault(message);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        }
    }

    [Fact]
    public void Damage_anywhere_gives_images_or_a_fault_and_nothing_else()
    {
        Write("train", [3, 0, 9, 4], zipped: true);
        var random = new Random(11);
        string images = Path.Combine(_folder.Path, "train-images-idx3-ubyte.gz"), labels = Path.Combine(_folder.Path, "train-labels-idx1-ubyte.gz");
        byte[][] whole = [File.ReadAllBytes(images), File.ReadAllBytes(labels)];
        int faults = 0;
        for (int n = 0; n < 300; n++)
        {
            byte[] damaged = [.. whole[n % 2]];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(n % 2 == 0 ? images : labels, n % 5 == 0 ? damaged[..random.Next(damaged.Length)] : damaged);
            File.WriteAllBytes(n % 2 == 0 ? labels : images, whole[1 - (n % 2)]);
            try
            {
                using ImageDataset dataset = ImageDataset.Open(_folder.Path);
                for (int i = 0; i < dataset.Count; i++)
                    _ = dataset.Load(i);
            }
            catch (KindlingException)
            {
                faults++;
            }
        }

        Assert.InRange(faults, 100, 300);
    }

    private void Write(string part, byte[] labels, bool zipped)
    {
        byte[] images = Idx([labels.Length, 2, 3], [.. Enumerable.Range(0, labels.Length * 6).Select(i => (byte)i)]), names = Idx([labels.Length], labels);
        string suffix = zipped ? ".gz" : "";
        _folder.Write($"{part}-images-idx3-ubyte{suffix}", zipped ? Zip(images) : images);
        _folder.Write($"{part}-labels-idx1-ubyte{suffix}", zipped ? Zip(names) : names);
    }

    private static byte[] Idx(int[] dimensions, byte[] elements)
    {
        byte[] header = new byte[4 + (4 * dimensions.Length)];
        (header[2], header[3]) = (8, (byte)dimensions.Length);
        for (int d = 0; d < dimensions.Length; d++)
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * d)), dimensions[d]);
        return [.. header, .. elements];
    }

    private static byte[] Zip(byte[] data)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
            gzip.Write(data);
        return memory.ToArray();
    }

    private void AssertFault(string message, string[]? names = null)
    {
        var fault = Assert.Throws<KindlingException>(() => ImageDataset.Open(_folder.Path, names));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, fault.Message, StringComparison.Ordinal);
    }
}
