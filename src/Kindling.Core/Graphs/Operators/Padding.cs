namespace Kindling.Graphs.Operators;

/// <summary>Zero rows and columns added around an image before a window slides over it.</summary>
/// <param name="Top">Rows above.</param>
/// <param name="Left">Columns before.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="Right">Columns after.</param>
public readonly record struct Padding(int Top, int Left, int Bottom, int Right)
{
    /// <summary>No padding: TensorFlow's VALID.</summary>
    public static Padding None => default;

    /// <summary>True when nothing is added.</summary>
    public bool IsNone => this == default;

    /// <summary>The same padding on all four sides.</summary>
    public static Padding Uniform(int pixels) => new(pixels, pixels, pixels, pixels);

    /// <summary>TensorFlow's SAME: the output has ceil(input / stride) rows and columns, the odd pixel goes below and to the right.</summary>
    public static Padding Same(Size2D input, Size2D kernel, Size2D stride, Size2D dilation)
    {
        var (top, bottom) = SameAlong(input.Height, kernel.Height, stride.Height, dilation.Height);
        var (left, right) = SameAlong(input.Width, kernel.Width, stride.Width, dilation.Width);
        return new Padding(top, left, bottom, right);
    }

    /// <summary>This padding extended below and to the right so that the output size rounds up, as Caffe's pooling does.</summary>
    public Padding WithCeil(Size2D input, Size2D kernel, Size2D stride)
    {
        var extraRows = Extra(input.Height + Top + Bottom, kernel.Height, stride.Height);
        var extraColumns = Extra(input.Width + Left + Right, kernel.Width, stride.Width);
        return this with { Bottom = Bottom + extraRows, Right = Right + extraColumns };

        static int Extra(int padded, int kernel, int stride)
        {
            var rest = (padded - kernel) % stride;
            return rest == 0 ? 0 : stride - rest;
        }
    }

    /// <summary>The number of positions a window takes along one side; 0 when it does not fit.</summary>
    public static int Positions(int input, int before, int after, int kernel, int stride, int dilation)
    {
        var span = ((kernel - 1) * dilation) + 1;
        var room = input + before + after - span;
        return room < 0 ? 0 : (room / stride) + 1;
    }

    private static (int Before, int After) SameAlong(int input, int kernel, int stride, int dilation)
    {
        var output = (input + stride - 1) / stride;
        var total = Math.Max(0, ((output - 1) * stride) + ((kernel - 1) * dilation) + 1 - input);
        return (total / 2, total - (total / 2));
    }
}
