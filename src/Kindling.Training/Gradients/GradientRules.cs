using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Training.Planning;
using Kindling.Training.QuantizationAware;

namespace Kindling.Training.Gradients;

/// <summary>The gradient rules by operator.</summary>
internal static class GradientRules
{
    private static readonly Dictionary<Type, GradientRule> Rules = new()
    {
        [typeof(Add)] = new AddGradient(),
        [typeof(AveragePool2D)] = new AveragePool2DGradient(),
        [typeof(Clip)] = new ClipGradient(),
        [typeof(Concat)] = new ConcatGradient(),
        [typeof(Conv2D)] = new Conv2DGradient(),
        [typeof(Dense)] = new DenseGradient(),
        [typeof(DepthwiseConv2D)] = new DepthwiseConv2DGradient(),
        [typeof(Dropout)] = new DropoutGradient(),
        [typeof(FakeQuantize)] = new FakeQuantizeGradient(),
        [typeof(GlobalAveragePool)] = new GlobalAveragePoolGradient(),
        [typeof(MaxPool2D)] = new MaxPool2DGradient(),
        [typeof(Multiply)] = new MultiplyGradient(),
        [typeof(Pad)] = new PadGradient(),
        [typeof(Reshape)] = new ReshapeGradient(),
        [typeof(Sigmoid)] = new SigmoidGradient(),
        [typeof(Softmax)] = new SoftmaxGradient(),
        [typeof(TrainingBatchNorm)] = new BatchNormGradient(),
    };

    /// <summary>The rule of a node's operator.</summary>
    /// <exception cref="GraphException">The operator cannot be trained.</exception>
    public static GradientRule For(Node node) =>
        Rules.TryGetValue(node.Operator.GetType(), out var rule)
            ? rule
            : throw new GraphException($"{node.Name} ({node.Operator.Kind}) has no gradient: this operator cannot be trained");
}
