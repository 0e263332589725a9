/* SPDX-License-Identifier: Apache-2.0 */
/* AVERAGE_POOL_2D, int8: halves round away from zero. */
#include "kindling_fixed_point.h"
#include "kindling_kernels.h"

void kindling_average_pool_s8(const kindling_pool2d *layer, const int8_t *input, int8_t *output)
{
    const kindling_window window = layer->window;
    const kindling_image image = layer->input;
    const int32_t pixel_stride = image.pixel_stride;
    const int32_t row_stride = (int32_t)image.width * pixel_stride;
    const int32_t whole = (int32_t)window.height * window.width;

    for (int32_t y = 0; y < layer->output.height; y++) {
        const int32_t origin_y = y * window.stride_height - window.pad_top;
        const int32_t first_y = origin_y < 0 ? 0 : origin_y;
        const int32_t end_y = origin_y + window.height < image.height ? origin_y + window.height : image.height;

        for (int32_t x = 0; x < layer->output.width; x++) {
            const int32_t origin_x = x * window.stride_width - window.pad_left;
            const int32_t first_x = origin_x < 0 ? 0 : origin_x;
            const int32_t end_x = origin_x + window.width < image.width ? origin_x + window.width : image.width;
            const int32_t inside = (end_y - first_y) * (end_x - first_x);
            const int32_t count = layer->count_includes_padding ? whole : inside;
            const int32_t outside = (count - inside) * layer->zero_point;

            for (int32_t channel = 0; channel < image.channels; channel++) {
                int32_t sum = outside;
                for (int32_t row = first_y; row < end_y; row++) {
                    const int8_t *value = input + row * row_stride + first_x * pixel_stride + channel;
                    for (int32_t column = first_x; column < end_x; column++) {
                        sum += *value;
                        value += pixel_stride;
                    }
                }
                sum = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
                output[channel] = (int8_t)kindling_clamp(sum, layer->activation_min, layer->activation_max);
            }
            output += layer->output.pixel_stride;
        }
    }
}
