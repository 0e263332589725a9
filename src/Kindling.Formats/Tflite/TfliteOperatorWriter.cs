using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;
using S = Kindling.Formats.Tflite.TfliteSchema;

namespace Kindling.Formats.Tflite;

/// <summary>Turns the nodes of a graph into operators of a file.</summary>
internal sealed class TfliteOperatorWriter
{
    private readonly TfliteFileBuilder _file;

    public TfliteOperatorWriter(TfliteFileBuilder file) => _file = file;

    /// <summary>Appends the operators of one node.</summary>
    /// <exception cref="KindlingException">There is no TFLite operator for it; the message names the node.</exception>
    public void Write(Node node)
    {
        switch (node.Operator)
        {
            case Conv2D op:
                WriteConv2D(node, op);
                break;
            case DepthwiseConv2D op:
                WriteDepthwiseConv2D(node, op);
                break;
            case Dense op:
                Emit(node, TfliteOperatorCode.FullyConnected, IsInt8(node) ? 4 : 1, Layer(node, _file.Tensor(node.Inputs[0]), _file.Tensor(node.Inputs[1])),
                    S.Options.FullyConnected, new FlatTableBuilder().Byte(0, Fused(op.Activation)));
                break;
            case MaxPool2D op:
                WritePool(node, TfliteOperatorCode.MaxPool2D, op.Kernel, op.Stride, op.Padding, op.Activation, mayPad: false);
                break;
            case AveragePool2D op:
                WritePool(node, TfliteOperatorCode.AveragePool2D, op.Kernel, op.Stride, op.Padding, op.Activation, op.CountIncludesPadding);
                break;
            case GlobalAveragePool op:
                var axes = _file.AddIntegers($"{node.Name}/axes", new Shape(2), 1, 2);
                Emit(node, TfliteOperatorCode.Mean, Version(node), [_file.Tensor(node.Inputs[0]), axes],
                    S.Options.Reducer, new FlatTableBuilder().Byte(0, op.KeepDimensions ? (byte)1 : (byte)0));
                break;
            case Add op:
                Emit(node, TfliteOperatorCode.Add, Version(node), Inputs(node), S.Options.Add, new FlatTableBuilder().Byte(0, Fused(op.Activation)));
                break;
            case Multiply op:
                Emit(node, TfliteOperatorCode.Mul, Version(node), Inputs(node), S.Options.Mul, new FlatTableBuilder().Byte(0, Fused(op.Activation)));
                break;
            case Subtract op:
                Emit(node, TfliteOperatorCode.Sub, Version(node), Inputs(node), S.Options.Sub, new FlatTableBuilder().Byte(0, Fused(op.Activation)));
                break;
            case HardSwish:
                Emit(node, TfliteOperatorCode.HardSwish, 1, Inputs(node));
                break;
            case LeakyRelu op:
                Emit(node, TfliteOperatorCode.LeakyRelu, Version(node), Inputs(node), S.Options.LeakyRelu, new FlatTableBuilder().Single(0, op.Alpha));
                break;
            case Concat op:
                Emit(node, TfliteOperatorCode.Concatenation, Version(node), [.. node.Inputs.Select((_, i) => Rescaled(node, i))],
                    S.Options.Concatenation, new FlatTableBuilder().Int32(0, op.Axis).Byte(1, Fused(op.Activation)));
                break;
            case Pad op:
                WritePad(node.Name, node.Inputs[0], op.Padding, _file.Tensor(node.Output));
                break;
            case Clip op:
                WriteClip(node, op);
                break;
            case Sigmoid:
                Emit(node, TfliteOperatorCode.Logistic, Version(node), Inputs(node));
                break;
            case Softmax op:
                Emit(node, TfliteOperatorCode.Softmax, Version(node), Inputs(node), S.Options.Softmax, new FlatTableBuilder().Single(0, op.Beta));
                break;
            case Reshape op:
                var shape = _file.AddIntegers($"{node.Name}/shape", new Shape(op.Shape.Rank), op.Shape.AsSpan());
                Emit(node, TfliteOperatorCode.Reshape, 1, [_file.Tensor(node.Inputs[0]), shape],
                    S.Options.Reshape, new FlatTableBuilder().Child(0, FlatNumbers.Of(op.Shape.AsSpan())));
                break;
            case Quantize:
                Emit(node, TfliteOperatorCode.Quantize, 1, Inputs(node), S.Options.Quantize, new FlatTableBuilder());
                break;
            case Dequantize:
                Emit(node, TfliteOperatorCode.Dequantize, node.Inputs[0].Type == ElementType.Int8 ? 2 : 1, Inputs(node),
                    S.Options.Dequantize, new FlatTableBuilder());
                break;
            case Dropout:
                _file.Alias(node.Output, node.Inputs[0]);
                break;
            case BatchNorm:
                throw new KindlingException($"{node.Name} (BATCH_NORM) has no TFLite operator; fold the graph for inference first");
            default:
                throw new KindlingException($"{node.Name} ({node.Operator.Kind}) has no TFLite operator");
        }
    }

