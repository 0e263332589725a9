using Kindling.Data.Images;

namespace Kindling.Data;

/// <summary>Some photos of another data set, in a given order.</summary>
internal sealed class SubsetDataset : ImageDataset
{
    private readonly ImageDataset _source;
    private readonly int[] _indices;

    public SubsetDataset(ImageDataset source, IReadOnlyList<int> indices)
        : base(source.Name, source.ClassNames)
    {
        foreach (int index in indices)
        {
            if ((uint)index >= (uint)source.Count)
                throw new ArgumentOutOfRangeException(nameof(indices), index, $"The data set has {source.Count} photos.");
        }

        _source = source;
        _indices = [.. indices];
    }

    public override int Count => _indices.Length;

    public override int Label(int index) => _source.Label(_indices[index]);

    public override string FileName(int index) => _source.FileName(_indices[index]);

    public override Image Load(int index, int channels = 3) => _source.Load(_indices[index], channels);
}
