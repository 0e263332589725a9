using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Deployment.Generation.Memory;

/// <summary>Rough counts of instructions, good enough to choose between stages.</summary>
internal static class StageCost
{
    private const double ConvolutionPerMac = 0.9;
    private const double DepthwisePerMac = 2.5;
    private const double OtherPerValue = 5;
    private const double PerOutput = 6;
    private const double PerWidenedValue = 2.5;
    private const double PerFilter = 60;
    private const double PerMovedByte = 0.9;
    private const double PerRun = 250;
    private const double PerFactor = 15;
    private const double WindowsAtOnce = 4;
    private const double SlowWindow = 2.7;

    /// <summary>Instructions of a node that computes its whole output.</summary>
    public static double Of(Node node) => node.Operator switch
    {
        Conv2D => (node.Macs * ConvolutionPerMac) + (node.Output.Shape.ElementCount * PerOutput),
        DepthwiseConv2D => (node.Macs * DepthwisePerMac) + (node.Output.Shape.ElementCount * PerOutput),
        Dense => node.Macs * SlowWindow,
        Concat or Reshape => 0,
        GlobalAveragePool => node.Inputs[0].Shape.ElementCount * 2.0,
        _ => node.Output.Shape.ElementCount * OtherPerValue,
    };

    /// <summary>Instructions that a stage takes more than its nodes one after the other.</summary>
    public static double Overhead(Stage stage)
    {
        var sum = (stage.Schedule.MovedBytes * PerMovedByte) + (stage.Schedule.Runs * (PerRun + (10.0 * stage.Operators.Count)));
        foreach (var op in stage.Operators)
            sum += Overhead(op);
        return sum;
    }

    private static double Overhead(StagedOperator op)
    {
        if (op.Node is null)
            return (double)op.Rows * op.Output.Shape.Width * op.Output.Shape.Channels;
        var runs = (op.Rows + op.Block - 1) / op.Block;
        switch (op.Node.Operator)
        {
            case Conv2D:
                var pixels = op.Block * op.Output.Shape.Width;
                var perPixel = Of(op.Node) / op.Output.Shape.Pixels;
                return runs * perPixel * ExtraPixels(pixels);
            case DepthwiseConv2D:
                // Whole images keep the rows that two windows share.
                var again = Math.Max(0, op.WindowHeight - op.StrideHeight) * (runs - 1);
                return (again * op.Input!.Shape.Width * op.Input.Shape.Channels * PerWidenedValue) + (runs * op.Input.Shape.Channels * PerFilter);
            case Multiply when op.Second is null:
                return runs * op.Output.Shape.Channels * PerFactor;
            default:
                return 0;
        }
    }

    // The last pixels of a run are fewer than the kernel takes at once.
    private static double ExtraPixels(int pixels)
    {
        var rest = pixels % (int)WindowsAtOnce;
        return rest == 0 ? 0 : rest == 1 || pixels < WindowsAtOnce ? rest * (SlowWindow - 1) : WindowsAtOnce - rest;
    }
}
