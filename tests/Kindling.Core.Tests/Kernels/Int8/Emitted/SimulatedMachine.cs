using Kindling.Kernels.Int8.Emitted;

namespace Kindling.Tests.Kernels.Int8.Emitted;

/// <summary>Executes a program's instructions one by one on arrays: what emitted code must do, on any machine.</summary>
internal sealed unsafe class SimulatedMachine(IReadOnlyList<Instruction> program)
{
    private const int Lanes = 16;
    private const int StackPointer = 1 << 30;
    private static readonly Register[] CalleeSaved = [Register.Rbx, Register.Rsp, Register.Rbp, Register.R12, Register.R13, Register.R14, Register.R15];
    private readonly Dictionary<string, int> _labels = program.Select((i, place) => (i as Instruction.Label, place)).Where(l => l.Item1 is not null)
        .ToDictionary(l => l.Item1!.Name, l => l.place);

    private readonly nint[] _registers = new nint[16];
    private readonly int[][] _vectors = [.. Enumerable.Range(0, 32).Select(_ => new int[Lanes])];
    private readonly Stack<nint> _stack = [];
    private bool _isZero;

    /// <summary>Memory that may be touched; null when any may.</summary>
    public IReadOnlyList<(nint Start, long Bytes, bool IsWritable)>? Memory { get; init; }

    /// <summary>Calls the program with one argument by System V's convention, whose saved registers it must leave alone.</summary>
    public void Call(nint argument)
    {
        for (var r = 0; r < _registers.Length; r++)
            _registers[r] = unchecked((nint)0x5EED_0000_0000_0001 * (r + 3));
        foreach (var vector in _vectors)
            vector.AsSpan().Fill(unchecked((int)0xDEADBEEF));
        this[Register.Rdi] = argument;
        this[Register.Rsp] = StackPointer;
        var before = CalleeSaved.Select(r => this[r]).ToArray();
        for (var next = 0; program[next] is not Instruction.Return; next++)
            next = Execute(program[next], next);
        Assert.Equal(before, CalleeSaved.Select(r => this[r]));
        Assert.Empty(_stack);
    }

    private ref nint this[Register register] => ref _registers[(int)register];

    private int Execute(Instruction instruction, int place)
    {
        switch (instruction)
        {
            case Instruction.Push i:
                _stack.Push(this[i.Source]);
                this[Register.Rsp] -= sizeof(nint);
                break;
            case Instruction.Pop i:
                this[Register.Rsp] += sizeof(nint);
                this[i.Target] = _stack.Pop();
                break;
            case Instruction.Load i:
                this[i.Target] = *(nint*)Place(i.Source, sizeof(nint), isWrite: false);
                break;
            case Instruction.LoadAddress i:
                this[i.Target] = Sum(i.Source);
                break;
            case Instruction.Add i:
                SetResult(i.Target, this[i.Target] + this[i.Source]);
                break;
            case Instruction.AddConstant i:
                SetResult(i.Target, this[i.Target] + i.Value);
                break;
            case Instruction.SubtractConstant i:
                SetResult(i.Target, this[i.Target] - i.Value);
                break;
            case Instruction.JumpIfNotZero i:
                return _isZero ? place : _labels[i.Name];
            case Instruction.LoadVector i:
                new Span<int>((void*)Place(i.Source, 4 * Lanes, isWrite: false), Lanes).CopyTo(_vectors[i.Target]);
                break;
            case Instruction.StoreVector i:
                _vectors[i.Source].CopyTo(new Span<int>((void*)Place(i.Target, 4 * Lanes, isWrite: true), Lanes));
                break;
            case Instruction.BroadcastQuad i:
                _vectors[i.Target].AsSpan().Fill(*(int*)Place(i.Source, 4, isWrite: false));
                break;
            case Instruction.AddDotProducts i:
                AddDotProducts(_vectors[i.Sum], _vectors[i.Unsigned], _vectors[i.Signed]);
                break;
            case Instruction.ZeroUpper:
                foreach (var vector in _vectors.Take(16))
                    vector.AsSpan(4).Clear();
                break;
            case Instruction.Label:
                break;
            default:
                throw new NotSupportedException($"{instruction}");
        }

        return place;
    }

    private static void AddDotProducts(int[] sums, int[] unsigned, int[] signed)
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            for (var shift = 0; shift < 32; shift += 8)
                sums[lane] += (byte)(unsigned[lane] >> shift) * (sbyte)(signed[lane] >> shift);
        }
    }

    private nint Sum(Address address) =>
        this[address.Base] + address.Displacement + (address.Index is { } index ? this[index] * address.Scale : 0);

    private nint Place(Address address, int bytes, bool isWrite)
    {
        var place = Sum(address);
        if (Memory is not null)
            Assert.Contains(Memory, m => place >= m.Start && place + bytes <= m.Start + (nint)m.Bytes && (m.IsWritable || !isWrite));
        return place;
    }

    private void SetResult(Register target, nint value)
    {
        this[target] = value;
        _isZero = value == 0;
    }
}
