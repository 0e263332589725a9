/* SPDX-License-Identifier: Apache-2.0 */
/* MAX_POOL_2D, int8: four channels at a time; padding never wins. */
#include "kindling_fixed_point.h"
#include "kindling_kernels.h"
#include "kindling_simd.h"

/* The largest values of four channels under a window. */
static uint32_t largest_of_four(const int8_t *corner, int32_t rows, int32_t columns, int32_t pixel_stride, int32_t row_stride)
{
    uint32_t largest = kindling_load_word(corner);
    for (; rows > 0; rows--) {
        const int8_t *value = corner;
        for (int32_t column = columns; column > 0; column--) {
            largest = kindling_max_bytes(largest, kindling_load_word(value));
            value += pixel_stride;
        }
        corner += row_stride;
    }
    return largest;
}

void kindling_max_pool_s8(const kindling_pool2d *layer, const int8_t *input, int8_t *output)
{
    const kindling_window window = layer->window;
    const kindling_image image = layer->input;
    const int32_t pixel_stride = image.pixel_stride;
    const int32_t row_stride = (int32_t)image.width * pixel_stride;
    const int is_full = layer->activation_min == -128 && layer->activation_max == 127;

    for (int32_t y = 0; y < layer->output.height; y++) {
        const int32_t origin_y = y * window.stride_height - window.pad_top;
        const int32_t first_y = origin_y < 0 ? 0 : origin_y;
        const int32_t end_y = origin_y + window.height < image.height ? origin_y + window.height : image.height;

        for (int32_t x = 0; x < layer->output.width; x++) {
            const int32_t origin_x = x * window.stride_width - window.pad_left;
            const int32_t first_x = origin_x < 0 ? 0 : origin_x;
            const int32_t end_x = origin_x + window.width < image.width ? origin_x + window.width : image.width;
            const int32_t columns = end_x - first_x;
            const int32_t rows = end_y - first_y;
            const int8_t *corner = input + first_y * row_stride + first_x * pixel_stride;

            int32_t channel = 0;

            if (is_full) {
                for (; channel + 4 <= image.channels; channel += 4) {
                    kindling_store_word(output + channel, largest_of_four(corner + channel, rows, columns, pixel_stride, row_stride));
                }
            }
            for (; channel < image.channels; channel++) {
                const int8_t *row = corner + channel;
                int32_t largest = -128;
                for (int32_t r = rows; r > 0; r--) {
                    const int8_t *value = row;
                    for (int32_t c = columns; c > 0; c--) {
                        largest = *value > largest ? *value : largest;
                        value += pixel_stride;
                    }
                    row += row_stride;
                }
                output[channel] = (int8_t)kindling_clamp(largest, layer->activation_min, layer->activation_max);
            }
            output += layer->output.pixel_stride;
        }
    }
}
