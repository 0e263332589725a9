/* SPDX-License-Identifier: Apache-2.0 */
/* MUL, int8: element by element, or one factor a channel. */
#include "kindling_fixed_point.h"
#include "kindling_kernels.h"

void kindling_mul_s8(const kindling_mul *layer, const int8_t *first, const int8_t *second, int8_t *output)
{
    for (int32_t pixel = 0; pixel < layer->pixels; pixel++) {
        for (int32_t channel = 0; channel < layer->channels; channel++) {
            const int32_t product = (first[channel] - layer->first_zero_point) * (second[channel] - layer->second_zero_point);
            const int32_t scaled = kindling_requantize(product, layer->multiplier, layer->shift);
            output[channel] = (int8_t)kindling_clamp(
                kindling_add_wrapping(scaled, layer->output_zero_point), layer->activation_min, layer->activation_max);
        }
        first += layer->channels;
        second += layer->second_step;
        output += layer->channels;
    }
}
