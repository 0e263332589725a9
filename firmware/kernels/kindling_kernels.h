/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Int8 operators in portable C99: no heap, no operating system, no state.
 *
 * Images are [height][width][channels]; a pixel begins pixel_stride bytes after the one before it, which is more
 * than its channels when the image is a slice of a concatenation. One call computes one sample.
 * An activation is real = scale * (q - zero_point). Multipliers are Q0.31, shifts are powers of two (positive: left).
 * "May run in place" means that output may be the same address as input.
 */
#ifndef KINDLING_KERNELS_H
#define KINDLING_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Extents of one image. */
typedef struct {
    uint16_t height;
    uint16_t width;
    uint16_t channels;
    uint16_t pixel_stride;
} kindling_image;

/* A window that slides over an image. Taps outside the image count as real zero (pools ignore them). */
typedef struct {
    uint8_t height;
    uint8_t width;
    uint8_t stride_height;
    uint8_t stride_width;
    uint8_t dilation_height;
    uint8_t dilation_width;
    uint8_t pad_top;
    uint8_t pad_left;
} kindling_window;

/* First tap at or after the image's first pixel. */
static inline int32_t kindling_first_tap(int32_t origin, int32_t dilation)
{
    return origin >= 0 ? 0 : (dilation - 1 - origin) / dilation;
}

/* One past the last tap before the image's end. */
static inline int32_t kindling_end_tap(int32_t origin, int32_t dilation, int32_t taps, int32_t size)
{
    const int32_t inside = (size - origin + dilation - 1) / dilation;
    return inside < taps ? (inside < 0 ? 0 : inside) : taps;
}

/* How sums become outputs: see kindling_rounding.h. */
enum {
    KINDLING_ROUND_ANY = 0,  /* by the reference: a shift is out of the fast range */
    KINDLING_ROUND_FULL = 1, /* fast */
    KINDLING_ROUND_RELU = 2  /* faster: the lowest output is the zero point or more */
};

/*
 * CONV_2D. Two output channels share an int16: 256 * the odd channel's weight + the even one's, so that both can be multiplied without
 * being unpacked apart; nothing is lost and nothing is wider than the weights themselves.
 * Where input channels are a multiple of four, each four stand in the order 0, 2, 1, 3.
 */
typedef struct {
    kindling_image input;
    kindling_image output;
    kindling_window window;
    const int16_t *weight_pairs; /* [output channels / 2][taps], and a 0 behind them when taps are odd */
    const int8_t *last_weights;  /* [taps] of the last output channel when their number is odd */
    const int32_t *constants;    /* [output channels][2]: twice the bias (with the input's zero point multiplied in), multiplier */
    const int8_t *shifts;        /* [output channels]: bits to the right, less one; 0 to 22 are fast */
    uint8_t rounding;            /* KINDLING_ROUND_...: the fastest that is exact for every output channel */
    int16_t input_zero_point;
    int16_t output_zero_point;
    int16_t activation_min;
    int16_t activation_max;
} kindling_conv2d;

/* Scratch for the int16 values under four windows: 16 bytes for every two taps, aligned to 4. Four neighbouring pixels are read before they
   are written, so output may be the same address as input for a window of one pixel with no more outputs than inputs. */
void kindling_conv2d_s8(const kindling_conv2d *layer, const int8_t *input, int8_t *output, void *scratch);

/* DEPTHWISE_CONV_2D, 3x3 or 5x5, strides 1 or 2, an even number of channels, as many outputs as inputs. */
typedef struct {
    kindling_image input;
    kindling_image output;
    kindling_window window;
    const int8_t *weights;      /* [channels][window height][window width] */
    const int32_t *constants;   /* [channels][2], as in kindling_conv2d */
    const int8_t *shifts;       /* [channels], as in kindling_conv2d */
    uint8_t rounding;           /* as in kindling_conv2d */
    uint8_t rows_first;         /* 1: all channels of a row of outputs before the next row; then block_rows is 1 */
    uint16_t row_words;         /* words of a row in scratch: half the values under all windows of a row */
    uint16_t block_rows;        /* rows of outputs computed in one go */
    int16_t input_zero_point;
    int16_t output_zero_point;
    int16_t activation_min;
    int16_t activation_max;
} kindling_depthwise_conv2d;

