using Kindling.Cli.Configuration.Schema;

namespace Kindling.Cli.Configuration.Z23;

/// <summary>
/// The seven augmentations of 2023, in their fixed order: flip, translation, rotation, zoom, contrast, brightness, shear, filled with the nearest pixel.
/// </summary>
internal static class Z23Augmentation
{
    private static readonly string[] Keys = ["RandomFlip", "RandomTranslation", "RandomRotation", "RandomZoom", "RandomContrast", "RandomBrightness", "RandomShear"];

    /// <summary>Translates the section.</summary>
    /// <param name="entries">Its entries; those with keys of 2024 are left to the caller.</param>
    /// <param name="put">Takes a path of the schema of 2024 with its value.</param>
    /// <param name="faults">Receives what is wrong.</param>
    public static void Translate(IReadOnlyList<ConfigEntry> entries, Action<string, ConfigNode> put, List<Fault> faults)
    {
        foreach (var entry in entries.Where(e => e.Key.StartsWith("Random", StringComparison.Ordinal) && !Keys.Contains(e.Key)))
            faults.Add(new Fault($"data_augmentation.{entry.Key}", entry.KeyOrigin, SectionReader.Unknown("key", entry.Key, Keys)));
        foreach (var key in Keys)
        {
            if (entries.FirstOrDefault(e => e.Key == key)?.Value is not { } value || value is ConfigScalar { IsNull: true } || IsFalse(value))
                continue;
            var (name, arguments) = Function(key, value);
            put($"data_augmentation.{name}", new ConfigMap([.. arguments.Select(a => new ConfigEntry(a.Key, value.Origin, a.Value))], value.Origin));
        }
    }

    private static (string Name, (string Key, ConfigNode Value)[] Arguments) Function(string key, ConfigNode value)
    {
        var fill = ("fill_mode", Text("nearest", value));
        return key switch
        {
            // Keras draws the two mirrorings apart, each for half of the photos: with both, a quarter stays as it is.
            "RandomFlip" => ("random_flip", [("mode", value), ("change_rate", Text(value is ConfigScalar { Text: "horizontal_and_vertical" } ? "0.75" : "0.5", value))]),
            "RandomTranslation" => ("random_translation", [("height_factor", Part(value, 0)), ("width_factor", Part(value, 1)), fill]),
            "RandomZoom" when value is ConfigList => ("random_zoom", [("height_factor", Part(value, 0)), ("width_factor", Part(value, 1)), fill]),
            "RandomZoom" => ("random_zoom", [("width_factor", value), fill]),
            "RandomRotation" => ("random_rotation", [("factor", value), fill]),
            "RandomShear" => ("random_shear", [("factor", value), fill]),
            "RandomContrast" => ("random_contrast", [("factor", value)]),
            _ => ("random_brightness", [("factor", value)]),
        };
    }

    private static ConfigNode Part(ConfigNode value, int index) => value is ConfigList { Items.Count: 2 } list ? list.Items[index] : value;

    private static bool IsFalse(ConfigNode value) => value is ConfigScalar scalar && scalar.Text.Equals("false", StringComparison.OrdinalIgnoreCase);

    private static ConfigScalar Text(string text, ConfigNode place) => new(text, false, place.Origin);
}
