namespace Kindling.Tests.Onnx;

/// <summary>
/// Every operator form an image classifier of the supported opsets may contain, as exporters of that opset write it, over random extents.
/// The draws do not depend on the opset, so the same form at two opsets is the same network.
/// </summary>
internal static class OnnxForms
{
    /// <summary>A form: its name, the opsets it exists at, and how it is written.</summary>
    public sealed record Form(string Name, int First, int Last, Action<OnnxDraft> Write);

    /// <summary>The opsets the reader is asked to know.</summary>
    public static readonly int[] Opsets = [3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21];

    public static IEnumerable<Form> All => [.. Windows(), .. Normalizations(), .. Elements(), .. Operands(), .. Vectors(), .. Shapes()];

    private static Form Of(string name, Action<OnnxDraft> write) => new(name, 1, int.MaxValue, write);

    private static Form From(int first, string name, Action<OnnxDraft> write) => new(name, first, int.MaxValue, write);

    private static IEnumerable<Form> Windows()
    {
        yield return Of("convolution", d => Conv(d, 1, "pads"));
        yield return Of("convolution in groups", d => Conv(d, d.Draw(2, 4), "pads"));
        yield return Of("depthwise convolution", d => Conv(d, 0, "pads"));
        yield return Of("dilated convolution", d => Conv(d, 1, "dilations"));
        foreach (var pad in new[] { "SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET" })
            yield return Of($"convolution {pad}", d => Conv(d, 1, pad));
        foreach (var type in new[] { "MaxPool", "AveragePool" })
        {
            yield return Of($"{type} with pads", d => Pool(d, type, "pads"));
            foreach (var pad in new[] { "SAME_UPPER", "SAME_LOWER", "VALID" })
                yield return Of($"{type} {pad}", d => Pool(d, type, pad));
            yield return From(10, $"{type} rounded up", d => Pool(d, type, "pads", ("ceil_mode", 1)));
        }

        yield return From(7, "AveragePool counting the padding", d => Pool(d, "AveragePool", "pads", ("count_include_pad", 1)));
        yield return From(19, "AveragePool rounded up, counting the padding", d => Pool(d, "AveragePool", "pads", ("count_include_pad", 1), ("ceil_mode", 1)));
        yield return Of("GlobalAveragePool", d => d.Image().Node("GlobalAveragePool", "x", "y"));
        yield return Of("GlobalMaxPool", d => d.Image().Node("GlobalMaxPool", "x", "y"));
        yield return Of("Pad", d =>
        {
            int[] pads = [0, 0, d.Draw(0, 3), d.Draw(0, 3), 0, 0, d.Draw(0, 3), d.Draw(1, 3)];
            d.Image();
            if (d.Opset < 11)
                d.Node("Pad", "x", "y", ("pads", pads), ("value", 0f));
            else
                d.Longs("p", pads).Floats("zero", [], 0).Node("Pad", "x p zero", "y", ("mode", "constant"));
        });
    }

    private static void Conv(OnnxDraft d, int groups, string padding)
    {
        var (kh, kw) = (d.Draw(1, 4), d.Draw(1, 4));
        d.Image(least: 7, multiple: Math.Max(groups, 1));
        groups = groups == 0 ? d.Channels : groups;
        var filters = groups * d.Draw(1, 3);
        d.Random("w", filters, d.Channels / groups, kh, kw);
        var attributes = new List<(string, object)> { ("strides", (int[])[d.Draw(1, 3), d.Draw(1, 3)]), ("group", groups) };
        if (d.Draw(0, 2) == 0)
            attributes.Add(("kernel_shape", (int[])[kh, kw]));
        if (padding == "pads")
            attributes.Add(("pads", (int[])[d.Draw(0, kh), d.Draw(0, kw), d.Draw(0, kh), d.Draw(0, kw)]));
        else if (padding == "dilations")
            attributes.Add(("dilations", (int[])[d.Draw(1, 3), d.Draw(1, 3)]));
        else
            attributes.Add(("auto_pad", padding));
        var hasBias = d.Draw(0, 2) == 0;
        if (hasBias)
            d.Random("b", filters);
        d.Node("Conv", hasBias ? "x w b" : "x w", "y", [.. attributes]);
    }

