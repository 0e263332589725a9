using System.Text;
using Kindling.Deployment.Generation.Memory;

namespace Kindling.Deployment.Generation;

/// <summary>Writes the stages of a network: tables for <c>kindling_stage.c</c> and a function that runs each operator on some rows.</summary>
internal static class StageEmitter
{
    /// <summary>Writes a stage and its call.</summary>
    public static void Emit(NetworkSource source, Stage stage)
    {
        var name = $"stage_{stage.First}";
        var cases = new StringBuilder();
        source.BeginStage(stage, cases);
        for (var number = 0; number < stage.Operators.Count; number++)
        {
            var op = stage.Operators[number];
            cases.Append($"    case {number}: {{\n");
            if (op.Node is null)
            {
                source.AskForRows(op);
            }
            else
            {
                source.Begin(op.Node, source.StepOf(op.Node));
                OperatorEmitter.Emit(source, op.Node);
                source.End();
            }

            cases.Append("        break;\n    }\n");
        }

        source.EndStage();
        AppendTables(source.Stages, name, stage, source);
        source.Stages.Append($"static void {name}(int32_t number, const kindling_rows *rows, int8_t *arena, void *context)\n{{\n");
        source.Stages.Append(stage.HasRowsOfInput ? "" : "    (void)context;\n");
        source.Stages.Append($"    switch (number) {{\n{cases}    default:\n        break;\n    }}\n}}\n\n");
        source.Note($"{stage.First} to {stage.Last}: in turns, a few rows at a time");
        source.CallStage(name, stage);
    }

    private static void AppendTables(StringBuilder text, string name, Stage stage, NetworkSource source)
    {
        text.Append($"/* Bands: first row, bytes of a row, rows. */\nstatic const kindling_band {name}_bands[{stage.Bands.Count}] = {{\n");
        for (var i = 0; i < stage.Bands.Count; i++)
        {
            var band = stage.Bands[i];
            text.Append($"    {{ {source.BandOffset(stage, i)}, {band.RowBytes}, {stage.Schedule.Capacity(i)} }}, /* {CText.Comment(ShortName(band.Image.Name))} */\n");
        }

        text.Append($"}};\n\nstatic const kindling_staged {name}_operators[{stage.Operators.Count}] = {{\n");
        foreach (var op in stage.Operators)
        {
            text.Append(
                $"    {{ {Band(stage, op.Input)}, {Band(stage, op.Second)}, {Band(stage, op.IsSum ? null : op.Output)}, {op.Block}, {op.WindowHeight}, {op.StrideHeight}, "
                + $"{op.PadTop}, {op.InputHeight}, {op.Rows} }}, /* {op.Node?.Operator.Kind ?? "rows of the input"} */\n");
        }

        text.Append($"}};\n\nstatic const kindling_stage {name}_plan = {{ {name}_bands, {name}_operators, {stage.Operators.Count} }};\n\n");
    }

    private static string Band(Stage stage, Graphs.Value? value) => stage.Band(value) is >= 0 and var band ? $"{band}" : "KINDLING_NO_BAND";

    private static string ShortName(string name) => name.Split(';')[0] is { Length: > 60 } first ? $"...{first[^60..]}" : name.Split(';')[0];
}
