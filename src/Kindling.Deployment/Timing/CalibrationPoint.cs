using System.Globalization;

namespace Kindling.Deployment;

/// <summary>A published time beside the instructions of Kindling's C for the same file.</summary>
/// <param name="Network">The zoo's name of the network.</param>
/// <param name="Input">HEIGHTxWIDTHxCHANNELS.</param>
/// <param name="Board">The board of the published time.</param>
/// <param name="ClockMhz">Its clock.</param>
/// <param name="Milliseconds">The published time of one inference by X-CUBE-AI 7.3.0.</param>
/// <param name="Instructions">Instructions of Kindling's C for one inference, for each <see cref="OperatorGroup"/>.</param>
public sealed record CalibrationPoint(
    string Network, string Input, string Board, double ClockMhz, double Milliseconds, IReadOnlyList<long> Instructions)
{
    /// <summary>Clock cycles of one inference, published.</summary>
    public double Cycles => Milliseconds * ClockMhz * 1000;

    /// <summary>The part of a network's name before its version: its family.</summary>
    public string Family => Network.Split("_v", StringSplitOptions.None)[0];

    /// <summary>The instructions of a measured inference, for each <see cref="OperatorGroup"/>.</summary>
    public static IReadOnlyList<long> Group(IReadOnlyList<LayerInstructions> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        var sums = new long[Enum.GetValues<OperatorGroup>().Length];
        foreach (var layer in layers)
            sums[(int)GroupOf(layer.Operator)] += layer.Instructions;
        return sums;
    }

    /// <summary>Reads the lines of a table: network, input, board, MHz, ms, instructions of each group.</summary>
    internal static List<CalibrationPoint> ReadAll(TextReader reader) =>
        [.. reader.ReadToEnd().Split('\n').Where(l => l.Length > 0 && l[0] != '#').Skip(1).Select(l => l.Split('\t')).Select(c => new CalibrationPoint(
            c[0], c[1], c[2], Number(c[3]), Number(c[4]), [.. c[5..].Select(t => long.Parse(t, CultureInfo.InvariantCulture))]))];

    private static OperatorGroup GroupOf(string kind) => kind switch
    {
        "CONV_2D" => OperatorGroup.Convolution,
        "DEPTHWISE_CONV_2D" => OperatorGroup.Depthwise,
        _ => OperatorGroup.Other,
    };

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
