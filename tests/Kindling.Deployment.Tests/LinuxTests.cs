using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Deployment.Tests;

/// <summary>Generated C as a Linux program on a Cortex-A7: NEON kernels, two threads, qemu-arm.</summary>
public sealed class LinuxTests
{
    [Theory]
    [InlineData("-mfpu=neon-vfpv4", 2)]
    [InlineData("-mfpu=vfpv4", 1)]
    public void Every_C_kernel_equals_the_host_to_the_bit_on_a_simulated_Cortex_A7(string flag, int casesEach)
    {
        LinuxCases.Require();
        using var folder = new TemporaryFolder();
        var cases = new List<(string Name, GeneratedProject Project, byte[] Input)>();
        foreach (var (name, create) in KernelEqualityTests.Operators)
        {
            for (var i = 0; i < casesEach; i++)
                cases.Add(Case(folder, cases.Count, name, create));
        }

        var program = new LinuxCases([.. cases.Select(c => (c.Project, c.Input))], folder.Path, flag);

        foreach (var threads in new[] { 1, 2 })
        {
            var outputs = program.Run(threads).Outputs;
            var wrong = cases.Zip(outputs).Where(c => !Host.Run(c.First.Project.Graph, c.First.Input).AsSpan().SequenceEqual(c.Second)).Select(c => c.First.Name);
            Assert.Empty(wrong);
        }
    }

    [Fact]
    public void Larger_convolutions_by_NEON_equal_the_host_to_the_bit_also_in_Arm_state()
    {
        LinuxCases.Require();
        using var folder = new TemporaryFolder();
        var cases = new List<(string Name, GeneratedProject Project, byte[] Input)>();
        for (var i = 0; i < 12; i++)
        {
            cases.Add(Case(folder, cases.Count, "3x3", n => n.Conv2D(
                n.Input(new Shape(1, n.Next(6, 14), n.Next(6, 14), n.Next(1, 20))), n.Next(1, 18), 3, n.Next(1, 2), Padding.Uniform(n.Next(0, 1)), 1, (Activation)n.Next(0, 3))));
            cases.Add(Case(folder, cases.Count, "1x1", n => n.Conv2D(n.Input(new Shape(1, n.Next(4, 9), n.Next(4, 9), n.Next(1, 48))), n.Next(1, 24), 1, 1, default, 1, (Activation)n.Next(0, 3))));
            cases.Add(Case(folder, cases.Count, "depthwise", n =>
            {
                var size = n.Next(0, 1) == 0 ? 3 : 5;
                return n.DepthwiseConv2D(
                    n.Input(new Shape(1, n.Next(size, 30), n.Next(size, 40), 2 * n.Next(1, 6))), size, n.Next(1, 2), Padding.Uniform(n.Next(0, size / 2)), 1, (Activation)n.Next(0, 3));
            }));
        }

        var outputs = new LinuxCases([.. cases.Select(c => (c.Project, c.Input))], folder.Path, "-marm").Run(2).Outputs;

        Assert.Empty(cases.Zip(outputs).Where(c => !Host.Run(c.First.Project.Graph, c.First.Input).AsSpan().SequenceEqual(c.Second)).Select(c => c.First.Name));
        Assert.True(cases.Zip(outputs).Count(c => c.Second.Distinct().Count() > 20) > 24, "most outputs must spread over many values");
    }

