namespace Kindling.Zoo.Tests;

public class ZooCatalogueTests
{
    [Theory]
    [InlineData("squeezenet_v1.1", "squeezenet_v1.1")]
    [InlineData("SqueezeNet", "squeezenet_v1.1")]
    [InlineData("mobilenet_v1_0.25", "mobilenet_v1_0.25")]
    [InlineData("mobilenet_1.0", "mobilenet_v1_1.0")]
    public void Plain_names_and_aliases_find_a_model(string name, string model) => Assert.Equal(model, ZooCatalogue.Find(name).Name);

    [Theory]
    [InlineData("squeezenet", "v10", null, "st_squeezenet_v1.0")]
    [InlineData("squeezenet", "v11", null, "st_squeezenet_v1.1")]
    [InlineData("squeezenet", "v1.0", null, "squeezenet_v1.0")]
    [InlineData("squeezenet", "v1.1", null, "squeezenet_v1.1")]
    [InlineData("squeezenet", "v1.0_simple_bypass", null, "squeezenet_v1.0_simple_bypass")]
    [InlineData("squeezenet", "notebook_v1", null, "squeezenet_notebook_v1")]
    [InlineData("st_squeezenet_v1.0", null, null, "st_squeezenet_v1.0")]
    [InlineData("st_efficientnet_lc", "v1", null, "st_efficientnet_lc_v1")]
    [InlineData("st_efficientnet_lc", null, null, "st_efficientnet_lc_v1")]
    [InlineData("efficientnet", "b3", null, "efficientnet_b3")]
    [InlineData("mobilenet", "v1", 0.5, "mobilenet_v1_0.5")]
    [InlineData("mobilenet", null, 0.25, "mobilenet_v1_0.25")]
    [InlineData("mobilenet", "v1", 0.35, "mobilenet_v1_0.35")]
    [InlineData("squeezenet_v1.1", null, null, "squeezenet_v1.1")]
    public void A_model_section_finds_a_model(string name, string? version, double? alpha, string model) =>
        Assert.Equal(model, ZooCatalogue.Find(name, version, alpha).Name);

    [Theory]
    [InlineData("mobilnet", "v1", 0.25, "training.model.name", "mobilenet")]
    [InlineData("mobilenet", "v9", 0.25, "training.model.version", "v1")]
    [InlineData("mobilenet", "v1", null, "training.model.alpha", "0.25")]
    [InlineData("squeezenet", "v12", null, "training.model.version", "v11")]
    [InlineData("squeezenet", null, null, "training.model.version", "v1.0_simple_bypass")]
    [InlineData("squeezenet_v1.1", "v11", null, "training.model.version", "remove the key")]
    [InlineData("mobilenet_v1_0.25", null, 0.25, "training.model.alpha", "remove the key")]
    [InlineData("squeezenet", "v11", 0.5, "training.model.alpha", "fixed")]
    public void A_faulty_model_section_is_told_by_key_with_what_is_allowed(string name, string? version, double? alpha, string key, string hint)
    {
        var fault = Assert.Throws<KindlingException>(() => ZooCatalogue.Find(name, version, alpha));
        Assert.Contains(key, fault.Message, StringComparison.Ordinal);
        Assert.Contains(hint, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_name_is_answered_with_the_nearest()
    {
        var fault = Assert.Throws<KindlingException>(() => ZooCatalogue.Find("squeznet_v1.1"));
        Assert.Contains("did you mean squeezenet_v1.1?", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_two_models_share_a_name()
    {
        var names = ZooCatalogue.Models.SelectMany(m => m.Aliases.Append(m.Name)).ToList();
        Assert.Equal(names.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void Every_model_builds_under_its_own_name_with_the_classes_asked_for()
    {
        foreach (var model in ZooCatalogue.Models.Where(m => m.Version is not ("b5" or "b6" or "b7")))
        {
            var graph = model.Build(new ModelOptions { Height = 96, Width = 96, Classes = 7 });
            Assert.Equal(model.Name, graph.Name);
            Assert.Equal([1, 96, 96, 3], graph.Inputs.Single().Shape);
            Assert.Equal([1, 7], graph.Outputs.Single().Shape);
        }
    }

    [Fact]
    public void Every_model_says_where_it_was_published_and_for_which_input()
    {
        Assert.All(ZooCatalogue.Models, m => Assert.Contains("arXiv:", m.Paper, StringComparison.Ordinal));
        Assert.Equal(227, ZooCatalogue.Find("squeezenet_v1.0").Defaults.Height);
        Assert.Equal(1, ZooCatalogue.Find("squeezenet_notebook_v1").Defaults.Channels);
        Assert.Equal([224, 240, 260, 300, 380, 456, 528, 600], EfficientNet.Family.Models.Select(m => m.Defaults.Width));
    }
}
