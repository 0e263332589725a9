using Kindling.Formats.Onnx;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Tests;

namespace Kindling.Deployment.Tests;

/// <summary>Int8 networks that come as ONNX files become C like those that come as TFLite.</summary>
public sealed class OnnxNetworkTests
{
    public static TheoryData<string, OnnxQuantization> Networks => new()
    {
        { "mobilenet_v1_0.25_96", OnnxQuantization.Qdq },
        { "mobilenet_v1_0.25_96", OnnxQuantization.QOperator },
        { "squeezenet_v1.1_128", OnnxQuantization.QOperator },
        { "st_efficientnet_lc_v1_128", OnnxQuantization.Qdq },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void C_from_a_network_of_the_zoo_in_ONNX_equals_the_host_on_the_network_itself(string name, OnnxQuantization form)
    {
        HostProgram.RequireCompiler();
        using var folder = new TemporaryFolder();
        var (network, read) = Network(name, form, folder);
        var samples = SampleInputs.Noise(network, 2);
        var expected = samples.Select(s => Host.Run(network, s)).ToList();
        Assert.Distinct(expected.Select(Convert.ToHexString));

        var project = CGenerator.Generate(read, Path.Combine(folder.Path, "kindling_net"), new CGeneratorOptions { ModelName = "net" });
        Assert.Equal(expected, HostProgram.Run([.. samples.Select(s => (project, s))], folder.Path, 0x5C, "-O2"));
    }

    [Fact]
    public void C_from_an_ONNX_file_equals_the_host_on_a_simulated_board()
    {
        Boards.Require();
        using var folder = new TemporaryFolder();
        var (network, read) = Network("mobilenet_v1_0.25_96", OnnxQuantization.Qdq, folder);
        var photos = ValidationPhotos.Inputs(network, 2);

        var project = CGenerator.Generate(read, Path.Combine(folder.Path, "c"));
        var result = Simulator.Run(CrossCompiler.Build(project, Targets.Find("stm32h7"), folder.Path), photos);

        Assert.Equal(photos.Select(p => Host.Run(network, p)), result.Outputs);
    }

    private static (Graph Network, Graph Read) Network(string name, OnnxQuantization form, TemporaryFolder folder)
    {
        var network = TfliteReader.Read(Path.Combine(SharedData.Repository, "zoo", $"flowers_{name}", $"flowers_{name}_int8.tflite"));
        var path = Path.Combine(folder.Path, "model.onnx");
        OnnxWriter.Write(network, path, quantization: form);
        return (network, OnnxReader.Read(path));
    }
}
