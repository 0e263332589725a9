using Kindling.Graphs;

namespace Kindling.Deployment.Generation.Memory;

/// <summary>
/// Runs a stage without computing anything, by the rule of <c>kindling_stage.c</c>: of all operators whose rows are there the one nearest to
/// the end is next. Gives the rows each band must hold, and how near whole images may lie to each other.
/// </summary>
internal sealed class StageSchedule
{
    private readonly Stage _stage;
    private readonly int[] _made;
    private readonly int[] _inputs;
    private readonly int[] _seconds;
    private readonly int[] _outputs;
    private readonly int[] _capacity;
    private readonly Dictionary<(Value Dying, Value Born), long> _distances = [];

    public StageSchedule(Stage stage)
    {
        _stage = stage;
        _made = new int[stage.Operators.Count];
        _inputs = [.. stage.Operators.Select(o => stage.Band(o.Input))];
        _seconds = [.. stage.Operators.Select(o => stage.Band(o.Second))];
        _outputs = [.. stage.Operators.Select(o => o.IsSum ? -1 : stage.Band(o.Output))];
        _capacity = new int[stage.Bands.Count];
        Run();
    }

    /// <summary>Times that an operator runs.</summary>
    public int Runs { get; private set; }

    /// <summary>Bytes moved to the front of their bands.</summary>
    public long MovedBytes { get; private set; }

    /// <summary>Least bytes from the start of an image that is written whole to the start of one that is there before, if they are to overlap.</summary>
    public IReadOnlyDictionary<(Value Dying, Value Born), long> Distances => _distances;

    /// <summary>Rows a band has room for.</summary>
    public int Capacity(int band) => _capacity[band];

    /// <summary>Bytes of a band.</summary>
    public long BandBytes(int band) => _capacity[band] * _stage.Bands[band].RowBytes;

    private void Run()
    {
        for (var band = 0; band < _capacity.Length; band++)
        {
            if (_stage.Bands[band].IsWhole)
                _capacity[band] = _stage.Bands[band].Image.Shape.Height;
        }

        var order = new List<(int Operator, int Rows)>();
        while (Next() is >= 0 and var number)
        {
            var rows = RowsOf(number);
            order.Add((number, rows));
            Note(number, rows);
            _made[number] += rows;
        }

        Runs = order.Count;
        if (_stage.Operators.Where((o, i) => _made[i] != o.Rows).Any())
            throw new InvalidOperationException($"the stage of nodes {_stage.First} to {_stage.Last} does not come to its end");
        CountMoves(order);
    }

    private int RowsOf(int number) => Math.Min(_stage.Operators[number].Block, _stage.Operators[number].Rows - _made[number]);

    private int Next()
    {
        for (var number = _made.Length - 1; number >= 0; number--)
        {
            var op = _stage.Operators[number];
            var rows = RowsOf(number);
            if (rows <= 0)
                continue;
            var end = op.EndNeeded(_made[number], rows);
            if (End(_inputs[number]) >= end && End(_seconds[number]) >= end)
                return number;
        }

        return -1;
    }

    // Behind the last row that all writers of a band have made.
    private int End(int band)
    {
        var end = int.MaxValue;
        for (var writer = 0; band >= 0 && writer < _outputs.Length; writer++)
        {
            if (_outputs[writer] == band)
                end = Math.Min(end, _made[writer]);
        }

        return end;
    }

    private int FirstNeeded(int band)
    {
        var first = int.MaxValue;
        for (var reader = 0; reader < _inputs.Length; reader++)
        {
            if (_inputs[reader] == band || _seconds[reader] == band)
                first = Math.Min(first, _stage.Operators[reader].FirstNeeded(_made[reader]));
        }

        return first;
    }

    private void Note(int number, int rows)
    {
        var output = _outputs[number];
        if (output < 0)
            return;
        var end = _made[number] + rows;
        var band = _stage.Bands[output];
        if (!band.IsWhole)
        {
            _capacity[output] = Math.Max(_capacity[output], end - Math.Min(FirstNeeded(output), end));
            return;
        }

        for (var other = 0; other < _capacity.Length; other++)
        {
            var image = _stage.Bands[other];
            if (image.IsMade || !image.IsWhole)
                continue;
            var unread = FirstNeeded(other);
            var distance = unread == int.MaxValue ? -image.Image.Bytes - band.Image.Bytes : (end * band.RowBytes) - (unread * image.RowBytes);
            var pair = (image.Image, band.Image);
            _distances[pair] = Math.Max(distance, _distances.GetValueOrDefault(pair, long.MinValue));
        }
    }

    private void CountMoves(List<(int Operator, int Rows)> order)
    {
        Array.Clear(_made);
        var first = new int[_capacity.Length];
        foreach (var (number, rows) in order)
        {
            var (band, end) = (_outputs[number], _made[number] + rows);
            if (band >= 0 && end - first[band] > _capacity[band])
            {
                var keep = Math.Min(FirstNeeded(band), end);
                MovedBytes += Math.Max(0, _capacity[band] - (keep - first[band])) * _stage.Bands[band].RowBytes;
                first[band] = keep;
            }

            _made[number] = end;
        }
    }
}
