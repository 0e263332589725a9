using System.Globalization;
using System.Text.RegularExpressions;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Deployment.Tests;

/// <summary>
/// Walks through a run of generated C without computing anything. Every byte of the arena knows which element of which value it holds; every
/// read of a kernel must find the element it means. Knows the kernels' order of reading and writing and the tables of stages from the
/// C text, and of the planner nothing but the addresses.
/// </summary>
internal sealed class ArenaSimulation
{
    private const int ConvolutionGroup = 4;
    private readonly GeneratedProject _project;
    private readonly Graph _graph;
    private readonly string _text;
    private readonly (Value? Value, long Element)[] _bytes;
    private readonly Dictionary<Value, long> _offsets;
    private Node? _node;

    public ArenaSimulation(GeneratedProject project)
    {
        _project = project;
        _graph = project.Graph;
        _text = File.ReadAllText(Path.Combine(project.Directory, "src", "network.c"));
        _bytes = new (Value?, long)[project.ArenaBytes];
        _offsets = project.Plan.Placements.ToDictionary(p => p.Value, p => p.Offset);
    }

    /// <summary>Stages that ran.</summary>
    public int Stages { get; private set; }

    /// <summary>Moves a value elsewhere, to see whether that is noticed.</summary>
    public void Shift(Value value, long bytes) => _offsets[value] += bytes;

    /// <summary>Walks through the run; null, or what is read where it is not.</summary>
    public string? Run()
    {
        try
        {
            if (!_text.Contains("rows_source source", StringComparison.Ordinal))
                WriteAll(_graph.Inputs[0]);
            for (var step = 0; step < _graph.Nodes.Count; step++)
            {
                if (_text.Contains($"stage_{step}_plan = ", StringComparison.Ordinal))
                    step = new StageWalk(this, step).Run();
                else
                    Run(_graph.Nodes[step]);
            }

            _node = null;
            ReadAll(_graph.Outputs[0]);
            return null;
        }
        catch (LostElementException e)
        {
            return e.Message;
        }
    }

    private void Run(Node node)
    {
        _node = node;
        if (_project.Plan.SkippedNodes.Contains(node))
        {
            Rename(node);
            return;
        }

        if (_project.Plan.ScratchOffsets.TryGetValue(node, out var scratch))
            Clear(scratch, ScratchBytes(node));
        switch (node.Operator)
        {
            case Conv2D conv:
                var isPacked = IsPacked(node);
                Windows(node, Taps(node), conv.Stride, conv.Padding, conv.Dilation, isPacked ? ConvolutionGroup : 1, isPacked);
                break;
            case DepthwiseConv2D conv when IsPacked(node):
                Depthwise(node, conv);
                break;
            case DepthwiseConv2D conv:
                Windows(node, Taps(node), conv.Stride, conv.Padding, conv.Dilation, 1, false);
                break;
            case MaxPool2D pool:
                Windows(node, pool.Kernel, pool.Stride, pool.Padding, 1, 1, false);
                break;
            case AveragePool2D pool:
                Windows(node, pool.Kernel, pool.Stride, pool.Padding, 1, 1, false);
                break;
            case Multiply:
                Product(node);
                break;
            case Add or Clip or Sigmoid or HardSwish or LeakyRelu or Quantize:
                for (long i = 0; i < node.Output.Shape.ElementCount; i++)
                {
                    foreach (var input in node.Inputs.Where(v => !v.IsConstant))
                        Read(input, input.Shape.ElementCount == node.Output.Shape.ElementCount ? i : i % input.Shape.ElementCount);
                    Write(node.Output, i);
                }

                break;
            default:
                // Whatever else there is reads everything, in any order, before and after it writes.
                foreach (var input in node.Inputs.Where(v => !v.IsConstant))
                    ReadAll(input);
                WriteAll(node.Output);
                if (node.Operator is Softmax)
                    break;
                foreach (var input in node.Inputs.Where(v => !v.IsConstant))
                    ReadAll(input);
                break;
        }
    }

    private bool IsPacked(Node node) => Regex.IsMatch(Description(node), "^static const kindling_(conv2d|depthwise_conv2d) ");

