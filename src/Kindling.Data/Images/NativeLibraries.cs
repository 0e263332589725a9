using System.Reflection;
using System.Runtime.InteropServices;

namespace Kindling.Data.Images;

/// <summary>Finds the system's image libraries under the names they have on Linux, macOS and Windows, and says which package holds a missing one.</summary>
internal static class NativeLibraries
{
    public const string TurboJpeg = "kindling-turbojpeg";
    public const string Png = "kindling-png16";
    public const string Webp = "kindling-webp";

    private static readonly bool Registered = Register();

    /// <summary>Installs the resolver on first use; called before the first native call of every codec.</summary>
    public static void Prepare() => _ = Registered;

    /// <summary>The message for a library that is not installed.</summary>
    public static KindlingException Missing(string name, string format, string package, Exception cause) =>
        new($"Cannot read image '{name}': decoding {format} needs the system library of Debian package '{package}', which is not installed. Install it with: apt-get install {package}", cause);

    private static bool Register()
    {
        NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);
        return true;
    }

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? searchPath)
    {
        string[] candidates = library switch
        {
            TurboJpeg => ["libturbojpeg.so.0", "libturbojpeg.0.dylib", "libturbojpeg.dylib", "turbojpeg.dll", "libturbojpeg.dll"],
            Png => ["libpng16.so.16", "libpng16.16.dylib", "libpng16.dylib", "libpng16.dll"],
            Webp => ["libwebp.so.7", "libwebp.7.dylib", "libwebp.dylib", "libwebp.dll"],
            _ => [],
        };
        foreach (string candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, assembly, searchPath, out nint handle))
                return handle;
        }

        return 0;
    }
}
