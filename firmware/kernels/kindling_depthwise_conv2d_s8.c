/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DEPTHWISE_CONV_2D, int8. The rows under the window are widened to int16 in scratch, two channels at a time, each channel's values side by
 * side, so that one instruction multiplies two neighbouring taps; the image's border is the zero point. A row stays until no window needs it.
 */
#include "kindling_kernels.h"
#include "kindling_rounding.h"

#define MOST_ROWS 5
#define ROW_PAIRS 4

/* Pairs of taps of one kernel row: 0 and 1, 1 and 2, then (5x5) 2 and 3, 3 and 4. The rows follow twice, so that any of them can be first. */
typedef struct {
    uint32_t pairs[2 * MOST_ROWS][ROW_PAIRS];
} tap_table;

static void fill_table(tap_table *table, const int8_t *weights, int32_t rows, int32_t columns)
{
    for (int32_t row = 0; row < rows; row++) {
        for (int32_t pair = 0; pair < columns - 1; pair++) {
            const uint32_t taps = kindling_pack(weights[pair], weights[pair + 1]);
            table->pairs[row][pair] = taps;
            table->pairs[row + rows][pair] = taps;
        }
        weights += columns;
    }
}

/* Sums of one row of outputs, two at a time; taps is the table's row for scratch's first row. */
static void rows_3x3_stride_1(const uint32_t (*taps)[ROW_PAIRS], const uint32_t *values, int32_t row_words, int32_t *sums, int32_t pairs)
{
    const uint32_t a01 = taps[0][0], a12 = taps[0][1], b01 = taps[1][0], b12 = taps[1][1], c01 = taps[2][0], c12 = taps[2][1];
    const uint32_t *second = values + row_words;
    const uint32_t *third = second + row_words;
    const int32_t *const end = sums + 2 * pairs;

    do {
        uint32_t x = values[0];
        uint32_t z = values[1];
        int32_t left = kindling_smlad(x, a01, 0);
        int32_t right = kindling_smlatb(x, a01, 0);
        left = kindling_smlabt(z, a12, left);
        right = kindling_smlad(z, a12, right);
        x = second[0];
        z = second[1];
        left = kindling_smlad(x, b01, left);
        right = kindling_smlatb(x, b01, right);
        left = kindling_smlabt(z, b12, left);
        right = kindling_smlad(z, b12, right);
        x = third[0];
        z = third[1];
        left = kindling_smlad(x, c01, left);
        right = kindling_smlatb(x, c01, right);
        left = kindling_smlabt(z, c12, left);
        right = kindling_smlad(z, c12, right);
        values++;
        second++;
        third++;
        sums[0] = left;
        sums[1] = right;
        sums += 2;
    } while (sums != end);
}

static void rows_3x3_stride_2(const uint32_t (*taps)[ROW_PAIRS], const uint32_t *values, int32_t row_words, int32_t *sums, int32_t pairs)
{
    const uint32_t a01 = taps[0][0], a12 = taps[0][1], b01 = taps[1][0], b12 = taps[1][1], c01 = taps[2][0], c12 = taps[2][1];
    const uint32_t *second = values + row_words;
    const uint32_t *third = second + row_words;
    const int32_t *const end = sums + 2 * pairs;

    do {
        int32_t sum = kindling_smlad(values[0], a01, 0);
        sum = kindling_smlabt(values[1], a12, sum);
        sum = kindling_smlad(second[0], b01, sum);
        sum = kindling_smlabt(second[1], b12, sum);
        sum = kindling_smlad(third[0], c01, sum);
        sum = kindling_smlabt(third[1], c12, sum);
        values++;
        second++;
        third++;
        *sums++ = sum;
    } while (sums != end);
}

