using System.Globalization;
using System.Text;
using Kindling.Data.Augmentation;

namespace Kindling.Cli.Configuration.Schema;

/// <summary>The guide to user_config.yaml, written from the schema so that it cannot disagree with it.</summary>
internal static class ConfigurationGuide
{
    /// <summary>The guide as Markdown.</summary>
    public static string Write()
    {
        var text = new StringBuilder("""
            # user_config.yaml

            `kindling run CONFIG [key=value…]` reads one YAML file after the schema that ST publishes for its model zoo, so existing files run. It is strict: an
            unknown key, a wrong type, a missing section or an impossible value is an error that names the key, its line, what is allowed and the nearest match,
            and all faults are listed at once before anything runs. This page is written from the schema itself.

            - `training.epochs=5` on the command line sets a key, `~data_augmentation` removes one.
            - Numbers may be sums: `1/127.5`. Tuples are written `(96, 96, 3)` or `[96, 96, 3]`.
            - `${VARIABLE}` is replaced by an environment variable, `${now:%Y_%m_%d}` by the time.
            - An empty value means the default.

            ## Operation modes

            | operation_mode | runs |
            |---|---|

            """);
        foreach (var (mode, runs) in UserConfigSchema.Modes)
            text.Append(CultureInfo.InvariantCulture, $"| `{mode}` | {runs} |\n");
        text.Append("\n`chain_tqeb` with a `deployment` section generates C too; `chain_tqebd` says the same without the section.\n");
        foreach (var key in UserConfigSchema.Root.Keys.Where(k => k.Rule is SectionRule or NamedRule))
            WriteSection(text, key.Name, key.Rule);
        var unused = UserConfigSchema.Root.Keys.Where(k => k.IsIgnored).ToList();
        text.Append("\n## Accepted, without effect\n\n");
        foreach (var key in unused)
            text.Append(CultureInfo.InvariantCulture, $"- `{key.Name}`: {key.Doc}\n");
        return text.ToString();
    }

    private static void WriteSection(StringBuilder text, string path, ValueRule rule)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {path}\n\n");
        if (rule is NamedRule named)
        {
            if (path == "data_augmentation")
            {
                WriteAugmentation(text);
                return;
            }

            WriteCatalogue(text, named);
            return;
        }

        var schema = ((SectionRule)rule).Schema;
        text.Append(CultureInfo.InvariantCulture, $"{schema.Doc}\n\n");
        var rows = Flatten(schema, "").ToList();
        WriteTable(text, rows.Where(r => !r.Key.IsIgnored));
        var ignored = rows.Where(r => r.Key.IsIgnored).Select(r => $"`{r.Name}`").ToList();
        if (ignored.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"\nAccepted, without effect: {string.Join(", ", ignored)}.\n");
        foreach (var (name, key) in rows)
        {
            if (key.Rule is NamedRule inner)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n### {path}.{name}\n\n");
                WriteCatalogue(text, inner);
            }
        }
    }

    private static void WriteAugmentation(StringBuilder text)
    {
        text.Append("Functions that alter the training photos, in the order of the file; [their parameters](augmentation.md) have a page of their own.\n\n| function | what it does |\n|---|---|\n");
        foreach (var function in AugmentationCatalogue.Functions)
            text.Append(CultureInfo.InvariantCulture, $"| [`{function.Name}`](augmentation.md#{function.Name}) | {function.Description} |\n");
    }

    private static void WriteCatalogue(StringBuilder text, NamedRule rule)
    {
        text.Append(CultureInfo.InvariantCulture, $"| {rule.What} | arguments | what it does |\n|---|---|---|\n");
        foreach (var (name, schema) in rule.Catalogue)
        {
            var arguments = schema.Keys.Where(k => !k.IsIgnored).Select(k => $"`{k.Name}`{(k.Default is null ? k.IsRequired ? " (required)" : "" : $" ({k.Default})")}");
            text.Append(CultureInfo.InvariantCulture, $"| `{name}` | {string.Join(", ", arguments)} | {schema.Doc} |\n");
        }
    }

    private static void WriteTable(StringBuilder text, IEnumerable<(string Name, KeySchema Key)> rows)
    {
        text.Append("| key | allowed | default | what it does |\n|---|---|---|---|\n");
        foreach (var (name, key) in rows)
            text.Append(CultureInfo.InvariantCulture, $"| `{name}` | {(key.Rule is NamedRule ? "see below" : key.Rule.Allowed)} | {(key.IsRequired ? "required" : key.Default ?? "")} | {key.Doc} |\n");
    }

    private static IEnumerable<(string Name, KeySchema Key)> Flatten(SectionSchema schema, string prefix) =>
        schema.Keys.SelectMany(k => k.Rule is SectionRule inner ? Flatten(inner.Schema, $"{prefix}{k.Name}.") : [($"{prefix}{k.Name}", k)]);
}
