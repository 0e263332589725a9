namespace Kindling.Training.Kernels;

/// <summary>What a loss reads beside the logits, and what it writes beside the gradient.</summary>
internal unsafe struct LossBuffers
{
    /// <summary>The label of each sample.</summary>
    public int* Labels;

    /// <summary>[batch, classes] distributions to learn; null learns the labels.</summary>
    public float* Targets;

    /// <summary>[batch, classes] scores of a teacher before its softmax; null without one.</summary>
    public float* Teacher;

    /// <summary>[batch, features] a teacher's features; null without.</summary>
    public float* Features;

    /// <summary>Receives the loss of each sample.</summary>
    public float* Losses;

    /// <summary>Receives 1 for each sample whose largest logit is its label's, otherwise 0.</summary>
    public int* Correct;
}
