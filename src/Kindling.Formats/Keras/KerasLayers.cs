using System.Text.Json;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Keras;

/// <summary>Writes one Keras layer down as nodes of a graph.</summary>
internal sealed class KerasLayers(GraphBuilder builder, long parameters, string file)
{
    private const string Supported =
        "Conv2D, DepthwiseConv2D, Dense, BatchNormalization, ReLU, Activation, Softmax, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D, "
        + "Add, Multiply, Concatenate, Dropout, Flatten, Reshape, ZeroPadding2D, Lambda of tf.clip_by_value";

    private long _parameters = parameters;

    /// <summary>Adds a layer.</summary>
    /// <exception cref="ModelFormatException">The layer or one of its settings is not supported; the message names it.</exception>
    public Value Apply(string kind, string name, JsonElement config, IReadOnlyList<Value> inputs)
    {
        if (inputs.Count == 0)
            throw new ModelFormatException($"{file}: layer {name} ({kind}) reads nothing");
        if (config.TryGetProperty("data_format", out var format) && format.GetString() != "channels_last")
            throw Unsupported(kind, name, $"data_format {format.GetString()}; channels_last is read");
        var x = inputs[0];
        return kind switch
        {
            "Conv2D" => Convolution(name, config, x),
            "DepthwiseConv2D" => Depthwise(name, config, x),
            "Dense" => Dense(name, config, x),
            "BatchNormalization" => BatchNorm(name, config, x),
            "ReLU" => Relu(name, config, x),
            "Activation" => Activate(x, Text(config, "activation"), name, kind),
            "Softmax" => builder.Softmax(x, name),
            "MaxPooling2D" => builder.MaxPool2D(x, Pair(config, "pool_size"), Pair(config, "strides"), Border(config, name), name),
            "AveragePooling2D" => builder.AveragePool2D(x, Pair(config, "pool_size"), Pair(config, "strides"), Border(config, name), name),
            "GlobalAveragePooling2D" => builder.GlobalAveragePool(x, config.TryGetProperty("keepdims", out var keep) && keep.GetBoolean(), name),
            "Add" => Chain(inputs, name, (a, b, n) => builder.Add(a, b, n)),
            "Multiply" => Product(inputs, name),
            "Concatenate" => Concatenate(name, config, inputs),
            "Dropout" => builder.Dropout(x, config.GetProperty("rate").GetSingle(), name),
            "Flatten" => builder.Reshape(x, new Shape(1, x.Shape.ElementCount), name),
            "Reshape" => Reshape(name, config, x),
            "ZeroPadding2D" => ZeroPadding(name, config, x),
            "Lambda" => Lambda(name, config, x),
            _ => throw Unsupported(kind, name, $"read are {Supported}"),
        };
    }

    private Value Convolution(string name, JsonElement config, Value x)
    {
        if (config.TryGetProperty("groups", out var groups) && groups.GetInt32() != 1)
            throw Unsupported("Conv2D", name, $"{groups.GetInt32()} groups; 1 is read");
        var kernel = Pair(config, "kernel_size");
        var filters = Count(config, "filters", name);
        var hasBias = Flag(config, "use_bias");
        Take(name, ((long)kernel.Height * kernel.Width * x.Shape.Channels * filters) + (hasBias ? filters : 0));
        var (fused, rest) = Split(config);
        var dilation = Pair(config, "dilation_rate");
        var y = dilation == 1
            ? builder.Conv2D(x, filters, kernel, Pair(config, "strides"), Border(config, name), activation: fused, bias: hasBias, name: name)
            : throw Unsupported("Conv2D", name, $"dilation {dilation}; 1 is read");
        return Activate(y, rest, $"{name}/activation", "Conv2D");
    }

    private Value Depthwise(string name, JsonElement config, Value x)
    {
        var multiplier = config.GetProperty("depth_multiplier").GetInt32();
        var dilation = Pair(config, "dilation_rate");
        if (multiplier != 1 || dilation != 1)
            throw Unsupported("DepthwiseConv2D", name, $"depth_multiplier {multiplier}, dilation {dilation}; 1 and 1 are read");
        var kernel = Pair(config, "kernel_size");
        var hasBias = Flag(config, "use_bias");
        Take(name, (((long)kernel.Height * kernel.Width) + (hasBias ? 1 : 0)) * x.Shape.Channels);
        var (fused, rest) = Split(config);
        var y = builder.DepthwiseConv2D(x, kernel, Pair(config, "strides"), Border(config, name), activation: fused, bias: hasBias, name: name);
        return Activate(y, rest, $"{name}/activation", "DepthwiseConv2D");
    }

    private Value Dense(string name, JsonElement config, Value x)
    {
        if (x.Shape.Rank != 2)
            throw Unsupported("Dense", name, $"an input of {x.Shape}; [N, features] is read");
        var units = Count(config, "units", name);
        Take(name, (long)units * x.Shape.Channels);
        var (fused, rest) = Split(config);
        return Activate(builder.Dense(x, units, fused, name), rest, $"{name}/activation", "Dense");
    }

