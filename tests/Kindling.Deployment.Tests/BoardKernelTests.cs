namespace Kindling.Deployment.Tests;

/// <summary>Every C kernel against the host's reference kernel, as each core's compiler and instructions compute it.</summary>
public sealed class BoardKernelTests
{
    private const int CasesEach = 2;

    internal static readonly Target[] Cores =
    [
        Core("m4", "Cortex-M4", "mps2-an386", "-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16"),
        Core("m4-without-dsp", "Cortex-M4", "mps2-an386", "-mcpu=cortex-m3", "-mfloat-abi=soft"),
        Core("m7", "Cortex-M7", "mps2-an500", "-mcpu=cortex-m7", "-mfpu=fpv5-d16"),
        Core("m33", "Cortex-M33", "mps2-an505", "-mcpu=cortex-m33", "-mfpu=fpv5-sp-d16"),
        Core("m55", "Cortex-M55", "mps3-an547", "-mcpu=cortex-m55"),
    ];

    [Theory]
    [InlineData("m4")]
    [InlineData("m4-without-dsp")]
    [InlineData("m7")]
    [InlineData("m33")]
    [InlineData("m55")]
    public void Every_C_kernel_equals_the_host_to_the_bit_on_a_simulated(string core)
    {
        Boards.Require();
        using var folder = new TemporaryFolder();
        var cases = new List<(string Name, GeneratedProject Project, byte[] Input)>();
        foreach (var (name, create) in KernelEqualityTests.Operators)
        {
            for (var i = 0; i < CasesEach; i++)
            {
                var network = new RandomNetwork(1000 + cases.Count);
                var output = create(network);
                var symbol = $"case_{cases.Count}";
                var project = CGenerator.Generate(network.Build(symbol, output), Path.Combine(folder.Path, $"kindling_{symbol}"));
                cases.Add(($"{name}, case {i}: {string.Join("; ", project.Graph.Nodes)}", project, network.Sample()));
            }
        }

        var outputs = BoardProgram.Run([.. cases.Select(c => (c.Project, c.Input))], Cores.Single(c => c.Name == core), folder.Path);

        var wrong = cases.Zip(outputs).Where(c => !Host.Run(c.First.Project.Graph, c.First.Input).AsSpan().SequenceEqual(c.Second)).Select(c => c.First.Name);
        Assert.Empty(wrong);
    }

    private static Target Core(string name, string core, string machine, string cpu, params string[] more) => new(
        name, name, core, 100_000_000, 0, 0,
        [cpu, .. more.Any(m => m.Contains("float-abi", StringComparison.Ordinal)) ? more : [.. more, "-mfloat-abi=hard"], "-mthumb"], machine);
}
