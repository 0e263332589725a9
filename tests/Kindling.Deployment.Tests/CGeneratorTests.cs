using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Deployment.Tests;

public sealed class CGeneratorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_arena_is_no_larger_than_the_hosts_plan_and_ends_within_no_value()
    {
        var (graph, _) = WholeNetworkTests.AllOperators(1);

        var project = Generate(graph);

        var simplest = MemoryPlanner.Plan(project.Graph, new MemoryPlanOptions(1, 4));
        Assert.InRange(project.ArenaBytes, project.Graph.Inputs[0].Bytes, simplest.ArenaBytes);
        Assert.All(project.Plan.Placements, p => Assert.InRange(p.Offset, 0, project.ArenaBytes - (p.Kind == PlacementKind.ConcatSlice ? 1 : p.Bytes)));
        Assert.Contains($"_ARENA_BYTES {project.ArenaBytes} ", Read("src/network_config.h"));
    }

    [Fact]
    public void Weights_flash_is_weights_and_four_bytes_a_bias_and_five_bytes_a_channel()
    {
        var n = new RandomNetwork(1);
        var x = n.Conv2D(n.Input(new Shape(1, 4, 4, 3)), 10, 3, 1, default, 1);
        x = n.DepthwiseConv2D(x, 2, 1, default, 1);

        var project = Generate(n.Build("two layers", x));

        Assert.Equal((10 * 27) + 2 + (10 * 4), project.WeightBytes);
        Assert.Equal((10 + 10) * 4, project.BiasBytes);
        Assert.Equal((10 + 10) * 5, project.RequantizationBytes);
    }

    [Fact]
    public void Only_kernels_that_are_called_are_copied()
    {
        var n = new RandomNetwork(1);

        var project = Generate(n.Build("clip", n.Clip(n.Input(new Shape(1, 8)), 0, 1)));

        Assert.Equal(
            ["src/kernels/kindling_clip_s8.c", "src/kernels/kindling_fixed_point.h", "src/kernels/kindling_kernels.h"],
            project.Files.Where(f => f.StartsWith("src/kernels/", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_same_graph_gives_the_same_text()
    {
        var (graph, _) = WholeNetworkTests.AllOperators(1);

        var first = Generate(graph).Files.ToDictionary(f => f, Read);
        var second = Generate(graph).Files.ToDictionary(f => f, Read);

        Assert.Equal(first, second);
    }

    [Fact]
    public void Metadata_becomes_class_names_and_documented_preprocessing()
    {
        var (graph, _) = WholeNetworkTests.AllOperators(1);
        string[] classes = ["daisy", "say \"hi\" \\ ??/", "Löwenzahn", "a", "b", "c", "d"];
        var preprocessing = new Preprocessing(17, 15, ColorMode.Bgr, [1 / 127.5f], [-1]);

        var project = Generate(graph.With(new ModelMetadata(preprocessing, classes)));

        Assert.Contains("_COLOR_BGR 1", Read("src/network_config.h"));
        Assert.Contains("\"say \\042hi\\042 \\134 \\077\\077/\"", Read("src/network_config.h"));
        Assert.Contains("\"L\\303\\266wenzahn\"", Read("src/network_config.h"));
        HostProgram.RequireCompiler();
        var input = new byte[project.InputBytes];
        Assert.Equal([Host.Run(graph, input)], HostProgram.Run([(project with { Directory = Renamed(project) }, input)], _folder.Path, 0, "-O1"));
    }

    [Fact]
    public void A_float_graph_is_refused_with_the_advice_to_quantize()
    {
        var builder = new GraphBuilder("float model");
        var graph = builder.Build(null, builder.Conv2D(builder.Input("input", 1, 8, 8, 3), 4, 3, name: "conv_a"));

        var fault = Assert.Throws<KindlingException>(() => Generate(graph));

        Assert.Contains("conv_a (CONV_2D)", fault.Message);
        Assert.Contains("quantize the model first", fault.Message);
        Assert.False(Directory.Exists(Target));
    }

    [Fact]
    public void An_operator_without_a_kernel_is_named()
    {
        var input = new Value("input", ElementType.Int8, new Shape(1, 4), new Tensors.Quantization(0.1f, 0));
        var output = new Value("output", ElementType.Int8, new Shape(1, 4), new Tensors.Quantization(0.1f, 0));
        var graph = new Graph("odd", [input], [output], [new Node("strange_layer", new Unknown(), [input], output)]);

        var fault = Assert.Throws<KindlingException>(() => Generate(graph));

        Assert.Contains("strange_layer (CUMSUM)", fault.Message);
        Assert.Contains("CONV_2D, DEPTHWISE_CONV_2D", fault.Message);
    }

    [Fact]
    public void A_folder_of_somebody_else_is_left_alone()
    {
        var (graph, _) = WholeNetworkTests.AllOperators(1);
        Directory.CreateDirectory(Target);
        File.WriteAllText(Path.Combine(Target, "thesis.txt"), "all my work");

        var fault = Assert.Throws<KindlingException>(() => Generate(graph));

        Assert.Contains("not empty", fault.Message);
        Assert.Equal(["thesis.txt"], Directory.GetFileSystemEntries(Target).Select(Path.GetFileName));
    }

    [Fact]
    public void A_file_added_to_a_generated_folder_is_not_lost()
    {
        var (graph, _) = WholeNetworkTests.AllOperators(1);
        Generate(graph);
        File.WriteAllText(Path.Combine(Target, "main.c"), "int main(void) { return 0; }");

        var fault = Assert.Throws<KindlingException>(() => Generate(graph));

        Assert.Contains("main.c", fault.Message);
        Assert.True(File.Exists(Path.Combine(Target, "main.c")));
    }

    [Fact]
    public void A_generated_folder_is_replaced_as_a_whole()
    {
        var (graph, _) = WholeNetworkTests.AllOperators(1);
        Generate(graph);
        var n = new RandomNetwork(1);

        Generate(n.Build("clip", n.Clip(n.Input(new Shape(1, 8)), 0, 1)));

        Assert.False(File.Exists(Path.Combine(Target, "src", "kernels", "kindling_conv2d_s8.c")));
        Assert.Equal(["c"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_self_test_input_of_the_wrong_size_is_refused()
    {
        var (graph, input) = WholeNetworkTests.AllOperators(1);

        var fault = Assert.Throws<KindlingException>(() => CGenerator.Generate(graph, Target, new CGeneratorOptions { SelfTestInput = new byte[5] }));

        Assert.Contains($"5 bytes, the network's input {input.Length}", fault.Message);
    }

    [Fact]
    public void Sample_inputs_repeat_and_differ_from_each_other()
    {
        var (graph, input) = WholeNetworkTests.AllOperators(1);

        var samples = SampleInputs.Noise(graph, 3);

        Assert.Equal(samples, SampleInputs.Noise(graph, 3));
        Assert.Equal(3, samples.Select(Convert.ToHexString).Distinct().Count());
        Assert.All(samples, s => Assert.Equal(input.Length, s.Length));
    }

    [Fact]
    public void CMake_builds_the_folder_and_the_self_test_passes_and_fails_when_it_should()
    {
        HostProgram.RequireCompiler();
        Programs.Require("cmake", "make");
        var (graph, input) = WholeNetworkTests.AllOperators(1);
        CGenerator.Generate(graph, Target, new CGeneratorOptions { SelfTestInput = input });

        Assert.Equal((0, "self-test passed"), BuildAndTest());

        // One wrong bias of the last layer must not go unnoticed.
        var weights = Read("src/network_weights.c");
        var bias = weights.IndexOf("{\n    ", weights.LastIndexOf("_bias[", StringComparison.Ordinal), StringComparison.Ordinal) + 6;
        File.WriteAllText(Path.Combine(Target, "src", "network_weights.c"), weights[..bias] + "123456" + weights[weights.IndexOf(',', bias)..]);
        Assert.Equal((1, "self-test FAILED: the output differs from the host's"), BuildAndTest());
    }

    private (int ExitCode, string Output) BuildAndTest()
    {
        foreach (var arguments in new[] { "-S . -B build", "--build build" })
            Programs.Run(Target, "cmake", arguments.Split(' '));

        var test = ProcessRunner.Run(Path.Combine(Target, "build", "self_test"), [], Target, TimeSpan.FromMinutes(1));
        return (test.ExitCode, test.Output.Trim());
    }

    private string Target => Path.Combine(_folder.Path, "c");

    private GeneratedProject Generate(Graph graph) => CGenerator.Generate(graph, Target);

    private string Read(string file) => File.ReadAllText(Path.Combine(Target, file));

    private string Renamed(GeneratedProject project)
    {
        var folder = Path.Combine(_folder.Path, project.Symbol);
        Directory.Move(project.Directory, folder);
        return folder;
    }

    private sealed record Unknown : Operator
    {
        public override string Kind => "CUMSUM";

        public override Shape Infer(string node, IReadOnlyList<Value> inputs) => inputs[0].Shape;
    }
}
