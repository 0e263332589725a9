using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Int8;
using Kindling.Kernels.Int8.Emitted;
using Kindling.Numerics;
using Kindling.Tensors;
using Kindling.Tests.Kernels.Float;

namespace Kindling.Tests.Kernels.Int8.Emitted;

/// <summary>
/// Emitted tiles, and the convolutions made of them, equal the scalar reference to the bit: instruction by instruction in simulation everywhere, and as
/// machine code where the processor has the instructions.
/// </summary>
public sealed unsafe class EmittedInt8Tests
{
    private static readonly DotTiles Simulated = new((pixels, vectors) => new SimulatedTile(pixels, vectors));

    [Fact]
    public void Sums_fit_the_scratch_memory_of_a_tile() => Assert.Equal(DotTileProgram.MostSums, DotTiles.Sizes.Max(s => s.Pixels * s.Vectors));

    [Fact]
    public void Tiles_simulated_stay_inside_their_memory() =>
        Assert.All(DotTiles.Sizes, s => RandomCases.ForAll(2, random => CheckTile(ref random, s.Pixels, s.Vectors, null)));

    [Fact]
    public void Tiles_on_the_processor()
    {
        var tiles = OnProcessor();
        Assert.All(DotTiles.Sizes, s => RandomCases.ForAll(10, random => CheckTile(ref random, s.Pixels, s.Vectors, tiles)));
    }

    [Fact]
    public void Convolution_simulated() => RandomCases.ForAll(60, random => CheckConvolution(ref random, Simulated));

    [Fact]
    public void Convolution_on_the_processor()
    {
        var tiles = OnProcessor();
        RandomCases.ForAll(300, random => CheckConvolution(ref random, tiles));
    }

    [Fact]
    public void Fully_connected_simulated() => RandomCases.ForAll(40, random => CheckFullyConnected(ref random, Simulated));

    [Fact]
    public void Fully_connected_on_the_processor()
    {
        var tiles = OnProcessor();
        RandomCases.ForAll(200, random => CheckFullyConnected(ref random, tiles));
    }

    [Fact]
    public void The_processor_takes_emitted_code_first()
    {
        OnProcessor();
        RandomCases.ForAll(5, random =>
        {
            var x = Int8Harness.Activation("x", new Shape(1, 6, 6, 16), new Quantization(0.02f, 3));
            var op = new Conv2D(1, new Padding(1, 1, 1, 1), 1, Activation.None);
            using var harness = new Int8Harness(
                op, 1, random, [x, Int8Harness.Weights(random, new Shape(32, 3, 3, 16), 0, true)], ElementType.Int8, new Quantization(0.1f, 0));
            Kernel? kernel = null;
            harness.Run(context => kernel = Int8Kernels.Create(context, reference: false)!);
            Assert.IsType<EmittedConv2DKernel<Lanes512, Vector512<int>>>(kernel);
        });
    }

    private static DotTiles OnProcessor()
    {
        if (EmittedCode.Tiles is null)
        {
            Assert.Skip(EmittedCode.HasInstructions
                ? "no executable memory, or emitted code is forbidden"
                : "this processor, or .NET on it, has no AVX-512 with VNNI");
        }

        return EmittedCode.Tiles;
    }

    private static void CheckConvolution(ref RandomStream random, DotTiles tiles)
    {
        var kernel = random.Size(1, 4);
        var dilation = random.Chance(0.2f) ? random.Size(1, 2) : 1;
        var shape = new Shape(
            1, ((kernel.Height - 1) * dilation.Height) + random.Between(1, 9), ((kernel.Width - 1) * dilation.Width) + random.Between(1, 31),
            random.Between(1, 24));
        var x = Int8Harness.Activation("x", shape, new Quantization(0.02f, random.NextInt32(256) - 128));
        var filters = random.Between(1, 90);
        var weights = Int8Harness.Weights(random, new Shape(filters, kernel.Height, kernel.Width, shape.Channels), 0, random.Chance(0.8f));
        var op = new Conv2D(random.Size(1, 3), random.Padding(3), dilation, random.Activation());
        using var harness = new Int8Harness(
            op, random.Between(1, 2), random, [x, weights, Int8Harness.Bias(random, filters)], ElementType.Int8, Output(ref random))
        {
            Arithmetic = random.Chance(0.3f) ? Int8Arithmetic.Xnnpack : Int8Arithmetic.TfliteMicro,
        };
        var expected = harness.Run(reference: true);
        foreach (var lanes in Int8Harness.Lanes)
        {
            Assert.Equal(expected, harness.Run(
                context => Create(
                    context, ConvolutionGeometry.Of(context.Inputs[0], context.Output, kernel, op.Stride, op.Padding, dilation),
                    ConvolutionParameters.Create(context, 0, op.Activation)!, tiles, lanes),
                gap: 3, threads: 2));
        }
    }

