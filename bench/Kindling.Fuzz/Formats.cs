using System.Buffers.Binary;
using System.Text;
using Kindling.Formats.DeepCompression;
using Kindling.Formats.Keras;
using Kindling.Formats.Onnx;
using Kindling.Formats.Safetensors;
using Kindling.Formats.Tflite;
using Kindling.Tests.Onnx;
using Kindling.Tests.Tflite;

namespace Kindling.Fuzz;

/// <summary>A format: whole files to begin with, and what reads an altered one.</summary>
/// <param name="Seeds">Whole files.</param>
/// <param name="Read">Reads bytes; throws <see cref="KindlingException"/> for files that are refused.</param>
/// <param name="IsNative">True when a native library reads the file, whose crash would end the process.</param>
internal sealed record Format(IReadOnlyList<byte[]> Seeds, Action<byte[]> Read, bool IsNative = false)
{
    private const string SharedMemory = "/dev/shm";

    public static readonly string[] Names = ["tflite", "onnx", "safetensors", "net", "h5"];

    /// <summary>A format by its name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="corpus">Folders or files whose files of that format are altered too; h5 has no others.</param>
    public static Format Find(string name, IReadOnlyList<string> corpus)
    {
        var files = corpus.SelectMany(c => Directory.Exists(c) ? Directory.EnumerateFiles(c, $"*.{name}", SearchOption.AllDirectories) : [c])
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToList();
        return name switch
        {
            "tflite" => new([TfliteWriter.ToBytes(SmallNetworks.Float()), TfliteWriter.ToBytes(SmallNetworks.Int8()), .. files], b => TfliteReader.Read(b, "fuzz.tflite")),
            "onnx" => new(
                [
                    .. OnnxCases.All.Select(c => c.File.Bytes), OnnxWriter.ToBytes(SmallNetworks.Float(), 7), OnnxWriter.ToBytes(SmallNetworks.Float(), 17),
                    OnnxWriter.ToBytes(OnnxNetworks.Int8("excite"), 13), OnnxWriter.ToBytes(OnnxNetworks.Int8("squeeze"), 12, OnnxQuantization.QOperator), .. files,
                ],
                b => OnnxReader.Read(b, "fuzz.onnx")),
            "safetensors" => new([Safetensors(), .. files], b => SafetensorsFile.Parse(b, "fuzz.safetensors")),
            "net" => new([DeepCompression(), .. files], b => DeepCompressionFile.Read(b, "fuzz.net")),
            "h5" => files.Count > 0
                ? new(files, ReadKeras, IsNative: true)
                : throw new KindlingException("h5 needs --corpus with files of Keras: Kindling writes none"),
            _ => throw new KindlingException($"--format {name}: allowed are {string.Join(", ", Names)} and all"),
        };
    }

    private static void ReadKeras(byte[] bytes)
    {
        var path = Path.Combine(Directory.Exists(SharedMemory) ? SharedMemory : Path.GetTempPath(), $"kindling-fuzz-{Environment.ProcessId}.h5");
        File.WriteAllBytes(path, bytes);
        KerasReader.Read(path);
    }

    private static byte[] Safetensors() =>
        [.. Header("""{"__metadata__":{"format":"pt"},"a.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"a.bias":{"dtype":"F16","shape":[2],"data_offsets":[24,28]}}"""), .. new byte[28]];

    private static byte[] Header(string json) => [.. BitConverter.GetBytes((long)json.Length), .. Encoding.UTF8.GetBytes(json)];

    // A Deep Compression file of the right form with few entries a layer.
    private static byte[] DeepCompression()
    {
        const int Entries = 9;
        int[] outputs = [96, .. Enumerable.Range(0, 8).SelectMany(i => new[] { 16 * (1 + (i / 2)), 64 * (1 + (i / 2)), 64 * (1 + (i / 2)) }), 1000];
        var bytes = new List<byte>();
        Span<byte> count = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(count, Entries);
        foreach (var _ in outputs)
            bytes.AddRange(count);
        foreach (var filters in outputs)
            bytes.AddRange(new byte[(256 * 4) + (filters * 4) + Entries + ((Entries + 1) / 2)]);
        return [.. bytes];
    }
}
