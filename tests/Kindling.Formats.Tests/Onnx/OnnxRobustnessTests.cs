using Kindling.Formats.Onnx;
using Kindling.Graphs;

namespace Kindling.Tests.Onnx;

/// <summary>Altered files end in an error of their own kind, quickly and without taking much memory.</summary>
public sealed class OnnxRobustnessTests
{
    private const int Mutations = 50_000;
    private const long LargestAllocation = 1L << 30;

    [Fact]
    public void Fifty_thousand_altered_files_are_read_or_refused_with_ModelFormatException()
    {
        byte[][] seeds =
        [
            .. OnnxCases.All.Select(c => c.File.Bytes),
            OnnxWriter.ToBytes(OnnxNetworks.ByName("mobile"), 7), OnnxWriter.ToBytes(OnnxNetworks.ByName("flatten"), 17),
            OnnxWriter.ToBytes(OnnxNetworks.Int8("excite"), 13), OnnxWriter.ToBytes(OnnxNetworks.Int8("squeeze"), 12, OnnxQuantization.QOperator),
        ];
        var random = new Random(5);
        var read = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var bytes = Mutate(seeds[random.Next(seeds.Length)], random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Graph graph = OnnxReader.Read(bytes, "mutated.onnx");
                Assert.NotEmpty(graph.Outputs);
                read++;
            }
            catch (ModelFormatException fault)
            {
                Assert.StartsWith("mutated.onnx", fault.Message, StringComparison.Ordinal);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"mutation {i}: {Convert.ToBase64String(bytes)}", e);
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, LargestAllocation);
        }

        // A share of the changes is harmless: the test reaches beyond the parser.
        Assert.InRange(read, Mutations / 50, Mutations - (Mutations / 50));
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var n = random.Next(1, 4); n > 0 && bytes.Count > 0; n--)
        {
            // Structure lies at the front and the back; weights fill the middle.
            var position = random.Next(3) switch
            {
                0 => random.Next(Math.Min(600, bytes.Count)),
                1 => bytes.Count - 1 - random.Next(Math.Min(400, bytes.Count)),
                _ => random.Next(bytes.Count),
            };
            switch (random.Next(7))
            {
                case 0:
                    bytes[position] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[position] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[position] = random.Next(3) switch { 0 => 0, 1 => 0x7F, _ => 0xFF };
                    break;
                case 3:
                    bytes.RemoveRange(position, Math.Min(random.Next(1, 9), bytes.Count - position));
                    break;
                case 4:
                    bytes.Insert(position, (byte)random.Next(256));
                    break;
                case 5:
                    bytes.RemoveRange(position, random.Next(20) == 0 ? bytes.Count - position : 0);
                    break;
                default:
                    var from = random.Next(bytes.Count);
                    bytes.InsertRange(position, bytes.GetRange(from, Math.Min(random.Next(1, 40), bytes.Count - from)));
                    break;
            }
        }

        return [.. bytes];
    }
}
