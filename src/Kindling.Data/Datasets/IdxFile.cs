using System.Buffers.Binary;
using System.IO.Compression;

namespace Kindling.Data;

/// <summary>
/// Reads the IDX files of MNIST (LeCun, Cortes and Burges), plain or gzipped: two zero bytes, the element type (8 for unsigned bytes), the number of
/// dimensions, the dimensions as big-endian int32, the elements.
/// </summary>
internal static class IdxFile
{
    private const byte UnsignedByte = 8;

    /// <summary>The most a byte of deflate can stand for.</summary>
    private const long MostExpansion = 1032;

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rank">The dimensions it must have.</param>
    /// <returns>The dimensions and the elements.</returns>
    /// <exception cref="KindlingException">It cannot be read, is no IDX file of bytes, or has another size than its header says.</exception>
    public static (int[] Dimensions, byte[] Elements) Read(string path, int rank)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            bool zipped = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
            file.Position = 0;
            using Stream stream = zipped ? new GZipStream(file, CompressionMode.Decompress) : file;
            return Read(stream, path, rank, file.Length * (zipped ? MostExpansion : 1));
        }
        catch (EndOfStreamException e)
        {
            throw new KindlingException($"'{path}' is cut short: it has fewer bytes than its header says.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new KindlingException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    private static (int[] Dimensions, byte[] Elements) Read(Stream stream, string path, int rank, long mostBytes)
    {
        Span<byte> header = stackalloc byte[4 + (4 * rank)];
        stream.ReadExactly(header[..4]);
        if (header[0] != 0 || header[1] != 0 || header[2] != UnsignedByte || header[3] != rank)
            throw new KindlingException($"'{path}' is no IDX file of bytes with {rank} dimensions: it begins with {Convert.ToHexString(header[..4])}, not {0x0800 + rank:X8}.");
        stream.ReadExactly(header[4..]);
        int[] dimensions = new int[rank];
        long count = 1;
        for (int d = 0; d < rank; d++)
        {
            dimensions[d] = BinaryPrimitives.ReadInt32BigEndian(header[(4 + (4 * d))..]);
            // Each factor is below 2^31 and the product so far at most Array.MaxLength, so this cannot overflow.
            count *= dimensions[d];
            if (dimensions[d] < 1 || count > Array.MaxLength)
                throw new KindlingException($"'{path}': the header says {string.Join(" x ", dimensions[..(d + 1)])} bytes; 1 to {Array.MaxLength} are read.");
        }

        if (header.Length + count > mostBytes)
            throw new KindlingException($"'{path}' is cut short: the header says {count} bytes, which a file of this size cannot hold.");
        byte[] elements = new byte[count];
        stream.ReadExactly(elements);
        if (stream.ReadByte() >= 0)
            throw new KindlingException($"'{path}' has more bytes than its header says ({string.Join(" x ", dimensions)}).");
        return (dimensions, elements);
    }
}
