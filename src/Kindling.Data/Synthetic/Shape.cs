namespace Kindling.Data;

/// <summary>A shape inside the unit circle.</summary>
/// <param name="Name">The class name.</param>
/// <param name="Distance">Signed distance of a point to the outline, negative inside; a lower bound of it is good enough outside.</param>
internal sealed record Shape(string Name, Func<float, float, float> Distance);
