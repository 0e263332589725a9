using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Kindling.Formats.Weights;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Formats.DeepCompression;

/// <summary>
/// Reads the file of Han's Deep Compression of SqueezeNet 1.0 (Han et al. 2016): 26 counts of stored entries, then for each layer in Caffe's
/// order 256 float32 codebook values, the float32 biases, a codebook number (uint8) an entry, and a 4-bit gap an entry, low half first. An
/// entry's position is the one before plus its gap plus 1, from -1, in the order <c>[O, I, H, W]</c>; number 0 steps across a long gap.
/// </summary>
internal static class DeepCompressionFile
{
    private const int CodebookSize = 256;

    private static readonly (string Name, Shape Shape)[] Layers = [.. SqueezeNet10()];

    /// <summary>True for the layers of this file, wherever they come from.</summary>
    public static bool Describes(IReadOnlyList<WeightLayer> layers) =>
        layers.Count == Layers.Length && Layers.All(l => layers.Any(o => o.Name == l.Name && o.Find(WeightRole.Weights)?.Data.Shape.Equals(l.Shape) == true));

    /// <summary>Reads a file.</summary>
    /// <exception cref="ModelFormatException">It is not this file, or damaged; the message names it and the layer.</exception>
    public static WeightSet Read(ReadOnlyMemory<byte> bytes, string path)
    {
        var rest = bytes.Span;
        var counts = new int[Layers.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            var count = BinaryPrimitives.ReadUInt32LittleEndian(Take(ref rest, sizeof(uint), "the counts"));
            // Every entry takes at least one place, and so the tensor bounds their number.
            counts[i] = count <= Layers[i].Shape.ElementCount
                ? (int)count
                : throw new ModelFormatException($"{path}: {Layers[i].Name} has {count} entries; {Layers[i].Shape} has {Layers[i].Shape.ElementCount} places");
        }

        var layers = new List<WeightLayer>();
        for (var i = 0; i < counts.Length; i++)
        {
            var (name, shape) = Layers[i];
            var codebook = Floats(Take(ref rest, CodebookSize * sizeof(float), name));
            var bias = Floats(Take(ref rest, shape[0] * sizeof(float), name));
            var codes = Take(ref rest, counts[i], name);
            var gaps = Take(ref rest, (counts[i] + 1) / 2, name);
            var weights = new Tensor(ElementType.Float32, shape);
            Decode(weights.AsSpan<float>(), codebook, codes, gaps, $"{path}: {name}");
            layers.Add(new WeightLayer(name,
            [
                new WeightTensor($"{name}.weight", WeightRole.Weights, weights),
                new WeightTensor($"{name}.bias", WeightRole.Bias, Tensor.From(new Shape(shape[0]), bias)),
            ]));
        }

        return rest.IsEmpty
            ? new WeightSet(path, WeightLayout.Caffe, layers) { Metadata = Caffe }
            : throw new ModelFormatException($"{path} has {rest.Length} bytes after the last layer");

        ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> from, int count, string what)
        {
            if (from.Length < count)
                throw new ModelFormatException($"{path} is no Deep Compression file of SqueezeNet 1.0: it ends within {what}");
            var part = from[..count];
            from = from[count..];
            return part;
        }
    }

    private static ReadOnlySpan<float> Floats(ReadOnlySpan<byte> bytes)
    {
        return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }

    private static void Decode(Span<float> weights, ReadOnlySpan<float> codebook, ReadOnlySpan<byte> codes, ReadOnlySpan<byte> gaps, string where)
    {
        var position = -1;
        for (var i = 0; i < codes.Length; i++)
        {
            position += ((gaps[i / 2] >> (i % 2 * 4)) & 15) + 1;
            if (position >= weights.Length)
                throw new ModelFormatException($"{where}: entry {i} of {codes.Length} is beyond the last of {weights.Length} weights");
            weights[position] = codebook[codes[i]];
        }
    }

    /// <summary>The network's preparation of pixels, at the size it was trained with.</summary>
    internal static ModelMetadata Caffe { get; } = new(
        PreprocessingPreset.ImageNetCaffe.For(227, 227) with { AspectRatio = AspectRatio.Crop, ShorterSide = 256 }, ImageNetClasses.Names)
    {
        License = "BSD-2-Clause",
        Description = "SqueezeNet 1.0 for ImageNet, Deep Compression (Han et al. 2016)",
    };

    private static IEnumerable<(string Name, Shape Shape)> SqueezeNet10()
    {
        yield return ("conv1", new Shape(96, 3, 7, 7));
        var channels = 96;
        (int Squeeze, int Expand)[] fires = [(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)];
        for (var i = 0; i < fires.Length; i++)
        {
            var (squeeze, expand) = fires[i];
            yield return ($"fire{i + 2}/squeeze1x1", new Shape(squeeze, channels, 1, 1));
            yield return ($"fire{i + 2}/expand1x1", new Shape(expand, squeeze, 1, 1));
            yield return ($"fire{i + 2}/expand3x3", new Shape(expand, squeeze, 3, 3));
            channels = 2 * expand;
        }

        yield return ("conv10", new Shape(1000, channels, 1, 1));
    }
}
