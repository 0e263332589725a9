using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;
using S = Kindling.Formats.Tflite.TfliteSchema;

namespace Kindling.Formats.Tflite;

/// <summary>Turns the operators of a file into nodes.</summary>
internal sealed class TfliteOperatorReader
{
    private readonly TfliteModel _model;
    private readonly TfliteValues _values;
    private readonly List<Node> _nodes;

    public TfliteOperatorReader(TfliteModel model, TfliteValues values, List<Node> nodes)
    {
        _model = model;
        _values = values;
        _nodes = nodes;
    }

    /// <summary>Appends the node of one operator.</summary>
    public void Read(TfliteOperator op)
    {
        switch (op.Code)
        {
            case TfliteOperatorCode.Conv2D:
                ReadConv2D(op);
                break;
            case TfliteOperatorCode.DepthwiseConv2D:
                ReadDepthwiseConv2D(op);
                break;
            case TfliteOperatorCode.FullyConnected:
                ReadFullyConnected(op);
                break;
            case TfliteOperatorCode.MaxPool2D or TfliteOperatorCode.AveragePool2D:
                ReadPool(op);
                break;
            case TfliteOperatorCode.Mean:
                ReadMean(op);
                break;
            case TfliteOperatorCode.Add:
                ReadPair(op, S.Options.Add, activation => new Add(activation));
                break;
            case TfliteOperatorCode.Mul:
                ReadPair(op, S.Options.Mul, activation => new Multiply(activation));
                break;
            case TfliteOperatorCode.Sub:
                Append(op, new Subtract(Fused(op, Options(op, S.Options.Sub)?.Byte(0) ?? 0)), Activation(op, 0), _values.Any(Input(op, 1), Describe(op)));
                break;
            case TfliteOperatorCode.Concatenation:
                ReadConcatenation(op);
                break;
            case TfliteOperatorCode.Pad:
                ReadPad(op);
                break;
            case TfliteOperatorCode.PadV2:
                RequireZeroFilling(op);
                ReadPad(op);
                break;
            case TfliteOperatorCode.Squeeze or TfliteOperatorCode.ExpandDims:
                Append(op, new Reshape(_values.ShapeOf(Output(op))), Activation(op, 0));
                break;
            case TfliteOperatorCode.Reshape:
                ReadReshape(op);
                break;
            case TfliteOperatorCode.Softmax:
                Append(op, new Softmax(Options(op, S.Options.Softmax)?.Single(0) ?? 0), Activation(op, 0));
                break;
            case TfliteOperatorCode.Logistic:
                Append(op, new Sigmoid(), Activation(op, 0));
                break;
            case TfliteOperatorCode.Relu:
                Append(op, Clip.Relu, Activation(op, 0));
                break;
            case TfliteOperatorCode.Relu6:
                Append(op, Clip.Relu6, Activation(op, 0));
                break;
            case TfliteOperatorCode.ReluN1To1:
                Append(op, new Clip(-1, 1), Activation(op, 0));
                break;
            case TfliteOperatorCode.HardSwish:
                Append(op, new HardSwish(), Activation(op, 0));
                break;
            case TfliteOperatorCode.LeakyRelu:
                Append(op, new LeakyRelu(Options(op, S.Options.LeakyRelu)?.Single(0) ?? 0), Activation(op, 0));
                break;
            case TfliteOperatorCode.Quantize:
                Append(op, new Quantize(), Activation(op, 0));
                break;
            case TfliteOperatorCode.Dequantize:
                RequireActivation(op);
                Append(op, new Dequantize(), Activation(op, 0));
                break;
            case TfliteOperatorCode.Minimum or TfliteOperatorCode.Maximum:
                ReadMinimumOrMaximum(op);
                break;
            case TfliteOperatorCode.Shape or TfliteOperatorCode.StridedSlice or TfliteOperatorCode.Pack:
                foreach (var output in op.Outputs)
                    _values.DefineShape(output);
                break;
            default:
                throw _model.Fault(op.Code == TfliteOperatorCode.Custom
                    ? $"operator {op.Index} is the custom operator \"{op.CustomName}\", which is not supported"
                    : $"operator {op.Index} is {TfliteOperatorNames.Of(op.Code)}, which is not supported");
        }
    }

