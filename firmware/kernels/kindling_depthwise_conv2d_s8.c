/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DEPTHWISE_CONV_2D, int8. The rows under the window are widened to int16 in scratch, two channels at a time, each channel's values side by
 * side, so that one instruction multiplies two neighbouring taps; the image's border is the zero point. Rows of outputs are computed in blocks;
 * the rows under the windows of two blocks stay.
 */
#include "kindling_depthwise_rows.h"
#include "kindling_kernels.h"
#include "kindling_rounding.h"

#if KINDLING_NEON
#include "kindling_rounding_neon.h"
#endif

/* Outputs of one channel, pixel after pixel. */
static void store(const kindling_depthwise_conv2d *layer, int32_t channel, const int32_t *sums, int32_t count, int8_t *output)
{
    const int32_t twice_bias = layer->constants[2 * channel];
    const int32_t multiplier = layer->constants[2 * channel + 1];
    const int32_t shift = layer->shifts[channel];
    const int32_t zero_point = layer->output_zero_point;
    const int32_t stride = layer->output.pixel_stride;
    const int32_t low = layer->activation_min;
    const int32_t high = layer->activation_max;
    const int32_t *const end = sums + count;
    kindling_rounding rounding;

    if ((uint32_t)shift > 22u || low != -128 || high != 127) {
        while (sums != end) {
            *output = (int8_t)kindling_round_any(twice_bias / 2 + *sums++, multiplier, shift + 1, zero_point, low, high);
            output += stride;
        }
        return;
    }
#if KINDLING_NEON
    const int32x2_t constants = vld1_s32(layer->constants + 2 * channel);
    const int32x4_t zero = vdupq_n_s32(2 * zero_point + 1);
    for (; end - sums >= 8; sums += 8) {
        const int16x4_t first = kindling_round_four(vld1q_s32(sums), constants, shift, zero);
        const int16x4_t second = kindling_round_four(vld1q_s32(sums + 4), constants, shift, zero);
        output = kindling_store_eight(output, stride, vqmovn_s16(vcombine_s16(first, second)));
    }
#endif
    rounding = kindling_rounding_of(multiplier, shift, zero_point);
    if (zero_point == -128) {
        if (count & 1) {
            *output = (int8_t)kindling_round_relu(&rounding, twice_bias + 2 * *sums++);
            output += stride;
        }
        while (sums != end) {
            output[0] = (int8_t)kindling_round_relu(&rounding, twice_bias + 2 * sums[0]);
            output[stride] = (int8_t)kindling_round_relu(&rounding, twice_bias + 2 * sums[1]);
            sums += 2;
            output += 2 * stride;
        }
        return;
    }
    while (sums != end) {
        *output = (int8_t)kindling_round(&rounding, twice_bias + 2 * *sums++);
        output += stride;
    }
}

static void fill_row(uint32_t *row, uint32_t pair, int32_t words)
{
    for (; words > 0; words--) {
        *row++ = pair;
    }
}

/* Widens a row of two neighbouring channels behind the border on its left. */
static void widen_row(
    const kindling_depthwise_conv2d *layer, const int8_t *from, uint32_t *first, uint32_t *second)
{
    const int32_t stride = layer->input.pixel_stride;
    const uint32_t zero = kindling_pack(layer->input_zero_point, layer->input_zero_point);
    const int32_t border = layer->window.pad_left;
    int32_t pixels = layer->input.width;

    first += border >> 1;
    second += border >> 1;
    if (border & 1) {
        *first++ = kindling_pack(layer->input_zero_point, from[0]);
        *second++ = kindling_pack(layer->input_zero_point, from[1]);
        from += stride;
        pixels--;
    }
    for (const uint32_t *const end = first + (pixels >> 1); first != end;) {
        const uint32_t bytes = kindling_pack_low(kindling_load_half(from), kindling_load_half(from + stride));
        from += 2 * stride;
        *first++ = kindling_even_bytes(bytes);
        *second++ = kindling_odd_bytes(bytes);
    }
    if ((pixels & 1) != 0) {
        *first = kindling_pack(from[0], layer->input_zero_point);
        *second = kindling_pack(from[1], layer->input_zero_point);
    } else {
        *first = zero;
        *second = zero;
    }
}

