using Kindling.Graphs;

namespace Kindling.Zoo.Tests;

public class ModelOptionsTests
{
    [Fact]
    public void Impossible_options_are_refused_with_a_reason()
    {
        Refused(new ModelOptions { Classes = 1 }, "1 classes");
        Refused(new ModelOptions { Height = 0 }, "0x224");
        Refused(new ModelOptions { Channels = 0 }, "0 channels");
        Refused(new ModelOptions { Dropout = 1 }, "dropout is 1");
    }

    [Fact]
    public void Metadata_that_describe_another_input_or_other_classes_are_refused()
    {
        var gray = new Preprocessing(224, 224, ColorMode.Grayscale, [1 / 255f], [0]);
        Refused(new ModelOptions { Metadata = new ModelMetadata(gray, []) }, "224x224x1");
        Refused(new ModelOptions { Classes = 3, Metadata = new ModelMetadata(null, ["a", "b"]) }, "2 class names for 3 classes");
    }

    [Fact]
    public void Weights_follow_the_seed()
    {
        Assert.Equal(FirstWeights(seed: 1), FirstWeights(seed: 1));
        Assert.NotEqual(FirstWeights(seed: 1), FirstWeights(seed: 2));
    }

    private static float[] FirstWeights(long seed) =>
        SqueezeNet.V11(new ModelOptions { Height = 64, Width = 64, Seed = seed }).Nodes[0].Inputs[1].Constant!.AsSpan<float>().ToArray();

    private static void Refused(ModelOptions options, string reason)
    {
        var fault = Assert.Throws<KindlingException>(() => SqueezeNet.V11(options));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }
}
