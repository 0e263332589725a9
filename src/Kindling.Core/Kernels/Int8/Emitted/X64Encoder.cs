using System.Buffers.Binary;

namespace Kindling.Kernels.Int8.Emitted;

/// <summary>
/// Machine code of <see cref="Instruction"/>s, in the shortest form, as in Intel's Software Developer's Manual, volume 2 (chapters 2.1 to 2.7 for the prefixes).
/// </summary>
internal sealed class X64Encoder
{
    private const int VectorBytes = 64;
    private const int QuadBytes = 4;
    private readonly List<byte> _code = [];
    private readonly Dictionary<string, int> _labels = [];

    // The opcode maps and mandatory prefixes of EVEX by their field values.
    private enum Map
    {
        Of0F = 1,
        Of0F38 = 2,
    }

    private enum Prefix
    {
        Of66 = 1,
        OfF3 = 2,
    }

    /// <summary>The bytes of a program.</summary>
    /// <exception cref="KeyNotFoundException">A jump goes to a label that does not stand before it.</exception>
    public static byte[] Encode(IEnumerable<Instruction> program)
    {
        var encoder = new X64Encoder();
        foreach (var instruction in program)
            encoder.Append(instruction);
        return [.. encoder._code];
    }

    private void Append(Instruction instruction)
    {
        switch (instruction)
        {
            case Instruction.Push i:
                AppendShort(0x50, i.Source);
                break;
            case Instruction.Pop i:
                AppendShort(0x58, i.Target);
                break;
            case Instruction.Load i:
                AppendWide(0x8B, (int)i.Target, i.Source);
                break;
            case Instruction.LoadAddress i:
                AppendWide(0x8D, (int)i.Target, i.Source);
                break;
            case Instruction.Add i:
                AppendRex((int)i.Source, 0, (int)i.Target);
                _code.AddRange([0x01, ModRm(3, (int)i.Source, (int)i.Target)]);
                break;
            case Instruction.AddConstant i:
                AppendConstant(0, i.Target, i.Value);
                break;
            case Instruction.SubtractConstant i:
                AppendConstant(5, i.Target, i.Value);
                break;
            case Instruction.Label i:
                _labels.Add(i.Name, _code.Count);
                break;
            case Instruction.JumpIfNotZero i:
                AppendJump(_labels[i.Name]);
                break;
            case Instruction.LoadVector i:
                AppendEvex(Map.Of0F, Prefix.OfF3, 0x6F, i.Target, i.Source, VectorBytes);
                break;
            case Instruction.StoreVector i:
                AppendEvex(Map.Of0F, Prefix.OfF3, 0x7F, i.Source, i.Target, VectorBytes);
                break;
            case Instruction.BroadcastQuad i:
                AppendEvex(Map.Of0F38, Prefix.Of66, 0x58, i.Target, i.Source, QuadBytes);
                break;
            case Instruction.AddDotProducts i:
                // Between registers X is bit 4 of the third operand.
                AppendEvexPrefix(Map.Of0F38, Prefix.Of66, i.Sum, i.Unsigned, i.Signed >> 4, i.Signed >> 3);
                _code.AddRange([0x50, ModRm(3, i.Sum, i.Signed)]);
                break;
            case Instruction.ZeroUpper:
                _code.AddRange([0xC5, 0xF8, 0x77]);
                break;
            case Instruction.Return:
                _code.Add(0xC3);
                break;
            default:
                throw new NotSupportedException($"No encoding for {instruction}");
        }
    }

    private static byte ModRm(int mode, int register, int rm) => (byte)((mode << 6) | ((register & 7) << 3) | (rm & 7));

    private void AppendShort(int opcode, Register register)
    {
        if (register >= Register.R8)
            _code.Add(0x41);
        _code.Add((byte)(opcode + ((int)register & 7)));
    }

    private void AppendRex(int register, int index, int rm) =>
        _code.Add((byte)(0x48 | (register >> 3 << 2) | (index >> 3 << 1) | (rm >> 3)));

    private void AppendWide(byte opcode, int register, Address address)
    {
        AppendRex(register, (int)(address.Index ?? 0), (int)address.Base);
        _code.Add(opcode);
        AppendOperand(register, address, 1);
    }

    private void AppendConstant(int operation, Register target, int value)
    {
        AppendRex(0, 0, (int)target);
        if (value is >= sbyte.MinValue and <= sbyte.MaxValue)
        {
            _code.AddRange([0x83, ModRm(3, operation, (int)target), (byte)value]);
            return;
        }

        // rax has a form of its own, a byte shorter.
        if (target == Register.Rax)
            _code.Add((byte)((operation << 3) | 5));
        else
            _code.AddRange([0x81, ModRm(3, operation, (int)target)]);
        AppendInt32(value);
    }

    private void AppendJump(int target)
    {
        var near = target - (_code.Count + 2);
        if (near >= sbyte.MinValue)
        {
            _code.AddRange([0x75, (byte)near]);
            return;
        }

        _code.AddRange([0x0F, 0x85]);
        AppendInt32(target - (_code.Count + sizeof(int)));
    }

    private void AppendEvex(Map map, Prefix prefix, byte opcode, int vector, Address address, int unit)
    {
        AppendEvexPrefix(map, prefix, vector, 0, (int)(address.Index ?? 0) >> 3, (int)address.Base >> 3);
        _code.Add(opcode);
        AppendOperand(vector, address, unit);
    }

    // All extension bits are stored inverted; 512 bits, no mask, W = 0.
    private void AppendEvexPrefix(Map map, Prefix prefix, int first, int second, int x, int b) => _code.AddRange(
    [
        0x62,
        (byte)((Inverted(first >> 3) << 7) | (Inverted(x) << 6) | (Inverted(b) << 5) | (Inverted(first >> 4) << 4) | (int)map),
        (byte)(((~second & 15) << 3) | 4 | (int)prefix),
        (byte)(0x40 | (Inverted(second >> 4) << 3)),
    ]);

    private static int Inverted(int bit) => ~bit & 1;

    // EVEX counts short displacements in units of what is read (unit), other instructions in bytes.
    private void AppendOperand(int register, Address address, int unit)
    {
        var low = (int)address.Base & 7;
        var isShort = address.Displacement % unit == 0 && address.Displacement / unit is >= sbyte.MinValue and <= sbyte.MaxValue;
        // Base rbp or r13 without a displacement would mean something else.
        var mode = address.Displacement == 0 && low != (int)Register.Rbp ? 0 : isShort ? 1 : 2;
        if (address.Index is not null || low == (int)Register.Rsp)
        {
            var scale = int.Log2(address.Scale) << 6;
            var index = (int)(address.Index ?? Register.Rsp) & 7;
            _code.AddRange([ModRm(mode, register, (int)Register.Rsp), (byte)(scale | (index << 3) | low)]);
        }
        else
        {
            _code.Add(ModRm(mode, register, low));
        }

        if (mode == 1)
            _code.Add((byte)(address.Displacement / unit));
        else if (mode == 2)
            AppendInt32(address.Displacement);
    }

    private void AppendInt32(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _code.AddRange(bytes);
    }
}
