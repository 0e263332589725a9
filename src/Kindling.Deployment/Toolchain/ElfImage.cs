using System.Buffers.Binary;
using System.Text;

namespace Kindling.Deployment;

/// <summary>The section table of a 32-bit little-endian Arm ELF file (System V ABI, chapter 4). Every offset and size is checked.</summary>
public sealed class ElfImage
{
    private const int HeaderBytes = 52;
    private const int SectionHeaderBytes = 40;
    private const int MachineArm = 40;
    private const uint TypeNoBits = 8;
    private const uint FlagWrite = 1;
    private const uint FlagAlloc = 2;

    private ElfImage(IReadOnlyList<ElfSection> sections) => Sections = sections;

    /// <summary>All sections in the order of the file.</summary>
    public IReadOnlyList<ElfSection> Sections { get; }

    /// <summary>The size of a section in memory; 0 when there is none of that name.</summary>
    public long Bytes(string name) => Sections.Where(s => s.Name == name).Sum(s => (long)s.Bytes);

    /// <summary>Reads a file.</summary>
    /// <exception cref="ModelFormatException">It is no such ELF file, or damaged; the message names the file and the fault.</exception>
    public static ElfImage Read(string path) => Parse(File.ReadAllBytes(path), path);

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <exception cref="ModelFormatException">It is no such ELF file, or damaged.</exception>
    public static ElfImage Parse(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < HeaderBytes || !file[..4].SequenceEqual("\u007fELF"u8))
            throw new ModelFormatException($"{name} is not an ELF file");
        if (file[4] != 1 || file[5] != 1 || U16(file, 18) != MachineArm)
            throw new ModelFormatException($"{name} is not a 32-bit little-endian Arm ELF file");
        long table = U32(file, 32);
        int entryBytes = U16(file, 46);
        int count = U16(file, 48);
        int namesIndex = U16(file, 50);
        if (count == 0)
            throw new ModelFormatException($"{name} has no section table");
        if (entryBytes < SectionHeaderBytes || table + ((long)entryBytes * count) > file.Length)
            throw new ModelFormatException($"{name}: the section table ({count} entries at {table}) reaches past the end of the file ({file.Length} bytes)");
        if (namesIndex >= count)
            throw new ModelFormatException($"{name}: section {namesIndex} should hold the names, but there are {count}");

        var names = Contents(file, file.Slice((int)table + (namesIndex * entryBytes), SectionHeaderBytes), name);
        var sections = new List<ElfSection>(count);
        for (var i = 1; i < count; i++)
        {
            var header = file.Slice((int)table + (i * entryBytes), SectionHeaderBytes);
            var hasContents = U32(header, 4) != TypeNoBits;
            if (hasContents)
                Contents(file, header, name);
            var flags = U32(header, 8);
            sections.Add(new ElfSection(
                Name(names, U32(header, 0), name), U32(header, 12), U32(header, 20), (flags & FlagAlloc) != 0, (flags & FlagWrite) != 0, hasContents));
        }

        return new ElfImage(sections);
    }

    private static ReadOnlySpan<byte> Contents(ReadOnlySpan<byte> file, ReadOnlySpan<byte> header, string name)
    {
        long offset = U32(header, 16);
        long size = U32(header, 20);
        if (offset + size > file.Length)
            throw new ModelFormatException($"{name}: a section of {size} bytes at {offset} reaches past the end of the file ({file.Length} bytes)");
        return file.Slice((int)offset, (int)size);
    }

    private static string Name(ReadOnlySpan<byte> names, uint offset, string file)
    {
        if (offset >= names.Length)
            throw new ModelFormatException($"{file}: a section's name lies outside the table of names");
        var rest = names[(int)offset..];
        var end = rest.IndexOf((byte)0);
        if (end < 0)
            throw new ModelFormatException($"{file}: a section's name does not end");
        return Encoding.ASCII.GetString(rest[..end]);
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
}
