namespace Kindling.Formats.Onnx;

/// <summary>How an int8 network is written.</summary>
public enum OnnxQuantization
{
    /// <summary>Float operators between QuantizeLinear and DequantizeLinear; opset 13 or newer.</summary>
    Qdq,

    /// <summary>Operators on 8-bit integers: QLinearConv and ONNX Runtime's QLinearAdd, QGemm, …; opset 12 or newer.</summary>
    QOperator,
}
