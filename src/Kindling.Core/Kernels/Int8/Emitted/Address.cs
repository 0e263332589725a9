namespace Kindling.Kernels.Int8.Emitted;

/// <summary>A place in memory: <c>base + index * scale + displacement</c>.</summary>
/// <param name="Base">The register that holds the base.</param>
/// <param name="Displacement">Bytes added.</param>
/// <param name="Index">A second register, if any; not <see cref="Register.Rsp"/>.</param>
/// <param name="Scale">1, 2, 4 or 8 times the index.</param>
internal readonly record struct Address(Register Base, int Displacement = 0, Register? Index = null, int Scale = 1);
