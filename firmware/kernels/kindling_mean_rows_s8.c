/* SPDX-License-Identifier: Apache-2.0 */
/* MEAN over all pixels, int8, as they come: sums of the channels are kept until the last one. */
#include "kindling_fixed_point.h"
#include "kindling_kernels.h"

void kindling_mean_rows_s8(const kindling_mean *layer, int32_t first_pixel, int32_t pixels, const int8_t *input, void *sums, int8_t *output)
{
    int32_t *const sum = (int32_t *)sums;
    const int32_t channels = layer->channels;

    for (int32_t channel = 0; channel < channels; channel++) {
        const int8_t *value = input + channel;
        int32_t x = first_pixel == 0 ? -layer->pixels * layer->input_zero_point : sum[channel];
        for (int32_t pixel = pixels; pixel > 0; pixel--) {
            x += *value;
            value += channels;
        }
        sum[channel] = x;
    }
    if (first_pixel + pixels == layer->pixels) {
        for (int32_t channel = 0; channel < channels; channel++) {
            const int32_t mean = kindling_requantize(sum[channel], layer->multiplier, layer->shift);
            output[channel] = (int8_t)kindling_clamp(kindling_add_wrapping(mean, layer->output_zero_point), -128, 127);
        }
    }
}
