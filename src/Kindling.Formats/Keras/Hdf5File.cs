using System.Runtime.InteropServices;
using System.Text;
using Kindling.Tensors;

namespace Kindling.Formats.Keras;

/// <summary>An HDF5 file open for reading: text attributes and float data sets, which is all Keras stores.</summary>
internal sealed unsafe class Hdf5File : IDisposable
{
    private const int KindDataset = 5;
    private const int MostTexts = 100_000;
    private const int LongestText = 64 << 20;
    private readonly long _file;
    private readonly long _length;
    private readonly string _path;
    private long _elements;

    /// <summary>Opens a file.</summary>
    /// <exception cref="KindlingException">It cannot be read, or libhdf5 is not installed.</exception>
    /// <exception cref="ModelFormatException">It is no HDF5 file.</exception>
    public Hdf5File(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
        _length = CheckSignature(path);
        Hdf5Library.Gate.Enter();
        try
        {
            Hdf5Library.Prepare(path);
            _file = Hdf5Library.OpenFile(path, flags: 0, properties: 0);
            if (_file < 0)
                throw new ModelFormatException($"{path} is a damaged HDF5 file: libhdf5 does not open it");
        }
        catch
        {
            Hdf5Library.Gate.Exit();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Hdf5Library.CloseFile(_file);
        Hdf5Library.Gate.Exit();
    }

    /// <summary>True when there is a group or data set of that path.</summary>
    public bool Exists(string path)
    {
        var end = 0;
        while (end >= 0)
        {
            end = path.IndexOf('/', end + 1);
            if (Hdf5Library.LinkExists(_file, end < 0 ? path : path[..end], 0) <= 0)
                return false;
        }

        return true;
    }

    /// <summary>A text attribute of a group; null when it has none.</summary>
    public string? Text(string group, string attribute) => Texts(group, attribute) is [var text, ..] ? text : null;

    /// <summary>A list of texts; null when the group has no such attribute.</summary>
    /// <exception cref="ModelFormatException">The attribute is something else or damaged.</exception>
    public IReadOnlyList<string>? Texts(string group, string attribute)
    {
        using var owner = Open(group);
        if (Hdf5Library.AttributeExists(owner.Id, attribute) <= 0)
            return null;
        var where = $"{_path}: attribute {attribute} of {group}";
        using var opened = Check(Hdf5Library.OpenAttribute(owner.Id, attribute, 0), Hdf5Library.CloseAttribute, where);
        using var type = Check(Hdf5Library.AttributeType(opened.Id), Hdf5Library.CloseType, where);
        using var space = Check(Hdf5Library.AttributeSpace(opened.Id), Hdf5Library.CloseSpace, where);
        var count = Hdf5Library.SpacePoints(space.Id);
        if (count == 0)
            return [];
        if (Hdf5Library.TypeClass(type.Id) != Hdf5Library.ClassString || count is < 0 or > MostTexts)
        {
            // h5py stores an empty list as floats without elements; anything else is not text.
            throw new ModelFormatException($"{where} is not a list of texts");
        }

        return Hdf5Library.IsVariableString(type.Id) > 0
            ? VariableTexts(opened.Id, type.Id, space.Id, (int)count, where)
            : FixedTexts(opened.Id, type.Id, (int)count, where);
    }

    /// <summary>A data set as floats.</summary>
    /// <exception cref="ModelFormatException">There is none, it is not numeric, it is larger than the file allows, or damaged.</exception>
    public Tensor Floats(string path)
    {
        var where = $"{_path}: {path}";
        using var dataset = Open(path);
        if (Hdf5Library.KindOf(dataset.Id) != KindDataset)
            throw new ModelFormatException($"{where} is not a data set");
        using var type = Check(Hdf5Library.DatasetType(dataset.Id), Hdf5Library.CloseType, where);
        if (Hdf5Library.TypeClass(type.Id) is not (Hdf5Library.ClassFloat or Hdf5Library.ClassInteger))
            throw new ModelFormatException($"{where} does not hold numbers");
        using var space = Check(Hdf5Library.DatasetSpace(dataset.Id), Hdf5Library.CloseSpace, where);
        var shape = ReadShape(space.Id, where);
        var tensor = new Tensor(ElementType.Float32, shape);
        fixed (byte* buffer = tensor.Bytes)
        {
            if (shape.ElementCount > 0 && Hdf5Library.ReadDataset(dataset.Id, Hdf5Library.NativeFloat, 0, 0, 0, buffer) < 0)
                throw new ModelFormatException($"{where} is damaged: libhdf5 does not read it");
        }

        return tensor;
    }

    private static long CheckSignature(string path)
    {
        ReadOnlySpan<byte> signature = [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0d, 0x0a, 0x1a, 0x0a];
        try
        {
            using var stream = File.OpenRead(path);
            var begin = new byte[signature.Length];
            return stream.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false) == begin.Length && begin.AsSpan().SequenceEqual(signature)
                ? stream.Length
                : throw new ModelFormatException($"{path} is not an HDF5 file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KindlingException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static string[] FixedTexts(long attribute, long type, int count, string where)
    {
        var size = (long)Hdf5Library.TypeSize(type);
        if (size is < 1 or > LongestText || size * count > LongestText)
            throw new ModelFormatException($"{where} has {count} texts of {size} bytes; more than {LongestText} bytes are not taken");
        var bytes = new byte[size * count];
        fixed (byte* buffer = bytes)
        {
            if (Hdf5Library.ReadAttribute(attribute, type, buffer) < 0)
                throw new ModelFormatException($"{where} is damaged");
        }

        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var text = bytes.AsSpan((int)(i * size), (int)size);
            var end = text.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
        })];
    }

