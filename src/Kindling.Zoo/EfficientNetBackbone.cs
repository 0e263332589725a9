using Kindling.Graphs;

namespace Kindling.Zoo;

/// <summary>
/// The layers all EfficientNets share (Tan and Le 2019): seven stages of inverted bottlenecks with squeeze-and-excite, between a 3x3 stem and a 1x1
/// top. Layers stand in Keras' order under Keras' names: <c>block2a_expand_conv</c> is the expansion of the first block of stage 2.
/// </summary>
internal sealed class EfficientNetBackbone
{
    private readonly EfficientNetDesign _design;
    private readonly ModelOptions _options;
    private readonly GraphBuilder _b;

    public EfficientNetBackbone(EfficientNetDesign design, ModelOptions options)
    {
        options.Check(design.Name);
        _design = design;
        _options = options;
        _b = new GraphBuilder(design.Name, options.Seed);
    }

    private static readonly (int Kernel, int Stride, int Filters, int Repeats)[] Stages =
    [
        (3, 1, 16, 1), (3, 2, 24, 2), (5, 2, 40, 2), (3, 2, 80, 3), (5, 1, 112, 3), (5, 2, 192, 4), (3, 1, 320, 1),
    ];

    /// <summary>Writes the network down.</summary>
    public Graph Build()
    {
        var blocks = Stages.Sum(s => _design.Repeats(s.Repeats));
        var block = 0;

        var x = _b.Input("input", 1, _options.Height, _options.Width, _options.Channels);
        x = _b.Conv2D(x, _design.Filters(32), kernel: 3, stride: 2, bias: _design.HasBias, name: "stem_conv");
        x = NormalizeAndActivate(x, "stem_bn", "stem_activation");
        for (var stage = 0; stage < Stages.Length; stage++)
        {
            var (kernel, stride, filters, repeats) = Stages[stage];
            for (var i = 0; i < _design.Repeats(repeats); i++, block++)
            {
                x = Bottleneck(
                    x, $"block{stage + 1}{(char)('a' + i)}", kernel, i == 0 ? stride : 1, _design.Filters(filters),
                    expansion: stage == 0 ? 1 : _design.Expansion, drop: _options.DropConnect * block / blocks);
            }
        }

        x = _b.Conv2D(x, _design.Filters(1280), kernel: 1, bias: _design.HasBias, name: "top_conv");
        x = NormalizeAndActivate(x, "top_bn", "top_activation");
        x = _b.GlobalAveragePool(x, name: "avg_pool");
        if (_options.Dropout > 0)
            x = _b.Dropout(x, _options.Dropout, name: "top_dropout");
        x = _b.Dense(x, _options.Classes, name: "predictions");
        return _b.Build(_options.Metadata, _b.Softmax(x, name: "softmax"));
    }

    private Value Bottleneck(Value input, string block, int kernel, int stride, int filters, int expansion, float drop)
    {
        var x = input;
        if (expansion > 1)
        {
            x = _b.Conv2D(x, input.Shape.Channels * expansion, kernel: 1, bias: _design.HasBias, name: $"{block}_expand_conv");
            x = NormalizeAndActivate(x, $"{block}_expand_bn", $"{block}_expand_activation");
        }

        x = _b.DepthwiseConv2D(x, kernel, stride, bias: _design.HasBias, name: $"{block}_dwconv");
        x = NormalizeAndActivate(x, $"{block}_bn", $"{block}_activation");
        x = SqueezeAndExcite(x, $"{block}_se", Math.Max(1, input.Shape.Channels / 4));
        x = _b.Conv2D(x, filters, kernel: 1, bias: _design.HasBias, name: $"{block}_project_conv");
        x = _b.BatchNorm(x, name: $"{block}_project_bn");
        if (stride > 1 || filters != input.Shape.Channels)
            return x;
        if (drop > 0)
            x = _b.DropConnect(x, drop, name: $"{block}_drop");
        return _b.Add(x, input, name: $"{block}_add");
    }

    private Value SqueezeAndExcite(Value input, string block, int squeezed)
    {
        var x = _b.GlobalAveragePool(input, keepDimensions: true, name: $"{block}_squeeze");
        x = _design.Activate(_b, _b.Conv2D(x, squeezed, kernel: 1, name: $"{block}_reduce"), $"{block}_activation");
        x = _design.Gate(_b, _b.Conv2D(x, input.Shape.Channels, kernel: 1, name: $"{block}_expand"), block);
        return _b.Multiply(input, x, name: $"{block}_excite");
    }

    private Value NormalizeAndActivate(Value x, string normalization, string activation) =>
        _design.Activate(_b, _b.BatchNorm(x, name: normalization), activation);
}
