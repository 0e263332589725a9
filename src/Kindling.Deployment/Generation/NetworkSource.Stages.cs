using System.Text;
using Kindling.Deployment.Generation.Memory;
using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Deployment.Generation;

/// <summary>What is written differently while a stage is: addresses are those of rows, layers are fitted to them.</summary>
internal sealed partial class NetworkSource
{
    private readonly Dictionary<Node, int> _steps = graph.Nodes.Select((node, step) => (node, step)).ToDictionary(p => p.node, p => p.step);
    private Stage? _stage;
    private StringBuilder? _cases;

    /// <summary>Tables and functions of the stages.</summary>
    public StringBuilder Stages { get; } = new();

    /// <summary>The address of the current layer's description.</summary>
    public string Layer => IsFitted ? "&layer" : $"&{LayerName}";

    /// <summary>The place of a node in the network.</summary>
    public int StepOf(Node node) => _steps[node];

    /// <summary>Begins the text of a stage, whose calls go elsewhere.</summary>
    public void BeginStage(Stage stage, StringBuilder cases) => (_stage, _cases) = (stage, cases);

    /// <summary>Ends the text of a stage.</summary>
    public void EndStage() => (_stage, _cases) = (null, null);

    /// <summary>The values an operator of one value each has to compute.</summary>
    public string Count(Value value) => _stage is null ? $"{value.Shape.ElementCount}" : $"rows->rows * {value.Shape.Width * value.Shape.Channels}";

    /// <summary>Rows of outputs that a depthwise convolution computes in one go.</summary>
    public int BlockRows(Node node) => _stage?.Operators.Single(o => ReferenceEquals(o.Node, node)).Block ?? layouts.BlockRows(node);

    /// <summary>True while a stage is written.</summary>
    public bool IsStaged => _stage is not null;

    /// <summary>The 32-bit sums of the current node.</summary>
    public string Sums()
    {
        var before = _stage!.Operators.TakeWhile(o => !ReferenceEquals(o.Node, _node)).Sum(Stage.SumBytes);
        return $"arena + {StageScratch(_stage) + _stage.KernelScratchBytes(layouts) + _stage.InputRowBytes + before}";
    }

    /// <summary>Where the first row of a band lies.</summary>
    public long BandOffset(Stage stage, int band) => stage.HasRowsOfInput && stage.Band(stage.Operators[0].Output) == band
        ? StageScratch(stage) + stage.KernelScratchBytes(layouts)
        : plan[stage.Bands[band].Image].Offset;

    /// <summary>Adds the call that runs a stage.</summary>
    public void CallStage(string name, Stage stage)
    {
        _kernels.Add("kindling_stage");
        Append($"kindling_run_stage(&{name}_plan, {name}, arena, {(stage.HasRowsOfInput ? "&source" : "0")});");
    }

    /// <summary>Adds the request for rows of the network's input.</summary>
    public void AskForRows(StagedOperator op)
    {
        Append("const rows_source *const source = (const rows_source *)context;");
        Append($"source->rows(source->context, rows->first_row, rows->rows, ({NetworkWriter.CType(op.Output.Type)} *)(void *)rows->output);");
    }

    // A sum needs to know its whole image.
    private bool IsFitted => _stage is not null && _node.Operator is not GlobalAveragePool;

    private void Append(string line) => (_cases ?? Calls).Append(_cases is null ? "    " : "        ").Append(line).Append('\n');

    private long StageScratch(Stage stage) => plan.StageScratchOffsets[plan.Stages.Select((s, i) => (s, i)).First(p => p.s.First == stage.First).i];

    private string? RowsOf(Value value)
    {
        if (_stage is null || _stage.Band(value) is not (>= 0 and var band))
            return null;
        var op = _stage.Operators.Single(o => ReferenceEquals(o.Node, _node));
        if (ReferenceEquals(op.Input, value))
            return "rows->input";
        if (ReferenceEquals(op.Second, value))
            return "rows->second";
        var channel = plan[value].Offset - plan[_stage.Bands[band].Image].Offset;
        return channel == 0 ? "rows->output" : $"rows->output + {channel}";
    }

    // A copy of the description, with as many rows as there are now.
    private void FitLayer(string type, ReadOnlySpan<(string Field, string Value)> fields)
    {
        if (!IsFitted)
            return;
        Append($"{type} layer = {LayerName};");
        foreach (var (field, _) in fields)
        {
            if (field == "window")
                Append("kindling_fit(&layer.input, &layer.output, &layer.window, rows);");
            else if (field == "pixels")
                Append($"layer.pixels = rows->rows * {_node.Output.Shape.Width};");
            else if (field == "count")
                Append($"layer.count = {Count(_node.Output)};");
        }
    }
}
