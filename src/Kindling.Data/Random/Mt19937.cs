namespace Kindling.Data;

/// <summary>
/// The Mersenne Twister of Matsumoto and Nishimura (1998), seeded by init_genrand as NumPy's RandomState(seed) is. Only used where
/// published splits must be reproduced.
/// </summary>
internal sealed class Mt19937
{
    private const int Size = 624;
    private const int Shift = 397;
    private const uint UpperMask = 0x80000000;
    private const uint LowerMask = 0x7FFFFFFF;
    private const uint Matrix = 0x9908B0DF;

    private readonly uint[] _state = new uint[Size];
    private int _position = Size;

    public Mt19937(uint seed)
    {
        _state[0] = seed;
        for (uint i = 1; i < Size; i++)
            _state[i] = (1812433253u * (_state[i - 1] ^ (_state[i - 1] >> 30))) + i;
    }

    /// <summary>The next 32 random bits.</summary>
    public uint Next()
    {
        if (_position == Size)
            Refill();
        uint y = _state[_position++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >> 18);
    }

    /// <summary>A number from 0 to <paramref name="maximum"/>, drawn by masking and rejecting as NumPy's legacy shuffle does.</summary>
    public uint NextInclusive(uint maximum)
    {
        uint mask = maximum == 0 ? 0 : uint.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(maximum);
        uint value;
        do
        {
            value = Next() & mask;
        }
        while (value > maximum);
        return value;
    }

    private void Refill()
    {
        for (int i = 0; i < Size; i++)
        {
            uint y = (_state[i] & UpperMask) | (_state[(i + 1) % Size] & LowerMask);
            _state[i] = _state[(i + Shift) % Size] ^ (y >> 1) ^ ((y & 1) != 0 ? Matrix : 0);
        }

        _position = 0;
    }
}