static void rows_5x5_stride_1(const uint32_t (*taps)[ROW_PAIRS], const uint32_t *values, int32_t row_words, int32_t *sums, int32_t pairs)
{
    for (; pairs > 0; pairs--) {
        const uint32_t *x = values++;
        const uint32_t *w = taps[0];
        int32_t left = 0;
        int32_t right = 0;
        for (int32_t row = 0; row < 5; row++) {
            left = kindling_smlad(x[0], w[0], left);
            right = kindling_smlatb(x[0], w[0], right);
            left = kindling_smlad(x[1], w[2], left);
            right = kindling_smlad(x[1], w[1], right);
            left = kindling_smlabt(x[2], w[3], left);
            right = kindling_smlad(x[2], w[3], right);
            x += row_words;
            w += ROW_PAIRS;
        }
        sums[0] = left;
        sums[1] = right;
        sums += 2;
    }
}

static void rows_5x5_stride_2(const uint32_t (*taps)[ROW_PAIRS], const uint32_t *values, int32_t row_words, int32_t *sums, int32_t pairs)
{
    for (; pairs > 0; pairs--) {
        const uint32_t *x = values;
        const uint32_t *w = taps[0];
        int32_t left = 0;
        int32_t right = 0;
        for (int32_t row = 0; row < 5; row++) {
            left = kindling_smlad(x[0], w[0], left);
            left = kindling_smlad(x[1], w[2], left);
            right = kindling_smlad(x[1], w[0], right);
            left = kindling_smlabt(x[2], w[3], left);
            right = kindling_smlad(x[2], w[2], right);
            right = kindling_smlabt(x[3], w[3], right);
            x += row_words;
            w += ROW_PAIRS;
        }
        values += 2;
        sums[0] = left;
        sums[1] = right;
        sums += 2;
    }
}

static inline int32_t twice(int32_t bias, int32_t sum)
{
    return (int32_t)(2u * ((uint32_t)bias + (uint32_t)sum));
}

