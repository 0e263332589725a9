/* SPDX-License-Identifier: Apache-2.0 */
#include "kindling_frame.h"

#include <stddef.h>

/*
 * x * y, rounded to float32. Compilers may fuse a product with the sum behind it (gcc does, unless told -std=c99 or -ffp-contract=off), which
 * rounds once instead of twice and so differs from the host. What passes through here cannot be fused.
 */
static inline float product(float x, float y)
{
#if defined(__GNUC__) && defined(__arm__) && defined(__ARM_FP) && !defined(__SOFTFP__)
    float xy = x * y;
    __asm__("" : "+t"(xy));
    return xy;
#else
    volatile float xy = x * y;
    return xy;
#endif
}

/* One axis: which part of the frame becomes which part of the input. */
typedef struct {
    int32_t from;      /* first pixel of the part of the frame */
    int32_t from_size; /* its pixels */
    int32_t to;        /* first pixel of the part of the input */
    int32_t to_size;   /* its pixels; outside is black */
    int32_t skip;      /* pixels of the resized frame that are cut off before it */
    float scale;       /* pixels of the frame for one of the resized frame */
} axis;

/* Two pixels of the frame along one axis and their weights. */
typedef struct {
    int32_t first;
    int32_t second;
    float first_weight;
    float second_weight;
} taps;

static int32_t limited(uint32_t x, int32_t high)
{
    return x < 1u ? 1 : (x > (uint32_t)high ? high : (int32_t)x);
}

static axis axis_of(const kindling_frame_input *format, int32_t frame, int32_t frame_across, int32_t input, int32_t input_across)
{
    axis a = { 0, frame, 0, input, 0, 1.0f };
    int32_t resized = input;

    if (format->aspect == KINDLING_ASPECT_CROP && format->shorter_side != 0) {
        const int32_t shorter = frame < frame_across ? frame : frame_across;
        resized = (int32_t)((uint32_t)frame * format->shorter_side / (uint32_t)shorter);
        a.skip = (resized - input) / 2;
    } else if (format->aspect == KINDLING_ASPECT_CROP) {
        a.from_size = limited((uint32_t)frame_across * (uint32_t)input / (uint32_t)input_across, frame);
        a.from = (frame - a.from_size) / 2;
    } else if (format->aspect == KINDLING_ASPECT_PADDING) {
        a.to_size = limited((uint32_t)frame * (uint32_t)input_across / (uint32_t)frame_across, input);
        a.to = (input - a.to_size) / 2;
        resized = a.to_size;
    }
    a.scale = (float)a.from_size / (float)resized;
    return a;
}

static int32_t nearest(const axis *a, int32_t i)
{
    const int32_t index = (int32_t)product((float)(i - a->to + a->skip) + 0.5f, a->scale);
    return a->from + (index < a->from_size ? index : a->from_size - 1);
}

static taps bilinear(const axis *a, int32_t i)
{
    const float position = product((float)(i - a->to + a->skip) + 0.5f, a->scale) - 0.5f;
    const int32_t truncated = (int32_t)position;
    const int32_t below = (float)truncated > position ? truncated - 1 : truncated;
    const int32_t above = (float)below < position ? below + 1 : below;
    const float fraction = position - (float)below;
    const taps t = {
        a->from + (below > 0 ? below : 0), a->from + (above < a->from_size ? above : a->from_size - 1), 1.0f - fraction, fraction
    };
    return t;
}

/* The bytes of one pixel in the input's order; gray ones only fill the first. */
static inline void read_pixel(const uint8_t *at, uint32_t high, uint32_t color, uint8_t *bytes)
{
    const uint32_t pixel = (uint32_t)at[high] << 8 | at[high ^ 1u];
    const uint32_t red = (pixel >> 8 & 0xF8u) | pixel >> 13;
    const uint32_t green = (pixel >> 3 & 0xFCu) | (pixel >> 9 & 3u);
    const uint32_t blue = (pixel << 3 & 0xF8u) | (pixel >> 2 & 7u);

    if (color == KINDLING_COLOR_GRAYSCALE) {
        bytes[0] = (uint8_t)((red * 19595u + green * 38470u + blue * 7471u + 32768u) >> 16);
    } else {
        bytes[0] = (uint8_t)(color == KINDLING_COLOR_BGR ? blue : red);
        bytes[1] = (uint8_t)green;
        bytes[2] = (uint8_t)(color == KINDLING_COLOR_BGR ? red : blue);
    }
}

