namespace Kindling.Deployment;

/// <summary>What one inference may take on a board, from instructions that were counted.</summary>
/// <param name="Milliseconds">The estimate; null where no published time says how many cycles an instruction takes.</param>
/// <param name="LowestMilliseconds">What it takes at the very least: every cycle issues as many instructions as the core can.</param>
/// <param name="Error">Mean relative error of the model on published times that were left out of the fit, as a share; null without an estimate.</param>
/// <param name="FamilyError">The same with all networks of a family left out: what to expect of one unlike those that were fitted.</param>
/// <param name="Basis">How the figures came about, in one sentence.</param>
public sealed record TimeEstimate(double? Milliseconds, double LowestMilliseconds, double? Error, double? FamilyError, string Basis)
{
    /// <summary>Estimates the time of an inference.</summary>
    /// <param name="target">The board.</param>
    /// <param name="layers">Instructions of each layer on the board's core; at least one.</param>
    public static TimeEstimate Of(Target target, IReadOnlyList<LayerInstructions> layers)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(layers);
        var groups = CalibrationPoint.Group(layers);
        var core = ProcessorCore.Find(target.Core);
        var atLeast = core?.LowestCyclesPerInstruction ?? 0.5;
        var lowest = groups.Sum() * atLeast / target.ClockHz * 1000;
        var calibration = Calibration.Published;
        if (target.Core != "Cortex-M7")
        {
            return new TimeEstimate(
                null, lowest, null, null,
                $"a lower bound: {(atLeast < 1 ? "two instructions" : "one instruction")} a cycle{(target.Processors > 1 ? " on one processor" : "")}; X-CUBE-AI's times of these networks are published for a Cortex-M7 only");
        }

        var scale = calibration.ScaleOf(target.Board);
        return new TimeEstimate(
            calibration.Cycles(groups) * (scale ?? 1) / target.ClockHz * 1000, lowest, calibration.MeanError, calibration.MeanFamilyError,
            scale switch
            {
                1 => "cycles an instruction fitted to X-CUBE-AI's published times on the same board",
                { } s => FormattableString.Invariant($"cycles an instruction fitted to X-CUBE-AI's published times on STM32H747I-DISCO, times {s:F2} by the networks published on both boards"),
                null => "cycles an instruction fitted to X-CUBE-AI's published times on STM32H747I-DISCO; flash and RAM of another speed change them",
            });
    }
}