/* One channel of a row of outputs. */
static void store_row(const kindling_depthwise_conv2d *layer, int32_t channel, const int32_t *sums, int8_t *output)
{
    const int32_t multiplier = layer->multipliers[channel];
    const int32_t shift = layer->shifts[channel];
    const int32_t zero_point = layer->output_zero_point;
    const int32_t bias = layer->bias[channel];
    const int32_t stride = layer->output.pixel_stride;
    const int32_t low = layer->activation_min;
    const int32_t high = layer->activation_max;
    const int32_t *const end = sums + layer->output.width;

    if (kindling_is_fast(shift) && low == -128 && high == 127) {
        const kindling_rounding rounding = kindling_rounding_of(multiplier, shift, zero_point);
        if (zero_point == -128) {
            if (layer->output.width & 1) {
                *output = (int8_t)kindling_round_relu(&rounding, twice(bias, *sums++));
                output += stride;
            }
            while (sums != end) {
                output[0] = (int8_t)kindling_round_relu(&rounding, twice(bias, sums[0]));
                output[stride] = (int8_t)kindling_round_relu(&rounding, twice(bias, sums[1]));
                sums += 2;
                output += 2 * stride;
            }
            return;
        }
        while (sums != end) {
            *output = (int8_t)kindling_round(&rounding, twice(bias, *sums++));
            output += stride;
        }
        return;
    }
    while (sums != end) {
        *output = (int8_t)kindling_round_any(kindling_add_wrapping(bias, *sums++), multiplier, shift, zero_point, low, high);
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
    for (; pixels > 1; pixels -= 2) {
        const uint32_t bytes = kindling_pack_low(kindling_load_half(from), kindling_load_half(from + stride));
        from += 2 * stride;
        *first++ = kindling_even_bytes(bytes);
        *second++ = kindling_odd_bytes(bytes);
    }
    if (pixels > 0) {
        *first = kindling_pack(from[0], layer->input_zero_point);
        *second = kindling_pack(from[1], layer->input_zero_point);
    } else {
        *first = zero;
        *second = zero;
    }
}

/* Brings the rows of two channels that the windows of output row y need into scratch. */
static void bring_rows(
    const kindling_depthwise_conv2d *layer, const int8_t *input, int32_t channel, int32_t y, int32_t fresh, uint32_t *rows)
{
    const int32_t height = layer->window.height;
    const int32_t row_words = layer->row_words;
    const uint32_t zero = kindling_pack(layer->input_zero_point, layer->input_zero_point);
    const int32_t origin = y * layer->window.stride_height;

    for (int32_t row = height - fresh; row < height; row++) {
        uint32_t *const first = rows + (origin + row) % height * row_words;
        uint32_t *const second = first + height * row_words;
        const int32_t image_y = origin + row - layer->window.pad_top;
        if (image_y < 0 || image_y >= layer->input.height) {
            fill_row(first, zero, row_words);
            fill_row(second, zero, row_words);
        } else {
            widen_row(layer, input + image_y * (int32_t)layer->input.width * layer->input.pixel_stride + channel, first, second);
        }
    }
}

typedef struct {
    tap_table tables[2];
} two_tables;

static void fill_tables(const kindling_depthwise_conv2d *layer, int32_t channel, two_tables *taps)
{
    const int32_t filter = layer->window.height * layer->window.width;
    fill_table(&taps->tables[0], layer->weights + channel * filter, layer->window.height, layer->window.width);
    fill_table(&taps->tables[1], layer->weights + (channel + 1) * filter, layer->window.height, layer->window.width);
}

/* Two channels of one row of outputs. */
static void output_row(const kindling_depthwise_conv2d *layer, int32_t channel, int32_t y, const two_tables *taps, uint32_t *rows, int8_t *output)
{
    const int32_t height = layer->window.height;
    const int32_t row_words = layer->row_words;
    const int32_t pairs = (layer->output.width + 1) / 2;
    const int32_t oldest = y * layer->window.stride_height % height;
    int32_t *const sums = (int32_t *)(void *)(rows + 2 * height * row_words);

    output += y * (int32_t)layer->output.width * layer->output.pixel_stride + channel;
    for (int32_t side = 0; side < 2; side++) {
        const uint32_t (*table)[ROW_PAIRS] = (const uint32_t (*)[ROW_PAIRS])(taps->tables[side].pairs + (height - oldest));
        const uint32_t *values = rows + side * height * row_words;
        if (height == 3) {
            if (layer->window.stride_width == 1) {
                rows_3x3_stride_1(table, values, row_words, sums, pairs);
            } else {
                rows_3x3_stride_2(table, values, row_words, sums, pairs);
            }
        } else if (layer->window.stride_width == 1) {
            rows_5x5_stride_1(table, values, row_words, sums, pairs);
        } else {
            rows_5x5_stride_2(table, values, row_words, sums, pairs);
        }
        store_row(layer, channel + side, sums, output + side);
    }
}

void kindling_depthwise_conv2d_s8(const kindling_depthwise_conv2d *layer, const int8_t *input, int8_t *output, void *scratch)
{
    const int32_t height = layer->window.height;
    const int32_t channels = layer->output.channels;
    const uint32_t zero = kindling_pack(layer->input_zero_point, layer->input_zero_point);
    uint32_t *const rows = (uint32_t *)scratch;
    two_tables taps;

    /* The borders left and right stay as they are. */
    fill_row(rows, zero, 2 * height * layer->row_words);
    if (layer->rows_first) {
        for (int32_t y = 0; y < layer->output.height; y++) {
            for (int32_t channel = 0; channel < channels; channel += 2) {
                fill_tables(layer, channel, &taps);
                bring_rows(layer, input, channel, y, height, rows);
                output_row(layer, channel, y, &taps, rows, output);
            }
        }
        return;
    }
    for (int32_t channel = 0; channel < channels; channel += 2) {
        fill_tables(layer, channel, &taps);
        for (int32_t y = 0; y < layer->output.height; y++) {
            const int32_t step = layer->window.stride_height;
            bring_rows(layer, input, channel, y, y == 0 || step > height ? height : step, rows);
            output_row(layer, channel, y, &taps, rows, output);
        }
    }
}