    private static void CheckFullyConnected(ref RandomStream random, DotTiles tiles)
    {
        var x = Int8Harness.Activation("x", new Shape(1, random.Between(1, 90)), new Quantization(0.02f, random.NextInt32(256) - 128));
        var units = random.Between(1, 150);
        var weights = Int8Harness.Weights(random, new Shape(units, x.Shape.Channels), 0, isPerChannel: true);
        var op = new Dense(random.Activation());
        using var harness = new Int8Harness(op, random.Between(1, 20), random, [x, weights], ElementType.Int8, Output(ref random));
        var expected = harness.Run(reference: true);
        foreach (var lanes in Int8Harness.Lanes)
        {
            Assert.Equal(expected, harness.Run(context => Create(
                context, ConvolutionGeometry.Pixels(context.Inputs[0], context.Output), ConvolutionParameters.Create(context, 0, op.Activation)!, tiles, lanes)));
        }
    }

    private static Kernel Create(KernelContext context, ConvolutionGeometry geometry, ConvolutionParameters parameters, DotTiles tiles, int lanes) => lanes switch
    {
        16 => new EmittedConv2DKernel<Lanes512, Vector512<int>>(context, geometry, parameters, tiles),
        8 => new EmittedConv2DKernel<Lanes256, Vector256<int>>(context, geometry, parameters, tiles),
        _ => new EmittedConv2DKernel<Lanes128, Vector128<int>>(context, geometry, parameters, tiles),
    };

    private static Quantization Output(ref RandomStream random) => new(MathF.Exp(random.NextSingle(-6, 5)), random.NextInt32(256) - 128);

    // Extremes are frequent, and the sums may wrap around.
    private static void CheckTile(ref RandomStream random, int pixels, int vectors, DotTiles? tiles)
    {
        var (segments, quads, step) = (random.Between(1, 4), random.Between(1, 9), random.Between(0, 70));
        var channels = vectors * DotTileProgram.VectorChannels;
        var window = 4 * quads;
        var offsets = Enumerable.Range(0, segments).ToArray();
        for (var s = 0; s < segments; s++)
            offsets[s] = random.NextInt32(200);
        var input = new byte[((pixels - 1) * step) + offsets.Max() + window];
        var weights = new sbyte[segments * quads * channels * 4];
        var bias = new int[channels];
        foreach (ref var x in input.AsSpan())
            x = random.Chance(0.3f) ? byte.MaxValue : (byte)random.NextUInt64();
        foreach (ref var w in weights.AsSpan())
            w = random.Chance(0.3f) ? sbyte.MinValue : (sbyte)random.NextUInt64();
        foreach (ref var b in bias.AsSpan())
            b = random.Chance(0.1f) ? int.MinValue : (int)random.NextUInt64();

        var expected = new int[pixels * channels];
        for (var i = 0; i < expected.Length; i++)
        {
            var (pixel, channel) = (i / channels, i % channels);
            expected[i] = bias[channel];
            for (var tap = 0; tap < segments * window; tap++)
            {
                var x = input[(pixel * step) + offsets[tap / window] + (tap % window)];
                expected[i] += x * weights[((tap / 4 * channels) + channel) * 4 + (tap % 4)];
            }
        }

        var sums = new int[expected.Length];
        fixed (byte* inputs = input)
        fixed (sbyte* packed = weights)
        fixed (int* seeds = bias, target = sums)
        fixed (nint* table = offsets.Select(o => (nint)o).ToArray())
        {
            var arguments = new DotTileArguments
            {
                Input = inputs,
                PixelStep = step,
                Segments = table,
                SegmentCount = segments,
                Quads = quads,
                Weights = packed,
                Bias = seeds,
                Sums = target,
            };
            if (tiles is not null)
            {
                tiles[pixels, vectors].Run(&arguments);
            }
            else
            {
                new SimulatedMachine(DotTileProgram.Create(pixels, vectors))
                {
                    Memory =
                    [
                        ((nint)(&arguments), sizeof(DotTileArguments), false), ((nint)inputs, input.Length, false), ((nint)packed, weights.Length, false),
                        ((nint)seeds, 4 * bias.Length, false), ((nint)target, 4 * sums.Length, true), ((nint)table, sizeof(nint) * segments, false),
                    ],
                }.Call((nint)(&arguments));
            }
        }

        Assert.Equal(expected, sums);
    }

    private sealed class SimulatedTile(int pixels, int vectors) : DotTile
    {
        private readonly IReadOnlyList<Instruction> _program = DotTileProgram.Create(pixels, vectors);

        public override void Run(DotTileArguments* arguments) => new SimulatedMachine(_program).Call((nint)arguments);
    }
}