/* Brings rows of two channels into scratch: `count` rows from row `first` of the windows of a block, whose row 0 is image row `origin`. */
static void bring_rows(
    const kindling_depthwise_conv2d *layer, const int8_t *input, int32_t origin, int32_t first, int32_t count, uint32_t *rows, int32_t channel_words)
{
    const int32_t row_words = layer->row_words;
    const int32_t row_bytes = (int32_t)layer->input.width * layer->input.pixel_stride;
    const uint32_t zero = kindling_pack(layer->input_zero_point, layer->input_zero_point);

    rows += first * row_words;
    for (int32_t y = origin + first; count > 0; count--) {
        if (y < 0 || y >= layer->input.height) {
            fill_row(rows, zero, row_words);
            fill_row(rows + channel_words, zero, row_words);
        } else {
            widen_row(layer, input + y * row_bytes, rows, rows + channel_words);
        }
        rows += row_words;
        y++;
    }
}

static void move_rows(uint32_t *to, const uint32_t *from, int32_t words)
{
    for (; words > 0; words--) {
        *to++ = *from++;
    }
}

/* Two channels of some rows of outputs. */
static void output_rows(
    const kindling_depthwise_conv2d *layer, int32_t channel, const tap_table *taps, uint32_t *rows, int32_t channel_words, int32_t count, int8_t *output)
{
    sum_job job = { rows, (int32_t *)(void *)(rows + 2 * channel_words), layer->row_words, count, layer->output.width };

    for (int32_t side = 0; side < 2; side++) {
        if (layer->window.height == 3) {
            if (layer->window.stride_width == 1) {
                rows_3x3_stride_1(&job, taps);
            } else {
                rows_3x3_stride_2(&job, taps);
            }
        } else if (layer->window.stride_width == 1) {
            rows_5x5_stride_1(&job, taps);
        } else {
            rows_5x5_stride_2(&job, taps);
        }
        store(layer, channel + side, job.sums, count * layer->output.width, output + side);
        job.values += channel_words;
        taps++;
    }
}

static void fill_tables(const kindling_depthwise_conv2d *layer, int32_t channel, tap_table *taps)
{
    const int32_t filter = layer->window.height * layer->window.width;
    fill_table(&taps[0], layer->weights + channel * filter, layer->window.height, layer->window.width);
    fill_table(&taps[1], layer->weights + (channel + 1) * filter, layer->window.height, layer->window.width);
}

void kindling_depthwise_conv2d_s8(const kindling_depthwise_conv2d *layer, const int8_t *input, int8_t *output, void *scratch)
{
    const int32_t channels = layer->output.channels;
    const int32_t step = layer->window.stride_height;
    const int32_t row_words = layer->row_words;
    const int32_t block_rows = layer->block_rows;
    const int32_t rows = (block_rows - 1) * step + layer->window.height;
    const int32_t kept = layer->window.height > step ? layer->window.height - step : 0;
    const int32_t channel_words = rows * row_words;
    const int32_t output_row = (int32_t)layer->output.width * layer->output.pixel_stride;
    uint32_t *const values = (uint32_t *)scratch;
    tap_table taps[2];

    /* The borders left and right stay as they are. */
    fill_row(values, kindling_pack(layer->input_zero_point, layer->input_zero_point), 2 * channel_words);
    if (layer->rows_first) {
        for (int32_t y = 0; y < layer->output.height; y++) {
            for (int32_t channel = 0; channel < channels; channel += 2) {
                fill_tables(layer, channel, taps);
                bring_rows(layer, input + channel, y * step - layer->window.pad_top, 0, rows, values, channel_words);
                output_rows(layer, channel, taps, values, channel_words, 1, output + y * output_row + channel);
            }
        }
        return;
    }
    for (int32_t channel = 0; channel < channels; channel += 2) {
        fill_tables(layer, channel, taps);
        for (int32_t y = 0; y < layer->output.height; y += block_rows) {
            const int32_t left = layer->output.height - y;
            const int32_t count = left < block_rows ? left : block_rows;
            const int32_t first = y == 0 ? 0 : kept;
            if (first > 0) {
                move_rows(values, values + block_rows * step * row_words, first * row_words);
                move_rows(values + channel_words, values + channel_words + block_rows * step * row_words, first * row_words);
            }
            bring_rows(
                layer, input + channel, y * step - layer->window.pad_top, first, (count - 1) * step + layer->window.height - first, values, channel_words);
            output_rows(layer, channel, taps, values, channel_words, count, output + y * output_row + channel);
        }
    }
}
