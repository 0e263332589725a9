using Kindling.Text;

namespace Kindling.Core.Tests.Text;

public class SuggestionTests
{
    [Theory]
    [InlineData("optimzer", "optimizer")]
    [InlineData("EPOCHS", "epochs")]
    [InlineData("epohcs", "epochs")]
    [InlineData("zzzzzzzz", null)]
    public void The_nearest_name_is_the_one_meant(string typed, string? meant) =>
        Assert.Equal(meant, Suggestion.Nearest(typed, ["epochs", "optimizer", "batch_size"]));

    [Fact]
    public void Without_a_near_name_nothing_is_suggested() => Assert.Equal("", Suggestion.DidYouMean("q", ["optimizer"]));
}
