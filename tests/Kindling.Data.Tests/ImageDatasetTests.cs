namespace Kindling.Data.Tests;

public sealed class ImageDatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_sorted_by_class_and_then_by_name_in_byte_order()
    {
        foreach (string name in (string[])["b/2.png", "b/10.PNG", "a/z.png", "a/Z.png", "a/é.png", "B/1.png"])
            _folder.WritePhoto(name);

        using ImageDataset dataset = ImageDataset.Open(_folder.Path);

        Assert.Equal(["B", "a", "b"], dataset.ClassNames);
        Assert.Equal(["B/1.png", "a/Z.png", "a/z.png", "a/é.png", "b/10.PNG", "b/2.png"], Names(dataset));
        Assert.Equal([0, 1, 1, 1, 2, 2], Enumerable.Range(0, 6).Select(dataset.Label));
        Assert.Equal([1, 3, 2], dataset.CountByClass());
    }

    [Fact]
    public void Names_beyond_the_basic_plane_sort_after_all_others_as_their_bytes_do() =>
        Assert.Equal(["a", "\uFF21", "\U0001F33B"], ((string[])["\U0001F33B", "\uFF21", "a"]).Order(Utf8Order.Instance));

    [Fact]
    public void Folders_inside_a_class_belong_to_it_and_other_files_are_ignored()
    {
        foreach (string name in (string[])["a/deep/er/1.png", "a/0.png", "b/1.png", "b/.hidden.png", ".git/x.png"])
            _folder.WritePhoto(name);
        _folder.Write("a/notes.txt", [1]);
        _folder.Write("LICENSE.txt", [1]);

        using ImageDataset dataset = ImageDataset.Open(_folder.Path);

        Assert.Equal(["a/0.png", "a/deep/er/1.png", "b/1.png"], Names(dataset));
    }

    [Theory]
    [InlineData("")]
    [InlineData("flower_photos/")]
    [InlineData("outer/flower_photos/")]
    public void A_zip_archive_is_read_like_its_folder(string prefix)
    {
        string zip = _folder.WriteZip(
            "photos.zip",
            (prefix + "roses/2.png", TemporaryFolder.Photo(20)),
            (prefix + "daisy/", []),
            (prefix + "daisy/1.png", TemporaryFolder.Photo(10)),
            ("__MACOSX/daisy/._1.png", [0]));

        using ImageDataset dataset = ImageDataset.Open(zip);

        Assert.Equal(["daisy", "roses"], dataset.ClassNames);
        Assert.Equal(["daisy/1.png", "roses/2.png"], Names(dataset));
        Assert.Equal(20, dataset.Load(1)[0, 0, 0]);
        Assert.Equal(1, dataset.Load(1, channels: 1).Channels);
    }

    [Fact]
    public void A_subset_shows_the_chosen_photos_in_the_chosen_order()
    {
        _folder.WritePhoto("a/1.png", 1);
        _folder.WritePhoto("b/2.png", 2);
        _folder.WritePhoto("c/3.png", 3);
        using ImageDataset dataset = ImageDataset.Open(_folder.Path);

        ImageDataset subset = dataset.Subset([2, 0]);

        Assert.Equal(["c/3.png", "a/1.png"], Names(subset));
        Assert.Equal([2, 0], [subset.Label(0), subset.Label(1)]);
        Assert.Equal(3, subset.Load(0)[0, 0, 0]);
        Assert.Equal(dataset.ClassNames, subset.ClassNames);
    }

    [Fact]
    public void A_path_with_nothing_there_is_named()
    {
        string path = Path.Combine(_folder.Path, "missing");
        AssertFault(path, path, "does not exist");
    }

    [Fact]
    public void A_file_that_is_no_archive_is_named()
    {
        string path = _folder.Write("photos.zip", [1, 2, 3, 4]);
        AssertFault(path, path, "neither a folder nor a readable .zip archive");
    }

    [Fact]
    public void An_empty_class_folder_is_named()
    {
        _folder.WritePhoto("a/1.png");
        _folder.WritePhoto("b/1.png");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "empty"));
        AssertFault(_folder.Path, _folder.Path, "class folder 'empty' holds no photos");

        string zip = _folder.WriteZip("e.zip", ("a/1.png", [1]), ("b/1.png", [1]), ("empty/", []));
        AssertFault(zip, zip, "class folder 'empty' holds no photos");
    }

    [Fact]
    public void One_class_is_too_few()
    {
        _folder.WritePhoto("set/only/1.png");
        AssertFault(_folder.Path, _folder.Path, "only one class, 'only'");
    }

    [Fact]
    public void A_folder_without_photos_is_named()
    {
        _folder.Write("a/notes.txt", [1]);
        AssertFault(_folder.Path, _folder.Path, "holds no photos");
    }

    [Fact]
    public void Class_names_given_must_be_those_of_the_folders_in_any_order()
    {
        _folder.WritePhoto("a/1.png");
        _folder.WritePhoto("b/1.png");

        using (ImageDataset dataset = ImageDataset.Open(_folder.Path, ["b", "a"]))
            Assert.Equal(["a", "b"], dataset.ClassNames);
        var fault = Assert.Throws<KindlingException>(() => ImageDataset.Open(_folder.Path, ["a", "c"]));
        Assert.Contains("given are 'a', 'c', the class folders are 'a', 'b'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_entry_whose_data_is_damaged_is_a_fault_that_names_it()
    {
        string path = _folder.WriteZip("d.zip", ("a/1.png", TemporaryFolder.Photo(1)), ("b/2.png", TemporaryFolder.Photo(2)));
        byte[] data = File.ReadAllBytes(path);
        data.AsSpan(40, 30).Fill(0xEE);
        File.WriteAllBytes(path, data);
        using ImageDataset dataset = ImageDataset.Open(path);

        var fault = Assert.Throws<KindlingException>(() => dataset.Load(0));

        Assert.Contains("d.zip!a/1.png", fault.Message, StringComparison.Ordinal);
        Assert.Equal(2, dataset.Load(1)[0, 0, 0]);
    }

    [Fact]
    public void Damage_anywhere_in_an_archive_gives_photos_or_a_fault_and_nothing_else()
    {
        string path = _folder.WriteZip("d.zip", ("a/1.png", TemporaryFolder.Photo(1)), ("b/2.png", TemporaryFolder.Photo(2)));
        byte[] whole = File.ReadAllBytes(path);
        var random = new Random(5);
        int faults = 0;
        for (int n = 0; n < 500; n++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(path, n % 5 == 0 ? damaged[..random.Next(damaged.Length)] : damaged);
            try
            {
                using ImageDataset dataset = ImageDataset.Open(path);
                for (int i = 0; i < dataset.Count; i++)
                    _ = dataset.Load(i);
            }
            catch (KindlingException)
            {
                faults++;
            }
        }

        Assert.InRange(faults, 100, 500);
    }

    private static string[] Names(ImageDataset dataset) => [.. Enumerable.Range(0, dataset.Count).Select(dataset.FileName)];

    private static void AssertFault(string path, params string[] parts)
    {
        var fault = Assert.Throws<KindlingException>(() => ImageDataset.Open(path));
        foreach (string part in parts)
            Assert.Contains(part, fault.Message, StringComparison.Ordinal);
    }
}
