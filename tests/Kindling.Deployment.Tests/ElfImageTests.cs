namespace Kindling.Deployment.Tests;

public sealed class ElfImageTests
{
    [Fact]
    public void Truncated_files_are_refused_by_name_and_never_crash()
    {
        var image = BuildImage();
        for (var length = 0; length < image.Length; length += length < 64 ? 1 : 997)
        {
            var fault = Assert.Throws<ModelFormatException>(() => ElfImage.Parse(image.AsSpan(0, length), "cut.elf"));
            Assert.Contains("cut.elf", fault.Message);
        }
    }

    [Fact]
    public void Altered_headers_are_read_or_refused_but_never_crash()
    {
        var image = BuildImage();
        var table = BitConverter.ToInt32(image, 32);
        var positions = Enumerable.Range(0, 52).Concat(Enumerable.Range(table, image.Length - table));
        foreach (var position in positions)
        {
            foreach (var value in new byte[] { 0, 0x7F, 0xFF })
            {
                var altered = (byte[])image.Clone();
                altered[position] = value;
                try
                {
                    ElfImage.Parse(altered, "altered.elf");
                }
                catch (ModelFormatException fault)
                {
                    Assert.Contains("altered.elf", fault.Message);
                }
            }
        }
    }

    [Fact]
    public void Section_sizes_agree_with_the_tool_chains_own_reader()
    {
        Boards.Require();
        using var folder = new TemporaryFolder();
        var (graph, _) = WholeNetworkTests.AllOperators(1);
        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "c"));
        var image = CrossCompiler.Build(project, Targets.Find("stm32h7"), folder.Path);

        var size = ProcessRunner.Run(
            Toolchain.Require(ToolKind.ArmCompiler).Replace("gcc", "size", StringComparison.Ordinal), ["-A", image.Path], folder.Path, TimeSpan.FromSeconds(20));

        var expected = size.Output.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f.Length == 3 && f[0].StartsWith('.')).ToDictionary(f => f[0], f => long.Parse(f[1], System.Globalization.CultureInfo.InvariantCulture));
        Assert.NotEmpty(expected);
        Assert.All(image.Elf.Sections.Where(s => expected.ContainsKey(s.Name)), s => Assert.Equal(expected[s.Name], s.Bytes));
        Assert.Equal(project.ArenaBytes, expected[".network_arena"]);
    }

    private static byte[] BuildImage()
    {
        Boards.Require();
        using var folder = new TemporaryFolder();
        var n = new RandomNetwork(1);
        var graph = n.Build("small", n.Clip(n.Input(new Tensors.Shape(1, 8)), 0, 1));
        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "c"));
        return File.ReadAllBytes(CrossCompiler.Build(project, Targets.Find("stm32h7"), folder.Path).Path);
    }
}
