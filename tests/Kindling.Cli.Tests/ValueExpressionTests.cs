using Kindling.Cli.Configuration;

namespace Kindling.Cli.Tests;

public sealed class ValueExpressionTests
{
    [Theory]
    [InlineData("1/127.5", 1 / 127.5)]
    [InlineData("-1", -1)]
    [InlineData(" 5.0e-04 ", 5e-4)]
    [InlineData("1e3", 1000)]
    [InlineData("(1 + 2) * 3 - 4 / 2", 7)]
    [InlineData("--2", 2)]
    [InlineData("1_000", 1000)]
    public void Numbers_and_sums_are_read(string text, double expected)
    {
        Assert.True(ValueExpression.TryNumber(text, out var value));
        Assert.Equal(expected, value, 15);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1/0")]
    [InlineData("1 2")]
    [InlineData("os.system('x')")]
    [InlineData("(1")]
    [InlineData("nan")]
    [InlineData("1e999")]
    public void Everything_else_is_not_a_number(string text) => Assert.False(ValueExpression.TryNumber(text, out _));

    [Fact]
    public void Nesting_without_end_is_refused() => Assert.False(ValueExpression.TryNumber(new string('(', 100_000), out _));

    [Theory]
    [InlineData("(128, 128, 3)", new double[] { 128, 128, 3 })]
    [InlineData("[1, 2,]", new double[] { 1, 2 })]
    [InlineData("(1/2, -3)", new double[] { 0.5, -3 })]
    [InlineData("()", new double[0])]
    public void Tuples_are_read(string text, double[] expected)
    {
        Assert.True(ValueExpression.TryTuple(text, out var values));
        Assert.Equal(expected, values);
    }

    [Theory]
    [InlineData("(1, 2")]
    [InlineData("(1, 2]")]
    [InlineData("1, 2")]
    [InlineData("(1 2)")]
    [InlineData("")]
    public void Broken_tuples_are_refused(string text) => Assert.False(ValueExpression.TryTuple(text, out _));
}