    private static void Pool(OnnxDraft d, string type, string padding, params (string, object)[] more)
    {
        var (kh, kw) = (d.Draw(2, 4), d.Draw(2, 4));
        d.Image(least: 5);
        // ONNX Runtime refuses automatic padding of windows that leave pixels out.
        int[] strides = padding == "pads" ? [d.Draw(1, 4), d.Draw(1, 4)] : [d.Draw(1, kh + 1), d.Draw(1, kw + 1)];
        var attributes = new List<(string, object)>(more) { ("kernel_shape", (int[])[kh, kw]), ("strides", strides) };
        attributes.Add(padding == "pads" ? ("pads", (int[])[d.Draw(0, kh), d.Draw(0, kw), d.Draw(0, kh), d.Draw(0, kw)]) : ("auto_pad", padding));
        d.Node(type, "x", "y", [.. attributes]);
    }

    private static IEnumerable<Form> Normalizations()
    {
        yield return Of("BatchNormalization", d => Normalize(d.Image(), []));
        yield return Of("BatchNormalization of a row", d => Normalize(d.Row(), []));
        yield return new("BatchNormalization with spatial", 1, 8, d => Normalize(d.Image(), [("spatial", 1)]));
        yield return new("BatchNormalization for each element of a row", 1, 8, d => Normalize(d.Row(), [("spatial", 0)]));
        yield return From(14, "BatchNormalization with training_mode", d => Normalize(d.Image(), [("training_mode", 0)]));
        yield return Of("Dropout", d =>
        {
            d.Image();
            if (d.Opset < 7)
                d.Node("Dropout", ["x"], ["y", "mask"], ("is_test", 1), ("ratio", 0.3f));
            else if (d.Opset < 12)
                d.Node("Dropout", ["x"], ["y", "mask"], ("ratio", 0.3f));
            else
                d.Floats("r", [], 0.3f).Node("Dropout", "x r", "y");
        });

        static void Normalize(OnnxDraft d, (string, object)[] attributes)
        {
            if (d.Opset < 7)
                attributes = [.. attributes, ("is_test", 1)];
            if (d.Opset < 6)
                attributes = [.. attributes, ("consumed_inputs", (int[])[0, 0, 0, 1, 1])];
            d.Random("s", d.Channels).Random("b", d.Channels).Random("m", d.Channels).Random("var", d.Channels)
                .Node("BatchNormalization", "x s b m var", "y", [.. attributes, ("epsilon", 0.02f), ("momentum", 0.8f)]);
        }
    }

    private static IEnumerable<Form> Elements()
    {
        foreach (var type in new[] { "Relu", "Sigmoid", "Identity" })
            yield return Of(type, d => d.Image().Node(type, "x", "y", d.Consumed(type)));
        yield return Of("HardSigmoid", d => d.Image().Node("HardSigmoid", "x", "y", [("alpha", 0.35f), ("beta", 0.45f), .. d.Consumed("HardSigmoid")]));
        yield return Of("HardSigmoid as it is by default", d => d.Image().Node("HardSigmoid", "x", "y", d.Consumed("HardSigmoid")));
        yield return Of("LeakyRelu", d => d.Image().Node("LeakyRelu", "x", "y", [("alpha", 0.15f), .. d.Consumed("LeakyRelu")]));
        yield return Of("LeakyRelu as it is by default", d => d.Image().Node("LeakyRelu", "x", "y", d.Consumed("LeakyRelu")));
        yield return From(14, "HardSwish", d => d.Image().Node("HardSwish", "x", "y"));
        foreach (var bounds in new[] { "min", "max", "min max", "" })
            yield return Of($"Clip {bounds}", d => Clip(d, bounds));
    }

    private static void Clip(OnnxDraft d, string bounds)
    {
        var (hasMin, hasMax) = (bounds.Contains("min", StringComparison.Ordinal), bounds.Contains("max", StringComparison.Ordinal));
        d.Image();
        if (d.Opset < 11)
        {
            var attributes = new List<(string, object)>(d.Consumed("Clip"));
            if (hasMin)
                attributes.Add(("min", -0.4f));
            if (hasMax)
                attributes.Add(("max", 0.7f));
            d.Node("Clip", "x", "y", [.. attributes]);
            return;
        }

        if (hasMin)
            d.Floats("min", [], -0.4f);
        if (hasMax)
            d.Floats("max", [], 0.7f);
        d.Node("Clip", $"x {(hasMin ? "min" : "-")} {(hasMax ? "max" : "-")}", "y");
    }

