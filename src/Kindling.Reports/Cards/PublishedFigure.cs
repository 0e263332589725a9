namespace Kindling.Reports.Cards;

/// <summary>A figure someone published for a network.</summary>
/// <param name="Network">The zoo's name of the network.</param>
/// <param name="Input">HEIGHTxWIDTHxCHANNELS.</param>
/// <param name="DataSet">The data set the network was trained on.</param>
/// <param name="Format"><c>float</c> or <c>int8</c>.</param>
/// <param name="Quantity">What it is, as <see cref="PublishedFigures"/> names it.</param>
/// <param name="Condition">Where it was measured: board and engine.</param>
/// <param name="ClockMhz">Clock of the board; null where time plays no part.</param>
/// <param name="Value">The number.</param>
/// <param name="Unit">Its unit: <c>KiB</c>, <c>ms</c> or <c>%</c>.</param>
public sealed record PublishedFigure(
    string Network, string Input, string DataSet, string Format, string Quantity, string Condition, double? ClockMhz, double Value, string Unit);