/* Scratch, aligned to 4: row_words words for each row under the windows of a block, (block_rows - 1) * stride + window height of them, for
   two channels; then a word for each output of a block, and one. With strides of 1 and equal images, output may be the same address as
   input. */
void kindling_depthwise_conv2d_s8(const kindling_depthwise_conv2d *layer, const int8_t *input, int8_t *output, void *scratch);

/* Both convolutions for any window, weight and scale, without scratch. */
typedef struct {
    kindling_image input;
    kindling_image output;
    kindling_window window;
    const int8_t *weights;      /* [output channels][window height][window width][input channels]; depthwise: [height][width][channels] */
    const int32_t *bias;        /* [output channels] */
    const int32_t *multipliers; /* [output channels] */
    const int8_t *shifts;       /* [output channels] */
    int16_t input_zero_point;
    int16_t output_zero_point;
    int16_t activation_min;
    int16_t activation_max;
} kindling_plain_conv2d;

void kindling_conv2d_plain_s8(const kindling_plain_conv2d *layer, const int8_t *input, int8_t *output);
void kindling_depthwise_conv2d_plain_s8(const kindling_plain_conv2d *layer, const int8_t *input, int8_t *output);

/* FULLY_CONNECTED. */
typedef struct {
    uint16_t inputs;
    uint16_t outputs;
    const int8_t *weights;      /* [outputs][inputs] */
    const int32_t *bias;        /* [outputs] */
    const int32_t *multipliers; /* [outputs], or one for all */
    const int8_t *shifts;       /* as many as multipliers */
    uint8_t per_channel;        /* 1: one multiplier an output, 0: one for all */
    int16_t input_zero_point;
    int16_t output_zero_point;
    int16_t activation_min;
    int16_t activation_max;
} kindling_fully_connected;

void kindling_fully_connected_s8(const kindling_fully_connected *layer, const int8_t *input, int8_t *output);

/* MAX_POOL_2D and AVERAGE_POOL_2D; input and output share scale and zero point. */
typedef struct {
    kindling_image input;
    kindling_image output;
    kindling_window window;
    int16_t activation_min;
    int16_t activation_max;
    int16_t zero_point;             /* average only */
    uint8_t count_includes_padding; /* average only: 1 divides by the whole window */
} kindling_pool2d;

void kindling_max_pool_s8(const kindling_pool2d *layer, const int8_t *input, int8_t *output);
void kindling_average_pool_s8(const kindling_pool2d *layer, const int8_t *input, int8_t *output);

/* MEAN over all pixels. The multiplier already contains the division by the number of pixels. */
typedef struct {
    int32_t pixels;
    uint16_t channels;
    int16_t input_zero_point;
    int16_t output_zero_point;
    int16_t shift;
    int32_t multiplier;
} kindling_mean;

void kindling_mean_s8(const kindling_mean *layer, const int8_t *input, int8_t *output);

/* The same some pixels at a time, from first_pixel on; sums: a word for each channel, aligned to 4. The last pixel gives the output. */
void kindling_mean_rows_s8(const kindling_mean *layer, int32_t first_pixel, int32_t pixels, const int8_t *input, void *sums, int8_t *output);

/* ADD and SUB (the first minus the second); may run in place over either input. */
typedef struct {
    int32_t pixels;
    uint16_t channels;
    uint16_t second_step; /* channels when the second input has the shape of the first, 0 when it has one value a channel */
    int16_t first_zero_point;
    int16_t second_zero_point;
    int16_t output_zero_point;
    int16_t activation_min;
    int16_t activation_max;
    int16_t first_shift;
    int16_t second_shift;
    int16_t output_shift;
    int32_t first_multiplier;
    int32_t second_multiplier;
    int32_t output_multiplier;
} kindling_add;

