using System.Text;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation;

/// <summary>Fills the files of <c>firmware/project/</c> with a model's names and figures.</summary>
internal sealed class ProjectTemplate(GeneratedProject project)
{
    /// <summary>The text of a file with its placeholders replaced.</summary>
    public string Fill(string file)
    {
        var (input, output) = (project.Graph.Inputs[0], project.Graph.Outputs[0]);
        var text = new StringBuilder(FirmwareFiles.Read($"project/{file}"));
        text.Replace("@NAME@", project.Graph.Name);
        text.Replace("@VERSION@", typeof(ProjectTemplate).Assembly.GetName().Version!.ToString(3));
        text.Replace("@OPTIMIZATION@", project.CompilerOptimization);
        text.Replace("@SYMBOL@", project.Symbol);
        text.Replace("@PREFIX@", project.Symbol.ToUpperInvariant());
        text.Replace("@INPUT_TYPE@", NetworkWriter.CType(input.Type));
        text.Replace("@OUTPUT_TYPE@", NetworkWriter.CType(output.Type));
        text.Replace("@INPUT_DESCRIPTION@", $"{input.Type.Name()} {input.Shape}, row by row, channels innermost");
        text.Replace("@OUTPUT_DESCRIPTION@", $"output is {output.Type.Name()} {output.Shape}");
        text.Replace("@MEMORY_TABLE@", MemoryTable());
        text.Replace("@LAYER_TABLE@", LayerTable());
        return text.ToString();
    }

    private string MemoryTable() =>
        $"""
        | what | bytes |
        |---|---:|
        | RAM: arena (input, output and all activations) | {project.ArenaBytes} |
        | flash: int8 weights | {project.WeightBytes} |
        | flash: int32 biases | {project.BiasBytes} |
        | flash: requantization constants (multiplier and shift of each output channel) | {project.RequantizationBytes} |
        | flash: lookup tables | {project.TableBytes} |
        """;

    private string LayerTable()
    {
        var text = new StringBuilder("| step | operator | output | place in the arena | multiply-accumulates |\n|---:|---|---|---|---:|\n");
        for (var step = 0; step < project.Graph.Nodes.Count; step++)
        {
            var node = project.Graph.Nodes[step];
            text.Append($"| {step} | {node.Operator.Kind} | {node.Output.Type.Name()} {node.Output.Shape} | {Place(node)} | {node.Macs} |\n");
        }

        return text.ToString().TrimEnd();
    }

    private string Place(Node node)
    {
        var placement = project.Plan[node.Output];
        return placement.Kind switch
        {
            PlacementKind.InPlace => $"{placement.Offset} to {placement.Offset + placement.Bytes}, over its input",
            PlacementKind.ConcatSlice => $"from {placement.Offset}, every {placement.PixelStride} bytes (slice of a concatenation)",
            _ => $"{placement.Offset} to {placement.Offset + placement.Bytes}",
        };
    }
}
