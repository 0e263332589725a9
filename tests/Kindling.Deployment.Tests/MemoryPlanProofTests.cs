using Kindling.Execution;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;
using Kindling.Tests;

namespace Kindling.Deployment.Tests;

/// <summary>No value is overwritten before it was read for the last time: proved byte by byte, and by poison at run time.</summary>
public sealed class MemoryPlanProofTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("squeezenet_v1.1_128", 135, OptimizationGoal.Balanced)]
    [InlineData("squeezenet_v1.1_224", 425, OptimizationGoal.Balanced)]
    [InlineData("mobilenet_v1_0.25_96", 39, OptimizationGoal.Balanced)]
    [InlineData("mobilenet_v1_0.25_96_grayscale", 38, OptimizationGoal.Balanced)]
    [InlineData("mobilenet_v1_0.25_224", 200, OptimizationGoal.Balanced)]
    [InlineData("mobilenet_v1_0.5_224", 400, OptimizationGoal.Balanced)]
    [InlineData("st_efficientnet_lc_v1_128", 104, OptimizationGoal.Balanced)]
    [InlineData("st_efficientnet_lc_v1_224", 308, OptimizationGoal.Balanced)]
    [InlineData("squeezenet_v1.1_128", 135, OptimizationGoal.Time)]
    [InlineData("mobilenet_v1_0.25_96", 39, OptimizationGoal.Flash)]
    [InlineData("squeezenet_v1.1_128", 120, OptimizationGoal.Ram)]
    [InlineData("squeezenet_v1.1_224", 378, OptimizationGoal.Ram)]
    [InlineData("mobilenet_v1_0.25_96", 19, OptimizationGoal.Ram)]
    [InlineData("mobilenet_v1_0.25_96_grayscale", 19, OptimizationGoal.Ram)]
    [InlineData("mobilenet_v1_0.25_224", 101, OptimizationGoal.Ram)]
    [InlineData("mobilenet_v1_0.5_224", 202, OptimizationGoal.Ram)]
    [InlineData("st_efficientnet_lc_v1_128", 52, OptimizationGoal.Ram)]
    [InlineData("st_efficientnet_lc_v1_224", 154, OptimizationGoal.Ram)]
    public void Every_read_of_a_published_model_finds_what_was_written_and_the_arena_keeps_its_promise(string name, int kib, OptimizationGoal goal)
    {
        var graph = TfliteReader.Read(SharedData.Require($"models/st/{name}_flowers_int8.tflite"));

        var project = CGenerator.Generate(graph, Path.Combine(_folder.Path, "c"), new CGeneratorOptions { Optimize = goal });

        var simulation = new ArenaSimulation(project);
        Assert.Null(simulation.Run());
        Assert.True(simulation.Stages > 0, "no stage");
        Assert.InRange(project.ArenaBytes, 1, kib * 1024);
    }

    [Fact]
    public void Every_read_of_random_networks_finds_what_was_written_whatever_is_preferred()
    {
        HostProgram.RequireCompiler();
        var (cases, stages) = (new List<(GeneratedProject Project, byte[] Input)>(), 0);
        for (var seed = 0; seed < 24; seed++)
        {
            var random = new RandomNetwork(900 + seed);
            var graph = RandomImageNetwork(random, $"net_{seed}");
            var goal = seed % 2 == 0 ? OptimizationGoal.Ram : (OptimizationGoal)(seed / 2 % 4);
            var project = CGenerator.Generate(graph, Path.Combine(_folder.Path, $"kindling_net_{seed}"), new CGeneratorOptions { Optimize = goal });
            var simulation = new ArenaSimulation(project);
            var lost = simulation.Run();
            Assert.True(lost is null, $"seed {seed}, {goal}: {lost}");
            stages += simulation.Stages;
            cases.Add((project, random.Sample()));
        }

        Assert.True(stages >= 15, $"{stages} stages");
        var outputs = HostProgram.Run(cases, _folder.Path, 0xA5, [.. HostProgram.Sanitized, "-DKINDLING_POISON"]);
        Assert.Equal(cases.Select(c => Host.Run(c.Project.Graph, c.Input)), outputs);
    }

    [Fact]
    public void A_plan_with_one_value_out_of_place_is_noticed()
    {
        var random = new RandomNetwork(901);
        var project = CGenerator.Generate(RandomImageNetwork(random, "net"), Path.Combine(_folder.Path, "c"));
        Assert.Null(new ArenaSimulation(project).Run());

        // A value of its own, moved by a pixel into its neighbours or out of the arena: some read must miss.
        var noticed = 0;
        var moved = project.Plan.Placements.Where(p => p.Kind == PlacementKind.Own && p.Value.Shape.Rank == 4 && p.FirstStep >= 0).ToList();
        foreach (var placement in moved)
        {
            foreach (var bytes in new[] { -placement.Bytes, placement.Bytes / 2, placement.Bytes })
            {
                var simulation = new ArenaSimulation(project);
                simulation.Shift(placement.Value, bytes);
                noticed += simulation.Run() is null ? 0 : 1;
            }
        }

        Assert.True(noticed > moved.Count, $"{noticed} of {3 * moved.Count} shifts were noticed");
    }

    [Theory]
    [InlineData("mobilenet_v1_0.25_96")]
    [InlineData("squeezenet_v1.1_128")]
    [InlineData("mobilenet_v1_0.25_96", OptimizationGoal.Ram)]
    [InlineData("st_efficientnet_lc_v1_128", OptimizationGoal.Ram)]
    public void Poison_behind_every_layer_changes_nothing(string name, OptimizationGoal goal = OptimizationGoal.Balanced)
    {
        var golden = new GoldenModel(name);
        var project = CGenerator.Generate(
            golden.Graph, Path.Combine(_folder.Path, "kindling_net"), new CGeneratorOptions { ModelName = "net", Optimize = goal });

        var outputs = HostProgram.Run([.. golden.Inputs.Select(i => (project, i))], _folder.Path, 0xA5, "-O2", "-DKINDLING_POISON");

        Assert.Equal([golden.Output(0), golden.Output(1)], outputs);
    }

    [Fact]
    public void Poison_reaches_every_byte_that_is_not_alive()
    {
        var random = new RandomNetwork(902);
        var project = CGenerator.Generate(RandomImageNetwork(random, "net"), Path.Combine(_folder.Path, "kindling_net"), new CGeneratorOptions { ModelName = "net" });
        var text = File.ReadAllText(Path.Combine(project.Directory, "test", "network_poison.h"));

        // Behind the last layer all but the output is dead.
        var last = project.Graph.Nodes.Count - 1;
        var dead = text.Split('\n').Where(l => l.StartsWith($"    {{ {last}, ", StringComparison.Ordinal))
            .Select(l => l.Trim(' ', '{', '}', ',').Split(", ").Select(long.Parse).ToArray()).Sum(r => r[2] - r[1]);

        Assert.Equal(project.ArenaBytes - project.OutputBytes, dead);
    }

    [Fact]
    public void A_convolution_and_the_pool_behind_it_run_in_turns_and_the_map_between_them_is_never_whole()
    {
        var random = new RandomNetwork(3);
        var x = random.Conv2D(random.Input(new Shape(1, 129, 129, 3)), 32, 3, 2, default, 1, Activation.Relu, zeroPoint: -128);
        var map = x;
        x = random.MaxPool2D(x, 3, 2, default);

        var project = CGenerator.Generate(
            random.Build("conv and pool", x), Path.Combine(_folder.Path, "c"), new CGeneratorOptions { Optimize = OptimizationGoal.Ram });

        var placement = project.Plan[map];
        Assert.Equal(PlacementKind.Rows, placement.Kind);
        Assert.InRange(placement.Bytes, 3 * 64 * 32, 6 * 64 * 32);
        Assert.True(project.ArenaBytes < map.Bytes, $"{project.ArenaBytes} bytes");
        Assert.Contains("rows at a time", File.ReadAllText(Path.Combine(project.Directory, "README.md")));
    }

    [Fact]
    public void A_pointwise_convolution_with_more_outputs_than_inputs_writes_over_its_input_from_behind()
    {
        var random = new RandomNetwork(4);
        var input = random.Input(new Shape(1, 32, 32, 8));
        var x = random.Conv2D(input, 24, 1, 1, default, 1);

        var project = CGenerator.Generate(random.Build("expand", x), Path.Combine(_folder.Path, "c"));

        Assert.InRange(project.ArenaBytes, x.Bytes, x.Bytes + 256);
        Assert.Null(new ArenaSimulation(project).Run());
    }

    [Fact]
    public void With_least_RAM_rows_are_asked_for_from_the_top_as_they_are_needed_and_the_image_is_never_in_the_arena()
    {
        var compiler = HostProgram.RequireCompiler();
        var random = new RandomNetwork(11);
        var x = random.Conv2D(random.Input(new Shape(1, 40, 31, 3), ElementType.Int8), 8, 3, 2, default, 1, Activation.Relu, zeroPoint: -128);
        x = random.DepthwiseConv2D(x, 3, 1, Padding.Uniform(1), 1);
        x = random.MaxPool2D(x, 3, 2, default);
        var graph = random.Build("rows", random.Dense(random.Mean(x), 4));
        var input = random.Sample();

        var project = CGenerator.Generate(graph, Path.Combine(_folder.Path, "c"), new CGeneratorOptions { ModelName = "net", Optimize = OptimizationGoal.Ram });

        Assert.True(project.HasRowsOfInput);
        Assert.InRange(project.ArenaBytes, 1, project.InputBytes - 1);
        File.WriteAllText(Path.Combine(_folder.Path, "main.c"), """
            #include <stdio.h>
            #include <string.h>
            #include "network.h"
            static int8_t image[40 * 31 * 3], output[2][4];
            static int32_t next;
            static void rows(void *context, int32_t first, int32_t count, int8_t *to)
            {
                if (first != next) printf("row %d instead of %d", first, next);
                next = first + count;
                memcpy(to, (const int8_t *)context + first * 31 * 3, (size_t)count * 31 * 3);
            }
            int main(void)
            {
                if (fread(image, 1, sizeof image, stdin) != sizeof image) return 1;
                kindling_net_run_rows(rows, image, output[0]);
                memcpy(kindling_net_input(), image, sizeof image);
                kindling_net_run(kindling_net_input(), output[1]);
                printf("%d rows", next);
                for (int i = 0; i < 8; i++) printf(" %d", output[i / 4][i % 4]);
                return 0;
            }
            """);
        var built = ProcessRunner.Run(compiler, [.. HostProgram.Sanitized, $"-I{project.SourceDirectory}", "-o", "program", "main.c", .. project.Sources], _folder.Path, TimeSpan.FromMinutes(5));
        Assert.True(built.ExitCode == 0, built.Error);
        File.WriteAllBytes(Path.Combine(_folder.Path, "in.bin"), input);
        var ran = ProcessRunner.Run("/bin/sh", ["-c", "./program < in.bin"], _folder.Path, TimeSpan.FromMinutes(1));

        // The last row is under no window.
        var expected = string.Join(' ', Host.Run(graph, input).Select(b => (sbyte)b));
        Assert.Equal($"39 rows {expected} {expected}", ran.Output.Trim());
    }

    [Fact]
    public void What_is_large_only_because_of_a_mean_is_computed_twice_with_one_copy_of_its_weights()
    {
        var random = new RandomNetwork(12);
        var x = random.Conv2D(random.Input(new Shape(1, 48, 48, 3)), 32, 3, 1, Padding.Uniform(1), 1, Activation.Relu, zeroPoint: -128);
        var gate = random.Sigmoid(random.Conv2D(random.Mean(x, keep: true), 32, 1, 1, default, 1));
        x = random.MaxPool2D(random.Multiply(x, gate), 4, 4, default);
        var graph = random.Build("excite", random.Dense(random.Mean(x), 4));

        var balanced = CGenerator.Generate(graph, Path.Combine(_folder.Path, "balanced"));
        var ram = CGenerator.Generate(graph, Path.Combine(_folder.Path, "ram"), new CGeneratorOptions { Optimize = OptimizationGoal.Ram });

        Assert.Equal(0, balanced.RecomputedMacs);
        Assert.Equal(48L * 48 * 32 * 27, ram.RecomputedMacs);
        Assert.InRange(balanced.ArenaBytes, 48 * 48 * 32, long.MaxValue);
        Assert.InRange(ram.ArenaBytes, 1, 48 * 48 * 32 / 4);
        Assert.Equal((balanced.WeightsFlashBytes, balanced.TableBytes), (ram.WeightsFlashBytes, ram.TableBytes));
        Assert.Null(new ArenaSimulation(ram).Run());
    }

    /// <summary>Blocks as image networks have them, large enough for stages.</summary>
    internal static Graph RandomImageNetwork(RandomNetwork n, string name)
    {
        var x = n.Quantize(n.Input(new Shape(1, n.Next(18, 34), n.Next(18, 34), n.Next(1, 3)), ElementType.UInt8), ElementType.Int8, sameScale: true);
        x = n.Conv2D(x, 2 * n.Next(3, 8), 3, n.Next(1, 2), n.Next(0, 1) == 0 ? default : Padding.Uniform(1), 1, Activation.Relu);
        for (var block = n.Next(3, 6); block > 0; block--)
        {
            if (x.Shape.Height < 4 || x.Shape.Width < 4)
                break;
            var stride = x.Shape.Height > 8 && x.Shape.Width > 8 ? n.Next(1, 2) : 1;
            switch (n.Next(0, 5))
            {
                case 0:
                    x = n.DepthwiseConv2D(x, n.Next(1, 2) == 1 ? 3 : 5, stride, Padding.Uniform(2), 1, Activation.Relu);
                    x = n.Conv2D(x, 2 * n.Next(2, 12), 1, 1, default, 1);
                    break;
                case 1:
                    var squeeze = n.Conv2D(x, 4 * n.Next(1, 3), 1, 1, default, 1, Activation.Relu);
                    // The two must share a scale to be concatenated without a copy.
                    x = n.Concat(3, n.MaxPool2D(squeeze, 1, 1, default), n.MaxPool2D(squeeze, 3, 1, Padding.Uniform(1)));
                    break;
                case 2 when x.Shape.Height > 4 && x.Shape.Width > 4:
                    x = n.MaxPool2D(x, n.Next(2, 3), stride, n.Next(0, 1) == 0 ? default : new Padding(0, 1, 1, 0));
                    break;
                case 3:
                    var wide = n.Conv2D(x, 3 * x.Shape.Channels, 1, 1, default, 1, Activation.Relu6);
                    wide = n.DepthwiseConv2D(wide, 3, 1, Padding.Uniform(1), 1);
                    x = n.Add(n.Conv2D(wide, x.Shape.Channels, 1, 1, default, 1), x);
                    break;
                case 4:
                    var gate = n.Sigmoid(n.Conv2D(n.Mean(x, keep: true), x.Shape.Channels, 1, 1, default, 1));
                    x = n.Multiply(x, gate);
                    break;
                default:
                    x = n.Conv2D(x, n.Next(3, 20), 3, stride, new Padding(1, 0, 1, 1), x.Shape.Height > 6 && x.Shape.Width > 6 ? n.Next(1, 2) : 1, Activation.Relu);
                    break;
            }
        }

        return n.Build(name, n.Dequantize(n.Softmax(n.Dense(n.Mean(x), 5))));
    }
}
