/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D, int8, for any window: four channels at a time, only the taps inside the image. */
#include "kindling_fixed_point.h"
#include "kindling_kernels.h"

/* The taps of one window position that lie inside the image. */
typedef struct {
    const int8_t *input;
    const int8_t *weights;
    int32_t rows;
    int32_t columns;
    int32_t row_step;
    int32_t column_step;
    int32_t weight_row_step;
} tap_block;

static inline int8_t store(const kindling_plain_conv2d *layer, int32_t channel, int32_t acc)
{
    const int32_t scaled = kindling_requantize(acc, layer->multipliers[channel], layer->shifts[channel]);
    return (int8_t)kindling_clamp(
        kindling_add_wrapping(scaled, layer->output_zero_point), layer->activation_min, layer->activation_max);
}

static void all_channels(const kindling_plain_conv2d *layer, const tap_block *taps, int8_t *output)
{
    const int32_t zero_point = layer->input_zero_point;
    const int32_t channels = layer->output.channels;
    const int32_t column_step = taps->column_step;
    int32_t channel = 0;

    for (; channel + 4 <= channels; channel += 4) {
        int32_t acc0 = layer->bias[channel];
        int32_t acc1 = layer->bias[channel + 1];
        int32_t acc2 = layer->bias[channel + 2];
        int32_t acc3 = layer->bias[channel + 3];
        for (int32_t row = 0; row < taps->rows; row++) {
            const int8_t *x = taps->input + row * taps->row_step + channel;
            const int8_t *w = taps->weights + row * taps->weight_row_step + channel;
            for (int32_t column = taps->columns; column > 0; column--) {
                acc0 = kindling_multiply_accumulate(acc0, x[0] - zero_point, w[0]);
                acc1 = kindling_multiply_accumulate(acc1, x[1] - zero_point, w[1]);
                acc2 = kindling_multiply_accumulate(acc2, x[2] - zero_point, w[2]);
                acc3 = kindling_multiply_accumulate(acc3, x[3] - zero_point, w[3]);
                x += column_step;
                w += channels;
            }
        }
        output[channel] = store(layer, channel, acc0);
        output[channel + 1] = store(layer, channel + 1, acc1);
        output[channel + 2] = store(layer, channel + 2, acc2);
        output[channel + 3] = store(layer, channel + 3, acc3);
    }

    for (; channel < channels; channel++) {
        int32_t acc = layer->bias[channel];
        for (int32_t row = 0; row < taps->rows; row++) {
            const int8_t *x = taps->input + row * taps->row_step + channel;
            const int8_t *w = taps->weights + row * taps->weight_row_step + channel;
            for (int32_t column = 0; column < taps->columns; column++) {
                acc = kindling_multiply_accumulate(acc, x[column * column_step] - zero_point, w[column * channels]);
            }
        }
        output[channel] = store(layer, channel, acc);
    }
}

void kindling_depthwise_conv2d_plain_s8(const kindling_plain_conv2d *layer, const int8_t *input, int8_t *output)
{
    const kindling_window window = layer->window;
    const kindling_image image = layer->input;
    const int32_t pixel_stride = image.pixel_stride;
    const int32_t row_stride = (int32_t)image.width * pixel_stride;
    tap_block taps;

    taps.row_step = window.dilation_height * row_stride;
    taps.column_step = window.dilation_width * pixel_stride;
    taps.weight_row_step = (int32_t)window.width * image.channels;

    for (int32_t y = 0; y < layer->output.height; y++) {
        const int32_t origin_y = y * window.stride_height - window.pad_top;
        const int32_t first_y = kindling_first_tap(origin_y, window.dilation_height);
        const int32_t end_y = kindling_end_tap(origin_y, window.dilation_height, window.height, image.height);

        for (int32_t x = 0; x < layer->output.width; x++) {
            const int32_t origin_x = x * window.stride_width - window.pad_left;
            const int32_t first_x = kindling_first_tap(origin_x, window.dilation_width);
            const int32_t end_x = kindling_end_tap(origin_x, window.dilation_width, window.width, image.width);

            taps.rows = end_y - first_y;
            taps.columns = end_x - first_x;
            /* A window wholly in the padding reads nothing; its address must still lie inside the image. */
            if (taps.rows <= 0 || taps.columns <= 0) {
                taps.rows = 0;
                taps.input = input;
                taps.weights = layer->weights;
            } else {
                taps.input = input + (origin_y + first_y * window.dilation_height) * row_stride
                    + (origin_x + first_x * window.dilation_width) * pixel_stride;
                taps.weights = layer->weights + (first_y * window.width + first_x) * image.channels;
            }
            all_channels(layer, &taps, output);
            output += layer->output.pixel_stride;
        }
    }
}