    [Fact]
    public void Two_threads_share_the_rows_of_a_layer_and_one_does_not()
    {
        LinuxCases.Require();
        using var folder = new TemporaryFolder();
        var one = Case(folder, 0, "conv", n => n.Conv2D(n.Input(new Shape(1, 12, 12, 8)), 8, 3, 1, Padding.Uniform(1), 1, Activation.Relu));
        var program = new LinuxCases([(one.Project, one.Input)], folder.Path);

        var (alone, aloneThreads) = program.Run(1);
        var (shared, sharedThreads) = program.Run(2);

        Assert.Equal([Host.Run(one.Project.Graph, one.Input)], alone);
        Assert.Equal(alone, shared);
        Assert.Equal(aloneThreads + 1, sharedThreads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_network_of_all_operators_is_measured_as_a_Linux_program(long seed)
    {
        LinuxCases.Require();
        var (graph, input) = WholeNetworkTests.AllOperators(seed);

        var result = DeploymentBenchmark.Run(graph, Targets.Find("STM32MP157F-DK2"), [input, new byte[input.Length]], layers: true);

        Assert.Equal(2, result.OutputsEqualHost);
        Assert.True(result.Fits);
        Assert.InRange(result.StackBytes, 40, 4096);
        Assert.InRange(result.Instructions, result.Macs, result.Macs * 100);
        Assert.InRange(result.Layers.Sum(l => l.Instructions), result.Instructions * 9 / 10, result.Instructions * 11 / 10);
        Assert.Null(result.Time!.Milliseconds);
        Assert.Equal(result.Layers.Sum(l => l.Instructions) * 0.5 / 800_000, result.Time.LowestMilliseconds, 1e-9);
    }

    [Fact]
    public void Instruction_counts_of_a_Linux_program_repeat_exactly()
    {
        LinuxCases.Require();
        var (graph, input) = WholeNetworkTests.AllOperators(3);

        var counts = Enumerable.Range(0, 2).Select(_ => DeploymentBenchmark.Run(graph, Targets.Find("stm32mp1"), [input]).Instructions).ToArray();

        Assert.Equal(counts[0], counts[1]);
    }

    [Fact]
    public void The_deployed_folder_builds_with_its_toolchain_file_and_passes_its_self_test()
    {
        LinuxCases.Require();
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(f => File.Exists(Path.Combine(f, "cmake"))))
            Assert.Skip("no cmake on the PATH");
        using var folder = new TemporaryFolder();
        var project = CGenerator.Generate(WholeNetworkTests.AllOperators(4).Graph, Path.Combine(folder.Path, "c"), new CGeneratorOptions { Target = Targets.Find("stm32mp1") });

        Build("-S", "linux", "-B", "build-linux", "-DCMAKE_TOOLCHAIN_FILE=arm-linux-gnueabihf.cmake");
        Build("--build", "build-linux");

        var test = ProcessRunner.Run(Toolchain.Require(ToolKind.LinuxEmulator), ["build-linux/self_test"], project.Directory, TimeSpan.FromMinutes(1));
        Assert.Equal((0, "self-test passed"), (test.ExitCode, test.Output.Trim()));

        void Build(params string[] arguments)
        {
            var result = ProcessRunner.Run("cmake", arguments, project.Directory, TimeSpan.FromMinutes(5));
            Assert.True(result.ExitCode == 0, result.Output + result.Error);
            Assert.DoesNotContain("warning", result.Output + result.Error);
        }
    }

    [Fact]
    public void C_that_was_not_generated_for_Linux_is_not_measured_there()
    {
        LinuxCases.Require();
        using var folder = new TemporaryFolder();
        var (graph, input) = WholeNetworkTests.AllOperators(5);
        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "c"));

        Assert.DoesNotContain(project.Files, f => f.StartsWith("linux/", StringComparison.Ordinal));
        Assert.Contains("was not generated for Linux", Assert.Throws<KindlingException>(() => DeploymentBenchmark.Run(project, Targets.Find("stm32mp1"), [input])).Message);
    }

    private static (string Name, GeneratedProject Project, byte[] Input) Case(TemporaryFolder folder, int number, string name, Func<RandomNetwork, Graphs.Value> create)
    {
        var network = new RandomNetwork(3000 + number);
        var output = create(network);
        var project = CGenerator.Generate(network.Build($"case_{number}", output), Path.Combine(folder.Path, $"kindling_case_{number}"), new CGeneratorOptions { Target = Targets.Find("stm32mp1") });
        return ($"{name}, case {number}: {string.Join("; ", project.Graph.Nodes)}", project, network.Sample());
    }
}
