using System.Globalization;
using Kindling.Data;
using Kindling.Execution;
using Kindling.Formats;
using Kindling.Formats.Weights;
using Kindling.Graphs;
using Kindling.Zoo;

namespace Kindling.Tests.Weights;

/// <summary>SqueezeNet 1.0 of the Deep Compression file classifies ImageNet's photos as its reference run did.</summary>
public sealed class ImageNetTests
{
    private const int Photos = 16;

    [Fact]
    public void Classes_and_outputs_equal_the_reference_runs()
    {
        var weights = WeightSet.Load(SharedData.Require("imagenet/compressed_SqueezeNet.net"));
        var built = SqueezeNet.V10(new ModelOptions { Height = 227, Width = 227, Metadata = weights.Metadata });
        weights.ApplyTo(built, WeightMappingOptions.Strict);
        var mean = built.Nodes.Single(n => n.Name == "pool10").Output;
        var graph = new Graph("before_softmax", built.Inputs, [mean], [.. built.Nodes.TakeWhile(n => n.Name != "softmax")], built.Metadata);
        var expected = File.ReadLines(SharedData.Require("imagenet/squeezenet1.0_predictions.tsv")).Skip(1).Select(l => l.Split('\t')).ToList();
        using var photos = ListedDataset.OpenTable(SharedData.Require("imagenet/labels.tsv"));
        var full = Enumerable.Range(0, photos.Count).Where(i => IsFull(photos, i)).Take(Photos).ToList();
        var cache = DecodedImageCache.Load(photos.Subset(full), graph.Metadata.Preprocessing!, threads: 1, cancellationToken: TestContext.Current.CancellationToken);
        using var classifier = new ImageClassifier(graph, threads: 1);
        var scores = new float[1000];

        for (var i = 0; i < Photos; i++)
        {
            Assert.Equal(expected[full[i]][0], cache.FileName(i));
            classifier.Classify(cache.Pixels(i), scores);
            Assert.Equal(expected[full[i]][2], Array.IndexOf(scores, scores.Max()).ToString(CultureInfo.InvariantCulture));
            Assert.Equal(float.Parse(expected[full[i]][7], CultureInfo.InvariantCulture), scores.Max(), 0.02f);
        }
    }

    [Fact]
    public void The_thousand_classes_are_in_the_order_of_their_synsets()
    {
        Assert.Equal(1000, ImageNetClasses.Names.Count);
        Assert.Equal(ImageNetClasses.Synsets.Order(StringComparer.Ordinal), ImageNetClasses.Synsets);
        Assert.Equal("Shih-Tzu", ImageNetClasses.Names[155]);
        Assert.Equal(155, ImageNetClasses.IndexOf("n02086240"));
        Assert.Equal(-1, ImageNetClasses.IndexOf("n00000000"));
    }

    // Smaller photos were enlarged by another library's rounding.
    private static bool IsFull(ListedDataset photos, int index)
    {
        var image = photos.Load(index);
        return Math.Min(image.Height, image.Width) == 256;
    }
}
