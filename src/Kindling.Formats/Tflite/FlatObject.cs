namespace Kindling.Formats.Tflite;

/// <summary>Something a FlatBuffer refers to by offset: a table, a vector, a text.</summary>
internal abstract class FlatObject
{
    /// <summary>Appends the object and returns where it starts.</summary>
    public abstract int Write(FlatOutput output);
}
