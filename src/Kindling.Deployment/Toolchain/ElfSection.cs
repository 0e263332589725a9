namespace Kindling.Deployment;

/// <summary>One section of an ELF file.</summary>
/// <param name="Name">Its name: <c>.network_weights</c>.</param>
/// <param name="Address">Where it lies on the target.</param>
/// <param name="Bytes">Its size in memory.</param>
/// <param name="IsAllocated">True when it takes memory on the target.</param>
/// <param name="IsWritable">True when it lies in RAM.</param>
/// <param name="HasContents">False for zero-initialized or uninitialized memory, which takes no flash.</param>
public sealed record ElfSection(string Name, uint Address, uint Bytes, bool IsAllocated, bool IsWritable, bool HasContents);
