using System.Diagnostics;
using Kindling.Execution;
using Kindling.Formats.Tflite;

namespace Kindling.Tests.Tflite;

/// <summary>Truncated and altered files give a clear fault, whatever was done to them.</summary>
public sealed class RobustnessTests
{
    private const int Mutations = 20_000;

    [Fact]
    public void No_mutation_of_a_file_of_ours_escapes_the_checks() => Attack(TfliteWriter.ToBytes(SmallNetworks.Int8()), Mutations);

    [Fact]
    public void No_mutation_of_a_published_file_escapes_the_checks() =>
        Attack(File.ReadAllBytes(SharedData.Require("models/st/mobilenet_v1_0.25_96_flowers_int8.tflite")), Mutations);

    [Fact]
    public void Every_truncation_of_a_small_file_is_a_fault_that_names_the_file()
    {
        var bytes = TfliteWriter.ToBytes(SmallNetworks.Int8());
        for (var length = 0; length < bytes.Length - 64; length += 7)
            Assert.StartsWith("cut.tflite: ", Assert.Throws<ModelFormatException>(() => TfliteReader.Read(bytes[..length], "cut.tflite")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_altered_file_that_still_opens_also_runs_or_is_refused_with_a_message()
    {
        var valid = TfliteWriter.ToBytes(SmallNetworks.Int8());
        var random = new Random(7);
        var runs = 0;
        for (var i = 0; i < 2_000; i++)
        {
            try
            {
                var graph = TfliteReader.Read(Mutate(valid, random), "altered.tflite");
                using var executor = Executor.Compile(graph, new ExecutorOptions { Threads = 1 });
                executor.Run();
                runs++;
            }
            catch (KindlingException)
            {
                // Said what is wrong: good.
            }
        }

        Assert.InRange(runs, 20, 2_000);
    }

    private static void Attack(byte[] valid, int mutations)
    {
        TfliteReader.Read(valid, "valid.tflite");
        var random = new Random(20240607);
        var rejected = 0;
        for (var i = 0; i < mutations; i++)
        {
            var bytes = Mutate(valid, random);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var watch = Stopwatch.StartNew();
            try
            {
                TfliteReader.Read(bytes, "altered.tflite");
            }
            catch (ModelFormatException e)
            {
                rejected++;
                Assert.StartsWith("altered.tflite: ", e.Message, StringComparison.Ordinal);
            }

            Assert.True(watch.ElapsedMilliseconds < 1000, $"mutation {i} took {watch.ElapsedMilliseconds} ms");
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Assert.True(allocated < (64L * valid.Length) + 4_000_000, $"mutation {i} allocated {allocated} bytes");
        }

        // Most single flips hit weights and stay readable; the test would be worthless if none hit the structure.
        Assert.InRange(rejected, mutations / 50, mutations);
    }

    private static byte[] Mutate(byte[] valid, Random random)
    {
        if (random.Next(8) == 0)
            return valid[..random.Next(valid.Length)];
        var bytes = (byte[])valid.Clone();
        var structure = StructuralBytes(valid);
        for (var flips = random.Next(1, 5); flips > 0; flips--)
        {
            var position = structure[random.Next(structure.Length)] + random.Next(4);
            switch (random.Next(3))
            {
                case 0:
                    bytes[position] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[position] = (byte)random.Next(256);
                    break;
                default:
                    int[] extremes = [0, -1, int.MaxValue, int.MinValue, 1, 127, 1 << 16, bytes.Length, bytes.Length - 4];
                    BitConverter.TryWriteBytes(bytes.AsSpan(position & ~3), extremes[random.Next(extremes.Length)]);
                    break;
            }
        }

        return bytes;
    }

    private static byte[]? _lastFile;
    private static int[] _lastStructure = [];

    // Words that look like small numbers or offsets into the file: weights rarely do.
    private static int[] StructuralBytes(byte[] valid)
    {
        if (!ReferenceEquals(_lastFile, valid))
        {
            _lastStructure = [.. Enumerable.Range(0, (valid.Length / 4) - 2).Select(i => i * 4)
                .Where(p => BitConverter.ToUInt32(valid, p) < valid.Length || BitConverter.ToUInt16(valid, p) < 64)];
            _lastFile = valid;
        }

        return _lastStructure;
    }
}
