/* SPDX-License-Identifier: Apache-2.0 */
/* The values under windows as int16 "columns" for kindling_conv2d_s8. Taps outside the image are the zero point. */
#ifndef KINDLING_CONV2D_COLUMNS_H
#define KINDLING_CONV2D_COLUMNS_H

#include "kindling_conv2d_pairs.h"
#include "kindling_kernels.h"

/* Widens bytes into one window's columns; every four in the order 0, 2, 1, 3. */
static inline uint32_t *widen_fours(uint32_t *column, const int8_t *from, int32_t bytes)
{
#if KINDLING_MVE
    const uint16x8_t order = { 0, 2, 1, 3, 4, 6, 5, 7 };
    for (; bytes > 0; bytes -= 8) {
        const mve_pred16_t some = vctp16q((uint32_t)bytes);
        vstrhq_p_s16((int16_t *)(void *)column, vldrbq_gather_offset_z_s16(from, order, some), some);
        from += 8;
        column += bytes < 8 ? 2 : 4;
    }
#elif KINDLING_NEON
    const int8x8_t order = vcreate_s8(UINT64_C(0x0705060403010200));
    for (; bytes >= 8; bytes -= 8) {
        vst1q_s16((int16_t *)(void *)column, vmovl_s8(vtbl1_s8(vld1_s8(from), order)));
        from += 8;
        column += 4;
    }
    if (bytes > 0) {
        const uint32_t word = kindling_load_word(from);
        column[0] = kindling_even_bytes(word);
        column[1] = kindling_odd_bytes(word);
        column += 2;
    }
#else
    const int8_t *const end = from + bytes;
    uint32_t word;
    if (bytes & 4) {
        word = kindling_load_word(from);
        from += 4;
        column[0] = kindling_even_bytes(word);
        column[WORD_STEP] = kindling_odd_bytes(word);
        column += 2 * WORD_STEP;
    }
    while (from != end) {
        word = kindling_load_word(from);
        column[0] = kindling_even_bytes(word);
        column[WORD_STEP] = kindling_odd_bytes(word);
        word = kindling_load_word(from + 4);
        from += 8;
        column[2 * WORD_STEP] = kindling_even_bytes(word);
        column[3 * WORD_STEP] = kindling_odd_bytes(word);
        column += 4 * WORD_STEP;
    }
#endif
    return column;
}

static uint32_t *fill_fours(uint32_t *column, uint32_t pair, int32_t bytes)
{
    for (; bytes > 0; bytes -= 2) {
        *column = pair;
        column += WORD_STEP;
    }
    return column;
}

/* The columns of one window; input channels are a multiple of four. */
static void gather_fours(const kindling_conv2d *layer, const int8_t *input, int32_t y, int32_t x, uint32_t *column)
{
    const kindling_window window = layer->window;
    const kindling_image image = layer->input;
    const int32_t channels = image.channels;
    const int32_t pixel_stride = image.pixel_stride;
    const int32_t origin_y = y * window.stride_height - window.pad_top;
    const int32_t origin_x = x * window.stride_width - window.pad_left;
    const int32_t first = kindling_first_tap(origin_x, window.dilation_width);
    const int32_t end = kindling_end_tap(origin_x, window.dilation_width, window.width, image.width);
    const int32_t inside = end > first ? end - first : 0;
    const int32_t before = inside > 0 ? first : window.width;
    const int joined = window.dilation_width == 1 && pixel_stride == channels;
    const uint32_t zero = kindling_pack(layer->input_zero_point, layer->input_zero_point);

    for (int32_t row = 0; row < window.height; row++) {
        const int32_t image_y = origin_y + row * window.dilation_height;
        if (image_y < 0 || image_y >= image.height) {
            column = fill_fours(column, zero, window.width * channels);
            continue;
        }
        if (before > 0) {
            column = fill_fours(column, zero, before * channels);
        }
        if (inside > 0) {
            const int8_t *from = input + (image_y * (int32_t)image.width + origin_x + first * window.dilation_width) * pixel_stride;
            const int32_t runs = joined ? 1 : inside;
            const int32_t run_bytes = joined ? inside * channels : channels;
            for (int32_t run = 0; run < runs; run++) {
                column = widen_fours(column, from, run_bytes);
                from += window.dilation_width * pixel_stride;
            }
            column = fill_fours(column, zero, (window.width - end) * channels);
        }
    }
}

