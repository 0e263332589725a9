using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>Operators from one byte to one byte (QUANTIZE from 8 bits to 8 bits, RELU, RELU6, CLIP, LOGISTIC, HARD_SWISH, LEAKY_RELU): 256 answers, worked out beforehand.</summary>
internal sealed unsafe class LookupKernel : Kernel
{
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly byte[] _table;

    // From uint8 to int8 with one scale every byte just flips its highest bit.
    private readonly bool _flipsHighestBit;

    private LookupKernel(KernelContext context, byte[] table)
    {
        _input = context.Inputs[0];
        _output = context.Output;
        _table = table;
        _flipsHighestBit = Enumerable.Range(0, 256).All(i => table[i] == (i ^ 0x80));
    }

    /// <inheritdoc/>
    public override int Chunks => (_output.Shape.ElementCount + Int8Kernels.ElementsPerChunk - 1) / Int8Kernels.ElementsPerChunk;

    /// <summary>From one scale, zero point or signedness to another.</summary>
    public static LookupKernel Requantize(KernelContext context) =>
        new(context, RequantizeTable(context.Inputs[0], context.Output, TypeRange(context.Output.Type)));

    /// <summary>A clip to a real range, with requantization.</summary>
    public static LookupKernel Clip(KernelContext context, Clip op) =>
        new(context, RequantizeTable(
            context.Inputs[0], context.Output, QuantizedArithmetic.ClipRange(op.Min, op.Max, context.Output.Quantization!, context.Output.Type)));

    /// <summary>The logistic function, in fixed point or (XNNPACK) in floats.</summary>
    public static LookupKernel Logistic(KernelContext context)
    {
        var input = context.Inputs[0].Quantization!;
        if (context.Arithmetic == Int8Arithmetic.Xnnpack)
        {
            return new(context, Tabulate(context.Inputs[0], q =>
            {
                var logistic = 256 / (1 + MathF.Exp(-input.Scale * (q - input.ZeroPoint)));
                return (int)MathF.Round(Math.Min(logistic, 255), MidpointRounding.ToEven) - 128;
            }));
        }

        var (multiplier, radius) = QuantizedArithmetic.LogisticScaling(input);
        return new(context, Tabulate(context.Inputs[0], q =>
        {
            var centered = q - input.ZeroPoint;
            if (centered <= -radius)
                return sbyte.MinValue;
            if (centered >= radius)
                return sbyte.MaxValue;
            var result = FixedPoint.Logistic(multiplier.Apply(centered), QuantizedArithmetic.LogisticIntegerBits);
            return Math.Clamp(FixedPoint.RoundingDivideByPowerOfTwo(result, 23) - 128, sbyte.MinValue, sbyte.MaxValue);
        }));
    }

    /// <summary>HARD_SWISH in 16-bit fixed point, as TFLite's reference kernel computes it.</summary>
    public static LookupKernel HardSwish(KernelContext context)
    {
        const int HiresShift = 7;
        var (input, output) = (context.Inputs[0].Quantization!, context.Output.Quantization!);
        var hiresScale = input.Scale / (1 << HiresShift);
        var outputFactor = QuantizedMultiplier.From((double)(hiresScale / output.Scale));
        var gateFactor = QuantizedMultiplier.From((double)(hiresScale / (3f / 32768)));
        var (outputMultiplier, gateMultiplier) = (FixedPoint.To16Bits(outputFactor.Multiplier), FixedPoint.To16Bits(gateFactor.Multiplier));
        if (outputFactor.Shift > 0)
            throw new GraphException($"{context.Node.Name} (HARD_SWISH): the output's scale {output.Scale} is too small for the input's {input.Scale}");
        return new(context, Tabulate(context.Inputs[0], q =>
        {
            var hires = FixedPoint.Saturate16((q - input.ZeroPoint) << HiresShift);
            var scaled = FixedPoint.RoundingDoublingHighMultiply16(hires, outputMultiplier);
            var gate = (int)hires;
            if (gateFactor.Shift > 0)
                gate = FixedPoint.Saturate16((long)gate << (gateFactor.Shift - 1));
            gate = FixedPoint.RoundingDoublingHighMultiply16((short)gate, gateMultiplier);
            if (gateFactor.Shift > 0)
                gate = FixedPoint.Saturate16((long)gate << 1);
            else if (gateFactor.Shift < 0)
                gate = FixedPoint.RoundingDivideByPowerOfTwo(gate, -gateFactor.Shift);
            gate = (gate + (1 << 15)) >> 1;
            var product = gate * scaled / (1 << 15);
            return Math.Clamp(FixedPoint.RoundingDivideByPowerOfTwo(product, -outputFactor.Shift) + output.ZeroPoint, sbyte.MinValue, sbyte.MaxValue);
        }));
    }

    /// <summary>LEAKY_RELU: one factor above 0, one below.</summary>
    public static LookupKernel LeakyRelu(KernelContext context, LeakyRelu op)
    {
        var (input, output) = (context.Inputs[0].Quantization!, context.Output.Quantization!);
        if (op.Alpha < 0)
            throw new GraphException($"{context.Node.Name} (LEAKY_RELU): the slope {op.Alpha} of an int8 operator must not be negative");
        var above = QuantizedArithmetic.RequantizeMultiplier(input, output);
        var below = QuantizedMultiplier.From((double)(input.Scale * op.Alpha / output.Scale));
        return new(context, Tabulate(context.Inputs[0], q =>
        {
            var x = q - input.ZeroPoint;
            return Math.Clamp((x >= 0 ? above : below).Apply(x) + output.ZeroPoint, sbyte.MinValue, sbyte.MaxValue);
        }));
    }

    /// <summary>For every byte (as unsigned index) the byte of the output's scale and zero point.</summary>
    public static byte[] RequantizeTable(TensorView input, TensorView output, (int Min, int Max) range)
    {
        var multiplier = QuantizedArithmetic.RequantizeMultiplier(input.Quantization!, output.Quantization!);
        return Tabulate(input, q => Math.Clamp(
            multiplier.Apply(q - input.Quantization!.ZeroPoint) + output.Quantization!.ZeroPoint, range.Min, range.Max));
    }

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var start = chunk * Int8Kernels.ElementsPerChunk;
        var count = Math.Min(Int8Kernels.ElementsPerChunk, _output.Shape.ElementCount - start);
        var input = _input.UBytes + start;
        var output = _output.UBytes + start;
        var i = 0;
        if (_flipsHighestBit)
        {
            for (; i <= count - Vector128<byte>.Count; i += Vector128<byte>.Count)
                (Vector128.Load(input + i) ^ Vector128.Create((byte)0x80)).Store(output + i);
        }

        fixed (byte* table = _table)
        {
            for (; i < count; i++)
                output[i] = table[input[i]];
        }
    }

    private static (int Min, int Max) TypeRange(ElementType type) => type == ElementType.UInt8 ? (0, 255) : (-128, 127);

    private static byte[] Tabulate(TensorView input, Func<int, int> function)
    {
        var table = new byte[256];
        for (var i = 0; i < table.Length; i++)
            table[i] = unchecked((byte)function(input.Type == ElementType.UInt8 ? i : (sbyte)i));
        return table;
    }
}
