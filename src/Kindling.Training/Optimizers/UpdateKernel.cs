using Kindling.Execution;
using Kindling.Training.Planning;

namespace Kindling.Training.Optimizers;

/// <summary>Updates all parameters, cut into pieces of one parameter each.</summary>
internal sealed unsafe class UpdateKernel : Kernel
{
    private const int MostFloats = 1 << 14;
    private readonly Optimizer _optimizer;
    private readonly UpdateRange[] _ranges;

    public UpdateKernel(Optimizer optimizer, ParameterStore parameters, float* first, float* second)
    {
        _optimizer = optimizer;
        var ranges = new List<UpdateRange>();
        foreach (var segment in parameters.Segments)
        {
            for (var done = 0; done < segment.Count; done += MostFloats)
            {
                var offset = segment.Offset + done;
                ranges.Add(new UpdateRange
                {
                    Weights = parameters.Values + offset,
                    Gradients = parameters.Gradients + offset,
                    First = first is null ? null : first + offset,
                    Second = second is null ? null : second + offset,
                    Count = Math.Min(MostFloats, segment.Count - done),
                    Decays = segment.Decays,
                });
            }
        }

        _ranges = [.. ranges];
    }

    /// <summary>The number of this update, from 1.</summary>
    public long Step { get; set; }

    /// <inheritdoc/>
    public override int Chunks => _ranges.Length;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch) => _optimizer.Update(_ranges[chunk], Step);
}
