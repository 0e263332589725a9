using Kindling.Graphs;

namespace Kindling.Zoo;

/// <summary>What a network of the zoo is built for.</summary>
public sealed record ModelOptions
{
    /// <summary>Input rows in pixels.</summary>
    public int Height { get; init; } = 224;

    /// <summary>Input columns in pixels.</summary>
    public int Width { get; init; } = 224;

    /// <summary>Input channels: 3 for colour, 1 for gray.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>
    /// Number of classes, at least 2; the output is a softmax over them, also over two. (ST gives two-class MobileNets one sigmoid unit; a softmax over two
    /// scores is the sigmoid of their difference, so both say the same, and here every network and every loss takes two classes.)
    /// </summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Share of elements dropped before the last layer while training, 0 to below 1; 0 builds no dropout.</summary>
    public float Dropout { get; init; }

    /// <summary>
    /// Share of samples whose last residual branch is dropped while training, 0 to below 1; earlier branches are dropped less often, in proportion to
    /// their depth. Networks with drop-connect only (EfficientNet); 0 builds none.
    /// </summary>
    public float DropConnect { get; init; } = 0.2f;

    /// <summary>Seed of the initial weights.</summary>
    public long Seed { get; init; }

    /// <summary>Preprocessing and class names that travel with the graph.</summary>
    public ModelMetadata Metadata { get; init; } = ModelMetadata.Empty;

    /// <summary>Checks what no layer checks by itself.</summary>
    /// <exception cref="KindlingException">A number is out of range, or the metadata describe another input or other classes.</exception>
    internal void Check(string model)
    {
        Require(Height >= 1 && Width >= 1, $"the input is {Height}x{Width}; it needs at least one pixel");
        Require(Channels >= 1, $"the input has {Channels} channels; it needs at least one");
        Require(Classes >= 2, $"{Classes} classes cannot be told apart; at least 2 are needed");
        Require(Dropout is >= 0 and < 1, $"dropout is {Dropout}; it must be from 0 to below 1");
        Require(DropConnect is >= 0 and < 1, $"drop-connect is {DropConnect}; it must be from 0 to below 1");
        var names = Metadata.ClassNames.Count;
        Require(names == 0 || names == Classes, $"{names} class names for {Classes} classes");
        if (Metadata.Preprocessing is { } p)
        {
            Require(
                p.Height == Height && p.Width == Width && p.Channels == Channels,
                $"preprocessing makes {p.Height}x{p.Width}x{p.Channels}, the input is {Height}x{Width}x{Channels}");
        }

        void Require(bool condition, string problem)
        {
            if (!condition)
                throw new KindlingException($"{model}: {problem}");
        }
    }
}
