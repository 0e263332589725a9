using Kindling.Execution;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Training.Mixing;

/// <summary>
/// Mixes the images of a batch in place, the first with the last and so on; the batch is in random order already. What is drawn depends on seed,
/// epoch, step and pair only. A chunk is a pair.
/// </summary>
internal sealed unsafe class BatchMixer : Kernel
{
    private const long Salt = 0x6D6978;
    private readonly TrainingPlan _plan;
    private readonly Mixup? _mixup;
    private readonly CutMix? _cutMix;
    private readonly long _seed;
    private readonly Shape _image;
    private readonly int _classes;
    private int _epoch;
    private int _step;

    public BatchMixer(TrainingPlan plan, Mixup? mixup, CutMix? cutMix, long seed)
    {
        Check("mixup", mixup?.Alpha, mixup?.ChangeRate);
        Check("cutmix", cutMix?.Alpha, cutMix?.ChangeRate);
        _plan = plan;
        _mixup = mixup;
        _cutMix = cutMix;
        _seed = seed;
        _image = plan.Graph.Inputs[0].Shape;
        if (_image.Rank != 4)
            throw new KindlingException($"{plan.Graph.Name} takes {_image}; only images [1, H, W, C] can be mixed");
        _classes = plan.Targets.Length / plan.Batch;
    }

    /// <inheritdoc/>
    public override int Chunks => (_plan.Batch + 1) / 2;

    /// <summary>Mixes the plan's images and writes its targets.</summary>
    public void Mix(int epoch, int step)
    {
        (_epoch, _step) = (epoch, step);
        _plan.Pool.Run(this);
    }

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var (first, second) = (chunk, _plan.Batch - 1 - chunk);
        var random = new RandomStream(_seed, Salt, _epoch, _step, chunk);
        var share = 1f;
        // The middle one of an odd batch has no partner.
        if (first == second)
            share = 1;
        else if (_cutMix is not null && random.Chance(_cutMix.ChangeRate))
            share = Exchange(first, second, ref random);
        else if (_mixup is not null && random.Chance(_mixup.ChangeRate))
            share = Blend(first, second, ref random);
        SetTarget(first, second, share);
        SetTarget(second, first, share);
    }

    private static void Check(string name, float? alpha, float? rate)
    {
        if (alpha is { } a && !(a > 0 && float.IsFinite(a)))
            throw new KindlingException($"{name}: alpha {a} is not above 0");
        if (rate is not (null or (>= 0 and <= 1)))
            throw new KindlingException($"{name}: change_rate {rate} is not in 0 to 1");
    }

    private Span<float> Image(int sample)
    {
        var size = _image.ElementCount;
        return _plan.Images.Slice(sample * size, size);
    }

    private void SetTarget(int sample, int other, float share)
    {
        var target = _plan.Targets.Slice(sample * _classes, _classes);
        target.Clear();
        target[_plan.Labels[sample]] = share;
        target[_plan.Labels[other]] += 1 - share;
    }

    /// <summary>The larger share stays, so that the label still names the larger part: the pair as a whole is the same.</summary>
    private float Blend(int first, int second, ref RandomStream random)
    {
        var share = BetaDistribution.Draw(ref random, _mixup!.Alpha);
        share = Math.Max(share, 1 - share);
        var a = Image(first);
        var b = Image(second);
        for (var i = 0; i < a.Length; i++)
        {
            var (x, y) = (a[i], b[i]);
            a[i] = y + (share * (x - y));
            b[i] = x + (share * (y - x));
        }

        return share;
    }

    private float Exchange(int first, int second, ref RandomStream random)
    {
        var cut = BetaDistribution.Draw(ref random, _cutMix!.Alpha);
        var side = MathF.Sqrt(Math.Min(cut, 1 - cut));
        var (height, width) = ((int)(_image.Height * side), (int)(_image.Width * side));
        var (top, left) = (random.NextInt32(_image.Height - height + 1), random.NextInt32(_image.Width - width + 1));
        var a = Image(first);
        var b = Image(second);
        for (var y = top; y < top + height; y++)
        {
            var start = ((y * _image.Width) + left) * _image.Channels;
            for (var i = start; i < start + (width * _image.Channels); i++)
                (a[i], b[i]) = (b[i], a[i]);
        }

        return 1 - ((float)(height * width) / (_image.Height * _image.Width));
    }
}