    private void ReadConv2D(TfliteOperator op)
    {
        var options = Options(op, S.Options.Conv2D);
        var x = Activation(op, 0);
        var weights = _values.Constant(Input(op, 1), Describe(op));
        var dilation = new Size2D(
            options?.Int32(S.Conv2DOptions.DilationHeight, 1) ?? 1, options?.Int32(S.Conv2DOptions.DilationWidth, 1) ?? 1);
        var stride = new Size2D(options?.Int32(S.Conv2DOptions.StrideHeight) ?? 0, options?.Int32(S.Conv2DOptions.StrideWidth) ?? 0);
        RequireImage(op, x);
        RequireRank(op, weights, 4);
        RequireOneKindOfNumbers(op, x, weights);
        var padding = Border(op, options?.Byte(S.Conv2DOptions.Padding) ?? 0, x, new Size2D(weights.Shape[1], weights.Shape[2]), stride, dilation);
        Append(op, new Conv2D(stride, padding, dilation, Fused(op, options?.Byte(S.Conv2DOptions.Activation) ?? 0)), WithBias(op, x, weights));
    }

    private void ReadDepthwiseConv2D(TfliteOperator op)
    {
        var options = Options(op, S.Options.DepthwiseConv2D);
        var x = Activation(op, 0);
        var weights = _values.DepthwiseWeights(Input(op, 1), Describe(op));
        RequireImage(op, x);
        RequireOneKindOfNumbers(op, x, weights);
        if (weights.Shape.Channels != x.Shape.Channels && x.Shape.Channels != 1)
        {
            throw _model.Fault($"{Describe(op)}: {x.Shape.Channels} input and {weights.Shape.Channels} output channels; "
                + "only a depth multiplier of 1, or a single input channel, is supported");
        }

        var dilation = new Size2D(
            options?.Int32(S.DepthwiseConv2DOptions.DilationHeight, 1) ?? 1, options?.Int32(S.DepthwiseConv2DOptions.DilationWidth, 1) ?? 1);
        var stride = new Size2D(options?.Int32(S.Conv2DOptions.StrideHeight) ?? 0, options?.Int32(S.Conv2DOptions.StrideWidth) ?? 0);
        var padding = Border(op, options?.Byte(S.Conv2DOptions.Padding) ?? 0, x, new Size2D(weights.Shape[0], weights.Shape[1]), stride, dilation);
        var activation = Fused(op, options?.Byte(S.DepthwiseConv2DOptions.Activation) ?? 0);
        // From one channel every filter reads the same input: a convolution.
        if (weights.Shape.Channels != x.Shape.Channels)
            Append(op, new Conv2D(stride, padding, dilation, activation), WithBias(op, x, _values.AsConvolution(weights)));
        else
            Append(op, new DepthwiseConv2D(stride, padding, dilation, activation), WithBias(op, x, weights));
    }

    private void ReadFullyConnected(TfliteOperator op)
    {
        var options = Options(op, S.Options.FullyConnected);
        if ((options?.Byte(1) ?? 0) != 0)
            throw _model.Fault($"{Describe(op)}: shuffled weights are not supported");
        var x = Activation(op, 0);
        var weights = _values.Constant(Input(op, 1), Describe(op));
        RequireRank(op, weights, 2);
        RequireOneKindOfNumbers(op, x, weights);
        if (x.Shape.Rank != 2)
        {
            // FULLY_CONNECTED flattens its input; here that is a node of its own.
            var flat = new Shape(1, x.Shape.ElementCount);
            var name = _values.Unique($"{x.Name}/flatten");
            var reshaped = new Value(name, x.Type, flat, x.Quantization);
            _nodes.Add(new Node(name, new Reshape(flat), [x], reshaped));
            x = reshaped;
        }

        Append(op, new Dense(Fused(op, options?.Byte(0) ?? 0)), WithBias(op, x, weights));
    }

    private void ReadPool(TfliteOperator op)
    {
        var options = Options(op, S.Options.Pool2D);
        var x = Activation(op, 0);
        RequireImage(op, x);
        var kernel = new Size2D(options?.Int32(S.Pool2DOptions.FilterHeight) ?? 0, options?.Int32(S.Pool2DOptions.FilterWidth) ?? 0);
        var stride = new Size2D(options?.Int32(S.Pool2DOptions.StrideHeight) ?? 0, options?.Int32(S.Pool2DOptions.StrideWidth) ?? 0);
        var padding = Border(op, options?.Byte(S.Pool2DOptions.Padding) ?? 0, x, kernel, stride, 1);
        var activation = Fused(op, options?.Byte(S.Pool2DOptions.Activation) ?? 0);
        Append(op, op.Code == TfliteOperatorCode.MaxPool2D
            ? new MaxPool2D(kernel, stride, padding, activation)
            : new AveragePool2D(kernel, stride, padding, Activation: activation), x);
    }

