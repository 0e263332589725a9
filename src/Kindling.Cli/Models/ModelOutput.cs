using System.CommandLine;
using Kindling.Formats.Onnx;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Graphs.Passes;

namespace Kindling.Cli.Models;

/// <summary>Writes networks as the file name or <c>--format</c> says.</summary>
internal sealed record ModelOutput(string Path, int Opset, OnnxQuantization Quantization, OnnxWeights Weights)
{
    private const string Qdq = "onnx-qdq";
    private const string QOperator = "onnx-qoperator";

    /// <summary><c>--format</c>.</summary>
    public static Option<string?> FormatOption()
    {
        var option = new Option<string?>("--format")
        {
            Description = "How the file is written; by default as its name ends (.tflite, .onnx). Int8 layers of ONNX are float operators between QuantizeLinear and DequantizeLinear (onnx-qdq) or integer operators (onnx-qoperator).",
        };
        option.AcceptOnlyFromAmong("tflite", "onnx", Qdq, QOperator);
        return option;
    }

    /// <summary><c>--opset</c>.</summary>
    public static Option<int> OpsetOption() => new("--opset")
    {
        Description = $"ONNX operator set, {OnnxWriter.OldestOpset} to {OnnxWriter.NewestOpset}; int8 needs 12 (onnx-qoperator) or 13 (onnx-qdq).",
        DefaultValueFactory = _ => OnnxWriter.DefaultOpset,
    };

    /// <summary><c>--onnx-weights</c>.</summary>
    public static Option<string> WeightsOption()
    {
        var option = new Option<string>("--onnx-weights")
        {
            Description = "Element type of the weights of an int8 network in ONNX: uint8, exact in ONNX Runtime on every processor, or int8, which converters for devices expect.",
            DefaultValueFactory = _ => "uint8",
        };
        option.AcceptOnlyFromAmong("uint8", "int8");
        return option;
    }

    /// <summary>What the command line asks for.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format"><c>--format</c>, or null.</param>
    /// <param name="opset"><c>--opset</c>.</param>
    /// <param name="weights"><c>--onnx-weights</c>.</param>
    /// <exception cref="KindlingException">The name ends otherwise than the format, or as no model file does.</exception>
    public static ModelOutput Of(string path, string? format, int opset = OnnxWriter.DefaultOpset, string? weights = null)
    {
        var extension = System.IO.Path.GetExtension(path).ToUpperInvariant();
        if (extension is not (".TFLITE" or ".ONNX"))
            throw new KindlingException($"{path}: models are written as .tflite or .onnx, not '{System.IO.Path.GetExtension(path)}'");
        if (format is not null && format == "tflite" != (extension == ".TFLITE"))
            throw new KindlingException($"{path}: --format {format} is written to a file called *.{(format == "tflite" ? "tflite" : "onnx")}");
        return new ModelOutput(
            path, opset, format == QOperator ? OnnxQuantization.QOperator : OnnxQuantization.Qdq, weights == "int8" ? OnnxWeights.Int8 : OnnxWeights.UInt8);
    }

    /// <summary>Writes a network: dropout is left out, and batch normalization and activations are folded into the layers before them.</summary>
    /// <exception cref="KindlingException">The file cannot be written, or an operator has no form in it.</exception>
    public void Write(Graph graph)
    {
        var written = Passes.ForInference(graph);
        if (Path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
            OnnxWriter.Write(written, Path, Opset, Quantization, Weights);
        else
            TfliteWriter.Write(written, Path);
    }
}