    private Value BatchNorm(string name, JsonElement config, Value x)
    {
        var axis = config.GetProperty("axis");
        var last = axis.ValueKind == JsonValueKind.Array ? axis[0].GetInt32() : axis.GetInt32();
        if (last != -1 && last != x.Shape.Rank - 1)
            throw Unsupported("BatchNormalization", name, $"axis {last}; the last is read");
        Take(name, 2L * x.Shape.Channels);
        return builder.BatchNorm(x, config.GetProperty("epsilon").GetSingle(), config.GetProperty("momentum").GetSingle(), name);
    }

    private Value Relu(string name, JsonElement config, Value x)
    {
        if (Number(config, "negative_slope", 0) != 0 || Number(config, "threshold", 0) != 0)
            throw Unsupported("ReLU", name, "a slope or a threshold; none is read");
        var max = Number(config, "max_value", float.PositiveInfinity);
        return float.IsPositiveInfinity(max) ? builder.Relu(x, name) : builder.Clip(x, 0, max, name);
    }

    private Value Concatenate(string name, JsonElement config, IReadOnlyList<Value> inputs)
    {
        var axis = config.GetProperty("axis").GetInt32();
        return axis == -1 || axis == inputs[0].Shape.Rank - 1
            ? builder.Concat(name, [.. inputs])
            : throw Unsupported("Concatenate", name, $"axis {axis}; the last is read");
    }

    private Value Reshape(string name, JsonElement config, Value x)
    {
        var sides = config.GetProperty("target_shape").EnumerateArray().Select(d => d.GetInt32()).ToArray();
        var open = Array.IndexOf(sides, -1);
        if (open >= 0)
        {
            var known = sides.Where(d => d > 0).Aggregate(1L, (a, b) => checked(a * b));
            sides[open] = (int)(x.Shape.ElementCount / known);
        }

        return builder.Reshape(x, new Shape([1, .. sides]), name);
    }

    private Value ZeroPadding(string name, JsonElement config, Value x)
    {
        var rows = config.GetProperty("padding")[0];
        var columns = config.GetProperty("padding")[1];
        return builder.Pad(x, new Padding(rows[0].GetInt32(), columns[0].GetInt32(), rows[1].GetInt32(), columns[1].GetInt32()), name);
    }

    private Value Lambda(string name, JsonElement config, Value x)
    {
        var function = config.GetProperty("function");
        return KerasLambda.ClipRange(function.ValueKind == JsonValueKind.Array ? function[0].GetString() : null) is var (min, max)
            ? builder.Clip(x, min, max, name)
            : throw Unsupported("Lambda", name, "Python code other than tf.clip_by_value(x, min, max) is not run");
    }

    // Fused where a layer of the graph has the activation itself.
    private static (Activation Fused, string? Separate) Split(JsonElement config) => Text(config, "activation") switch
    {
        "relu" => (Activation.Relu, null),
        "relu6" => (Activation.Relu6, null),
        var other => (Activation.None, other),
    };

    private Value Activate(Value x, string? activation, string name, string kind) => activation switch
    {
        null or "linear" => x,
        "relu" => builder.Relu(x, name),
        "relu6" => builder.Relu6(x, name),
        "sigmoid" => builder.Sigmoid(x, name),
        "softmax" => builder.Softmax(x, name),
        var other => throw Unsupported(kind, name, $"activation {other}; linear, relu, relu6, sigmoid and softmax are read"),
    };

    private static Value Chain(IReadOnlyList<Value> inputs, string name, Func<Value, Value, string, Value> join)
    {
        var result = inputs[0];
        for (var i = 1; i < inputs.Count; i++)
            result = join(result, inputs[i], i == inputs.Count - 1 ? name : $"{name}/{i}");
        return result;
    }

    // The operand that is broadcast comes second.
    private Value Product(IReadOnlyList<Value> inputs, string name) => Chain(
        inputs, name, (a, b, n) => a.Shape.ElementCount >= b.Shape.ElementCount ? builder.Multiply(a, b, n) : builder.Multiply(b, a, n));

    private void Take(string name, long count)
    {
        // Checked before memory is taken: the file must hold what its description promises.
        _parameters -= count;
        if (count < 0 || _parameters < 0)
            throw new ModelFormatException($"{file}: layer {name} and those before it have more weights than the file holds");
    }

    private BorderMode Border(JsonElement config, string name) => Text(config, "padding") switch
    {
        "same" => BorderMode.Same,
        "valid" => BorderMode.Valid,
        var other => throw new ModelFormatException($"{file}: layer {name} has padding {other}; same and valid are read"),
    };

    private ModelFormatException Unsupported(string kind, string name, string what) => new($"{file}: layer {name} ({kind}) is not supported: {what}");

    private int Count(JsonElement config, string key, string name) => config.GetProperty(key).GetInt32() is > 0 and var count
        ? count
        : throw new ModelFormatException($"{file}: layer {name} has {key} {config.GetProperty(key).GetRawText()}");

    private static bool Flag(JsonElement config, string key) => config.GetProperty(key).GetBoolean();

    private static string? Text(JsonElement config, string key) =>
        config.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static float Number(JsonElement config, string key, float otherwise) =>
        config.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetSingle() : otherwise;

    private static Size2D Pair(JsonElement config, string key)
    {
        var value = config.GetProperty(key);
        return value.ValueKind == JsonValueKind.Number ? value.GetInt32() : new Size2D(value[0].GetInt32(), value[1].GetInt32());
    }
}
