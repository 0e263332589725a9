/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D, int8, for weights and scales the packed kernel has no room for: four output channels share every input value they read. */
#include "kindling_fixed_point.h"
#include "kindling_kernels.h"

/* The taps of one window position that lie inside the image, as runs of neighbouring bytes. */
typedef struct {
    const int8_t *input;
    int32_t weight_offset;
    int32_t rows;
    int32_t row_step;
    int32_t weight_row_step;
    int32_t runs;
    int32_t run_step;
    int32_t run_length;
} tap_runs;

static inline int8_t store(const kindling_plain_conv2d *layer, int32_t channel, int32_t acc)
{
    const int32_t scaled = kindling_requantize(acc, layer->multipliers[channel], layer->shifts[channel]);
    return (int8_t)kindling_clamp(
        kindling_add_wrapping(scaled, layer->output_zero_point), layer->activation_min, layer->activation_max);
}

static void all_channels(const kindling_plain_conv2d *layer, const tap_runs *taps, int8_t *output)
{
    const int32_t zero_point = layer->input_zero_point;
    const int32_t channels = layer->output.channels;
    const int32_t filter = (int32_t)layer->window.height * layer->window.width * layer->input.channels;
    const int32_t weight_run_step = layer->input.channels;
    const int8_t *weights = layer->weights + taps->weight_offset;
    int32_t channel = 0;

    for (; channel + 4 <= channels; channel += 4) {
        int32_t acc0 = layer->bias[channel];
        int32_t acc1 = layer->bias[channel + 1];
        int32_t acc2 = layer->bias[channel + 2];
        int32_t acc3 = layer->bias[channel + 3];
        for (int32_t row = 0; row < taps->rows; row++) {
            for (int32_t run = 0; run < taps->runs; run++) {
                const int8_t *x = taps->input + row * taps->row_step + run * taps->run_step;
                const int8_t *const end = x + taps->run_length;
                const int8_t *w0 = weights + row * taps->weight_row_step + run * weight_run_step;
                const int8_t *w1 = w0 + filter;
                const int8_t *w2 = w1 + filter;
                const int8_t *w3 = w2 + filter;
                while (x != end) {
                    const int32_t value = *x++ - zero_point;
                    acc0 = kindling_multiply_accumulate(acc0, value, *w0++);
                    acc1 = kindling_multiply_accumulate(acc1, value, *w1++);
                    acc2 = kindling_multiply_accumulate(acc2, value, *w2++);
                    acc3 = kindling_multiply_accumulate(acc3, value, *w3++);
                }
            }
        }
        output[channel] = store(layer, channel, acc0);
        output[channel + 1] = store(layer, channel + 1, acc1);
        output[channel + 2] = store(layer, channel + 2, acc2);
        output[channel + 3] = store(layer, channel + 3, acc3);
        weights += 4 * filter;
    }

    for (; channel < channels; channel++) {
        int32_t acc = layer->bias[channel];
        for (int32_t row = 0; row < taps->rows; row++) {
            for (int32_t run = 0; run < taps->runs; run++) {
                const int8_t *x = taps->input + row * taps->row_step + run * taps->run_step;
                const int8_t *const end = x + taps->run_length;
                const int8_t *w = weights + row * taps->weight_row_step + run * weight_run_step;
                while (x != end) {
                    acc = kindling_multiply_accumulate(acc, *x++ - zero_point, *w++);
                }
            }
        }
        output[channel] = store(layer, channel, acc);
        weights += filter;
    }
}

void kindling_conv2d_plain_s8(const kindling_plain_conv2d *layer, const int8_t *input, int8_t *output)
{
    const kindling_window window = layer->window;
    const kindling_image image = layer->input;
    const int32_t pixel_stride = image.pixel_stride;
    const int32_t row_stride = (int32_t)image.width * pixel_stride;
    /* Without gaps between pixels or taps, a whole row of the window is one run. */
    const int joined = window.dilation_width == 1 && pixel_stride == image.channels;
    tap_runs taps;

    taps.row_step = window.dilation_height * row_stride;
    taps.weight_row_step = (int32_t)window.width * image.channels;
    taps.run_step = window.dilation_width * pixel_stride;

    for (int32_t y = 0; y < layer->output.height; y++) {
        const int32_t origin_y = y * window.stride_height - window.pad_top;
        const int32_t first_y = kindling_first_tap(origin_y, window.dilation_height);
        const int32_t end_y = kindling_end_tap(origin_y, window.dilation_height, window.height, image.height);
        taps.rows = end_y > first_y ? end_y - first_y : 0;

        for (int32_t x = 0; x < layer->output.width; x++) {
            const int32_t origin_x = x * window.stride_width - window.pad_left;
            const int32_t first_x = kindling_first_tap(origin_x, window.dilation_width);
            const int32_t end_x = kindling_end_tap(origin_x, window.dilation_width, window.width, image.width);
            const int32_t columns = end_x > first_x ? end_x - first_x : 0;

            taps.runs = joined ? 1 : columns;
            taps.run_length = joined ? columns * image.channels : image.channels;
            /* A window wholly in the padding reads nothing; its address must still lie inside the image. */
            if (taps.rows == 0 || columns == 0) {
                taps.runs = 0;
                taps.input = input;
                taps.weight_offset = 0;
            } else {
                taps.input = input + (origin_y + first_y * window.dilation_height) * row_stride
                    + (origin_x + first_x * window.dilation_width) * pixel_stride;
                taps.weight_offset = (first_y * window.width + first_x) * image.channels;
            }
            all_channels(layer, &taps, output);
            output += layer->output.pixel_stride;
        }
    }
}
