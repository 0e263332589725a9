using Kindling.Tests;

namespace Kindling.Cli.Tests;

/// <summary>docs/training.md shows code that compiles: it is taken from the sample beside this test (KINDLING_UPDATE=1 does so).</summary>
public sealed class TrainingGuideTests
{
    private const string Mark = "<!-- sample: FashionMnistSample.cs -->";

    [Fact]
    public void The_sample_of_the_guide_is_the_one_that_is_compiled()
    {
        var guide = Path.Combine(SharedData.Repository, "docs", "training.md");
        var page = File.ReadAllText(guide);
        var begin = page.IndexOf(Mark, StringComparison.Ordinal);
        Assert.True(begin > 0, $"{guide} has lost its mark {Mark}");
        var expected = $"{page[..begin]}{Mark}\n```csharp\n{Sample()}\n```\n";

        if (Environment.GetEnvironmentVariable("KINDLING_UPDATE") is not null)
            File.WriteAllText(guide, expected);

        Assert.Equal(expected, File.ReadAllText(guide));
    }

    /// <summary>The sample as a program of its own: its usings and the body of its method.</summary>
    private static string Sample()
    {
        var lines = File.ReadAllLines(Path.Combine(SharedData.Repository, "tests", "Kindling.Cli.Tests", "Samples", "FashionMnistSample.cs"));
        var usings = lines.TakeWhile(l => l.StartsWith("using ", StringComparison.Ordinal));
        var body = lines.SkipWhile(l => !l.Contains("void Run(", StringComparison.Ordinal)).Skip(2).TakeWhile(l => l != "    }");
        return string.Join('\n', [.. usings, "", .. body.Select(l => l.Length > 8 ? l[8..] : l.Trim())]);
    }
}