    private void ReadMean(TfliteOperator op)
    {
        var x = Activation(op, 0);
        RequireImage(op, x);
        var axes = _values.Integers(Input(op, 1), Describe(op)).Select(a => a < 0 ? a + x.Shape.Rank : a).Distinct().Order().ToList();
        if (!axes.SequenceEqual([1, 2]))
            throw _model.Fault($"{Describe(op)}: only the mean over axes 1 and 2 is supported, not over {string.Join(", ", axes)}");
        Append(op, new GlobalAveragePool(Options(op, S.Options.Reducer)?.Bool(0) ?? false), x);
    }

    private void ReadPair(TfliteOperator op, byte optionsType, Func<Activation, Operator> create)
    {
        var what = Describe(op);
        var (first, second) = (_values.Any(Input(op, 0), what), _values.Any(Input(op, 1), what));
        // Both operators commute; ours takes the smaller operand second.
        if (first.IsConstant || first.Shape.ElementCount < second.Shape.ElementCount)
            (first, second) = (second, first);
        if (first.IsConstant)
            throw _model.Fault($"{what}: both operands are constants, which is not supported");
        Append(op, create(Fused(op, Options(op, optionsType)?.Byte(0) ?? 0)), first, second);
    }

    private void ReadConcatenation(TfliteOperator op)
    {
        var options = Options(op, S.Options.Concatenation);
        if (op.Inputs.Length == 0)
            throw _model.Fault($"{Describe(op)}: no inputs");
        var inputs = op.Inputs.Select((_, i) => _values.Any(Input(op, i), Describe(op))).ToArray();
        var axis = options?.Int32(0) ?? 0;
        if (axis < 0)
            axis += inputs[0].Shape.Rank;
        Append(op, new Concat(axis, Fused(op, options?.Byte(1) ?? 0)), inputs);
    }

    private void ReadPad(TfliteOperator op)
    {
        var x = Activation(op, 0);
        RequireImage(op, x);
        var p = _values.Integers(Input(op, 1), Describe(op));
        if (p.Length != 8 || p[0] != 0 || p[1] != 0 || p[6] != 0 || p[7] != 0)
            throw _model.Fault($"{Describe(op)}: paddings [{string.Join(", ", p.Take(16))}]; only rows and columns of a [N, H, W, C] tensor can be padded");
        // Far beyond any image, and small enough that sums of sizes cannot overflow.
        if (p.Any(n => n is < 0 or > 1 << 20))
            throw _model.Fault($"{Describe(op)}: paddings [{string.Join(", ", p)}] are not between 0 and {1 << 20}");
        Append(op, new Pad(new Padding(p[2], p[4], p[3], p[5])), x);
    }

    private void ReadReshape(TfliteOperator op)
    {
        if (op.Inputs.Length > 1 && op.Inputs[1] >= 0 && !_values.IsShape(op.Inputs[1]))
            throw _model.Fault($"{Describe(op)}: the new shape {_values.Describe(op.Inputs[1])} is not known beforehand, which is not supported");
        Append(op, new Reshape(_values.ShapeOf(Output(op))), Activation(op, 0));
    }

    private void ReadMinimumOrMaximum(TfliteOperator op)
    {
        var what = Describe(op);
        var (x, limit) = (_values.Any(Input(op, 0), what), _values.Any(Input(op, 1), what));
        if (x.IsConstant)
            (x, limit) = (limit, x);
        if (x.IsConstant || !limit.IsConstant || limit.Shape.ElementCount != 1)
            throw _model.Fault($"{what}: only the comparison of a tensor with a constant number is supported");
        var number = limit switch
        {
            { Type: ElementType.Float32 } => limit.Constant!.AsSpan<float>()[0],
            { Type: ElementType.Int8, Quantization: { } q } when q.Equals(x.Quantization) => q.Scale * (limit.Constant!.AsSpan<sbyte>()[0] - q.ZeroPoint),
            _ => throw _model.Fault($"{what}: the constant {limit} is neither float32 nor int8 with the scale of {x.Name}"),
        };
        Append(op, op.Code == TfliteOperatorCode.Minimum
            ? new Clip(float.NegativeInfinity, number)
            : new Clip(number, float.PositiveInfinity), x);
    }

    private void Append(TfliteOperator op, Operator attributes, params ReadOnlySpan<Value> inputs)
    {
        var output = _values.Define(Output(op), Describe(op));
        _nodes.Add(new Node(output.Name, attributes, inputs.ToArray(), output));
    }

