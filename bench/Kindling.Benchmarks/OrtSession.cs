using System.Runtime.InteropServices;
using System.Text;

namespace Kindling.Benchmarks;

/// <summary>
/// A model in ONNX Runtime, called in this process through its C interface, so that one clock measures both. The library is the one in the npm
/// package <c>onnxruntime-node</c>. The numbers below are positions in its published table of functions.
/// </summary>
internal sealed unsafe class OrtSession : IDisposable
{
    private const int ApiVersion = 14;
    private const int TypeFloat = 1;
    private const int TypeUInt8 = 2;
    private static nint _library;
    private static void** _api;
    private static nint _env;
    private readonly nint _session;
    private readonly nint _input;
    private readonly nint _inputName;
    private readonly nint _outputName;
    private readonly GCHandle _pinned;
    private nint _output;

    /// <summary>Loads a model.</summary>
    /// <param name="model">The bytes of an ONNX file with one input <c>[batch, C, H, W]</c>.</param>
    /// <param name="threads">Threads in an operator.</param>
    /// <param name="elements">The input: <c>float[]</c> or <c>byte[]</c>.</param>
    /// <param name="dimensions">Extents of the input.</param>
    public OrtSession(byte[] model, int threads, Array elements, long[] dimensions)
    {
        if (_library == 0)
            throw new InvalidOperationException("ONNX Runtime is not loaded");
        nint options, session, info, value, allocator, inputName, outputName;
        Check(((delegate* unmanaged<nint*, nint>)_api[10])(&options));
        Check(((delegate* unmanaged<nint, int, nint>)_api[23])(options, 99));
        Check(((delegate* unmanaged<nint, int, nint>)_api[24])(options, threads));
        Check(((delegate* unmanaged<nint, int, nint>)_api[25])(options, 1));
        fixed (byte* bytes = model)
            Check(((delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint>)_api[8])(_env, bytes, (nuint)model.Length, options, &session));
        ((delegate* unmanaged<nint, void>)_api[100])(options);
        Check(((delegate* unmanaged<int, int, nint*, nint>)_api[69])(0, 0, &info));
        _pinned = GCHandle.Alloc(elements, GCHandleType.Pinned);
        var isFloat = elements is float[];
        fixed (long* shape = dimensions)
        {
            Check(((delegate* unmanaged<nint, nint, nuint, long*, nuint, int, nint*, nint>)_api[49])(
                info, _pinned.AddrOfPinnedObject(), (nuint)(elements.Length * (isFloat ? sizeof(float) : 1)), shape, (nuint)dimensions.Length,
                isFloat ? TypeFloat : TypeUInt8, &value));
        }

        ((delegate* unmanaged<nint, void>)_api[94])(info);
        Check(((delegate* unmanaged<nint*, nint>)_api[78])(&allocator));
        Check(((delegate* unmanaged<nint, nuint, nint, nint*, nint>)_api[36])(session, 0, allocator, &inputName));
        Check(((delegate* unmanaged<nint, nuint, nint, nint*, nint>)_api[37])(session, 0, allocator, &outputName));
        (_session, _input, _inputName, _outputName) = (session, value, inputName, outputName);
    }

    /// <summary>The library's version.</summary>
    public static string Version { get; private set; } = "";

    /// <summary>Loads the library; false when there is none at <paramref name="path"/>.</summary>
    public static bool TryLoad(string? path)
    {
        if (path is null || !File.Exists(path))
            return false;
        _library = NativeLibrary.Load(Path.GetFullPath(path));
        var start = (delegate* unmanaged<void**>)NativeLibrary.GetExport(_library, "OrtGetApiBase");
        var functions = start();
        _api = ((delegate* unmanaged<uint, void**>)functions[0])(ApiVersion);
        Version = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)functions[1])()) ?? "";
        nint env;
        fixed (byte* name = Encoding.UTF8.GetBytes("bench\0"))
            Check(((delegate* unmanaged<int, byte*, nint*, nint>)_api[3])(3, name, &env));
        _env = env;
        return true;
    }

    /// <summary>Computes the output anew.</summary>
    public void Run()
    {
        ReleaseOutput();
        nint input = _input, inputName = _inputName, outputName = _outputName, output = 0;
        Check(((delegate* unmanaged<nint, nint, nint*, nint*, nuint, nint*, nuint, nint*, nint>)_api[9])(
            _session, 0, &inputName, &input, 1, &outputName, 1, &output));
        _output = output;
    }

    /// <summary>The first <paramref name="count"/> floats of the last output.</summary>
    public float[] Output(int count)
    {
        nint data;
        Check(((delegate* unmanaged<nint, nint*, nint>)_api[51])(_output, &data));
        return new ReadOnlySpan<float>((void*)data, count).ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ReleaseOutput();
        ((delegate* unmanaged<nint, void>)_api[96])(_input);
        ((delegate* unmanaged<nint, void>)_api[95])(_session);
        _pinned.Free();
    }

    private void ReleaseOutput()
    {
        if (_output != 0)
            ((delegate* unmanaged<nint, void>)_api[96])(_output);
        _output = 0;
    }

    private static void Check(nint status)
    {
        if (status == 0)
            return;
        var message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)_api[2])(status));
        ((delegate* unmanaged<nint, void>)_api[93])(status);
        throw new InvalidOperationException($"ONNX Runtime: {message}");
    }
}
