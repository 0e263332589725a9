using System.Globalization;
using Kindling.Deployment;

namespace Kindling.Cli.Verbs;

/// <summary>A benchmark as JSON.</summary>
internal sealed record BenchmarkDocument(
    string Target, string Board, string Core, long ActivationRamBytes, long RuntimeRamBytes, long StackBytes, long WeightsFlashBytes, long CodeFlashBytes,
    long Instructions, long Macs, long RecomputedMacs, int Inputs, bool OutputsEqualHost, bool Fits, string? Shortage, TimeEstimate? Time, string Compiler, string Emulator,
    IReadOnlyList<LayerInstructions> Layers)
{
    /// <summary>The document of a benchmark.</summary>
    /// <param name="r">What was measured.</param>
    /// <param name="layers">True lists the layers.</param>
    public static BenchmarkDocument Of(BenchmarkResult r, bool layers) => new(
        r.Target.Name, r.Target.Board, r.Target.Core, r.ActivationRamBytes, r.RuntimeRamBytes, r.StackBytes, r.WeightsFlashBytes, r.CodeFlashBytes,
        r.Instructions, r.Macs, r.RecomputedMacs, r.Inputs, r.OutputsEqualHost == r.Inputs, r.Fits, r.Shortage, r.Time, r.Compiler, r.Emulator, layers ? r.Layers : []);

    /// <summary>The figures as lines.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"""
        {Board} ({Core}), {Emulator}
        RAM           {ActivationRamBytes,12:N0} bytes of activations, {RuntimeRamBytes:N0} of runtime
        flash         {WeightsFlashBytes,12:N0} bytes of weights, {CodeFlashBytes:N0} of code
        fits          {(Fits ? "yes" : $"no, {Shortage} too little")}
        instructions  {Instructions,12:N0} an inference, {(double)Instructions / Math.Max(1, Macs):F2} a multiply-accumulate{Recomputed()}
        time          {TimeText.Of(Time)}{(Time is null ? "" : $": {Time.Basis}")}
        outputs       {(OutputsEqualHost ? "equal to the host's to the bit" : "DIFFERENT from the host's")} for {Inputs} inputs
        {LayerTable()}
        """).TrimEnd();

    private string Recomputed() =>
        RecomputedMacs == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {100.0 * RecomputedMacs / Math.Max(1, Macs):F1} % of them are computed twice");

    private string LayerTable()
    {
        var lines = Layers.Select(l => string.Create(
            CultureInfo.InvariantCulture,
            $"{l.Step,4}  {l.Operator,-18} {l.Output,-22} {l.Instructions,12:N0}  {100.0 * l.Instructions / Instructions,5:F1} %  {(l.Macs > 0 ? $"{(double)l.Instructions / l.Macs:F2} a multiply-accumulate" : "")}").TrimEnd());
        return string.Join(Environment.NewLine, lines);
    }
}