    private static Size2D Taps(Node node)
    {
        var weights = node.Inputs[1].Shape;
        return node.Operator is Conv2D ? new Size2D(weights[1], weights[2]) : new Size2D(weights[0], weights[1]);
    }

    private string Description(Node node)
    {
        var name = $"{node.Operator.Kind.ToLowerInvariant()}_{_graph.Nodes.ToList().IndexOf(node)}";
        return Regex.Match(_text, $"^static const kindling_\\w+ {name} = {{\n.*?\n}};", RegexOptions.Multiline | RegexOptions.Singleline).Value;
    }

    private int Field(Node node, string field) =>
        int.Parse(Regex.Match(Description(node), $"\\.{field} = (-?\\d+),").Groups[1].Value, CultureInfo.InvariantCulture);

    // As kindling_kernels.h says.
    private long ScratchBytes(Node node)
    {
        if (!IsPacked(node))
            return 0;
        var taps = Taps(node);
        if (node.Operator is not DepthwiseConv2D conv)
            return (((long)taps.Height * taps.Width * node.Inputs[0].Shape.Channels) + 1) / 2 * 16;
        var (rowWords, blockRows) = (Field(node, "row_words"), Field(node, "block_rows"));
        var rows = ((blockRows - 1) * conv.Stride.Height) + taps.Height;
        return 4 * ((2L * rows * rowWords) + ((long)blockRows * node.Output.Shape.Width) + 1);
    }

    // Pixel after pixel; a group is read before it is written.
    private void Windows(Node node, Size2D kernel, Size2D stride, Padding padding, Size2D dilation, int group, bool isGroupFirst)
    {
        var (input, output) = (node.Inputs[0], node.Output);
        var (from, to) = (input.Shape, output.Shape);
        var pixels = to.Height * to.Width;
        for (var p = 0; p < pixels; p += group)
        {
            var end = Math.Min(p + group, pixels);
            // Within a pixel the plain kernels read again for the last channels when the first ones are written.
            int[] ends = isGroupFirst ? [to.Channels] : [Math.Max(0, to.Channels - 4), to.Channels];
            var channel = 0;
            foreach (var until in ends)
            {
                for (var pixel = p; pixel < end; pixel++)
                    ReadWindow(pixel);
                for (var pixel = p; pixel < end; pixel++)
                {
                    for (var c = channel; c < until; c++)
                        Write(output, ((long)pixel * to.Channels) + c);
                }

                channel = until;
            }

            // The last two or three pixels are computed together with the one or two before them.
            if (isGroupFirst && end - p is 2 or 3 && p > 0)
            {
                for (long i = (long)(end - ConvolutionGroup) * to.Channels; i < (long)p * to.Channels; i++)
                    Write(output, i);
            }
        }

        void ReadWindow(int pixel)
        {
            for (var tapY = 0; tapY < kernel.Height; tapY++)
            {
                var y = (pixel / to.Width * stride.Height) - padding.Top + (tapY * dilation.Height);
                for (var tapX = 0; tapX < kernel.Width && y >= 0 && y < from.Height; tapX++)
                {
                    var x = (pixel % to.Width * stride.Width) - padding.Left + (tapX * dilation.Width);
                    for (var c = 0; c < from.Channels && x >= 0 && x < from.Width; c++)
                        Read(input, ((((long)y * from.Width) + x) * from.Channels) + c);
                }
            }
        }
    }

    // Two channels of the whole image at a time, rows in blocks; rows that two blocks share stay in scratch.
    private void Depthwise(Node node, DepthwiseConv2D conv)
    {
        var (from, to) = (node.Inputs[0].Shape, node.Output.Shape);
        var block = Field(node, "block_rows");
        var height = Taps(node).Height;
        for (var channel = 0; channel < to.Channels; channel += 2)
        {
            for (var y = 0; y < to.Height; y += block)
            {
                var count = Math.Min(block, to.Height - y);
                var origin = (y * conv.Stride.Height) - conv.Padding.Top;
                for (var row = origin + (y == 0 ? 0 : Math.Max(0, height - conv.Stride.Height)); row < origin + ((count - 1) * conv.Stride.Height) + height; row++)
                {
                    for (var i = 0; i < 2 * from.Width && row >= 0 && row < from.Height; i++)
                        Read(node.Inputs[0], ((((long)row * from.Width) + (i / 2)) * from.Channels) + channel + (i % 2));
                }

                for (var i = 0; i < 2 * to.Width * count; i++)
                    Write(node.Output, ((((long)y * to.Width) + (i / 2)) * to.Channels) + channel + (i % 2));
            }
        }
    }

