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

/* One pixel, its bits spread to bytes; a gray one has its luma in all three. */
typedef struct {
    uint32_t red;
    uint32_t green;
    uint32_t blue;
} color;

static inline color color_at(const uint8_t *at, uint32_t high)
{
    const uint32_t pixel = (uint32_t)at[high] << 8 | at[high ^ 1u];
    const color c = {
        (pixel >> 8 & 0xF8u) | pixel >> 13, (pixel >> 3 & 0xFCu) | (pixel >> 9 & 3u), (pixel << 3 & 0xF8u) | (pixel >> 2 & 7u)
    };
    return c;
}

static inline uint32_t luma(color c)
{
    return (c.red * 19595u + c.green * 38470u + c.blue * 7471u + 32768u) >> 16;
}

/* Four pixels become one: first along the two rows, then between them. The sum is below 255.5, so its byte is at most 255; adding 2^23 leaves
   no room for a fraction, so it is rounded half to even, and the float's lowest bits are the byte. */
static inline uint32_t blend(uint32_t a, uint32_t b, uint32_t c, uint32_t d, const taps *column, const taps *row)
{
    const float above = product((float)a, column->first_weight) + product((float)b, column->second_weight);
    const float below = product((float)c, column->first_weight) + product((float)d, column->second_weight);
    union {
        float value;
        uint32_t bits;
    } sum;

    sum.value = product(above, row->first_weight) + product(below, row->second_weight) + 8388608.0f;
    return sum.bits & 0xFFu;
}

static uint8_t *store(const kindling_frame_input *format, uint32_t channel, uint32_t byte, uint8_t *to)
{
    if (format->encode == KINDLING_ENCODE_FLOAT) {
        *(float *)(void *)to = product(format->scale[channel], (float)byte) + format->offset[channel];
        return to + sizeof(float);
    }
    *to = format->table[channel * format->table_step + byte];
    return to + 1;
}

static inline uint8_t *store_color(const kindling_frame_input *format, color c, uint8_t *to)
{
    const int is_reversed = format->color == KINDLING_COLOR_BGR;
    const int is_gray = format->color == KINDLING_COLOR_GRAYSCALE;
    const uint32_t first = is_reversed ? c.blue : c.red;
    const uint32_t last = is_reversed ? c.red : c.blue;

    if (format->encode <= KINDLING_ENCODE_INT8) {
        const uint32_t sign = (uint32_t)format->encode << 7;
        to[0] = (uint8_t)(first ^ sign);
        if (is_gray) {
            return to + 1;
        }
        to[1] = (uint8_t)(c.green ^ sign);
        to[2] = (uint8_t)(last ^ sign);
        return to + 3;
    }
    to = store(format, 0, first, to);
    if (is_gray) {
        return to;
    }
    to = store(format, 1, c.green, to);
    return store(format, 2, last, to);
}

static color nearest_color(const kindling_frame_input *format, const uint8_t *at, uint32_t high)
{
    color c = color_at(at, high);

    if (format->color == KINDLING_COLOR_GRAYSCALE) {
        c.red = luma(c);
    }
    return c;
}

static color bilinear_color(const kindling_frame_input *format, const uint8_t *upper, const uint8_t *lower, const taps *column, const taps *row, uint32_t high)
{
    const color a = color_at(upper + 2 * column->first, high);
    const color b = color_at(upper + 2 * column->second, high);
    const color c = color_at(lower + 2 * column->first, high);
    const color d = color_at(lower + 2 * column->second, high);
    color e = { 0, 0, 0 };

    if (format->color == KINDLING_COLOR_GRAYSCALE) {
        e.red = blend(luma(a), luma(b), luma(c), luma(d), column, row);
    } else {
        e.red = blend(a.red, b.red, c.red, d.red, column, row);
        e.green = blend(a.green, b.green, c.green, d.green, column, row);
        e.blue = blend(a.blue, b.blue, c.blue, d.blue, column, row);
    }
    return e;
}

static uint8_t *store_black(const kindling_frame_input *format, int32_t pixels, uint8_t *to)
{
    const color black = { 0, 0, 0 };

    for (; pixels > 0; pixels--) {
        to = store_color(format, black, to);
    }
    return to;
}

int kindling_frame_convert(const kindling_frame *frame, const kindling_frame_input *format, void *input)
{
    const uint32_t high = frame->big_endian ? 0u : 1u;
    const ptrdiff_t stride = frame->stride != 0 ? frame->stride : 2 * (ptrdiff_t)frame->width;
    const uint8_t *const pixels = (const uint8_t *)frame->pixels;
    uint8_t *to = (uint8_t *)input;
    axis rows;
    axis columns;

    if (pixels == NULL || frame->width == 0 || frame->height == 0 || format->width == 0 || format->height == 0) {
        return -1;
    }
    rows = axis_of(format, frame->height, frame->width, format->height, format->width);
    columns = axis_of(format, frame->width, frame->height, format->width, format->height);

    to = store_black(format, rows.to * format->width, to);
    for (int32_t y = rows.to; y < rows.to + rows.to_size; y++) {
        to = store_black(format, columns.to, to);
        if (format->resize == KINDLING_RESIZE_NEAREST) {
            const uint8_t *const row = pixels + stride * nearest(&rows, y);
            for (int32_t x = columns.to; x < columns.to + columns.to_size; x++) {
                to = store_color(format, nearest_color(format, row + 2 * nearest(&columns, x), high), to);
            }
        } else {
            const taps row = bilinear(&rows, y);
            const uint8_t *const upper = pixels + stride * row.first;
            const uint8_t *const lower = pixels + stride * row.second;
            for (int32_t x = columns.to; x < columns.to + columns.to_size; x++) {
                const taps column = bilinear(&columns, x);
                to = store_color(format, bilinear_color(format, upper, lower, &column, &row, high), to);
            }
        }
        to = store_black(format, format->width - columns.to - columns.to_size, to);
    }
    (void)store_black(format, (format->height - rows.to - rows.to_size) * format->width, to);
    return 0;
}
