using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Tests.Graphs;

public sealed class GraphCheckTests
{
    private static readonly Shape Shape = new(1, 4);

    [Fact]
    public void A_value_read_before_it_is_produced_is_named()
    {
        var (x, y, z) = (Activation("x"), Activation("y"), Activation("z"));
        Fails(
            "first_relu (RELU) reads y before it is produced",
            () => new Graph("g", [x], [z], [new Node("first_relu", Clip.Relu, [y], z), new Node("second", Clip.Relu, [x], y)]));
    }

    [Fact]
    public void A_value_produced_twice_is_named()
    {
        var (x, y) = (Activation("x"), Activation("y"));
        Fails("g: y is produced twice", () => new Graph("g", [x], [y], [new Node("a", Clip.Relu, [x], y), new Node("b", Clip.Relu6, [x], y)]));
    }

    [Fact]
    public void Two_values_of_one_name_are_an_error()
    {
        var (x, y) = (Activation("x"), Activation("x"));
        Fails("g: two values are called x", () => new Graph("g", [x], [y], [new Node("a", Clip.Relu, [x], y)]));
    }

    [Fact]
    public void An_output_nobody_produces_is_named()
    {
        var (x, y) = (Activation("x"), Activation("y"));
        Fails("g: output y is never produced", () => new Graph("g", [x], [y], []));
    }

    [Fact]
    public void A_constant_cannot_be_an_input()
    {
        var c = new Value("c", new Tensor(ElementType.Float32, Shape));
        Fails("g: input c is a constant", () => new Graph("g", [c], [c], []));
    }

    [Fact]
    public void A_declared_output_shape_must_be_the_inferred_one()
    {
        var x = Activation("x");
        var y = new Value("y", ElementType.Float32, new Shape(1, 5));
        Fails("a (RELU): the output is declared [1, 5] but works out as [1, 4]", () => new Graph("g", [x], [y], [new Node("a", Clip.Relu, [x], y)]));
    }

    private static Value Activation(string name) => new(name, ElementType.Float32, Shape);

    private static void Fails(string message, Func<Graph> create) => Assert.Equal(message, Assert.Throws<GraphException>(create).Message);
}
