using Kindling.Graphs;

namespace Kindling.Cli.Models;

/// <summary>What the command line says about the preparation of photos; what it leaves open stays as the model says.</summary>
/// <param name="Interpolation">The resampling filter.</param>
/// <param name="Preset">Colours, factors and summands.</param>
/// <param name="ShorterSide">Pixels of the shorter side before the centre is cut out.</param>
internal sealed record Preparation(Interpolation? Interpolation, PreprocessingPreset? Preset, int? ShorterSide)
{
    /// <summary>True when the command line says nothing.</summary>
    public bool IsEmpty => Interpolation is null && Preset is null && ShorterSide is null;

    /// <summary>A model's own preparation with these changes.</summary>
    /// <exception cref="KindlingException">The shorter side is below the input's size.</exception>
    public Preprocessing Apply(Preprocessing own)
    {
        if (Interpolation is { } interpolation)
            own = own with { Interpolation = interpolation };
        if (ShorterSide is not { } side)
            return own;
        return side >= Math.Max(own.Height, own.Width)
            ? own with { AspectRatio = AspectRatio.Crop, ShorterSide = side }
            : throw new KindlingException($"--shorter-side {side} is less than the input, {own.Height}x{own.Width}");
    }
}