    private void Product(Node node)
    {
        var shape = node.Output.Shape;
        var isByChannel = node.Inputs[1].Shape.ElementCount != shape.ElementCount;
        for (long n = 0; n < shape.ElementCount; n++)
        {
            var i = isByChannel ? ((n % shape.Pixels) * shape.Channels) + (n / shape.Pixels) : n;
            Read(node.Inputs[0], i);
            if (!node.Inputs[1].IsConstant)
                Read(node.Inputs[1], isByChannel ? i % shape.Channels : i);
            Write(node.Output, i);
        }
    }

    // Nothing moves: the elements of the inputs are those of the output.
    private void Rename(Node node)
    {
        var channel = 0;
        foreach (var input in node.Inputs)
        {
            for (long i = 0; i < input.Shape.ElementCount; i++)
            {
                Read(input, i);
                var element = node.Operator is Concat ? (i / input.Shape.Channels * node.Output.Shape.Channels) + channel + (i % input.Shape.Channels) : i;
                if (Address(input, i) != Address(node.Output, element))
                    throw new LostElementException($"{node.Name} is skipped, but its output lies elsewhere");
                Write(node.Output, element);
            }

            channel += input.Shape.Channels;
        }
    }

    private long Address(Value value, long element)
    {
        var channels = value.Shape.Channels;
        return _offsets[value] + (((element / channels * _project.Plan[value].PixelStride) + (element % channels)) * value.Type.Size());
    }

    private void Read(Value value, long element) => ReadAt(Address(value, element), value, element);

    private void ReadAt(long address, Value value, long element)
    {
        for (var b = 0; b < value.Type.Size(); b++)
        {
            var (holds, held) = address + b >= 0 && address + b < _bytes.Length ? _bytes[address + b] : (null, -1);
            if (!ReferenceEquals(holds, value) || held != element)
                throw new LostElementException($"{_node?.Name ?? "the end"} reads element {element} of {value.Name} at {address}, where element {held} of {holds?.Name ?? "nothing"} is");
        }
    }

    private void Write(Value value, long element) => WriteAt(Address(value, element), value, element);

    private void WriteAt(long address, Value value, long element)
    {
        if (address < 0 || address + value.Type.Size() > _bytes.Length)
            throw new LostElementException($"{_node?.Name} writes element {element} of {value.Name} at {address}, outside of the arena");
        for (var b = 0; b < value.Type.Size(); b++)
            _bytes[address + b] = (value, element);
    }

    private void ReadAll(Value value)
    {
        for (long i = 0; i < value.Shape.ElementCount; i++)
            Read(value, i);
    }

    private void WriteAll(Value value)
    {
        for (long i = 0; i < value.Shape.ElementCount; i++)
            Write(value, i);
    }

    private void Clear(long address, long bytes) => Array.Clear(_bytes, (int)address, (int)bytes);

    private sealed class LostElementException(string message) : Exception(message);

    /// <summary>The operators of a stage in turns, as <c>kindling_stage.c</c> runs them, from the tables in the C text.</summary>
    private sealed class StageWalk
    {
        private const int None = 255;
        private readonly ArenaSimulation _arena;
        private readonly int[][] _bands;
        private readonly int[][] _operators;
        private readonly List<Node?> _nodes = [];
        private readonly int[] _made;
        private readonly int[] _first;
        private readonly Value[] _images;
        private readonly long _scratch;
        private readonly int _last;

