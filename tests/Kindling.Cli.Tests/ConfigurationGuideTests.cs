using Kindling.Cli.Configuration.Schema;
using Kindling.Tests;

namespace Kindling.Cli.Tests;

public sealed class ConfigurationGuideTests
{
    /// <summary>KINDLING_UPDATE=1 writes the guide anew instead of comparing.</summary>
    [Fact]
    public void The_guide_says_what_the_schema_says()
    {
        var path = Path.Combine(SharedData.Repository, "docs", "configuration.md");
        if (Environment.GetEnvironmentVariable("KINDLING_UPDATE") == "1")
            File.WriteAllText(path, ConfigurationGuide.Write());

        Assert.Equal(ConfigurationGuide.Write(), File.ReadAllText(path));
    }

    /// <summary>KINDLING_UPDATE=1 writes the page anew instead of comparing.</summary>
    [Fact]
    public void The_page_on_augmentation_says_what_the_catalogue_says()
    {
        var path = Path.Combine(SharedData.Repository, "docs", "augmentation.md");
        if (Environment.GetEnvironmentVariable("KINDLING_UPDATE") == "1")
            File.WriteAllText(path, AugmentationGuide.Write());

        Assert.Equal(AugmentationGuide.Write(), File.ReadAllText(path));
    }

    [Fact]
    public void Every_key_is_documented() => Assert.All(AllKeys(UserConfigSchema.Root), k => Assert.EndsWith(".", k.Doc, StringComparison.Ordinal));

    [Fact]
    public void Every_default_is_a_value_its_own_rule_allows() => Assert.All(
        AllKeys(UserConfigSchema.Root).Where(k => k.Default is not null),
        k =>
        {
            var faults = new List<Configuration.Fault>();
            Assert.NotNull(k.Rule.Read(Configuration.YamlDocumentReader.ReadValue(k.Default!, Configuration.Origin.WholeFile)!, k.Name, faults));
            Assert.Empty(faults);
        });

    private static IEnumerable<KeySchema> AllKeys(SectionSchema schema) => schema.Keys.SelectMany(k => AllKeys(k).Prepend(k));

    private static IEnumerable<KeySchema> AllKeys(KeySchema key) => key.Rule switch
    {
        SectionRule section => AllKeys(section.Schema),
        NamedRule named => named.Catalogue.Values.SelectMany(AllKeys),
        _ => [],
    };
}
