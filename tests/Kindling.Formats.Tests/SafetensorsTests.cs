using System.Buffers.Binary;
using System.Text;
using Kindling.Formats.Safetensors;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Formats.Tests;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kindling-safetensors-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_written_is_read_back_in_order()
    {
        var path = Path.Combine(_folder, "all.safetensors");
        var file = Sample();
        file.Write(path);
        var read = SafetensorsFile.Read(path);
        Assert.Equal(file.Tensors.Select(t => (t.Name, t.Type, t.Shape)), read.Tensors.Select(t => (t.Name, t.Type, t.Shape)));
        Assert.Equal(file.Tensors.Select(t => t.Bytes.ToArray()), read.Tensors.Select(t => t.Bytes.ToArray()));
        Assert.Equal(file.Metadata, read.Metadata);
        Assert.Equal(["first/weights", "empty", "half", "bytes", "signed", "ints", "longs"], read.Tensors.Select(t => t.Name));
    }

    [Fact]
    public void Header_follows_the_published_format()
    {
        var bytes = Bytes(Sample());
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        Assert.Equal(0, length % 8);
        var header = Encoding.UTF8.GetString(bytes, 8, length);
        Assert.StartsWith("{\"__metadata__\":{\"model\":\"tést\"},\"first/weights\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}", header, StringComparison.Ordinal);
        Assert.Equal(8 + length + Sample().Tensors.Sum(t => t.Bytes.Length), bytes.Length);
    }

    [Fact]
    public void Half_precision_becomes_float32()
    {
        var tensor = Sample().Find("half")!.ToTensor();
        Assert.Equal(ElementType.Float32, tensor.Type);
        Assert.Equal([1.5f, -0.25f], tensor.AsSpan<float>().ToArray());
    }

    [Fact]
    public void Float32_becomes_half_precision_rounded_to_nearest_and_everything_else_stays()
    {
        var file = Sample();
        var half = file.ToHalf();

        Assert.Equal(file.Metadata, half.Metadata);
        foreach (var (before, after) in file.Tensors.Zip(half.Tensors))
        {
            Assert.Equal((before.Name, before.Shape), (after.Name, after.Shape));
            if (before.Type != SafetensorsType.F32)
            {
                Assert.Equal(before.Type, after.Type);
                Assert.Equal(before.Bytes.ToArray(), after.Bytes.ToArray());
                continue;
            }

            Assert.Equal(SafetensorsType.F16, after.Type);
            Assert.Equal(before.ToTensor().AsSpan<float>().ToArray().Select(f => (float)(Half)f), after.ToTensor().AsSpan<float>().ToArray());
        }
    }

    [Fact]
    public void A_number_beyond_half_precision_is_a_fault_that_names_its_tensor()
    {
        var tensor = new SafetensorsTensor("variance", Tensor.FromBytes(ElementType.Float32, new Shape(1), BitConverter.GetBytes(70000f)));

        var fault = Assert.Throws<KindlingException>(() => tensor.ToHalf());

        Assert.Contains("variance holds 70000", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "takes 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "the file at 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "begins at byte 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,400]}}""", 4, "do not fit 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}""", 8, "do not fit")]
    [InlineData("""{"a":{"dtype":"F32","shape":[65536,65536,65536,65536],"data_offsets":[0,0]}}""", 0, "more than 2^31 - 1")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,9223372036854775807],"data_offsets":[0,0]}}""", 0, "too large")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "not a count")]
    [InlineData("""{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}""", 2, "dtype BF16")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4, "no dtype")]
    [InlineData("""{"a":7}""", 0, "not described by a table")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2, "two tensors are called a")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3, "begins at byte 1")]
    [InlineData("""{"__metadata__":{"n":1}}""", 0, "not a string")]
    [InlineData("""{"a":""", 0, "not JSON")]
    [InlineData("[]", 0, "does not begin with {")]
    public void Fault_in_the_header_is_named(string header, int dataBytes, string message)
    {
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Parse(WithHeader(header, dataBytes), "bad.safetensors"));
        Assert.Contains("bad.safetensors", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 40)]
    [InlineData(3UL)]
    public void Header_length_beyond_the_file_is_refused(ulong length)
    {
        var bytes = new byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        Assert.Throws<ModelFormatException>(() => SafetensorsFile.Parse(bytes, "hostile"));
    }

    [Fact]
    public void Truncated_at_any_byte_is_refused()
    {
        var bytes = Bytes(Sample());
        for (var length = 0; length < bytes.Length; length++)
        {
            var part = bytes.AsMemory(0, length);
            Assert.Throws<ModelFormatException>(() => SafetensorsFile.Parse(part, "short"));
        }
    }

    [Fact]
    public void Ten_thousand_mutations_are_read_or_refused_but_never_crash()
    {
        var original = Bytes(Sample());
        var random = new RandomStream(2024);
        var refused = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = (byte[])original.Clone();
            for (var k = random.NextInt32(4); k >= 0; k--)
                bytes[random.NextInt32(bytes.Length)] = (byte)random.NextInt32(256);
            try
            {
                foreach (var tensor in SafetensorsFile.Parse(bytes, "mutated").Tensors)
                    tensor.ToTensor();
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 10_000);
    }

    [Fact]
    public void Missing_file_is_named()
    {
        var error = Assert.Throws<KindlingException>(() => SafetensorsFile.Read(Path.Combine(_folder, "none.safetensors")));
        Assert.Contains("none.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_a_graph_survive_the_file()
    {
        var path = Path.Combine(_folder, "weights.safetensors");
        ModelWeights.Save(Network(1, 4), path);
        var other = Network(2, 4);
        ModelWeights.Load(other, path);
        Assert.Equal(
            Network(1, 4).Constants.Select(c => (c.Name, string.Join(' ', c.Constant!.AsSpan<float>().ToArray()))),
            other.Constants.Select(c => (c.Name, string.Join(' ', c.Constant!.AsSpan<float>().ToArray()))));
    }

    [Fact]
    public void Weights_of_another_shape_are_refused_with_both_shapes()
    {
        var path = Path.Combine(_folder, "weights.safetensors");
        ModelWeights.Save(Network(1, 4), path);
        var error = Assert.Throws<ModelFormatException>(() => ModelWeights.Load(Network(1, 5), path));
        Assert.Contains("conv/weights is [4, 3, 3, 2] in the file and [5, 3, 3, 2]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_and_superfluous_weights_are_named()
    {
        var path = Path.Combine(_folder, "weights.safetensors");
        new SafetensorsFile([new SafetensorsTensor("stranger", new Tensor(ElementType.Float32, new Shape(1)))]).Write(path);
        var error = Assert.Throws<ModelFormatException>(() => ModelWeights.Load(Network(1, 4), path));
        Assert.Contains("missing conv/weights", error.Message, StringComparison.Ordinal);
        Assert.Contains("superfluous stranger", error.Message, StringComparison.Ordinal);
    }

    private static Graph Network(long seed, int filters)
    {
        var b = new GraphBuilder("net", seed);
        return b.Build(null, b.BatchNorm(b.Conv2D(b.Input("x", 1, 4, 4, 2), filters, 3, name: "conv")));
    }

    private static SafetensorsFile Sample() => new(
        [
            new("first/weights", Tensor.From<float>(new Shape(2, 3), [1, 2, 3, 4, 5, 6])),
            new("empty", new Tensor(ElementType.Float32, new Shape(0, 5))),
            new("half", SafetensorsType.F16, new Shape(2), new byte[] { 0x00, 0x3E, 0x00, 0xB4 }),
            new("bytes", Tensor.From<byte>(new Shape(3), [1, 2, 255])),
            new("signed", Tensor.From<sbyte>(new Shape(1, 1), [-7])),
            new("ints", Tensor.From<int>(Shape.Scalar, [-70000])),
            new("longs", Tensor.From<long>(new Shape(1), [1L << 40])),
        ],
        new Dictionary<string, string> { ["model"] = "tést" });

    private byte[] Bytes(SafetensorsFile file)
    {
        var path = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        file.Write(path);
        return File.ReadAllBytes(path);
    }

    private static byte[] WithHeader(string header, int dataBytes)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)text.Length);
        text.CopyTo(bytes, 8);
        return bytes;
    }
}
