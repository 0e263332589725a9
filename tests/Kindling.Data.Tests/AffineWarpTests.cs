using Kindling.Data.Augmentation;
using Kindling.Graphs;

namespace Kindling.Data.Tests;

public sealed class AffineWarpTests
{
    [Theory]
    [InlineData("Reflect", 3)]
    [InlineData("Reflect", 1)]
    [InlineData("Constant", 3)]
    [InlineData("Constant", 1)]
    [InlineData("Wrap", 3)]
    [InlineData("Wrap", 1)]
    [InlineData("Nearest", 3)]
    [InlineData("Nearest", 1)]
    public void The_fast_path_equals_the_definition_for_any_map_and_size(string fill, int channels)
    {
        var options = new WarpOptions(Enum.Parse<FillMode>(fill), Interpolation.Bilinear, 0.25f);
        var random = new Random(9);
        for (int n = 0; n < 150; n++)
        {
            int height = random.Next(1, 20), width = random.Next(1, 20);
            var domain = new ImageDomain(new Preprocessing(height, width, channels == 1 ? ColorMode.Grayscale : ColorMode.Rgb, [1], [0]));
            float[] source = [.. Enumerable.Range(0, (height * width * channels) + AffineWarp.SourcePadding).Select(_ => (float)random.NextDouble())];
            float[] warped = new float[height * width * channels];
            var map = new AffineTransform(Coefficient(random), Coefficient(random), Shift(random), Coefficient(random), Coefficient(random), Shift(random));

            AffineWarp.Apply(source, warped, domain, map, options);

            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    for (int c = 0; c < channels; c++)
                        Assert.Equal(Define(source, domain, map, options, y, x, c), warped[(((y * width) + x) * channels) + c], 2e-4f);
                }
            }
        }
    }

    /// <summary>Whole and half numbers as well, so that positions fall on edges exactly.</summary>
    private static double Coefficient(Random random) => random.Next(3) == 0 ? random.Next(-2, 3) / 2.0 : (random.NextDouble() * 3) - 1.5;

    private static double Shift(Random random) => random.Next(2) == 0 ? random.Next(-40, 41) / 2.0 : (random.NextDouble() * 40) - 20;

    private static double Define(float[] source, ImageDomain domain, AffineTransform map, WarpOptions options, int y, int x, int c)
    {
        double sx = (map.A * x) + (map.B * y) + map.C, sy = (map.D * x) + (map.E * y) + map.F;
        int x0 = (int)Math.Floor(sx), y0 = (int)Math.Floor(sy);
        double fx = sx - x0, fy = sy - y0;
        return ((At(y0, x0) * (1 - fx)) + (At(y0, x0 + 1) * fx)) * (1 - fy) + (((At(y0 + 1, x0) * (1 - fx)) + (At(y0 + 1, x0 + 1) * fx)) * fy);

        double At(int row, int column)
        {
            (row, column) = (Beyond(row, domain.Height, options.Fill), Beyond(column, domain.Width, options.Fill));
            return row < 0 || column < 0 ? options.FillValue : source[(((row * domain.Width) + column) * domain.Channels) + c];
        }
    }

    /// <summary>Walks step by step, as the pictures of the fill modes show it.</summary>
    private static int Beyond(int i, int length, FillMode fill)
    {
        while (i < 0 || i >= length)
        {
            switch (fill)
            {
                case FillMode.Constant:
                    return -1;
                case FillMode.Nearest:
                    i = i < 0 ? 0 : length - 1;
                    break;
                case FillMode.Wrap:
                    i += i < 0 ? length : -length;
                    break;
                default:
                    i = i < 0 ? -1 - i : (2 * length) - 1 - i;
                    break;
            }
        }

        return i;
    }
}
