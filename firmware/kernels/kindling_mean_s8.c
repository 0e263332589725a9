/* SPDX-License-Identifier: Apache-2.0 */
/* MEAN over all pixels (global average pooling), int8. */
#include "kindling_fixed_point.h"
#include "kindling_kernels.h"

void kindling_mean_s8(const kindling_mean *layer, const int8_t *input, int8_t *output)
{
    const int32_t channels = layer->channels;

    for (int32_t channel = 0; channel < channels; channel++) {
        const int8_t *value = input + channel;
        int32_t sum = -(layer->pixels * layer->input_zero_point);
        for (int32_t pixel = layer->pixels; pixel > 0; pixel--) {
            sum += *value;
            value += channels;
        }
        sum = kindling_requantize(sum, layer->multiplier, layer->shift);
        output[channel] = (int8_t)kindling_clamp(kindling_add_wrapping(sum, layer->output_zero_point), -128, 127);
    }
}
