namespace Kindling.Training.Optimizers;

/// <summary>How weights follow their gradients. The formulas and defaults are Keras'.</summary>
public abstract class Optimizer
{
    private float _learningRate = 1e-3f;

    /// <summary>Step size; schedules and callbacks change it between epochs.</summary>
    public float LearningRate
    {
        get => _learningRate;
        set => _learningRate = value is >= 0 && float.IsFinite(value)
            ? value
            : throw new KindlingException($"learning rate {value} is not a number from 0 up");
    }

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
}
