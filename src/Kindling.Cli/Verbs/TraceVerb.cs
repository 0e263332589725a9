using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling trace</c>: a model run operator by operator, to compare two runtimes.</summary>
internal sealed class TraceVerb : Verb
{
    private readonly Option<string> _model;
    private readonly Option<string> _input;
    private readonly Option<string?> _resize;
    private readonly Option<string> _arithmetic;

    public TraceVerb()
        : base(
            "trace", "Runs a model operator by operator, unfused and in the file's order, and prints shape, CRC-32 and range of every output.",
            "kindling trace --model model_int8.tflite --input rose.jpg --json")
    {
        _model = Add(CommonOptions.Model("The model: .tflite, or .safetensors written by Kindling."));
        _input = Add(new Option<string>("--input") { Description = "A photo, or the raw bytes of the input tensor.", Required = true, HelpName = "FILE" });
        _resize = Add(CommonOptions.Resize());
        _arithmetic = Add(CommonOptions.Arithmetic());
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var path = arguments.GetRequiredValue(_model);
        var graph = ModelFile.Read(path);
        var steps = GraphTracer.Run(graph, Input(graph, path, arguments, context), out var outputs, arithmetic: CommonOptions.Arithmetic(arguments.GetValue(_arithmetic)));
        var document = new TraceDocument(
            graph.Name,
            [.. steps.Select((s, i) => new TraceStepDocument(i, s.Operator, s.Name, [.. s.Shape], s.Crc32.ToString("x8", CultureInfo.InvariantCulture), s.Min, s.Max))],
            [.. graph.Outputs.Zip(outputs, (value, tensor) => new TraceOutput(value.Name, [.. tensor.Shape], tensor.Type.Name(), Values(tensor)))]);
        var lines = document.Steps.Select(s => string.Create(
            CultureInfo.InvariantCulture, $"{s.Index,4}  {s.Operator,-18} {string.Join('x', s.Shape),-16} {s.Crc32}  {s.Min} .. {s.Max}"));
        return new VerbResult(
            document, string.Join('\n', lines.Concat(document.Outputs.Select(o => $"{o.Name}: {string.Join(", ", o.Values.Select(v => v.ToString(CultureInfo.InvariantCulture)))}"))));
    }

    private byte[] Input(Graph graph, string path, ParseResult arguments, VerbContext context)
    {
        var file = arguments.GetRequiredValue(_input);
        if (!File.Exists(file))
            throw new KindlingException($"input {file} does not exist");
        if (!Photos.IsImage(file))
        {
            var bytes = new FileInfo(file).Length;
            return bytes == graph.Inputs[0].Bytes
                ? File.ReadAllBytes(file)
                : throw new KindlingException($"input {file} has {bytes} bytes; {graph.Inputs[0]} takes {graph.Inputs[0].Bytes}");
        }

        var model = PhotoModel.Open(path, CommonOptions.Interpolation(arguments.GetValue(_resize)));
        if (model.Note is not null)
            context.Terminal.Info(model.Note);
        var encoded = new byte[graph.Inputs[0].Bytes];
        new InputEncoder(graph.Inputs[0], model.Preprocessing).EncodePixels(Photos.Pixels(file, model.Preprocessing), encoded);
        return encoded;
    }

    private static IReadOnlyList<double> Values(Tensor tensor) => tensor.Type switch
    {
        ElementType.Float32 => [.. MemoryMarshal.Cast<byte, float>(tensor.Bytes).ToArray().Select(v => (double)v)],
        ElementType.Int8 => [.. tensor.AsSpan<sbyte>().ToArray().Select(v => (double)v)],
        ElementType.UInt8 => [.. tensor.Bytes.ToArray().Select(v => (double)v)],
        ElementType.Int32 => [.. tensor.AsSpan<int>().ToArray().Select(v => (double)v)],
        _ => [.. tensor.AsSpan<long>().ToArray().Select(v => (double)v)],
    };
}

/// <summary>A trace as JSON; <c>crc32</c> is zlib's, in hexadecimal.</summary>
internal sealed record TraceDocument(string Model, IReadOnlyList<TraceStepDocument> Steps, IReadOnlyList<TraceOutput> Outputs);

/// <summary>One operator of a trace.</summary>
internal sealed record TraceStepDocument(int Index, string Operator, string Name, IReadOnlyList<int> Shape, string Crc32, double Min, double Max);

/// <summary>One output of a trace.</summary>
internal sealed record TraceOutput(string Name, IReadOnlyList<int> Shape, string Type, IReadOnlyList<double> Values);
