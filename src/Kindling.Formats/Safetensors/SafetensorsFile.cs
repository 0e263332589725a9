namespace Kindling.Formats.Safetensors;

/// <summary>
/// A safetensors file: named tensors and a table of strings. The format is an 8-byte little-endian header length, a JSON header with type,
/// shape and byte range of each tensor, then the bytes without gaps (huggingface.co/docs/safetensors, "Format").
/// </summary>
public sealed class SafetensorsFile
{
    internal const string MetadataKey = "__metadata__";
    private readonly Dictionary<string, SafetensorsTensor> _byName;

    /// <summary>Gathers tensors, in the order they are written.</summary>
    /// <exception cref="ArgumentException">A name occurs twice.</exception>
    public SafetensorsFile(IReadOnlyList<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Tensors = tensors;
        Metadata = metadata ?? new Dictionary<string, string>();
        _byName = new Dictionary<string, SafetensorsTensor>(StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            if (!_byName.TryAdd(tensor.Name, tensor))
                throw new ArgumentException($"two tensors are called {tensor.Name}", nameof(tensors));
        }
    }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <summary>Free text by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensor of that name; null when there is none.</summary>
    public SafetensorsTensor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Reads a file.</summary>
    /// <exception cref="KindlingException">The file cannot be opened.</exception>
    /// <exception cref="ModelFormatException">It is not a whole safetensors file; the message names it and the fault.</exception>
    public static SafetensorsFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KindlingException($"{path} cannot be read: {e.Message}", e);
        }

        return SafetensorsReader.Parse(bytes, path);
    }

    /// <summary>Reads a file that is already in memory.</summary>
    /// <param name="bytes">The whole file; the tensors keep referring to it.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="ModelFormatException">It is not a whole safetensors file.</exception>
    public static SafetensorsFile Parse(ReadOnlyMemory<byte> bytes, string name) => SafetensorsReader.Parse(bytes, name);

    /// <summary>The same file with float32 tensors in half precision: half the size, and about three decimal digits of each weight.</summary>
    /// <exception cref="KindlingException">A number is beyond half precision; the message names its tensor.</exception>
    public SafetensorsFile ToHalf() => new([.. Tensors.Select(t => t.ToHalf())], Metadata);

    /// <summary>Writes the file under a temporary name and renames it.</summary>
    /// <exception cref="KindlingException">The folder cannot be written.</exception>
    public void Write(string path) => SafetensorsWriter.Write(path, this);
}
