using Kindling.Formats.Onnx.Schema;

namespace Kindling.Formats.Onnx.Import;

/// <summary>Tensors kept in files of their own beside the model. Only files inside the model's folder are opened.</summary>
internal sealed class ExternalData(string? folder, string file)
{
    /// <summary>The bytes of a tensor.</summary>
    /// <param name="tensor">The tensor whose <c>external_data</c> says where.</param>
    /// <param name="bytes">How many it must have.</param>
    public byte[] Read(TensorProto tensor, long bytes)
    {
        var location = Entry(tensor, "location") ?? throw Fault(tensor, "names no external file");
        var offset = Number(tensor, "offset") ?? 0;
        var length = Number(tensor, "length") ?? bytes;
        if (length != bytes)
            throw Fault(tensor, $"takes {bytes} bytes, its external data has {length}");
        var path = Resolve(tensor, location);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (offset > stream.Length || bytes > stream.Length - offset)
                throw Fault(tensor, $"reads bytes {offset} to {offset + bytes} of {location}, which has {stream.Length}");
            stream.Position = offset;
            var data = new byte[bytes];
            stream.ReadExactly(data);
            return data;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ModelFormatException($"{file}: tensor {tensor.Name}: {location} cannot be read: {e.Message}", e);
        }
    }

    private string Resolve(TensorProto tensor, string location)
    {
        if (folder is null)
            throw Fault(tensor, "lies in another file, and the model was not read from a folder");
        var isInside = location.Length > 0 && !location.Contains('\0', StringComparison.Ordinal) && !Path.IsPathRooted(location)
            && !location.Split('/', '\\').Contains("..");
        if (!isInside)
            throw Fault(tensor, $"lies in \"{location}\"; only files inside the model's folder are read");
        var path = Path.Combine(folder, location);
        for (var part = path; part is not null && part.Length > folder.Length; part = Path.GetDirectoryName(part))
        {
            // A link could lead anywhere.
            if (new FileInfo(part).LinkTarget is not null)
                throw Fault(tensor, $"lies in \"{location}\", which goes through a symbolic link; only plain files inside the model's folder are read");
        }

        return path;
    }

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.FirstOrDefault(e => e.Key == key)?.Value;

    private long? Number(TensorProto tensor, string key)
    {
        var text = Entry(tensor, key);
        if (text is null)
            return null;
        return long.TryParse(text, out var number) && number >= 0 ? number : throw Fault(tensor, $"external data {key} is \"{text}\"");
    }

    private ModelFormatException Fault(TensorProto tensor, string problem) => new($"{file}: tensor {tensor.Name} {problem}");
}
