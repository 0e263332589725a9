using FsCheck;
using FsCheck.Fluent;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Tests.Kernels.Float;

/// <summary>Properties over randomly drawn cases; a failure prints the seed of the case.</summary>
internal static class RandomCases
{
    private static readonly Activation[] Activations = Enum.GetValues<Activation>();

    public static void ForAll(int cases, Action<RandomStream> check)
    {
        var property = Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => check(new RandomStream(seed)));
        property.Check(Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(20261, 77).WithQuietOnSuccess(true));
    }

    public static int Between(ref this RandomStream random, int least, int most) => least + random.NextInt32(most - least + 1);

    public static bool Chance(ref this RandomStream random, float probability) => random.NextSingle() < probability;

    public static Size2D Size(ref this RandomStream random, int least, int most)
    {
        var height = random.Between(least, most);
        return new Size2D(height, random.Chance(0.6f) ? height : random.Between(least, most));
    }

    public static Padding Padding(ref this RandomStream random, int most) => random.Chance(0.3f)
        ? Kindling.Graphs.Operators.Padding.None
        : new Padding(random.Between(0, most), random.Between(0, most), random.Between(0, most), random.Between(0, most));

    public static Activation Activation(ref this RandomStream random) => Activations[random.NextInt32(Activations.Length)];
}
