using System.Text.Json;
using Kindling.Graphs;

namespace Kindling.Formats.Keras;

/// <summary>Walks over the layers of a Sequential or Functional model and writes each down with a <see cref="GraphBuilder"/>.</summary>
internal sealed class KerasNetwork
{
    private readonly JsonElement _config;
    private readonly bool _isSequential;
    private readonly string _file;
    private readonly GraphBuilder _builder;
    private readonly KerasLayers _layers;
    private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);

    public KerasNetwork(JsonElement root, long parameters, string file)
    {
        _file = file;
        var kind = root.GetProperty("class_name").GetString();
        _isSequential = kind == "Sequential";
        if (!_isSequential && kind is not ("Functional" or "Model"))
            throw new ModelFormatException($"{file} is a {kind}; Sequential and Functional models are read");
        _config = root.GetProperty("config");
        _builder = new GraphBuilder(_config.GetProperty("name").GetString() is { Length: > 0 } name ? name : "keras");
        _layers = new KerasLayers(_builder, parameters, file);
    }

    public Graph Build()
    {
        Value? last = null;
        foreach (var layer in _config.GetProperty("layers").EnumerateArray())
        {
            var config = layer.GetProperty("config");
            var name = config.GetProperty("name").GetString()!;
            var kind = layer.GetProperty("class_name").GetString()!;
            if (kind == "InputLayer" || (_isSequential && last is null && _values.Count == 0))
                last = _values[name] = Input(kind == "InputLayer" ? name : "input", config);
            if (kind != "InputLayer")
                last = _values[name] = _layers.Apply(kind, name, config, _isSequential ? [last!] : Inputs(layer, name));
        }

        return _builder.Build(null, _isSequential ? last! : Output());
    }

    private Value Input(string name, JsonElement config)
    {
        if (!config.TryGetProperty("batch_input_shape", out var shape) || shape.GetArrayLength() != 4)
            throw new ModelFormatException($"{_file}: the input {name} is no image [batch, H, W, C]");
        if (shape.EnumerateArray().Skip(1).Any(d => d.ValueKind != JsonValueKind.Number))
            throw new ModelFormatException($"{_file}: the input {name} is {shape.GetRawText()}; save the model with a fixed size");
        return _builder.Input(name, [1, .. shape.EnumerateArray().Skip(1).Select(d => d.GetInt32())]);
    }

    // [[["conv1", 0, 0, {}], ...]]: the layer, which of its uses, which of its outputs.
    private Value[] Inputs(JsonElement layer, string name)
    {
        var nodes = layer.GetProperty("inbound_nodes");
        if (nodes.GetArrayLength() != 1)
            throw new ModelFormatException($"{_file}: layer {name} is used {nodes.GetArrayLength()} times; shared layers are not read");
        return [.. nodes[0].EnumerateArray().Select(n => Find(n, name))];
    }

    private Value Output()
    {
        var outputs = _config.GetProperty("output_layers");
        return outputs.GetArrayLength() == 1
            ? Find(outputs[0], "output")
            : throw new ModelFormatException($"{_file} has {outputs.GetArrayLength()} outputs; a classifier has one");
    }

    private Value Find(JsonElement reference, string reader) =>
        _values.GetValueOrDefault(reference[0].GetString() ?? "")
        ?? throw new ModelFormatException($"{_file}: layer {reader} reads {reference[0].GetRawText()}, which does not come before it");
}
