using System.Text;
using Kindling.Formats.Onnx.Schema;
using Kindling.Graphs;

namespace Kindling.Formats.Onnx;

/// <summary>Preprocessing, class names and licence in the file's metadata_props.</summary>
internal static class OnnxMetadata
{
    /// <summary>The entry that holds everything as JSON.</summary>
    public const string Key = "kindling";

    /// <summary>The entry other programs look for the licence in.</summary>
    public const string LicenseKey = "license";

    /// <summary>Reads the description; empty when the file has none.</summary>
    public static ModelMetadata Read(ModelProto model, string file)
    {
        var entry = model.MetadataProps.FirstOrDefault(p => p.Key == Key);
        if (entry is not null)
            return MetadataJson.Read(Encoding.UTF8.GetBytes(entry.Value), file);
        var license = model.MetadataProps.FirstOrDefault(p => p.Key == LicenseKey)?.Value;
        return ModelMetadata.Empty with { License = license };
    }

    /// <summary>Writes the description.</summary>
    public static void Write(ModelProto model, ModelMetadata metadata)
    {
        if (metadata.Description is not null)
            model.DocString = metadata.Description;
        if (metadata.License is not null)
            model.MetadataProps.Add(new StringStringEntryProto { Key = LicenseKey, Value = metadata.License });
        model.MetadataProps.Add(new StringStringEntryProto { Key = Key, Value = Encoding.UTF8.GetString(MetadataJson.Write(metadata)) });
    }
}
