namespace Kindling.Deployment.Tests;

public sealed class ToolchainTests
{
    [Fact]
    public void An_unknown_target_is_answered_with_all_names()
    {
        var fault = Assert.Throws<KindlingException>(() => Targets.Find("stm32h8"));

        Assert.All(Targets.All.Where(t => t.Refusal is null), t => Assert.Contains(t.Name, fault.Message));
        Assert.Contains("stm32h8", fault.Message);
    }

    [Theory]
    [InlineData("STM32H7")]
    [InlineData("stm32h747i-disco")]
    public void Targets_are_found_by_name_or_board_in_any_case(string name) => Assert.Equal("STM32H747I-DISCO", Targets.Find(name).Board);

    [Theory]
    [InlineData(ToolKind.ArmCompiler, "arm-none-eabi-gcc", "gcc-arm-none-eabi")]
    [InlineData(ToolKind.Emulator, "qemu-system-arm", "qemu-system-arm")]
    public void A_missing_tool_is_named_with_its_package(ToolKind kind, string tool, string package)
    {
        var fault = Assert.Throws<ToolMissingException>(() => Toolchain.Require(kind, searchPath: ""));

        Assert.Equal(tool, fault.Tool);
        Assert.Contains(package, fault.Package);
        Assert.Contains("apt-get install", fault.Message);
    }

    [Theory]
    [InlineData("arm-none-eabi-gcc: fatal error: cannot read spec file 'nano.specs': No such file or directory")]
    [InlineData("network.c:4:10: fatal error: string.h: No such file or directory")]
    public void A_compiler_without_its_C_library_is_told_apart_from_faulty_code(string error)
    {
        var fault = Assert.IsType<ToolMissingException>(CrossCompiler.Explain("arm-none-eabi-gcc", error));

        Assert.Equal("libnewlib-arm-none-eabi", fault.Package);
    }

    [Fact]
    public void A_network_too_large_for_the_simulated_memory_is_reported_with_the_linkers_words()
    {
        Boards.Require();
        using var folder = new TemporaryFolder();
        var n = new RandomNetwork(1);
        var graph = n.Build("wide", n.Clip(n.Input(new Tensors.Shape(1, 5 * 1024 * 1024)), 0, 1));
        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "c"));

        var fault = Assert.Throws<KindlingException>(() => CrossCompiler.Build(project, Targets.Find("stm32h7"), folder.Path));

        Assert.Contains("overflowed", fault.Message);
    }

    [Fact]
    public void A_simulation_that_takes_too_long_is_stopped()
    {
        Boards.Require();
        using var folder = new TemporaryFolder();
        var (graph, input) = WholeNetworkTests.AllOperators(1);
        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "c"));
        var image = CrossCompiler.Build(project, Targets.Find("stm32h7"), folder.Path);

        var fault = Assert.Throws<KindlingException>(
            () => Simulator.Run(image, [.. Enumerable.Repeat(input, 20000)], TimeSpan.FromSeconds(0.5)));

        Assert.Contains("qemu-system-arm did not end within 0.5 s", fault.Message);
    }

    [Fact]
    public void An_input_of_the_wrong_size_is_refused_before_anything_runs()
    {
        Boards.Require();
        using var folder = new TemporaryFolder();
        var (graph, input) = WholeNetworkTests.AllOperators(1);
        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "c"));
        var image = CrossCompiler.Build(project, Targets.Find("stm32h7"), folder.Path);

        var fault = Assert.Throws<KindlingException>(() => Simulator.Run(image, [input[1..]]));

        Assert.Contains($"{input.Length - 1} bytes", fault.Message);
    }
}
