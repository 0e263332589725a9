using Kindling.Graphs;

namespace Kindling.Formats.Tests;

public sealed class MetadataJsonTests
{
    [Theory]
    [InlineData(Standardization.None)]
    [InlineData(Standardization.PerImage)]
    public void Standardisation_travels_with_the_model(Standardization standardization)
    {
        var preprocessing = new Preprocessing(28, 28, ColorMode.Grayscale, [1 / 255f], [0], Interpolation.Lanczos5, AspectRatio.Fit, standardization);
        var metadata = MetadataJson.Read(MetadataJson.Write(new ModelMetadata(preprocessing, ["a", "b"])), "test");
        Assert.Equal(preprocessing, metadata.Preprocessing);
    }
}
