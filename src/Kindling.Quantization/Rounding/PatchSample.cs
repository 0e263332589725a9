using Kindling.Numerics;

namespace Kindling.Quantization.Rounding;

/// <summary>What a layer reads over a set of images, in the float network and in the int8 one: the mean patch, and some patches of each.</summary>
internal sealed class PatchSample
{
    private const int MostPatches = 16384;
    private const int MostDepthwisePatches = 8192;
    private readonly PatchGeometry _geometry;
    private readonly int _patchesOfImage;
    private readonly int _images;
    private readonly long _seed;
    private readonly double[] _mean;
    private readonly double[] _int8Mean;
    private readonly float[] _float;
    private readonly float[] _int8;
    private int _seen;

    /// <param name="geometry">The layer's patches.</param>
    /// <param name="images">Images that will be added.</param>
    /// <param name="keepsPatches">True keeps some patches of each image, false the means alone.</param>
    /// <param name="seed">Names the positions that are kept.</param>
    public PatchSample(PatchGeometry geometry, int images, bool keepsPatches, long seed)
    {
        _geometry = geometry;
        _images = images;
        _seed = seed;
        var most = geometry.IsDepthwise ? MostDepthwisePatches : MostPatches;
        _patchesOfImage = keepsPatches ? Math.Clamp(most / images, 1, geometry.Positions) : 0;
        _mean = new double[geometry.Size];
        _int8Mean = new double[geometry.Size];
        _float = new float[_patchesOfImage * images * geometry.Size];
        _int8 = new float[_float.Length];
    }

    /// <summary>Patches kept.</summary>
    public int Count => _seen * _patchesOfImage;

    /// <summary>The mean patch of the float network, over all positions.</summary>
    public ReadOnlySpan<double> Mean => _mean;

    /// <summary>The mean patch of the int8 network, over all positions.</summary>
    public ReadOnlySpan<double> Int8Mean => _int8Mean;

    /// <summary>Patches of the float network less their mean, <c>[Count, Size]</c>.</summary>
    public float[] Float => _float;

    /// <summary>The same patches of the int8 network less their mean.</summary>
    public float[] Int8 => _int8;

    /// <summary>Takes in an image.</summary>
    public void Add(ReadOnlySpan<float> image, ReadOnlySpan<float> int8Image)
    {
        _geometry.AddAll(image, _mean);
        _geometry.AddAll(int8Image, _int8Mean);
        var size = _geometry.Size;
        var random = new RandomStream(_seed, _seen);
        for (var i = 0; i < _patchesOfImage; i++)
        {
            // One position at random from each of equal stretches, so that no part of the image is left out.
            var from = (int)((long)i * _geometry.Positions / _patchesOfImage);
            var to = (int)((long)(i + 1) * _geometry.Positions / _patchesOfImage);
            var position = from + random.NextInt32(to - from);
            var target = ((_seen * _patchesOfImage) + i) * size;
            _geometry.Copy(image, position, _float.AsSpan(target, size));
            _geometry.Copy(int8Image, position, _int8.AsSpan(target, size));
        }

        if (++_seen == _images)
            Finish();
    }

    private void Finish()
    {
        var positions = (double)_images * _geometry.Positions;
        for (var i = 0; i < _mean.Length; i++)
        {
            _mean[i] /= positions;
            _int8Mean[i] /= positions;
        }

        Center(_float);
        Center(_int8);
    }

    private void Center(float[] patches)
    {
        var size = _geometry.Size;
        var sums = new double[size];
        for (var i = 0; i < patches.Length; i++)
            sums[i % size] += patches[i];
        for (var i = 0; i < patches.Length; i++)
            patches[i] -= (float)(sums[i % size] / Count);
    }
}
