namespace Kindling.Training.Optimizers;

/// <summary>How weights follow their gradients. The formulas and defaults are Keras'.</summary>
public abstract class Optimizer
{
    private float _learningRate = 1e-3f;
    private readonly float? _clipValue;
    private readonly float? _clipNorm;
    private readonly float? _globalClipNorm;

    /// <summary>Step size; schedules and callbacks change it between epochs.</summary>
    public float LearningRate
    {
        get => _learningRate;
        set => _learningRate = value is >= 0 && float.IsFinite(value)
            ? value
            : throw new KindlingException($"learning rate {value} is not a number from 0 up");
    }

    /// <summary>Largest size of a gradient's element; null for no limit (Keras' <c>clipvalue</c>).</summary>
    public float? ClipValue
    {
        get => _clipValue;
        init => _clipValue = Positive("clipvalue", value);
    }

    /// <summary>Largest length of each parameter's gradient; null for no limit (Keras' <c>clipnorm</c>).</summary>
    public float? ClipNorm
    {
        get => _clipNorm;
        init => _clipNorm = Positive("clipnorm", value);
    }

    /// <summary>Largest length of all gradients together; null for no limit (Keras' <c>global_clipnorm</c>).</summary>
    public float? GlobalClipNorm
    {
        get => _globalClipNorm;
        init => _globalClipNorm = Positive("global_clipnorm", value);
    }

    /// <summary>True when a limit is set.</summary>
    internal bool Clips => ClipValue is not null || ClipNorm is not null || GlobalClipNorm is not null;

    /// <summary>The optimizer's name as configurations spell it.</summary>
    public abstract string Name { get; }

    /// <summary>Names of the numbers kept for each parameter, at most two.</summary>
    public abstract IReadOnlyList<string> Slots { get; }

    /// <summary>Updates some parameters.</summary>
    /// <param name="range">The parameters.</param>
    /// <param name="step">The number of this update, from 1.</param>
    internal abstract void Update(in UpdateRange range, long step);

    /// <summary>Throws when a hyperparameter is outside its range.</summary>
    protected static float Checked(string name, float value, float low, float below) =>
        value >= low && value < below ? value : throw new KindlingException($"{name} {value} is not in {low} to {below}");

    private static float? Positive(string name, float? value) =>
        value is null or > 0 ? value : throw new KindlingException($"{name} {value} is not above 0");
}
