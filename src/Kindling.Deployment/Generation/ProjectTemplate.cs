using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation;

/// <summary>Fills the files of <c>firmware/project/</c> with a model's names and figures.</summary>
internal sealed class ProjectTemplate(GeneratedProject project, ExampleWriter example)
{
    // What Arduino's library manager takes as a name.
    private const int LongestLibraryName = 63;

    /// <summary>The text of a file with its placeholders replaced; a line of nothing but an empty placeholder goes.</summary>
    public string Fill(string file)
    {
        var (input, output) = (project.Graph.Inputs[0], project.Graph.Outputs[0]);
        var text = new StringBuilder(FirmwareFiles.Read($"project/{file}"));
        var name = project.Graph.Name;
        text.Replace("@NAME@", OneLine(name));
        text.Replace("@NAME_JSON@", JsonEncodedText.Encode(OneLine(name), JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString());
        text.Replace("@VERSION@", typeof(ProjectTemplate).Assembly.GetName().Version!.ToString(3));
        text.Replace("@OPTIMIZATION@", project.CompilerOptimization);
        text.Replace("@SYMBOL@", project.Symbol);
        text.Replace("@LIBRARY@", project.Symbol[..Math.Min(project.Symbol.Length, LongestLibraryName)]);
        text.Replace("@PREFIX@", project.Symbol.ToUpperInvariant());
        text.Replace("@INPUT_TYPE@", NetworkWriter.CType(input.Type));
        text.Replace("@OUTPUT_TYPE@", NetworkWriter.CType(output.Type));
        text.Replace("@INPUT_DESCRIPTION@", $"{input.Type.Name()} {input.Shape}, row by row, channels innermost");
        text.Replace("@OUTPUT_DESCRIPTION@", $"output is {output.Type.Name()} {output.Shape}");
        text.Replace("@OUTPUT_SHAPE@", $"{output.Type.Name()} {output.Shape}");
        text.Replace("@PICTURE@", example.IsPhoto ? "photo" : "pattern");
        text.Replace("@ANSWER@", OneLine(example.Answer));
        text.Replace("@FILL_INPUT@", FillInput());
        text.Replace("@CLASS_NAME@", project.ClassNames.Count > 0 ? $"{project.Symbol}_class_names[best]" : "\"class\"");
        text.Replace("@PRINT_NUMBER@", project.ClassNames.Count > 0 ? "" : " %ld");
        text.Replace("@NUMBER_ARGUMENT@", project.ClassNames.Count > 0 ? "" : ", (long)best");
        text.Replace("@CAMERA@", Camera());
        text.Replace("@CLASSES@", Classes());
        text.Replace("@MEMORY_TABLE@", MemoryTable());
        text.Replace("@LAYER_TABLE@", LayerTable());
        FillTarget(text);
        return text.ToString();
    }

    private void FillTarget(StringBuilder text)
    {
        var target = project.Target;
        text.Replace("@TOOLCHAIN@", ProjectFiles.Toolchain(target));
        text.Replace("@BOARD@", OneLine(target.Board));
        text.Replace("@CORE@", target.Core);
        text.Replace("@CORE_FLAGS@", string.Join(' ', target.CompilerFlags));
        text.Replace("@MACHINE@", target.Machine);
        text.Replace("@LINUX@", target.IsLinux ? "The CMake project in `linux/` is the same network on two threads.\n" : "");
        if (!target.IsLinux)
            text.Replace("@MEMORY@", SimulatedMachine.Find(target.Machine).LinkerMemory().TrimEnd());
    }

    private string FillInput() => project.FrameRefusal is null
        ? $"""
                kindling_frame frame;

                frame.pixels = {project.Symbol}_example_frame; /* on a board: where DMA put the camera's frame */
                frame.width = {project.Symbol.ToUpperInvariant()}_EXAMPLE_WIDTH;
                frame.height = {project.Symbol.ToUpperInvariant()}_EXAMPLE_HEIGHT;
                frame.stride = 0;
                frame.big_endian = 0;
                return {project.Symbol}_input_from_frame(&frame);
            """
        : $"""
                memcpy({project.Symbol}_input(), {project.Symbol}_example_input, sizeof {project.Symbol}_example_input);
                return 0;
            """;

    private string Camera()
    {
        if (project.FrameRefusal is { } refusal)
        {
            return $"There is no function for camera frames in this folder: {refusal}. Fill `{project.Symbol}_input()` yourself "
                + "(`src/network_config.h` says with what), or deploy again with `--preprocessing` or `--resize` if that says how photos are prepared.";
        }

        var preprocessing = project.Graph.Metadata.Preprocessing!;
        return FirmwareFiles.Read("project/camera.md").TrimEnd()
            .Replace("@SYMBOL@", project.Symbol, StringComparison.Ordinal)
            .Replace("@PREFIX@", project.Symbol.ToUpperInvariant(), StringComparison.Ordinal)
            .Replace("@OUTPUT_TYPE@", NetworkWriter.CType(project.Graph.Outputs[0].Type), StringComparison.Ordinal)
            .Replace("@WIDTH@", $"{preprocessing.Width}", StringComparison.Ordinal)
            .Replace("@HEIGHT@", $"{preprocessing.Height}", StringComparison.Ordinal)
            .Replace("@COLOR@", Described(preprocessing.Color), StringComparison.Ordinal)
            .Replace("@RESIZE@", preprocessing.Interpolation == Interpolation.Nearest ? "nearest" : "bilinear", StringComparison.Ordinal)
            .Replace("@ASPECT@", Described(preprocessing), StringComparison.Ordinal);
    }

    private static string Described(ColorMode color) => color switch
    {
        ColorMode.Grayscale => "made gray (BT.601)",
        ColorMode.Bgr => "put into the order blue, green, red",
        _ => "put into the order red, green, blue",
    };

    private static string Described(Preprocessing preprocessing) => preprocessing switch
    {
        { AspectRatio: AspectRatio.Crop, ShorterSide: { } side } => $"the frame's shorter side brought to {side} pixels, then the centre cut out",
        { AspectRatio: AspectRatio.Crop } => "the largest centred part with the input's ratio of width to height",
        { AspectRatio: AspectRatio.Padding } => "the whole frame with black bars around it",
        _ => "the whole frame, squeezed or stretched",
    };

    private string Classes() => project.ClassNames.Count switch
    {
        0 => "The model does not name its classes.",
        <= 12 => $"Classes, in the order of the output: {string.Join(", ", project.ClassNames.Select(OneLine))}.",
        var count => $"The {count} classes are in `{project.Symbol}_class_names[]`, from {OneLine(project.ClassNames[0])} to {OneLine(project.ClassNames[^1])}.",
    };

    private string MemoryTable() =>
        $"""
        | what | bytes |
        |---|---:|
        | RAM: arena ({(project.HasRowsOfInput ? "rows of the input in use" : "input")}, output and all activations) | {project.ArenaBytes} |
        | flash: int8 weights | {project.WeightBytes} |
        | flash: int32 biases | {project.BiasBytes} |
        | flash: requantization constants (multiplier and shift of each output channel) | {project.RequantizationBytes} |
        | flash: lookup tables | {project.TableBytes} |{RowsNote()}
        """;

    // How the network came by an arena smaller than its input.
    private string RowsNote() => !project.HasRowsOfInput ? "" :
        $"""


        The input has no place in the arena. `{project.Symbol}_run_rows` asks for its rows as they are needed, from a camera's line buffer, flash or a decoder; `{project.Symbol}_run` takes them from
        an image of {project.InputBytes} bytes wherever it lies, and `{project.Symbol}_input()` gives you memory for one, which counts only if you call it.
        {Share()}
        """;

    private string Share() => project.RecomputedMacs == 0
        ? "Nothing is computed twice, and each row is asked for once."
        : string.Create(CultureInfo.InvariantCulture, $"{100 * project.RecomputedShare:F1} % of the multiply-accumulates are computed twice, and rows may be asked for again.");

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
            PlacementKind.Rows => $"{placement.Offset} to {placement.Offset + placement.Bytes}, {placement.Bytes * node.Output.Shape.Height / node.Output.Bytes} of {node.Output.Shape.Height} rows at a time",
            PlacementKind.ConcatSlice => $"from {placement.Offset}, every {placement.PixelStride} bytes (slice of a concatenation)",
            _ => $"{placement.Offset} to {placement.Offset + placement.Bytes}",
        };
    }

    // Names come from files of others: they must not end a line of a properties file or a comment.
    private static string OneLine(string text) => new([.. CText.Comment(text).Select(c => c is '`' or '|' ? '\'' : c)]);
}
