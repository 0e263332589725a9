using System.Collections.Frozen;
using Kindling.Formats.Onnx.Import.Operators;
using Kindling.Text;

namespace Kindling.Formats.Onnx.Import;

/// <summary>Which function reads which operator.</summary>
internal static class OperatorImports
{
    private static readonly FrozenDictionary<string, Action<ImportContext, OnnxNode>> Table =
        new Dictionary<string, Action<ImportContext, OnnxNode>>(StringComparer.Ordinal)
        {
            ["Add"] = BinaryImport.Add,
            ["AveragePool"] = PoolImport.Average,
            ["BatchNormalization"] = BatchNormImport.Import,
            ["Cast"] = IdentityImport.Cast,
            ["Clip"] = ActivationImport.ClipRange,
            ["Concat"] = ConcatImport.Import,
            ["Constant"] = ConstantImport.Import,
            ["Conv"] = ConvImport.Import,
            ["DequantizeLinear"] = QuantizeImport.Dequantize,
            ["Div"] = BinaryImport.Divide,
            ["Dropout"] = IdentityImport.Drop,
            ["Flatten"] = ShapeImport.Flatten,
            ["Gemm"] = DenseImport.Gemm,
            ["GlobalAveragePool"] = MeanImport.Global,
            ["GlobalMaxPool"] = PoolImport.GlobalMax,
            ["HardSigmoid"] = ActivationImport.HardSigmoid,
            ["HardSwish"] = ActivationImport.HardSwish,
            ["Identity"] = IdentityImport.Identity,
            ["LeakyRelu"] = ActivationImport.LeakyRelu,
            ["MatMul"] = DenseImport.MatMul,
            ["MaxPool"] = PoolImport.Max,
            ["Mul"] = BinaryImport.Multiply,
            ["Pad"] = PadImport.Import,
            ["QLinearConv"] = QLinearImport.Conv,
            ["QLinearMatMul"] = QLinearImport.MatMul,
            ["QuantizeLinear"] = QuantizeImport.Quantize,
            ["ReduceMean"] = MeanImport.Reduce,
            ["Relu"] = ActivationImport.Relu,
            ["Reshape"] = ShapeImport.Reshape,
            ["Sigmoid"] = ActivationImport.Logistic,
            ["Softmax"] = SoftmaxImport.Import,
            ["Squeeze"] = ShapeImport.Squeeze,
            ["Sub"] = BinaryImport.Subtract,
            ["Sum"] = BinaryImport.Sum,
            ["Transpose"] = ShapeImport.Transpose,
            ["Unsqueeze"] = ShapeImport.Unsqueeze,
            ["com.microsoft.QGemm"] = QLinearImport.Gemm,
            ["com.microsoft.QLinearAdd"] = QLinearImport.Add,
            ["com.microsoft.QLinearAveragePool"] = QLinearImport.Average,
            ["com.microsoft.QLinearConcat"] = QLinearImport.Concat,
            ["com.microsoft.QLinearGlobalAveragePool"] = QLinearImport.GlobalAverage,
            ["com.microsoft.QLinearMul"] = QLinearImport.Multiply,
            ["com.microsoft.QLinearSigmoid"] = QLinearImport.Logistic,
            ["com.microsoft.QLinearSoftmax"] = QLinearImport.Softmax,
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The operators that are read, in order.</summary>
    public static IEnumerable<string> Supported => Table.Keys.Order(StringComparer.Ordinal);

    /// <summary>Reads one node.</summary>
    public static void Import(ImportContext context, OnnxNode node)
    {
        if (ConstantFolding.TryFold(context, node))
            return;
        if (!Table.TryGetValue(node.Type, out var import))
            throw node.Fault($"operator {node.Type} is not supported{Suggestion.DidYouMean(node.Type, Supported)}; supported are {string.Join(", ", Supported)}");
        import(context, node);
    }
}
