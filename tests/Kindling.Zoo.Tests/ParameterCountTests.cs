using Kindling.Graphs;

namespace Kindling.Zoo.Tests;

/// <summary>The published parameter counts, with the statistics of batch normalization.</summary>
public class ParameterCountTests
{
    [Theory]
    [InlineData("squeezenet_v1.0", 3, 5, 737_989)]
    [InlineData("squeezenet_v1.0", 3, 10, 740_554)]
    [InlineData("squeezenet_v1.0", 3, 39, 755_431)]
    [InlineData("squeezenet_v1.0", 3, 101, 787_237)]
    [InlineData("squeezenet_v1.0", 3, 1000, 1_248_424)]
    [InlineData("squeezenet_v1.1", 3, 5, 725_061)]
    [InlineData("squeezenet_v1.1", 3, 39, 742_503)]
    [InlineData("squeezenet_v1.1", 3, 101, 774_309)]
    [InlineData("squeezenet_v1.1", 3, 1000, 1_235_496)]
    [InlineData("st_squeezenet_v1.0", 3, 5, 541_849)]
    [InlineData("st_squeezenet_v1.0", 3, 10, 544_434)]
    [InlineData("st_squeezenet_v1.0", 3, 39, 559_427)]
    [InlineData("st_squeezenet_v1.0", 3, 101, 591_481)]
    [InlineData("st_squeezenet_v1.0", 3, 1000, 539_264 + (517 * 1000))]
    [InlineData("st_squeezenet_v1.1", 3, 5, 725_061)]
    [InlineData("st_squeezenet_v1.1", 3, 39, 742_503)]
    [InlineData("st_squeezenet_v1.1", 3, 101, 774_309)]
    [InlineData("st_squeezenet_v1.1", 3, 1000, 1_235_496)]
    [InlineData("squeezenet_v1.0_simple_bypass", 3, 5, 737_989)]
    [InlineData("squeezenet_v1.0_simple_bypass", 3, 39, 755_431)]
    [InlineData("squeezenet_v1.0_simple_bypass", 3, 101, 787_237)]
    [InlineData("squeezenet_v1.0_simple_bypass", 3, 1000, 1_248_424)]
    [InlineData("squeezenet_v1.0_complex_bypass", 3, 5, 737_989 + 341_248)]
    [InlineData("squeezenet_v1.0_complex_bypass", 3, 39, 755_431 + 341_248)]
    [InlineData("squeezenet_v1.0_complex_bypass", 3, 101, 787_237 + 341_248)]
    [InlineData("squeezenet_v1.0_complex_bypass", 3, 1000, 1_589_672)]
    [InlineData("squeezenet_notebook_v0", 1, 10, 731_146)]
    [InlineData("squeezenet_notebook_v1", 1, 10, 731_146)]
    [InlineData("squeezenet_notebook_v1", 3, 5, 737_989)]
    [InlineData("squeezenet_notebook_v1", 3, 39, 755_431)]
    [InlineData("squeezenet_notebook_v1", 3, 101, 787_237)]
    [InlineData("squeezenet_notebook_v1", 3, 1000, 1_248_424)]
    [InlineData("st_efficientnet_lc_v1", 3, 5, 516_153)]
    [InlineData("st_efficientnet_lc_v1", 3, 39, 535_771)]
    [InlineData("st_efficientnet_lc_v1", 3, 101, 571_545)]
    [InlineData("st_efficientnet_lc_v1", 3, 1000, 513_268 + (577 * 1000))]
    [InlineData("efficientnet_b0", 3, 5, 5_330_564 - (1281 * 995))]
    [InlineData("efficientnet_b0", 3, 39, 5_330_564 - (1281 * 961))]
    [InlineData("efficientnet_b0", 3, 101, 5_330_564 - (1281 * 899))]
    public void A_network_has_the_published_number_of_parameters(string name, int channels, int classes, long parameters) =>
        Assert.Equal(parameters, Build(name, channels, classes).ParameterCount);

    // Trained: the papers' and torchvision's count; with statistics: Keras' without the 7 numbers of its input normalization.
    [Theory]
    [InlineData(0, 5_288_548, 5_330_571 - 7)]
    [InlineData(1, 7_794_184, 7_856_239 - 7)]
    [InlineData(2, 9_109_994, 9_177_569 - 7)]
    [InlineData(3, 12_233_232, 12_320_535 - 7)]
    [InlineData(4, 19_341_616, 19_466_823 - 7)]
    [InlineData(5, 30_389_784, 30_562_527 - 7)]
    [InlineData(6, 43_040_704, 43_265_143 - 7)]
    [InlineData(7, 66_347_960, 66_658_687 - 7)]
    public void EfficientNet_has_the_published_number_of_parameters_at_1000_classes(int number, long trained, long all)
    {
        var summary = GraphSummary.Of(EfficientNet.Build(number, new ModelOptions { Height = 64, Width = 64 }));
        Assert.Equal(trained, summary.TrainableParameters);
        Assert.Equal(all, summary.Parameters);
    }

    [Fact]
    public void EfficientNet_lc_keeps_11_360_statistics_beside_its_trained_parameters()
    {
        var summary = GraphSummary.Of(Build("st_efficientnet_lc_v1", 3, 5));
        Assert.Equal(504_793, summary.TrainableParameters);
        Assert.Equal(11_360, summary.Parameters - summary.TrainableParameters);
    }

    [Theory]
    [InlineData("st_squeezenet_v1.0", 128, 173)]
    [InlineData("st_efficientnet_lc_v1", 128, 19.8)]
    [InlineData("st_efficientnet_lc_v1", 224, 60.6)]
    [InlineData("st_squeezenet_v1.1", 128, 80.2)]
    [InlineData("st_squeezenet_v1.1", 224, 263)]
    public void A_network_takes_the_published_multiply_accumulates(string name, int side, double millions)
    {
        var graph = ZooCatalogue.Find(name).Build(new ModelOptions { Height = side, Width = side, Classes = 5 });
        Assert.Equal(millions, graph.Macs / 1e6, millions * 0.01);
    }

    private static Graph Build(string name, int channels, int classes) =>
        ZooCatalogue.Find(name).Build(new ModelOptions { Height = 128, Width = 128, Channels = channels, Classes = classes });
}
