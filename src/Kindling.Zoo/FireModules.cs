using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Zoo;

/// <summary>Writes the numbered fire modules of SqueezeNet and what all its versions begin and end with.</summary>
internal sealed class FireModules
{
    private readonly string _name;
    private readonly ModelOptions _options;

    public FireModules(string name, ModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check(name);
        _name = name;
        _options = options;
        Builder = new GraphBuilder(name, options.Seed);
    }

    /// <summary>The layers so far.</summary>
    public GraphBuilder Builder { get; }

    /// <summary>The number of the last module. The first convolution is module 1.</summary>
    public int Number { get; set; } = 1;

    /// <summary>The network's input.</summary>
    public Value Input() => Builder.Input("input", 1, _options.Height, _options.Width, _options.Channels);

    /// <summary>The next fire module: 1x1 squeeze, then 1x1 and 3x3 expand side by side, ReLU after each; <c>2 expand</c> channels.</summary>
    /// <param name="x">Input.</param>
    /// <param name="squeeze">Filters of the squeeze convolution.</param>
    /// <param name="expand">Filters of each expand convolution.</param>
    /// <param name="normalize">Batch normalization between squeeze and expand, behind the ReLU.</param>
    public Value Fire(Value x, int squeeze, int expand, bool normalize = false)
    {
        var fire = $"fire{++Number}";
        var squeezed = Builder.Conv2D(x, squeeze, kernel: 1, activation: Activation.Relu, name: $"{fire}/squeeze1x1");
        if (normalize)
            squeezed = Builder.BatchNorm(squeezed, name: $"{fire}/bn");
        var narrow = Builder.Conv2D(squeezed, expand, kernel: 1, activation: Activation.Relu, name: $"{fire}/expand1x1");
        var wide = Builder.Conv2D(squeezed, expand, kernel: 3, activation: Activation.Relu, name: $"{fire}/expand3x3");
        return Builder.Concat($"{fire}/concat", narrow, wide);
    }

    /// <summary>Max pooling 3x3 of stride 2, named after the module before it.</summary>
    public Value Pool(Value x, BorderMode border) => Builder.MaxPool2D(x, kernel: 3, stride: 2, border, name: $"pool{Number}");

    /// <summary>Dropout behind the last module, where asked for.</summary>
    public Value Drop(Value x) => _options.Dropout > 0 ? Builder.Dropout(x, _options.Dropout, name: $"drop{Number}") : x;

    /// <summary>The classifying 1x1 convolution.</summary>
    public Value Classify(Value x, int padding = 0, Activation activation = Activation.Relu) =>
        Builder.Conv2D(x, _options.Classes, kernel: 1, padding: Padding.Uniform(padding), activation: activation, name: "conv10");

    /// <summary>Mean over the map of each class and softmax.</summary>
    /// <exception cref="GraphException">The graph is not sound.</exception>
    public Graph Finish(Value x) =>
        Builder.Build(_options.Metadata, Builder.Softmax(Builder.GlobalAveragePool(x, name: "pool10"), name: "softmax"));

    /// <inheritdoc/>
    public override string ToString() => _name;
}
