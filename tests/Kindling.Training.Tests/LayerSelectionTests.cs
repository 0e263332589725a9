using Kindling.Graphs;
using Kindling.Training.Optimizers;

namespace Kindling.Training.Tests;

public sealed class LayerSelectionTests
{
    [Theory]
    [InlineData("(0:-1)", 5, "0 1 2 3")]
    [InlineData("(1:3, 4, -2)", 6, "1 2 4")]
    [InlineData("-1", 4, "3")]
    [InlineData("[2]", 4, "2")]
    [InlineData("(:)", 3, "0 1 2")]
    [InlineData("(1:100)", 3, "1 2")]
    [InlineData("(::2)", 5, "0 2 4")]
    [InlineData("(-3:)", 5, "2 3 4")]
    [InlineData("(4:0:-2)", 6, "2 4")]
    [InlineData("(::-1)", 3, "0 1 2")]
    [InlineData("()", 3, "")]
    public void Numbers_and_slices_choose_what_Python_would(string text, int count, string chosen) =>
        Assert.Equal(chosen, string.Join(' ', LayerSelection.Parse(text).Choose(count)));

    [Theory]
    [InlineData("(0:x)")]
    [InlineData("all")]
    [InlineData("(1:2:3:4)")]
    [InlineData("(0:4:0)")]
    public void What_is_no_selection_is_refused_with_an_example(string text) =>
        Assert.Contains("(4:8, 16, -1)", Assert.Throws<KindlingException>(() => LayerSelection.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("(3)", "there is no layer 3; there are 3, 0 to 2")]
    [InlineData("(-4)", "there is no layer -4")]
    public void A_number_beyond_the_layers_is_refused_with_their_range(string text, string message) =>
        Assert.Contains(message, Assert.Throws<KindlingException>(() => LayerSelection.Parse(text).Choose(3)).Message, StringComparison.Ordinal);

    [Fact]
    public void All_but_the_last_leaves_the_classifier_whose_softmax_counts_as_part_of_it()
    {
        var graph = TestNetworks.Stripes();

        var trained = LayerSelection.Parse("(0:-1)").ConstantsOfOthers(graph);

        Assert.Equal(["dense/weights", "dense/bias"], trained.Select(v => v.Name));
        Assert.DoesNotContain("softmax", LayerSelection.Parse("(:)").Choose(graph));
    }

    [Fact]
    public void The_backbone_is_all_before_the_last_layer_with_weights_wherever_that_is()
    {
        var b = new GraphBuilder("pooled", 1);
        var graph = b.Build(null, b.Softmax(b.GlobalAveragePool(b.Conv2D(b.BatchNorm(b.Conv2D(b.Input("x", 1, 4, 4, 3), 4, 3)), 2, 1))));

        Assert.Equal(["x", "conv", "batch_norm"], LayerSelection.Parse("backbone").Choose(graph));
        Assert.Equal(["conv_1/weights", "conv_1/bias"], LayerSelection.Parse("backbone").ConstantsOfOthers(graph).Select(v => v.Name));
    }

    [Fact]
    public void Freezing_everything_is_refused()
    {
        var error = Assert.Throws<KindlingException>(() => LayerSelection.Parse("(:)").ConstantsOfOthers(TestNetworks.Stripes()));
        Assert.Contains("nothing is left to train", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Frozen_layers_come_out_of_a_training_to_the_bit_with_their_statistics_and_the_others_do_not()
    {
        var graph = TestNetworks.Stripes();
        var before = graph.Constants.ToDictionary(v => v.Name, v => v.Constant!.AsSpan<float>().ToArray());
        // Layers 1 to 3 are the first convolution, its normalization and its clipping.
        var trained = LayerSelection.Parse("(1:4)").ConstantsOfOthers(graph);

        Trainer.Fit(
            graph, new StripesSource(16, 4, 1), null, new TrainerOptions { Epochs = 2, Optimizer = new Adam(), IsTrainable = trained.Contains }, null,
            TestContext.Current.CancellationToken);

        var changed = graph.Constants.Where(v => !v.Constant!.AsSpan<float>().SequenceEqual(before[v.Name])).Select(v => v.Name).ToList();
        Assert.DoesNotContain(changed, n => n.StartsWith("conv/", StringComparison.Ordinal) || n.StartsWith("batch_norm/", StringComparison.Ordinal));
        Assert.Contains("batch_norm_1/moving_mean", changed);
        Assert.Contains("dense/weights", changed);
    }
}
