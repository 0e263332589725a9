using Kindling.Deployment.Generation.Operators;
using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Deployment.Generation;

/// <summary>Chooses how a node is written in C.</summary>
internal static class OperatorEmitter
{
    private const string Supported =
        "CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, MAX_POOL_2D, AVERAGE_POOL_2D, MEAN, ADD, SUB, MUL, CONCATENATION, PAD, CLIP (RELU, RELU6), "
        + "LOGISTIC, HARD_SWISH, LEAKY_RELU, SOFTMAX, RESHAPE, QUANTIZE, DEQUANTIZE";

    /// <summary>Writes one node.</summary>
    /// <exception cref="KindlingException">There is no C kernel for it; the message names the node and the operator.</exception>
    public static void Emit(NetworkSource source, Node node)
    {
        switch (node.Operator)
        {
            case Conv2D conv: Conv2DEmitter.Emit(source, node, conv); break;
            case DepthwiseConv2D conv: Conv2DEmitter.Emit(source, node, conv); break;
            case Dense dense: FullyConnectedEmitter.Emit(source, node, dense); break;
            case MaxPool2D pool: PoolEmitter.Emit(source, node, pool); break;
            case AveragePool2D pool: PoolEmitter.Emit(source, node, pool); break;
            case GlobalAveragePool: MeanEmitter.Emit(source, node); break;
            case Add add: AddEmitter.Emit(source, node, add); break;
            case Subtract subtract: AddEmitter.Emit(source, node, subtract); break;
            case Multiply multiply: MultiplyEmitter.Emit(source, node, multiply); break;
            case Concat concat: ConcatEmitter.Emit(source, node, concat); break;
            case Pad pad: PadEmitter.Emit(source, node, pad); break;
            case Clip clip: ClipEmitter.Emit(source, node, clip); break;
            case Sigmoid or HardSwish or LeakyRelu: LookupEmitter.Emit(source, node); break;
            case Softmax softmax: SoftmaxEmitter.Emit(source, node, softmax); break;
            case Quantize: QuantizeEmitter.Emit(source, node); break;
            case Dequantize: DequantizeEmitter.Emit(source, node); break;
            case Reshape: ConcatEmitter.EmitCopy(source, node); break;
            default: throw source.Fail($"there is no C kernel for this operator; there are some for {Supported}");
        }
    }
}