    private static string[] VariableTexts(long attribute, long type, long space, int count, string where)
    {
        var pointers = new nint[count];
        fixed (nint* buffer = pointers)
        {
            if (Hdf5Library.ReadAttribute(attribute, type, buffer) < 0)
                throw new ModelFormatException($"{where} is damaged");
            var texts = pointers.Select(p => Marshal.PtrToStringUTF8(p) ?? "").ToArray();
            _ = Hdf5Library.Reclaim(type, space, 0, buffer);
            return texts;
        }
    }

    private Shape ReadShape(long space, string where)
    {
        var rank = Hdf5Library.SpaceRank(space);
        if (rank is < 0 or > 8)
            throw new ModelFormatException($"{where} has {rank} dimensions; 0 to 8 are allowed");
        var dimensions = stackalloc ulong[8];
        if (Hdf5Library.SpaceDimensions(space, dimensions, null) < 0)
            throw new ModelFormatException($"{where} has no dimensions");
        var sides = new int[rank];
        long count = 1;
        for (var i = 0; i < rank; i++)
        {
            count = dimensions[i] <= int.MaxValue ? count * (long)dimensions[i] : long.MaxValue;
            sides[i] = count <= int.MaxValue / sizeof(float)
                ? (int)dimensions[i]
                : throw new ModelFormatException($"{where} has more elements than fit into memory");
        }

        // Compressed weights shrink a little; a data set many times its file is a bomb, alone or by being named again and again.
        _elements += count;
        return _elements * sizeof(float) <= 64 * _length
            ? new Shape(sides)
            : throw new ModelFormatException($"{where}: {_elements} numbers are more than a file of {_length} bytes can hold");
    }

    private Handle Open(string path) => Exists(path)
        ? Check(Hdf5Library.OpenObject(_file, path, 0), Hdf5Library.CloseObject, $"{_path}: {path}")
        : throw new ModelFormatException($"{_path} has no {path}");

    private static Handle Check(long id, Func<long, int> close, string where) =>
        id >= 0 ? new Handle(id, close) : throw new ModelFormatException($"{where} is damaged: libhdf5 does not open it");

    private readonly struct Handle(long id, Func<long, int> close) : IDisposable
    {
        public long Id => id;

        public void Dispose() => _ = close(id);
    }
}