        public StageWalk(ArenaSimulation arena, int step)
        {
            _arena = arena;
            _bands = Table($"stage_{step}_bands");
            _operators = Table($"stage_{step}_operators");
            var stage = arena._project.Plan.Stages.Select((s, i) => (s, i)).Single(p => p.s.First == step);
            (_last, _scratch) = (stage.s.Last, arena._project.Plan.StageScratchOffsets[stage.i]);
            _nodes.AddRange(arena._graph.Nodes.Take(_last + 1).Skip(step).Where(n => !arena._project.Plan.SkippedNodes.Contains(n)));
            if (_operators[0][0] == None)
                _nodes.Insert(0, null);
            Assert.Equal(_nodes.Count, _operators.Length);
            (_made, _first, _images) = (new int[_operators.Length], new int[_bands.Length], new Value[_bands.Length]);
            for (var i = 0; i < _operators.Length; i++)
            {
                var output = _nodes[i]?.Output ?? arena._graph.Inputs[0];
                if (_operators[i][2] != None)
                    _images[_operators[i][2]] = Owner(output);
                if (_operators[i][0] != None)
                    _images[_operators[i][0]] = Owner(_nodes[i]!.Inputs[0]);
                if (_operators[i][1] != None)
                    _images[_operators[i][1]] = Owner(_nodes[i]!.Inputs[1]);
            }

            // Whole images lie where the plan says; so does a value that was shifted.
            for (var band = 0; band < _bands.Length; band++)
                _bands[band][0] += (int)(arena._offsets[_images[band]] - arena._project.Plan[_images[band]].Offset);
        }

        public int Run()
        {
            _arena.Stages++;
            while (Next() is >= 0 and var number)
                RunRows(number);
            for (var i = 0; i < _operators.Length; i++)
            {
                if (_made[i] != _operators[i][8])
                    throw new LostElementException($"the stage stands still with {_made[i]} of {_operators[i][8]} rows of {_nodes[i]?.Name}");
            }

            // Slices that are kept whole become their concatenation.
            foreach (var node in _arena._graph.Nodes.Take(_last + 1).Where(n => n.Operator is Concat && _nodes.Any(m => m is not null && n.Inputs.Contains(m.Output))))
            {
                if (_arena._project.Plan.SkippedNodes.Contains(node) && _arena._project.Plan[node.Output].Kind != PlacementKind.Rows)
                    _arena.Rename(node);
            }

            return _last;
        }

        private int[][] Table(string name) =>
            [.. Regex.Matches(Regex.Match(_arena._text, $" {name}\\[\\d+\\] = {{\n(.*?)\n}};", RegexOptions.Singleline).Groups[1].Value, "^    { (.*?) }", RegexOptions.Multiline)
                .Select(row => row.Groups[1].Value.Split(", ").Select(f => f == "KINDLING_NO_BAND" ? None : int.Parse(f, CultureInfo.InvariantCulture)).ToArray())];

        private Value Owner(Value value) => _arena._graph.Consumers(value).FirstOrDefault(n => n.Operator is Concat && _arena._project.Plan.SkippedNodes.Contains(n))?.Output ?? value;

        private int Rows(int number) => Math.Min(_operators[number][3], _operators[number][8] - _made[number]);

        // The rows of its input that an operator's next rows need.
        private (int First, int End) Needed(int number, int rows)
        {
            var op = _operators[number];
            var top = (_made[number] * op[5]) - op[6];
            return (Math.Max(0, top), Math.Min(op[7], top + ((rows - 1) * op[5]) + op[4]));
        }

        private int Next()
        {
            for (var number = _operators.Length - 1; number >= 0; number--)
            {
                if (Rows(number) is > 0 and var rows && IsThere(_operators[number][0], Needed(number, rows).End) && IsThere(_operators[number][1], Needed(number, rows).End))
                    return number;
            }

            return -1;
        }

        private bool IsThere(int band, int end) => band == None || Enumerable.Range(0, _operators.Length).Where(w => _operators[w][2] == band).All(w => _made[w] >= end);