    private Value[] WithBias(TfliteOperator op, Value x, Value weights) =>
        op.Inputs.Length > 2 && op.Inputs[2] != -1 ? [x, weights, _values.Constant(op.Inputs[2], Describe(op))] : [x, weights];

    private Value Activation(TfliteOperator op, int input) => _values.Activation(Input(op, input), Describe(op));

    private int Input(TfliteOperator op, int input) => input < op.Inputs.Length && op.Inputs[input] >= 0
        ? op.Inputs[input]
        : throw _model.Fault($"{Describe(op)}: input {input} is missing");

    private int Output(TfliteOperator op) => op.Outputs.Length == 1
        ? op.Outputs[0]
        : throw _model.Fault($"{Describe(op)}: {op.Outputs.Length} outputs instead of 1");

    private FlatTable? Options(TfliteOperator op, byte expected) => op.OptionsType == S.Options.None || op.OptionsType == expected
        ? op.OptionsType == expected ? op.Options : null
        : throw _model.Fault($"{Describe(op)}: its options are of kind {op.OptionsType} of the schema, not {expected}");

    private Activation Fused(TfliteOperator op, byte code) => code switch
    {
        0 => Graphs.Operators.Activation.None,
        1 => Graphs.Operators.Activation.Relu,
        2 => Graphs.Operators.Activation.ReluN1To1,
        3 => Graphs.Operators.Activation.Relu6,
        _ => throw _model.Fault($"{Describe(op)}: the fused activation {code} of the schema is not supported (allowed are NONE, RELU, RELU_N1_TO_1, RELU6)"),
    };

    private Padding Border(TfliteOperator op, byte code, Value x, Size2D kernel, Size2D stride, Size2D dilation)
    {
        const int Largest = 1 << 15;
        foreach (var size in new[] { kernel, stride, dilation })
        {
            if (size.Height is < 1 or > Largest || size.Width is < 1 or > Largest)
                throw _model.Fault($"{Describe(op)}: kernel {kernel}, stride {stride} and dilation {dilation} must be from 1 to {Largest}");
        }

        return code switch
        {
            S.PaddingSame => Padding.Same(new Size2D(x.Shape.Height, x.Shape.Width), kernel, stride, dilation),
            S.PaddingValid => Padding.None,
            _ => throw _model.Fault($"{Describe(op)}: the padding {code} of the schema is neither SAME nor VALID"),
        };
    }

    // A dynamic-range model keeps activations in float and weights in int8.
    private void RequireOneKindOfNumbers(TfliteOperator op, Value x, Value weights)
    {
        if (x.Type != weights.Type)
        {
            throw _model.Fault($"{Describe(op)}: its activations are {x.Type.Name()}, its weights {weights.Name} {weights.Type.Name()}; dynamic-range "
                + "models are not supported, convert the float model with a calibration set (int8) or without optimizations (float32)");
        }
    }

    private void RequireActivation(TfliteOperator op)
    {
        var input = Input(op, 0);
        if (!_model.Tensors[input].Data.IsEmpty)
        {
            throw _model.Fault($"{Describe(op)}: {_values.Describe(input)} is a constant; models that store float weights in fewer bits (float16, "
                + "dynamic range) are not supported, convert without that optimization");
        }
    }

    private void RequireZeroFilling(TfliteOperator op)
    {
        var filling = _values.Constant(Input(op, 2), Describe(op));
        var x = Activation(op, 0);
        var isZero = filling.Shape.ElementCount == 1 && filling.Type == x.Type && filling.Type switch
        {
            ElementType.Float32 => filling.Constant!.AsSpan<float>()[0] == 0,
            ElementType.Int8 => filling.Constant!.AsSpan<sbyte>()[0] == (x.Quantization?.ZeroPoint ?? 0),
            ElementType.UInt8 => filling.Constant!.AsSpan<byte>()[0] == (x.Quantization?.ZeroPoint ?? 0),
            _ => false,
        };
        if (!isZero)
            throw _model.Fault($"{Describe(op)}: {filling.Name} is not 0 in the scale of {x.Name}; only borders of zeros are supported");
    }

    private void RequireImage(TfliteOperator op, Value x) => RequireRank(op, x, 4);

    private void RequireRank(TfliteOperator op, Value x, int rank)
    {
        if (x.Shape.Rank != rank)
            throw _model.Fault($"{Describe(op)}: {x.Name} is {x.Shape}, not of {rank} dimensions");
    }

    private static string Describe(TfliteOperator op) => $"operator {op.Index} ({TfliteOperatorNames.Of(op.Code)})";
}
