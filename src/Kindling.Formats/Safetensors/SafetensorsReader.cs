using System.Buffers.Binary;
using System.Text.Json;
using Kindling.Tensors;

namespace Kindling.Formats.Safetensors;

/// <summary>Reads safetensors: every number of the header is checked against the bytes at hand before anything is taken from it.</summary>
internal static class SafetensorsReader
{
    private const int LengthBytes = 8;
    private const int LargestHeader = 100_000_000;

    public static SafetensorsFile Parse(ReadOnlyMemory<byte> bytes, string name)
    {
        if (bytes.Length < LengthBytes)
            throw new ModelFormatException($"{name}: {bytes.Length} bytes are too few for a safetensors file");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span);
        if (length > LargestHeader || length > (ulong)(bytes.Length - LengthBytes))
            throw new ModelFormatException($"{name}: a header of {length} bytes does not fit into a file of {bytes.Length}");
        var header = bytes.Slice(LengthBytes, (int)length);
        var data = bytes[(LengthBytes + (int)length)..];
        if (header.IsEmpty || header.Span[0] != (byte)'{')
            throw new ModelFormatException($"{name}: the header does not begin with {{");
        try
        {
            using var document = JsonDocument.Parse(header);
            return Read(document.RootElement, data, name);
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"{name}: the header is not JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // Thrown by JsonElement for text that is not valid UTF-8 or UTF-16.
            throw new ModelFormatException($"{name}: the header is not valid text: {e.Message}", e);
        }
    }

    private static SafetensorsFile Read(JsonElement root, ReadOnlyMemory<byte> data, string name)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var found = new List<(long Begin, SafetensorsTensor Tensor)>();
        foreach (var property in root.EnumerateObject())
        {
            if (!names.Add(property.Name))
                throw new ModelFormatException($"{name}: two tensors are called {property.Name}");
            if (property.Name == SafetensorsFile.MetadataKey)
                ReadMetadata(property.Value, metadata, name);
            else
                found.Add(ReadTensor(property, data, name));
        }

        long end = 0;
        var tensors = new List<SafetensorsTensor>(found.Count);
        foreach (var (begin, tensor) in found.OrderBy(f => f.Begin).ThenBy(f => f.Tensor.Bytes.Length))
        {
            if (begin != end)
                throw new ModelFormatException($"{name}: {tensor.Name} begins at byte {begin} of the data, the one before it ends at {end}");
            end = begin + tensor.Bytes.Length;
            tensors.Add(tensor);
        }

        if (end != data.Length)
            throw new ModelFormatException($"{name}: the tensors end at byte {end} of the data, the file at {data.Length}");
        return new SafetensorsFile(tensors, metadata);
    }

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new ModelFormatException($"{name}: {SafetensorsFile.MetadataKey} is not a table of strings");
        foreach (var entry in element.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String)
                throw new ModelFormatException($"{name}: {SafetensorsFile.MetadataKey} entry {entry.Name} is not a string");
            metadata[entry.Name] = entry.Value.GetString()!;
        }
    }

    private static (long Begin, SafetensorsTensor Tensor) ReadTensor(JsonProperty property, ReadOnlyMemory<byte> data, string name)
    {
        if (property.Name.Length == 0)
            throw new ModelFormatException($"{name}: a tensor has no name");
        var where = $"{name}: {property.Name}";
        var element = property.Value;
        if (element.ValueKind != JsonValueKind.Object)
            throw new ModelFormatException($"{where} is not described by a table");
        var type = ReadType(element, where);
        var dimensions = ReadNumbers(element, "shape", where);
        var offsets = ReadNumbers(element, "data_offsets", where);
        if (offsets.Length != 2 || offsets[0] > offsets[1] || offsets[1] > data.Length)
            throw new ModelFormatException($"{where}: data_offsets [{string.Join(", ", offsets)}] do not fit {data.Length} bytes of data");

        long count = 1;
        foreach (var dimension in dimensions)
        {
            if (dimension != 0 && count > int.MaxValue / dimension)
                throw new ModelFormatException($"{where}: shape [{string.Join(", ", dimensions)}] has more than 2^31 - 1 elements");
            count *= dimension;
        }

        if (count * type.Size() != offsets[1] - offsets[0])
            throw new ModelFormatException($"{where}: shape [{string.Join(", ", dimensions)}] of {type} takes {count * type.Size()} bytes, not {offsets[1] - offsets[0]}");
        if (dimensions.Any(d => d > int.MaxValue))
            throw new ModelFormatException($"{where}: shape [{string.Join(", ", dimensions)}] is too large");
        var shape = new Shape([.. dimensions.Select(d => (int)d)]);
        return (offsets[0], new SafetensorsTensor(property.Name, type, shape, data.Slice((int)offsets[0], (int)(offsets[1] - offsets[0]))));
    }

    private static SafetensorsType ReadType(JsonElement element, string where)
    {
        if (!element.TryGetProperty("dtype", out var text) || text.ValueKind != JsonValueKind.String)
            throw new ModelFormatException($"{where} has no dtype");
        return text.GetString() switch
        {
            "F32" => SafetensorsType.F32,
            "F16" => SafetensorsType.F16,
            "I8" => SafetensorsType.I8,
            "U8" => SafetensorsType.U8,
            "I32" => SafetensorsType.I32,
            "I64" => SafetensorsType.I64,
            var other => throw new ModelFormatException($"{where} has dtype {other}; supported are F32, F16, I8, U8, I32 and I64"),
        };
    }

    private static long[] ReadNumbers(JsonElement element, string key, string where)
    {
        if (!element.TryGetProperty(key, out var list) || list.ValueKind != JsonValueKind.Array)
            throw new ModelFormatException($"{where} has no {key}");
        return [.. list.EnumerateArray().Select(item =>
            item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) && number >= 0
                ? number
                : throw new ModelFormatException($"{where}: {key} holds {item.GetRawText()}, not a count"))];
    }
}
