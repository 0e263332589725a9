using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Kindling.Benchmarks;

/// <summary>Images per second and the share of the FMA peak measured just before, in BenchmarkDotNet's table.</summary>
internal sealed class NetworkColumn(string name, string legend, Func<double, string, int, double> value, string format) : IColumn
{
    public string Id => name;

    public string ColumnName => name;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => legend;

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, SummaryStyle.Default);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        if (summary[benchmarkCase]?.ResultStatistics is not { } statistics
            || benchmarkCase.Parameters["Network"] is not string network || benchmarkCase.Parameters["Threads"] is not int threads)
        {
            return "-";
        }

        return value(statistics.Median * 1e-9, network, threads).ToString(format, CultureInfo.InvariantCulture);
    }
}