    private void WriteConv2D(Node node, Conv2D op)
    {
        var weights = node.Inputs[1].Shape;
        var (x, padding) = Border(node, new Size2D(weights[1], weights[2]), op.Stride, op.Padding, op.Dilation, mayPad: true);
        Emit(node, TfliteOperatorCode.Conv2D, IsInt8(node) ? 3 : 1, Layer(node, x, _file.Tensor(node.Inputs[1])),
            S.Options.Conv2D, new FlatTableBuilder()
                .Byte(S.Conv2DOptions.Padding, padding)
                .Int32(S.Conv2DOptions.StrideWidth, op.Stride.Width)
                .Int32(S.Conv2DOptions.StrideHeight, op.Stride.Height)
                .Byte(S.Conv2DOptions.Activation, Fused(op.Activation))
                .Int32(S.Conv2DOptions.DilationWidth, op.Dilation.Width)
                .Int32(S.Conv2DOptions.DilationHeight, op.Dilation.Height));
    }

    private void WriteDepthwiseConv2D(Node node, DepthwiseConv2D op)
    {
        var weights = node.Inputs[1];
        var (x, padding) = Border(node, new Size2D(weights.Shape[0], weights.Shape[1]), op.Stride, op.Padding, op.Dilation, mayPad: true);
        if (!_file.Knows(weights))
        {
            var shape = new Shape(1, weights.Shape[0], weights.Shape[1], weights.Shape[2]);
            var quantization = weights.Quantization is { IsPerChannel: true } q ? new Quantization([.. q.Scales], [.. q.ZeroPoints], 3) : weights.Quantization;
            _file.Alias(weights, _file.AddTensor(weights.Name, weights.Type, shape, quantization, weights.Constant?.Reshape(shape)));
        }

        Emit(node, TfliteOperatorCode.DepthwiseConv2D, IsInt8(node) ? 3 : op.Dilation != 1 ? 2 : 1, Layer(node, x, _file.Tensor(weights)),
            S.Options.DepthwiseConv2D, new FlatTableBuilder()
                .Byte(S.Conv2DOptions.Padding, padding)
                .Int32(S.Conv2DOptions.StrideWidth, op.Stride.Width)
                .Int32(S.Conv2DOptions.StrideHeight, op.Stride.Height)
                .Int32(S.DepthwiseConv2DOptions.DepthMultiplier, 1)
                .Byte(S.DepthwiseConv2DOptions.Activation, Fused(op.Activation))
                .Int32(S.DepthwiseConv2DOptions.DilationWidth, op.Dilation.Width)
                .Int32(S.DepthwiseConv2DOptions.DilationHeight, op.Dilation.Height));
    }

    private void WritePool(Node node, TfliteOperatorCode code, Size2D kernel, Size2D stride, Padding padding, Activation activation, bool mayPad)
    {
        var (x, border) = Border(node, kernel, stride, padding, 1, mayPad, countsPadding: mayPad);
        Emit(node, code, Version(node), [x], S.Options.Pool2D, new FlatTableBuilder()
            .Byte(S.Pool2DOptions.Padding, border)
            .Int32(S.Pool2DOptions.StrideWidth, stride.Width)
            .Int32(S.Pool2DOptions.StrideHeight, stride.Height)
            .Int32(S.Pool2DOptions.FilterWidth, kernel.Width)
            .Int32(S.Pool2DOptions.FilterHeight, kernel.Height)
            .Byte(S.Pool2DOptions.Activation, Fused(activation)));
    }

    private void WritePad(string name, Value input, Padding padding, int output)
    {
        var paddings = _file.AddIntegers(
            $"{name}/paddings", new Shape(4, 2), 0, 0, padding.Top, padding.Bottom, padding.Left, padding.Right, 0, 0);
        _file.AddOperator(
            TfliteOperatorCode.Pad, input.Type == ElementType.Int8 ? 2 : 1, [_file.Tensor(input), paddings], output, S.Options.Pad, new FlatTableBuilder());
    }

    private void WriteClip(Node node, Clip op)
    {
        var code = op.AsActivation() switch
        {
            Activation.Relu => TfliteOperatorCode.Relu,
            Activation.Relu6 => TfliteOperatorCode.Relu6,
            Activation.ReluN1To1 => TfliteOperatorCode.ReluN1To1,
            _ => (TfliteOperatorCode?)null,
        };
        if (code is not null)
        {
            Emit(node, code.Value, code == TfliteOperatorCode.ReluN1To1 ? 1 : Version(node), Inputs(node));
            return;
        }

        var x = node.Inputs[0];
        if (x.Type == ElementType.Int8 && !Equals(x.Quantization, node.Output.Quantization))
            throw new KindlingException($"{node.Name} (CLIP) changes the scale, which TFLite's MINIMUM and MAXIMUM cannot");
        var current = _file.Tensor(x);
        if (!float.IsNegativeInfinity(op.Min))
            current = Compare(TfliteOperatorCode.Maximum, "min", op.Min, isLast: float.IsPositiveInfinity(op.Max));
        if (!float.IsPositiveInfinity(op.Max))
            current = Compare(TfliteOperatorCode.Minimum, "max", op.Max, isLast: true);
        _file.Alias(node.Output, current);

        int Compare(TfliteOperatorCode comparison, string suffix, float limit, bool isLast)
        {
            var constant = _file.AddTensor($"{node.Name}/{suffix}", x.Type, Shape.Scalar, x.Quantization, Limit(x, limit));
            var result = isLast ? _file.Tensor(node.Output) : _file.AddTensor($"{node.Name}/clipped", x.Type, x.Shape, x.Quantization);
            _file.AddOperator(comparison, Version(node), [current, constant], result, S.Options.MaximumMinimum, new FlatTableBuilder());
            return result;
        }
    }

