using System.Reflection;
using System.Runtime.InteropServices;

namespace Kindling.Formats.Keras;

/// <summary>The system's libhdf5 (1.10 and later: identifiers of 64 bits). It is not thread-safe, so every use holds <see cref="Gate"/>.</summary>
internal static unsafe partial class Hdf5Library
{
    /// <summary>The package that holds the library on Debian.</summary>
    public const string Package = "libhdf5-103-1";

    /// <summary><c>H5T_class_t</c> of integers.</summary>
    public const int ClassInteger = 0;

    /// <summary><c>H5T_class_t</c> of floating-point numbers.</summary>
    public const int ClassFloat = 1;

    /// <summary><c>H5T_class_t</c> of text.</summary>
    public const int ClassString = 3;

    private const string Name = "kindling-hdf5";

    private static readonly string[] Candidates =
    [
        "libhdf5_serial.so.103", "libhdf5.so.103", "libhdf5_serial.so.310", "libhdf5.so.310", "libhdf5.so.200", "libhdf5.so",
        "libhdf5.103.dylib", "libhdf5.dylib", "hdf5.dll",
    ];

    private static long _nativeFloat;

    static Hdf5Library() => NativeLibrary.SetDllImportResolver(typeof(Hdf5Library).Assembly, Resolve);

    /// <summary>Held during every call.</summary>
    public static Lock Gate { get; } = new();

    /// <summary>Loads the library; <paramref name="file"/> is what the error message says cannot be read.</summary>
    /// <exception cref="KindlingException">It is not installed; the message names the package.</exception>
    public static void Prepare(string file)
    {
        if (_nativeFloat != 0)
            return;
        var library = Load(typeof(Hdf5Library).Assembly, null);
        if (library == 0)
        {
            throw new KindlingException(
                $"{file} cannot be read: HDF5 needs the system library of Debian package '{Package}', which is not installed. Install it with: apt-get install {Package}");
        }

        if (Open() < 0)
            throw new KindlingException($"{file} cannot be read: libhdf5 does not start");
        _ = SetErrorPrinting(0, 0, 0);
        _nativeFloat = *(long*)NativeLibrary.GetExport(library, "H5T_NATIVE_FLOAT_g");
    }

    /// <summary>The type of a float in memory.</summary>
    public static long NativeFloat => _nativeFloat;

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? path) => library == Name ? Load(assembly, path) : 0;

    private static nint Load(Assembly assembly, DllImportSearchPath? path)
    {
        foreach (var candidate in Candidates)
        {
            if (NativeLibrary.TryLoad(candidate, assembly, path, out var handle))
                return handle;
        }

        return 0;
    }

    [LibraryImport(Name, EntryPoint = "H5open")]
    private static partial int Open();

    [LibraryImport(Name, EntryPoint = "H5Eset_auto2")]
    private static partial int SetErrorPrinting(long stack, nint function, nint data);

    [LibraryImport(Name, EntryPoint = "H5Fopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial long OpenFile(string path, uint flags, long properties);

    [LibraryImport(Name, EntryPoint = "H5Fclose")]
    public static partial int CloseFile(long file);

    [LibraryImport(Name, EntryPoint = "H5Lexists", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LinkExists(long location, string name, long properties);

    [LibraryImport(Name, EntryPoint = "H5Oopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial long OpenObject(long location, string name, long properties);

    [LibraryImport(Name, EntryPoint = "H5Oclose")]
    public static partial int CloseObject(long item);

    [LibraryImport(Name, EntryPoint = "H5Iget_type")]
    public static partial int KindOf(long item);

    [LibraryImport(Name, EntryPoint = "H5Aexists", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AttributeExists(long item, string name);

    [LibraryImport(Name, EntryPoint = "H5Aopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial long OpenAttribute(long item, string name, long properties);

    [LibraryImport(Name, EntryPoint = "H5Aget_type")]
    public static partial long AttributeType(long attribute);

    [LibraryImport(Name, EntryPoint = "H5Aget_space")]
    public static partial long AttributeSpace(long attribute);

    [LibraryImport(Name, EntryPoint = "H5Aread")]
    public static partial int ReadAttribute(long attribute, long type, void* buffer);

    [LibraryImport(Name, EntryPoint = "H5Aclose")]
    public static partial int CloseAttribute(long attribute);

    [LibraryImport(Name, EntryPoint = "H5Tget_class")]
    public static partial int TypeClass(long type);

    [LibraryImport(Name, EntryPoint = "H5Tget_size")]
    public static partial nuint TypeSize(long type);

    [LibraryImport(Name, EntryPoint = "H5Tis_variable_str")]
    public static partial int IsVariableString(long type);

    [LibraryImport(Name, EntryPoint = "H5Tclose")]
    public static partial int CloseType(long type);

    [LibraryImport(Name, EntryPoint = "H5Sget_simple_extent_npoints")]
    public static partial long SpacePoints(long space);

    [LibraryImport(Name, EntryPoint = "H5Sget_simple_extent_ndims")]
    public static partial int SpaceRank(long space);

    [LibraryImport(Name, EntryPoint = "H5Sget_simple_extent_dims")]
    public static partial int SpaceDimensions(long space, ulong* dimensions, ulong* largest);

    [LibraryImport(Name, EntryPoint = "H5Sclose")]
    public static partial int CloseSpace(long space);

    [LibraryImport(Name, EntryPoint = "H5Dget_type")]
    public static partial long DatasetType(long dataset);

    [LibraryImport(Name, EntryPoint = "H5Dget_space")]
    public static partial long DatasetSpace(long dataset);

    [LibraryImport(Name, EntryPoint = "H5Dread")]
    public static partial int ReadDataset(long dataset, long type, long memorySpace, long fileSpace, long properties, void* buffer);

    [LibraryImport(Name, EntryPoint = "H5Dvlen_reclaim")]
    public static partial int Reclaim(long type, long space, long properties, void* buffer);
}