        private void RunRows(int number)
        {
            var (op, node, rows) = (_operators[number], _nodes[number], Rows(number));
            _arena._node = node;
            var (first, end) = Needed(number, rows);
            if (op[2] != None)
                MakeRoom(op[2], _made[number] + rows);
            Read();
            if (node is not null)
                _arena.Clear(_scratch, _arena.ScratchBytes(node));
            if (op[2] != None)
                Write(op[2], node?.Output ?? _arena._graph.Inputs[0], _made[number], rows);
            else
                Sum(node!, isLast: _made[number] + rows == op[8], isFirst: _made[number] == 0);
            // Whatever the kernel reads last must still be there after its first write.
            Read();
            _made[number] += rows;

            void Read()
            {
                if (op[0] != None)
                    ReadRows(op[0], first, end);
                if (op[1] != None)
                    ReadRows(op[1], first, end);
                foreach (var vector in (node?.Inputs ?? []).Where((v, i) => !v.IsConstant && i > 0 && op[1] == None))
                    _arena.ReadAll(vector);
            }
        }

        // The sums of a mean stay in scratch until its last row.
        private void Sum(Node node, bool isFirst, bool isLast)
        {
            var name = $"mean_{_arena._graph.Nodes.ToList().IndexOf(node)}";
            var sums = long.Parse(Regex.Match(_arena._text, $"kindling_mean_rows_s8\\(&{name}, .*, arena \\+ (\\d+), arena").Groups[1].Value, CultureInfo.InvariantCulture);
            for (var i = 0; i < 4 * node.Inputs[0].Shape.Channels; i++)
            {
                if (!isFirst && _arena._bytes[sums + i] != (node.Output, -1 - i))
                    throw new LostElementException($"{node.Name} has lost byte {i} of its sums");
                _arena._bytes[sums + i] = (node.Output, -1 - i);
            }

            if (isLast)
                _arena.WriteAll(node.Output);
        }

        private void MakeRoom(int band, int end)
        {
            var (offset, rowBytes, room) = (_bands[band][0], _bands[band][1], _bands[band][2]);
            if (end - _first[band] <= room)
                return;
            var keep = end;
            for (var reader = 0; reader < _operators.Length; reader++)
            {
                if ((_operators[reader][0] == band || _operators[reader][1] == band) && _made[reader] < _operators[reader][8])
                    keep = Math.Min(keep, Needed(reader, 1).First);
            }

            for (long b = 0; b < (long)(room - (keep - _first[band])) * rowBytes; b++)
                _arena._bytes[offset + b] = _arena._bytes[offset + b + ((keep - _first[band]) * rowBytes)];
            _first[band] = keep;
        }

        private void ReadRows(int band, int first, int end)
        {
            var image = _images[band];
            long rowElements = image.Shape.Width * image.Shape.Channels;
            // A concatenation in the stage was written by its inputs.
            var slices = _arena._graph.Producer(image) is { Operator: Concat } concat && _nodes.Any(n => n is not null && concat.Inputs.Contains(n.Output)) ? concat.Inputs : [image];
            var channel = 0;
            foreach (var slice in slices)
            {
                var channels = slice.Shape.Channels;
                for (var i = first * rowElements / image.Shape.Channels * channels; i < end * rowElements / image.Shape.Channels * channels; i++)
                    _arena.ReadAt(Address(band, (i / channels * image.Shape.Channels) + channel + (i % channels)), slice, i);
                channel += channels;
            }
        }

        private void Write(int band, Value value, int first, int rows)
        {
            var image = _images[band];
            if (first + rows - _first[band] > _bands[band][2])
                throw new LostElementException($"{value.Name} has no room for row {first + rows - 1}");
            var channels = value.Shape.Channels;
            long channel = ReferenceEquals(image, value) ? 0 : _arena._graph.Producer(image)!.Inputs.TakeWhile(i => !ReferenceEquals(i, value)).Sum(i => i.Shape.Channels);
            for (long i = (long)first * value.Shape.Width * channels; i < (long)(first + rows) * value.Shape.Width * channels; i++)
                _arena.WriteAt(Address(band, (i / channels * image.Shape.Channels) + channel + (i % channels)), value, i);
        }

        private long Address(int band, long element) => _bands[band][0] + element - ((long)_first[band] * _bands[band][1]);
    }
}
