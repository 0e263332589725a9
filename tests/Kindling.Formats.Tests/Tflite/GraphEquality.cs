using Kindling.Graphs;

namespace Kindling.Tests.Tflite;

/// <summary>Compares two graphs node by node, constant by constant.</summary>
internal static class GraphEquality
{
    public static void AssertEqual(Graph expected, Graph actual, bool compareBiasScales = true)
    {
        Assert.Equal(expected.Name, actual.Name);
        Assert.Equal(expected.Inputs.Count, actual.Inputs.Count);
        Assert.Equal(expected.Outputs.Count, actual.Outputs.Count);
        Assert.Equal(expected.Nodes.Count, actual.Nodes.Count);
        for (var i = 0; i < expected.Inputs.Count; i++)
            AssertEqual(expected.Inputs[i], actual.Inputs[i], compareBiasScales);
        for (var i = 0; i < expected.Outputs.Count; i++)
            AssertEqual(expected.Outputs[i], actual.Outputs[i], compareBiasScales);
        for (var i = 0; i < expected.Nodes.Count; i++)
        {
            var (e, a) = (expected.Nodes[i], actual.Nodes[i]);
            Assert.Equal(e.Operator, a.Operator);
            Assert.Equal(e.Inputs.Count, a.Inputs.Count);
            for (var k = 0; k < e.Inputs.Count; k++)
                AssertEqual(e.Inputs[k], a.Inputs[k], compareBiasScales);
            AssertEqual(e.Output, a.Output, compareBiasScales);
        }

        Assert.Equal(expected.Metadata.Preprocessing, actual.Metadata.Preprocessing);
        Assert.Equal(expected.Metadata.ClassNames, actual.Metadata.ClassNames);
        Assert.Equal(expected.Metadata.License, actual.Metadata.License);
        Assert.Equal(expected.Metadata.Description, actual.Metadata.Description);
    }

    private static void AssertEqual(Value expected, Value actual, bool compareBiasScales)
    {
        Assert.Equal(expected.Name, actual.Name);
        Assert.Equal(expected.Type, actual.Type);
        Assert.Equal(expected.Shape, actual.Shape);
        if (compareBiasScales || expected.Quantization is not null)
            Assert.Equal(expected.Quantization, actual.Quantization);
        Assert.Equal(expected.IsConstant, actual.IsConstant);
        if (expected.IsConstant)
            Assert.True(expected.Constant!.Bytes.SequenceEqual(actual.Constant!.Bytes), $"the data of {expected.Name} differs");
    }
}