/* Columns in the order of the taps: the next value goes into half `half` of the word at column. */
typedef struct {
    uint32_t *column;
    int32_t half;
} column_end;

static inline void put(column_end *to, int32_t value)
{
    *to->column = to->half ? kindling_pack_low(*to->column, (uint32_t)value) : (uint32_t)value & 0xFFFFu;
    to->column += to->half * WORD_STEP;
    to->half ^= 1;
}

static void widen(column_end *to, const int8_t *from, int32_t bytes)
{
    uint32_t *column;
    if (to->half && bytes > 0) {
        put(to, *from++);
        bytes--;
    }
    column = to->column;
    for (; bytes > 1; bytes -= 2) {
        *column = kindling_pack_low((uint32_t)from[0], (uint32_t)from[1]);
        column += WORD_STEP;
        from += 2;
    }
    to->column = column;
    if (bytes > 0) {
        put(to, *from);
    }
}

static void fill(column_end *to, int32_t value, int32_t count)
{
    for (; count > 0; count--) {
        put(to, value);
    }
}

/* The columns of one window in the order of the taps. */
static void gather(const kindling_conv2d *layer, const int8_t *input, int32_t y, int32_t x, uint32_t *column)
{
    const kindling_window window = layer->window;
    const kindling_image image = layer->input;
    const int32_t channels = image.channels;
    const int32_t origin_y = y * window.stride_height - window.pad_top;
    const int32_t origin_x = x * window.stride_width - window.pad_left;
    const int32_t row_bytes = window.width * channels;
    const int32_t zero = layer->input_zero_point;
    const int is_joined = window.dilation_width == 1 && image.pixel_stride == channels && origin_x >= 0
        && origin_x + window.width <= image.width;
    column_end to = { column, 0 };

    for (int32_t row = 0; row < window.height; row++) {
        const int32_t image_y = origin_y + row * window.dilation_height;
        const int8_t *from = input + (image_y * (int32_t)image.width + origin_x) * image.pixel_stride;
        if (image_y < 0 || image_y >= image.height) {
            fill(&to, zero, row_bytes);
        } else if (is_joined) {
            widen(&to, from, row_bytes);
        } else {
            for (int32_t tap = 0; tap < window.width; tap++) {
                const int32_t image_x = origin_x + tap * window.dilation_width;
                if (image_x < 0 || image_x >= image.width) {
                    fill(&to, zero, channels);
                } else {
                    widen(&to, input + (image_y * (int32_t)image.width + image_x) * image.pixel_stride, channels);
                }
            }
        }
    }
    if (to.half) {
        put(&to, 0);
    }
}

/* The columns of the windows at some pixels in a row, which may go over the end of an image row. */
static void gather_windows(const kindling_conv2d *layer, const int8_t *input, int32_t pixel, int32_t windows, uint32_t *columns)
{
    const int32_t width = layer->output.width;
    const int32_t channels = layer->input.channels;
    const int32_t step = WINDOW_STEP(((int32_t)layer->window.height * layer->window.width * channels + 1) / 2);
    int32_t y = pixel / width;
    int32_t x = pixel - y * width;

    for (int32_t window = 0; window < windows; window++) {
        if ((channels & 3) != 0) {
            gather(layer, input, y, x, columns + window * step);
        } else {
            gather_fours(layer, input, y, x, columns + window * step);
        }
        if (++x == width) {
            x = 0;
            y++;
        }
    }
}

#endif
