namespace Kindling.Training.Schedules;

/// <summary>The learning rate of each epoch. Names and parameters are those of ST's model zoo services.</summary>
public abstract class LearningRateSchedule
{
    /// <summary>The learning rate of an epoch, counted from 0.</summary>
    public abstract float At(int epoch);
}
