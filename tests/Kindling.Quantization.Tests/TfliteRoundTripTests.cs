using Kindling.Execution;
using Kindling.Formats.Tflite;
using Kindling.Graphs;

namespace Kindling.Quantization.Tests;

public class TfliteRoundTripTests
{
    // 72 leaves odd maps before a stride of 2, whose padding below and to the right is not TFLite's SAME.
    [Theory]
    [InlineData("squeezenet", 64)]
    [InlineData("mobilenet", 64)]
    [InlineData("mobilenet", 72)]
    public void A_quantized_network_comes_back_from_its_file_to_the_bit(string name, int side)
    {
        var graph = name == "squeezenet" ? Networks.SqueezeNet(side) : Networks.MobileNet(side);
        var written = PostTrainingQuantizer.Quantize(
            graph, [Networks.Photos(6, side, seed: 1)], cancellation: TestContext.Current.CancellationToken).Graph;
        var read = TfliteReader.Read(TfliteWriter.ToBytes(written), "network.tflite");

        Specification.Check(read);
        Assert.Equal(written.Metadata.Preprocessing, read.Metadata.Preprocessing);
        Assert.Equal(written.Metadata.ClassNames, read.Metadata.ClassNames);
        Assert.Equal(GraphSummary.Of(written).WeightBytes, GraphSummary.Of(read).WeightBytes);
        Assert.Equal(written.Inputs[0].Quantization, read.Inputs[0].Quantization);
        Assert.Equal(Run(written, side), Run(read, side));
    }

    private static float[] Run(Graph graph, int side)
    {
        using var executor = Executor.Compile(graph, new ExecutorOptions { Batch = 8 });
        new InputEncoder(graph.Inputs[0], graph.Metadata.Preprocessing)
            .EncodeValues(Networks.Photos(8, side, seed: 21).Span, executor.InputBytes());
        executor.Run();
        return executor.Output<float>().ToArray();
    }
}