/* 0 <= x < 256; adding 2^23 leaves no room for a fraction, so the sum is rounded half to even. */
static inline uint8_t rounded(float x)
{
    const float limit = x < 255.0f ? x : 255.0f;
    return (uint8_t)((int32_t)(limit + 8388608.0f) - 8388608);
}

/* Four pixels become one: first along the two rows, then between them. */
static void blend(
    const uint8_t *upper, const uint8_t *lower, const taps *row, const axis *columns, int32_t x, uint32_t high, uint32_t color, uint8_t *bytes)
{
    const taps column = bilinear(columns, x);
    uint8_t corners[4][3];

    read_pixel(upper + 2 * column.first, high, color, corners[0]);
    read_pixel(upper + 2 * column.second, high, color, corners[1]);
    read_pixel(lower + 2 * column.first, high, color, corners[2]);
    read_pixel(lower + 2 * column.second, high, color, corners[3]);
    for (uint32_t c = 0; c < (color == KINDLING_COLOR_GRAYSCALE ? 1u : 3u); c++) {
        const float above = product((float)corners[0][c], column.first_weight) + product((float)corners[1][c], column.second_weight);
        const float below = product((float)corners[2][c], column.first_weight) + product((float)corners[3][c], column.second_weight);
        bytes[c] = rounded(product(above, row->first_weight) + product(below, row->second_weight));
    }
}

static void *store(const kindling_frame_input *format, const uint8_t *bytes, uint32_t channels, void *input)
{
    uint8_t *to = (uint8_t *)input;

    if (format->encode == KINDLING_ENCODE_FLOAT) {
        float *values = (float *)input;
        for (uint32_t c = 0; c < channels; c++) {
            values[c] = product(format->scale[c], (float)bytes[c]) + format->offset[c];
        }
        return values + channels;
    }
    for (uint32_t c = 0; c < channels; c++) {
        to[c] = format->encode == KINDLING_ENCODE_TABLE ? format->table[c * format->table_step + bytes[c]]
            : (uint8_t)(bytes[c] ^ (format->encode == KINDLING_ENCODE_INT8 ? 0x80u : 0u));
    }
    return to + channels;
}

int kindling_frame_convert(const kindling_frame *frame, const kindling_frame_input *format, void *input)
{
    const uint32_t channels = format->color == KINDLING_COLOR_GRAYSCALE ? 1u : 3u;
    const uint32_t high = frame->big_endian ? 0u : 1u;
    const ptrdiff_t stride = frame->stride != 0 ? frame->stride : 2 * (ptrdiff_t)frame->width;
    const uint8_t *const pixels = (const uint8_t *)frame->pixels;
    axis rows;
    axis columns;

    if (pixels == NULL || frame->width == 0 || frame->height == 0 || format->width == 0 || format->height == 0) {
        return -1;
    }
    rows = axis_of(format, frame->height, frame->width, format->height, format->width);
    columns = axis_of(format, frame->width, frame->height, format->width, format->height);

    for (int32_t y = 0; y < format->height; y++) {
        const int is_row_inside = y >= rows.to && y < rows.to + rows.to_size;
        for (int32_t x = 0; x < format->width; x++) {
            uint8_t bytes[3] = { 0, 0, 0 };
            if (is_row_inside && x >= columns.to && x < columns.to + columns.to_size) {
                if (format->resize == KINDLING_RESIZE_NEAREST) {
                    read_pixel(pixels + stride * nearest(&rows, y) + 2 * nearest(&columns, x), high, format->color, bytes);
                } else {
                    const taps row = bilinear(&rows, y);
                    blend(pixels + stride * row.first, pixels + stride * row.second, &row, &columns, x, high, format->color, bytes);
                }
            }
            input = store(format, bytes, channels, input);
        }
    }
    return 0;
}