void kindling_add_s8(const kindling_add *layer, const int8_t *first, const int8_t *second, int8_t *output);
void kindling_sub_s8(const kindling_add *layer, const int8_t *first, const int8_t *second, int8_t *output);

/* MUL; may run in place over the first input. */
typedef struct {
    int32_t pixels;
    uint16_t channels;
    uint16_t second_step; /* as in kindling_add */
    int16_t first_zero_point;
    int16_t second_zero_point;
    int16_t output_zero_point;
    int16_t activation_min;
    int16_t activation_max;
    int16_t shift;
    int32_t multiplier;
} kindling_mul;

void kindling_mul_s8(const kindling_mul *layer, const int8_t *first, const int8_t *second, int8_t *output);

/* CONCATENATION: one call copies one input to its place in the output. */
typedef struct {
    int32_t blocks;        /* pieces to copy */
    int32_t block_bytes;   /* bytes of a piece, back to back in the input */
    int32_t output_stride; /* bytes from one piece to the next in the output */
} kindling_concat;

void kindling_concat_s8(const kindling_concat *layer, const int8_t *input, int8_t *output);

/* PAD: rows and columns of the zero point around an image. */
typedef struct {
    uint16_t height;
    uint16_t width;
    uint16_t channels;
    uint16_t top;
    uint16_t left;
    uint16_t bottom;
    uint16_t right;
    int16_t zero_point;
} kindling_pad;

void kindling_pad_s8(const kindling_pad *layer, const int8_t *input, int8_t *output);

/* SOFTMAX over the last dimension; output scale 1/256, zero point -128. May run in place. */
typedef struct {
    int32_t rows;
    int32_t length;
    const int32_t *exponentials; /* [256]: exp(scale * beta * -d) as Q0.31 for d = largest - x */
} kindling_softmax;

void kindling_softmax_s8(const kindling_softmax *layer, const int8_t *input, int8_t *output);

/* LOGISTIC and every other function of one value: output = table[input + 128]. May run in place. */
void kindling_lookup_s8(const int8_t table[256], int32_t count, const int8_t *input, int8_t *output);

/* Clipping (RELU, RELU6, MINIMUM, MAXIMUM) at the same scale and zero point. May run in place. */
void kindling_clip_s8(int8_t low, int8_t high, int32_t count, const int8_t *input, int8_t *output);

/* QUANTIZE between 8-bit types and scales. Unsigned bytes are q, signed ones q too. May run in place. */
typedef struct {
    int32_t count;
    int32_t multiplier;
    int16_t shift;
    int16_t input_zero_point;
    int16_t output_zero_point;
    uint8_t input_is_unsigned;
    uint8_t output_is_unsigned;
    uint8_t same_scale; /* 1: only the zero point moves */
} kindling_rescale;

void kindling_rescale_8(const kindling_rescale *layer, const void *input, void *output);

/* QUANTIZE from float: round(x / scale) + zero_point, halves away from zero, clamped. */
typedef struct {
    int32_t count;
    float scale;
    int16_t zero_point;
    uint8_t output_is_unsigned;
} kindling_quantize;

void kindling_quantize_f32(const kindling_quantize *layer, const void *input, void *output);

/* DEQUANTIZE: scale * (q - zero_point). Floats are stored by bytes, so output needs no alignment. */
typedef struct {
    int32_t count;
    float scale;
    int16_t zero_point;
    uint8_t input_is_unsigned;
} kindling_dequantize;

void kindling_dequantize_f32(const kindling_dequantize *layer, const void *input, void *output);

#ifdef __cplusplus
}
#endif

#endif
