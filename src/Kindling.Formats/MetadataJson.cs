using System.Text.Encodings.Web;
using System.Text.Json;
using Kindling.Graphs;

namespace Kindling.Formats;

/// <summary>
/// <see cref="ModelMetadata"/> as JSON, the form in which every file format carries it: <c>preprocessing</c>, <c>classNames</c>,
/// <c>license</c>, <c>description</c>. Unknown keys are ignored, missing ones mean unknown.
/// </summary>
public static class MetadataJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The metadata as UTF-8 JSON.</summary>
    public static byte[] Write(ModelMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            if (metadata.Preprocessing is { } preprocessing)
                WritePreprocessing(json, preprocessing);
            json.WriteStartArray("classNames");
            foreach (var name in metadata.ClassNames)
                json.WriteStringValue(name);
            json.WriteEndArray();
            if (metadata.License is not null)
                json.WriteString("license", metadata.License);
            if (metadata.Description is not null)
                json.WriteString("description", metadata.Description);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="utf8">The JSON text.</param>
    /// <param name="file">The file it came from, for messages.</param>
    /// <exception cref="ModelFormatException">The text is no such JSON; the message names the file and the key.</exception>
    public static ModelMetadata Read(ReadOnlyMemory<byte> utf8, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 8 });
            var root = document.RootElement;
            return new ModelMetadata(
                root.TryGetProperty("preprocessing", out var preprocessing) ? ReadPreprocessing(preprocessing, file) : null,
                root.TryGetProperty("classNames", out var names) ? [.. names.EnumerateArray().Select(n => n.GetString() ?? "")] : [])
            {
                License = root.TryGetProperty("license", out var license) ? license.GetString() : null,
                Description = root.TryGetProperty("description", out var description) ? description.GetString() : null,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ModelFormatException($"{file}: the metadata is damaged: {e.Message}", e);
        }
    }

    private static void WritePreprocessing(Utf8JsonWriter json, Preprocessing preprocessing)
    {
        json.WriteStartObject("preprocessing");
        json.WriteNumber("height", preprocessing.Height);
        json.WriteNumber("width", preprocessing.Width);
        json.WriteString("color", preprocessing.Color.ToString());
        WriteNumbers("scale", preprocessing.Scale);
        WriteNumbers("offset", preprocessing.Offset);
        json.WriteString("interpolation", preprocessing.Interpolation.ToString());
        json.WriteString("aspectRatio", preprocessing.AspectRatio.ToString());
        if (preprocessing.Standardization != Standardization.None)
            json.WriteString("standardization", preprocessing.Standardization.ToString());
        if (preprocessing.ShorterSide is { } side)
            json.WriteNumber("shorterSide", side);
        json.WriteEndObject();

        void WriteNumbers(string key, IReadOnlyList<float> values)
        {
            json.WriteStartArray(key);
            foreach (var value in values)
                json.WriteNumberValue(value);
            json.WriteEndArray();
        }
    }

    private static Preprocessing ReadPreprocessing(JsonElement json, string file)
    {
        var preprocessing = new Preprocessing(
            json.GetProperty("height").GetInt32(), json.GetProperty("width").GetInt32(), Choice<ColorMode>("color"),
            Numbers("scale"), Numbers("offset"), Choice<Interpolation>("interpolation"), Choice<AspectRatio>("aspectRatio"),
            json.TryGetProperty("standardization", out _) ? Choice<Standardization>("standardization") : Standardization.None)
        {
            ShorterSide = json.TryGetProperty("shorterSide", out var side) ? side.GetInt32() : null,
        };
        if (preprocessing.Height < 1 || preprocessing.Width < 1)
            throw new ModelFormatException($"{file}: the metadata asks for an input of {preprocessing.Height}x{preprocessing.Width} pixels");
        if (preprocessing.ShorterSide is { } shorter && (shorter < Math.Max(preprocessing.Height, preprocessing.Width) || shorter > 1 << 16))
            throw new ModelFormatException($"{file}: the metadata's shorterSide is {shorter}; it is at least the input's size and at most 65536");
        foreach (var (key, values) in new[] { ("scale", preprocessing.Scale), ("offset", preprocessing.Offset) })
        {
            if ((values.Count != 1 && values.Count != preprocessing.Channels) || values.Any(v => !float.IsFinite(v)))
            {
                throw new ModelFormatException(
                    $"{file}: the metadata's {key} has {values.Count} numbers; 1 or {preprocessing.Channels} finite ones are allowed");
            }
        }

        return preprocessing;

        float[] Numbers(string key) => [.. json.GetProperty(key).EnumerateArray().Select(v => v.GetSingle())];

        T Choice<T>(string key)
            where T : struct, Enum
        {
            var text = json.GetProperty(key).GetString();
            return Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value)
                ? value
                : throw new ModelFormatException(
                    $"{file}: the metadata's {key} is \"{text}\"; allowed are {string.Join(", ", Enum.GetNames<T>())}");
        }
    }
}