    private static IEnumerable<Form> Operands()
    {
        foreach (var type in new[] { "Add", "Sub", "Mul", "Div" })
        {
            yield return Of($"{type} of one number", d => Operand(d.Image(), type, [], 0));
            yield return Of($"{type} of one value a channel", d => Operand(d.Image(), type, [d.Channels, 1, 1], 1));
            yield return Of($"{type} of one value a pixel", d => Operand(d.Image(), type, [d.Height, d.Width], 2));
            yield return Of($"{type} of one value an element", d => Operand(d.Image(), type, [1, d.Channels, d.Height, d.Width], 0));
            yield return Of($"{type} of a row", d => Operand(d.Row(), type, [d.Channels], 1));
        }

        foreach (var type in new[] { "Add", "Sub", "Mul" })
        {
            yield return Of($"{type} of two tensors", d => d.Image().Node("Sigmoid", "x", "s").Node(type, "x s", "y"));
            yield return From(7, $"{type} of an image and its mean", d => d.Image().Node("GlobalAveragePool", "x", "g").Node(type, "x g", "y"));
            yield return From(7, $"{type} of a mean and its image", d => d.Image().Node("GlobalAveragePool", "x", "g").Node(type, "g x", "y"));
        }

        yield return From(7, "Sub from a constant", d => d.Image().Random("c", d.Channels, 1, 1).Node("Sub", "c x", "y"));
        yield return From(8, "Sum of three", d => d.Image().Node("Relu", "x", "r").Node("Sigmoid", "x", "s").Node("Sum", "x r s", "y"));
        foreach (var axis in new[] { 1, 2, 3 })
        {
            yield return Of($"Concat along {axis}", d => d.Image().Node("Relu", "x", "r").Node("Sigmoid", "x", "s").Node("Concat", "r x s", "y", ("axis", axis)));
            yield return From(11, $"Concat along {axis - 4}", d => d.Image().Node("Relu", "x", "r").Node("Concat", "x r", "y", ("axis", axis - 4)));
        }
    }

    // Before opset 7 "broadcast" had to be said, and the place of a shorter operand by "axis".
    private static void Operand(OnnxDraft d, string type, int[] extents, int axis)
    {
        var isOld = d.Opset < 7;
        var old = isOld && extents.Length > 1 && extents[^1] == 1 ? extents[..1] : extents;
        // A divisor keeps its distance from 0.
        d.Random(type == "Div" ? "var" : "c", old);
        (string, object)[] attributes = isOld && extents.Length < 4 ? [("broadcast", 1), ("axis", axis)] : [];
        d.Node(type, type == "Div" ? "x var" : "x c", "y", extents.Length == 0 ? attributes[..Math.Min(1, attributes.Length)] : attributes);
    }

    private static IEnumerable<Form> Vectors()
    {
        yield return Of("Gemm", d => Gemm(d, transposed: false, 1, 1));
        yield return Of("Gemm transposed", d => Gemm(d, transposed: true, 1, 1));
        yield return Of("Gemm with factors", d => Gemm(d, transposed: true, 0.6f, 1.7f));
        yield return From(11, "Gemm without a summand", d => d.Row().Random("w", d.Channels, 4).Node("Gemm", "x w", "y"));
        yield return From(7, "Gemm with one summand", d => d.Row().Random("w", d.Channels, 4).Random("b", 1).Node("Gemm", "x w b", "y"));
        yield return Of("MatMul", d => d.Row().Random("w", d.Channels, d.Draw(1, 9)).Node("MatMul", "x w", "y"));
        yield return Of("flattened image and Gemm", d => d.Image().Random("w", d.Channels * d.Height * d.Width, 3).Random("b", 3)
            .Node("Flatten", "x", "f").Node("Gemm", "f w b", "y", d.Opset < 7 ? [("broadcast", 1)] : []));
        foreach (var axis in new[] { 1, 2, 3 })
            yield return Of($"Softmax of a pooled image from {axis}", d => d.Image(channelsOnly: axis > 1).Node("GlobalAveragePool", "x", "g").Node("Softmax", "g", "y", ("axis", axis)));
        yield return Of("Softmax of a row", d => d.Row().Node("Softmax", "x", "y", ("axis", 1)));
        yield return Of("Softmax of a row as it is by default", d => d.Row().Node("Softmax", "x", "y"));
        yield return From(13, "Softmax of every pixel", d => d.Image().Node("Softmax", "x", "y", ("axis", 1)));
        yield return new("Softmax of everything", 1, 12, d => d.Image().Node("Softmax", "x", "y"));
        foreach (var keep in new[] { 0, 1 })
        {
            yield return Of($"ReduceMean keeping {keep}", d => Mean(d, [2, 3], keep));
            yield return From(11, $"ReduceMean from the end keeping {keep}", d => Mean(d, [-1, -2], keep));
        }
    }

