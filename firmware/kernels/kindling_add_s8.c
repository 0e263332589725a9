/* SPDX-License-Identifier: Apache-2.0 */
/* ADD, int8: both inputs are brought to twice the larger scale with 20 extra bits, added, and rescaled. */
#include "kindling_fixed_point.h"
#include "kindling_kernels.h"

void kindling_add_s8(const kindling_add *layer, const int8_t *first, const int8_t *second, int8_t *output)
{
    for (int32_t pixel = 0; pixel < layer->pixels; pixel++) {
        for (int32_t channel = 0; channel < layer->channels; channel++) {
            const int32_t x = (first[channel] - layer->first_zero_point) * (1 << 20);
            const int32_t y = (second[channel] - layer->second_zero_point) * (1 << 20);
            const int32_t sum = kindling_requantize(x, layer->first_multiplier, layer->first_shift)
                + kindling_requantize(y, layer->second_multiplier, layer->second_shift);
            const int32_t scaled = kindling_requantize(sum, layer->output_multiplier, layer->output_shift);
            output[channel] = (int8_t)kindling_clamp(
                kindling_add_wrapping(scaled, layer->output_zero_point), layer->activation_min, layer->activation_max);
        }
        first += layer->channels;
        second += layer->second_step;
        output += layer->channels;
    }
}
