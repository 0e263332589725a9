namespace Kindling.Graphs.Operators;

/// <summary>The activation a layer applies to its own output.</summary>
public enum Activation
{
    /// <summary>None.</summary>
    None,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>min(max(x, -1), 1).</summary>
    ReluN1To1,

    /// <summary>min(max(x, 0), 6).</summary>
    Relu6,
}

/// <summary>The range each activation clips to.</summary>
public static class Activations
{
    /// <summary>The smallest and largest value the activation lets through.</summary>
    public static (float Min, float Max) Range(this Activation activation) => activation switch
    {
        Activation.None => (float.NegativeInfinity, float.PositiveInfinity),
        Activation.Relu => (0, float.PositiveInfinity),
        Activation.ReluN1To1 => (-1, 1),
        Activation.Relu6 => (0, 6),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };
}
