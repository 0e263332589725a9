namespace Kindling.Deployment;

/// <summary>
/// Cycles an instruction takes, for each group of operators, fitted to published times: the least relative squared error, and a
/// small penalty (ridge) for leaving the one factor that fits all groups best. The times are X-CUBE-AI's, the instructions Kindling's: a factor holds
/// both what an instruction takes on the board and how many more or fewer of them X-CUBE-AI executes.
/// </summary>
public sealed class Calibration
{
    private const double Ridge = 0.001;
    private const string Reference = "STM32H747I-DISCO";
    private static readonly int Groups = Enum.GetValues<OperatorGroup>().Length;

    /// <summary>Fits the factors.</summary>
    /// <param name="points">Times on the Cortex-M7 of reference (STM32H747I-DISCO), and any on other boards for <see cref="ScaleOf"/>.</param>
    /// <exception cref="ArgumentException">There are fewer than two points on the board of reference.</exception>
    public Calibration(IReadOnlyList<CalibrationPoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        Points = points;
        var used = points.Where(p => p.Board == Reference).ToList();
        if (used.Count < 2)
            throw new ArgumentException($"{used.Count} points on {Reference}; a fit needs two", nameof(points));
        CyclesPerInstruction = Fit(used);
        LeaveOneOutErrors = Errors(used, p => $"{p.Network} {p.Input}");
        LeaveOneFamilyOutErrors = Errors(used, p => p.Family);
    }

    /// <summary>The calibration by <c>calibration.tsv</c>.</summary>
    public static Calibration Published { get; } = Read();

    /// <summary>What it was fitted to, and points on other boards.</summary>
    public IReadOnlyList<CalibrationPoint> Points { get; }

    /// <summary>The factor of each <see cref="OperatorGroup"/>.</summary>
    public IReadOnlyList<double> CyclesPerInstruction { get; }

    /// <summary>For each point on the board of reference (estimate - published) / published, fitted without that point.</summary>
    public IReadOnlyList<double> LeaveOneOutErrors { get; }

    /// <summary>The same, fitted without all points of its family: what to expect of a network unlike all of them.</summary>
    public IReadOnlyList<double> LeaveOneFamilyOutErrors { get; }

    /// <summary>Mean size of the <see cref="LeaveOneOutErrors"/>, as a share.</summary>
    public double MeanError => LeaveOneOutErrors.Average(Math.Abs);

    /// <summary>Mean size of the <see cref="LeaveOneFamilyOutErrors"/>, as a share.</summary>
    public double MeanFamilyError => LeaveOneFamilyOutErrors.Average(Math.Abs);

    /// <summary>Cycles on the board of reference.</summary>
    /// <param name="instructions">Instructions of each <see cref="OperatorGroup"/>.</param>
    public double Cycles(IReadOnlyList<long> instructions) => Predict(CyclesPerInstruction, instructions);

    /// <summary>Cycles on another board for one on the board of reference, from networks published on both; null when there is none.</summary>
    public double? ScaleOf(string board)
    {
        if (board == Reference)
            return 1;
        var ratios = Points.Where(p => p.Board == board)
            .SelectMany(p => Points.Where(q => q.Board == Reference && q.Network == p.Network && q.Input == p.Input).Select(q => p.Cycles / q.Cycles)).ToList();
        return ratios.Count == 0 ? null : ratios.Average();
    }

    private static List<double> Errors(List<CalibrationPoint> points, Func<CalibrationPoint, string> group) =>
        [.. points.Select(p => (Predict(Fit([.. points.Where(q => group(q) != group(p))]), p.Instructions) / p.Cycles) - 1)];

    private static double Predict(IReadOnlyList<double> factors, IReadOnlyList<long> instructions) => factors.Zip(instructions, (f, n) => f * n).Sum();

    // Normal equations of sum((f . x - 1)^2) + ridge * sum((f - common)^2), x being instructions by published cycles.
    private static double[] Fit(List<CalibrationPoint> points)
    {
        var rows = points.Select(p => p.Instructions.Select(n => n / p.Cycles).ToArray()).ToList();
        var totals = rows.Select(r => r.Sum()).ToList();
        var common = totals.Sum() / totals.Sum(t => t * t);
        var matrix = new double[Groups, Groups + 1];
        for (var i = 0; i < Groups; i++)
        {
            for (var j = 0; j < Groups; j++)
                matrix[i, j] = rows.Sum(r => r[i] * r[j]) + (i == j ? Ridge : 0);
            matrix[i, Groups] = rows.Sum(r => r[i]) + (Ridge * common);
        }

        return Solve(matrix);
    }

    // Gauss-Jordan; the ridge keeps every pivot away from zero.
    private static double[] Solve(double[,] m)
    {
        for (var i = 0; i < Groups; i++)
        {
            for (var row = 0; row < Groups; row++)
            {
                var factor = row == i ? 0 : m[row, i] / m[i, i];
                for (var column = i; column <= Groups && factor != 0; column++)
                    m[row, column] -= factor * m[i, column];
            }
        }

        return [.. Enumerable.Range(0, Groups).Select(i => m[i, Groups] / m[i, i])];
    }

    private static Calibration Read()
    {
        using var stream = typeof(Calibration).Assembly.GetManifestResourceStream("calibration.tsv")!;
        using var reader = new StreamReader(stream);
        return new Calibration(CalibrationPoint.ReadAll(reader));
    }
}