    private static Tensor Limit(Value x, float limit) => x.Type == ElementType.Int8
        ? Tensor.From<sbyte>(Shape.Scalar, [(sbyte)Numerics.QuantizedArithmetic.Quantize(limit, x.Quantization!, x.Type)])
        : Tensor.From<float>(Shape.Scalar, [limit]);

    /// <summary>The tensor a window slides over and SAME or VALID; an explicit padding that is neither becomes a PAD operator.</summary>
    private (int Tensor, byte Padding) Border(
        Node node, Size2D kernel, Size2D stride, Padding padding, Size2D dilation, bool mayPad, bool countsPadding = false)
    {
        var x = node.Inputs[0];
        var input = new Size2D(x.Shape.Height, x.Shape.Width);
        if (padding.IsNone || IsSameWindow(Padding.None))
            return (_file.Tensor(x), S.PaddingValid);
        // SAME never counts the border of a mean.
        if (!countsPadding && IsSameWindow(Padding.Same(input, kernel, stride, dilation)))
            return (_file.Tensor(x), S.PaddingSame);
        if (!mayPad)
        {
            throw new KindlingException($"{node.Name} ({node.Operator.Kind}): the padding (top {padding.Top}, left {padding.Left}, bottom "
                + $"{padding.Bottom}, right {padding.Right}) is neither TFLite's SAME nor VALID");
        }

        var shape = new Shape(1, input.Height + padding.Top + padding.Bottom, input.Width + padding.Left + padding.Right, x.Shape.Channels);
        var padded = _file.AddTensor($"{node.Name}/padded", x.Type, shape, x.Quantization);
        WritePad(node.Name, x, padding, padded);
        return (padded, S.PaddingValid);

        // Rows below the last window are never read: only the start and the number of positions count.
        bool IsSameWindow(Padding other) =>
            other.Top == padding.Top && other.Left == padding.Left
            && Padding.Positions(input.Height, other.Top, other.Bottom, kernel.Height, stride.Height, dilation.Height) == node.Output.Shape.Height
            && Padding.Positions(input.Width, other.Left, other.Right, kernel.Width, stride.Width, dilation.Width) == node.Output.Shape.Width;
    }

    /// <summary>Activations, weights and bias; a bias of an int8 layer states its scale, since runtimes compare it.</summary>
    private int[] Layer(Node node, int x, int weights)
    {
        if (node.Inputs.Count < 3)
            return [x, weights];
        var bias = node.Inputs[2];
        if (!_file.Knows(bias) && bias.Type == ElementType.Int32 && bias.Quantization is null
            && node.Inputs[0].Quantization is { } input && node.Inputs[1].Quantization is { } scales)
        {
            var quantization = new Quantization([.. scales.Scales.Select(s => input.Scale * s)], new int[scales.Scales.Count], 0);
            _file.Alias(bias, _file.AddTensor(bias.Name, bias.Type, bias.Shape, quantization, bias.Constant));
        }

        return [x, weights, _file.Tensor(bias)];
    }

    // TFLite joins int8 values of one scale only.
    private int Rescaled(Node node, int index)
    {
        var input = node.Inputs[index];
        if (!input.Type.IsQuantized() || Equals(input.Quantization, node.Output.Quantization))
            return _file.Tensor(input);
        var rescaled = _file.AddTensor($"{node.Name}/rescaled_{index}", input.Type, input.Shape, node.Output.Quantization);
        _file.AddOperator(TfliteOperatorCode.Quantize, 2, [_file.Tensor(input)], rescaled, S.Options.Quantize, new FlatTableBuilder());
        return rescaled;
    }

    private int[] Inputs(Node node) => [.. node.Inputs.Select(_file.Tensor)];

    private void Emit(
        Node node, TfliteOperatorCode code, int version, ReadOnlySpan<int> inputs, byte optionsType = S.Options.None, FlatTableBuilder? options = null) =>
        _file.AddOperator(code, version, inputs, _file.Tensor(node.Output), optionsType, options);

    private static bool IsInt8(Node node) => node.Inputs[0].Type == ElementType.Int8;

    private static int Version(Node node) => IsInt8(node) ? 2 : 1;

    private static byte Fused(Activation activation) => activation switch
    {
        Activation.None => 0,
        Activation.Relu => 1,
        Activation.ReluN1To1 => 2,
        Activation.Relu6 => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };
}
