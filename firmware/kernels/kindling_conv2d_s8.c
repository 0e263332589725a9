/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONV_2D, int8. The values under four windows are widened to int16 once, side by side in scratch (the "columns"), taps outside the image
 * as the zero point; then every two output channels multiply them.
 */
#include "kindling_conv2d_columns.h"
#include "kindling_conv2d_pairs.h"
#include "kindling_kernels.h"

/* Sums for one window: the even channel's and, WINDOWS further, 256 times the odd one's plus the even one's modulo 2^32. */
static void multiply_one(int32_t *sums, const uint32_t *columns, const int16_t *weights, int32_t words)
{
    int32_t even_sum = 0;
    int32_t both_sum = 0;
    for (; words > 0; words--) {
        const uint32_t both = kindling_load_word(weights);
        even_sum = kindling_smlad(*columns, kindling_even_bytes(both), even_sum);
        both_sum = kindling_smlad(*columns, both, both_sum);
        columns += WORD_STEP;
        weights += 2;
    }
    sums[0] = even_sum;
    sums[WINDOWS] = both_sum;
}

static int32_t multiply_last(const uint32_t *columns, const int8_t *weights, int32_t taps)
{
    int32_t sum = 0;
    for (; taps > 1; taps -= 2) {
        sum = kindling_smlad(*columns, kindling_pack(weights[0], weights[1]), sum);
        columns += WORD_STEP;
        weights += 2;
    }
    return taps > 0 ? kindling_multiply_accumulate(sum, kindling_low(*columns), weights[0]) : sum;
}

/* One output channel of some windows. */
static void store(const kindling_conv2d *layer, int32_t channel, const int32_t *sums, int32_t windows, int8_t *output)
{
    const int32_t multiplier = layer->constants[2 * channel + 1];
    const int32_t twice_bias = layer->constants[2 * channel];
    const int32_t shift = layer->shifts[channel];

    for (int32_t window = 0; window < windows; window++) {
        *output = (int8_t)kindling_round_any(
            twice_bias / 2 + sums[window], multiplier, shift + 1, layer->output_zero_point, layer->activation_min, layer->activation_max);
        output += layer->output.pixel_stride;
    }
}

/* All output channels of some windows, whatever their rounding. */
static void some_windows(const kindling_conv2d *layer, const uint32_t *columns, int32_t taps, int32_t windows, int8_t *output)
{
    const int32_t words = (taps + 1) / 2;
    const int32_t channels = layer->output.channels;
    const int16_t *weights = layer->weight_pairs;
    int32_t sums[2 * WINDOWS] = { 0 };

    for (int32_t channel = 0; channel + 1 < channels; channel += 2) {
        for (int32_t window = 0; window < windows; window++) {
            multiply_one(sums + window, columns + window * WINDOW_STEP(words), weights, words);
            sums[window + WINDOWS] = (int32_t)((uint32_t)sums[window + WINDOWS] - (uint32_t)sums[window]) >> 8;
        }
        weights += taps;
        store(layer, channel, sums, windows, output + channel);
        store(layer, channel + 1, sums + WINDOWS, windows, output + channel + 1);
    }
}

/* Clips the outputs of four windows to the range of the activation. */
static void clip(const kindling_conv2d *layer, int8_t *output)
{
    for (int32_t window = 0; window < WINDOWS; window++) {
        for (int32_t channel = 0; channel < (layer->output.channels & ~1); channel++) {
            output[channel] = (int8_t)kindling_clamp(output[channel], layer->activation_min, layer->activation_max);
        }
        output += layer->output.pixel_stride;
    }
}

/* The last of an odd number of output channels. */
static void last_channel(const kindling_conv2d *layer, const uint32_t *columns, int32_t taps, int32_t windows, int8_t *output)
{
    const int32_t channel = layer->output.channels - 1;
    const int32_t words = (taps + 1) / 2;
    int32_t sums[WINDOWS];
    for (int32_t window = 0; window < windows; window++) {
        sums[window] = multiply_last(columns + window * WINDOW_STEP(words), layer->last_weights, taps);
    }
    store(layer, channel, sums, windows, output + channel);
}

static int is_pointwise(const kindling_conv2d *layer)
{
    const kindling_window *window = &layer->window;
    return window->height == 1 && window->width == 1 && window->stride_height == 1 && window->stride_width == 1 && window->pad_top == 0
        && window->pad_left == 0 && (layer->input.channels & 3) == 0;
}

/* Frees the last `windows` places of four: the columns there move to the front, over the oldest. */
static void move_columns(uint32_t *columns, int32_t words, int32_t windows)
{
    for (int32_t to = 0; to < WINDOWS - windows; to++) {
        uint32_t *column = columns + to * WINDOW_STEP(words);
        const int32_t step = windows * WINDOW_STEP(words);
        for (int32_t word = words; word > 0; word--) {
            *column = column[step];
            column += WORD_STEP;
        }
    }
}

void kindling_conv2d_s8(const kindling_conv2d *layer, const int8_t *input, int8_t *output, void *scratch)
{
    uint32_t *const columns = (uint32_t *)scratch;
    const int32_t taps = (int32_t)layer->window.height * layer->window.width * layer->input.channels;
    const int32_t words = (taps + 1) / 2;
    const int32_t pixels = (int32_t)layer->output.height * layer->output.width;
    const int32_t channels = layer->output.channels;
    const int32_t stride = layer->output.pixel_stride;
    const int pointwise = is_pointwise(layer);
    const int is_slow = channels < 2 || layer->rounding == KINDLING_ROUND_ANY;
    four_windows job = {
        columns, columns + (words & ~3) * WINDOWS, columns + words * WORD_STEP, layer->constants, layer->shifts, output, stride, output,
        2 * layer->output_zero_point + 1, layer->weight_pairs, 2 * (taps & 1)
    };

    for (int32_t pixel = 0; pixel < pixels; pixel += WINDOWS) {
        const int32_t left = pixels - pixel;
        int32_t windows = left < WINDOWS ? left : WINDOWS;
        int32_t place = 0;
        if (windows > 1 && windows < WINDOWS && pixel > 0 && !is_slow) {
            /* Two or three last pixels are computed with the one or two before them, whose columns are still there. */
            place = WINDOWS - windows;
            move_columns(columns, words, windows);
            output -= place * stride;
        }
        if (pointwise) {
            for (int32_t window = place; window < place + windows; window++) {
                (void)widen_fours(columns + window * WINDOW_STEP(words), input, taps);
                input += layer->input.pixel_stride;
            }
        } else {
            gather_windows(layer, input, pixel, windows, columns + place * WINDOW_STEP(words));
        }
        windows += place;
        if (windows < WINDOWS || is_slow) {
            some_windows(layer, columns, taps, windows, output);
        } else {
            job.output = output;
            job.output_end = output + (channels & ~1);
            if (layer->rounding == KINDLING_ROUND_RELU) {
                all_pairs_relu(&job);
            } else {
                all_pairs_full(&job);
            }
            if (layer->activation_min != -128 || layer->activation_max != 127) {
                clip(layer, output);
            }
        }
        if (channels & 1) {
            last_channel(layer, columns, taps, windows, output);
        }
        output += WINDOWS * stride;
    }
}