    private static void Gemm(OnnxDraft d, bool transposed, float alpha, float beta)
    {
        var outputs = d.Draw(2, 9);
        d.Row();
        (string, object)[] broadcast = d.Opset < 7 ? [("broadcast", 1)] : [];
        _ = transposed ? d.Random("w", outputs, d.Channels) : d.Random("w", d.Channels, outputs);
        d.Random("b", outputs).Node("Gemm", "x w b", "y", [("alpha", alpha), ("beta", beta), ("transB", transposed ? 1 : 0), .. broadcast]);
    }

    private static void Mean(OnnxDraft d, int[] axes, int keep)
    {
        d.Image();
        if (d.Opset < 18)
            d.Node("ReduceMean", "x", "y", ("axes", axes), ("keepdims", keep));
        else
            d.Longs("a", axes).Node("ReduceMean", "x a", "y", ("keepdims", keep));
    }

    private static IEnumerable<Form> Shapes()
    {
        yield return Of("Flatten", d => d.Image().Node("Flatten", "x", "f").Random("w", d.Channels * d.Height * d.Width, 3).Node("MatMul", "f w", "y"));
        yield return Of("Flatten of a pooled image", d => d.Image().Node("GlobalAveragePool", "x", "g").Node("Flatten", "g", "y", ("axis", 1)));
        yield return From(11, "Flatten from the end", d => d.Image().Node("GlobalAveragePool", "x", "g").Node("Flatten", "g", "y", ("axis", -3)));
        foreach (var target in new[] { "1 -1", "0 -1", "-1 C", "1 C", "0 C" })
            yield return Of($"Reshape to {target}", d => Reshape(d, target));
        yield return Of("Squeeze", d => Axes(d.Image().Node("GlobalAveragePool", "x", "g"), "Squeeze", "g", "y", 2, 3));
        yield return From(11, "Squeeze from the end", d => Axes(d.Image().Node("GlobalAveragePool", "x", "g"), "Squeeze", "g", "y", -1, -2));
        yield return Of("Unsqueeze", d =>
        {
            d.Row();
            Axes(d, "Unsqueeze", "x", "u", 2, 3);
            d.Random("w", 5, d.Channels, 1, 1).Node("Conv", "u w", "y");
        });
        yield return Of("Transpose to channels last and back", d => d.Image().Node("Transpose", "x", "t", ("perm", (int[])[0, 2, 3, 1]))
            .Node("Relu", "t", "r").Node("Transpose", "r", "y", ("perm", (int[])[0, 3, 1, 2])));
        yield return Of("Transpose before a fully connected layer", d =>
        {
            d.Image().Node("Transpose", "x", "t", ("perm", (int[])[0, 2, 3, 1]));
            d.Node("Flatten", "t", "f").Random("w", d.Channels * d.Height * d.Width, 3).Node("MatMul", "f w", "y");
        });
        yield return Of("Constant", d => d.Image().Node("Constant", "", "c", ("value", OnnxDraft.Raw([0.75f]))).Node(
            "Mul", "x c", "y", d.Opset < 7 ? [("broadcast", 1)] : []));
        yield return From(12, "Constant of one number", d => d.Image().Node("Constant", "", "c", ("value_float", 0.75f)).Node("Mul", "x c", "y"));
        yield return From(13, "weights in half precision, cast", d => d.Image().Half("h", 4, d.Channels, 1, 1)
            .Node("Cast", "h", "w", ("to", 1)).Node("Conv", "x w", "y"));
        yield return From(13, "a network in half precision between casts", d => d.Image().Half("w", 4, d.Channels, 1, 1).Node("Cast", "x", "a", ("to", 10))
            .Node("Conv", "a w", "c").Node("Cast", "c", "y", ("to", 1)));
    }

    private static void Reshape(OnnxDraft d, string target)
    {
        d.Image().Node("GlobalAveragePool", "x", "g");
        int[] shape = [.. target.Split(' ').Select(t => t == "C" ? d.Channels : int.Parse(t, System.Globalization.CultureInfo.InvariantCulture))];
        if (d.Opset < 5)
            d.Node("Reshape", "g", "y", ("shape", shape));
        else
            d.Longs("s", shape).Node("Reshape", "g s", "y");
    }

    private static void Axes(OnnxDraft d, string type, string input, string output, params int[] axes)
    {
        if (d.Opset < 13)
            d.Node(type, input, output, ("axes", axes));
        else
            d.Longs("axes", axes).Node(type, $"{input} axes", output);
    }
}
