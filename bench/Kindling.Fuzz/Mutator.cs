namespace Kindling.Fuzz;

/// <summary>Alters a file as bad disks, bad transfers and bad people do: bits, extreme bytes and numbers, cuts, copies of other parts.</summary>
internal static class Mutator
{
    private static readonly uint[] Extremes = [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1000_0000];

    /// <summary>One to four changes, most of them where structure lies: the first and last bytes.</summary>
    public static byte[] Change(byte[] seed, Random random)
    {
        var bytes = (byte[])seed.Clone();
        for (var n = random.Next(1, 5); n > 0 && bytes.Length > 0; n--)
        {
            var at = Place(bytes.Length, random);
            switch (random.Next(8))
            {
                case 0 or 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 3:
                    bytes[at] = random.Next(3) switch { 0 => 0, 1 => 0x7F, _ => 0xFF };
                    break;
                case 4:
                    var number = BitConverter.GetBytes(Extremes[random.Next(Extremes.Length)]);
                    number.AsSpan(0, Math.Min(number.Length, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
                    break;
                case 5:
                    var cut = Math.Min(random.Next(1, 9), bytes.Length - at);
                    bytes = [.. bytes.AsSpan(0, at), .. bytes.AsSpan(at + cut)];
                    break;
                case 6:
                    var from = random.Next(bytes.Length);
                    var copied = bytes.AsSpan(from, Math.Min(random.Next(1, 40), bytes.Length - from));
                    bytes = [.. bytes.AsSpan(0, at), .. copied, .. bytes.AsSpan(at)];
                    break;
                default:
                    if (random.Next(20) == 0)
                        bytes = bytes[..at];
                    break;
            }
        }

        return bytes;
    }

    private static int Place(int length, Random random) => random.Next(4) switch
    {
        0 => random.Next(Math.Min(600, length)),
        1 => length - 1 - random.Next(Math.Min(600, length)),
        2 => random.Next(Math.Min(6000, length)),
        _ => random.Next(length),
    };
}
