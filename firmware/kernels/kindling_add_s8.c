/* SPDX-License-Identifier: Apache-2.0 */
/* ADD, int8: both inputs are brought to twice the larger scale with 20 extra bits, added, and rescaled. */
#include "kindling_kernels.h"
#include "kindling_summand.h"

void kindling_add_s8(const kindling_add *layer, const int8_t *first, const int8_t *second, int8_t *output)
{
    const kindling_summand a = kindling_summand_of(layer->first_zero_point, layer->first_multiplier, -layer->first_shift);
    const kindling_summand b = kindling_summand_of(layer->second_zero_point, layer->second_multiplier, -layer->second_shift);
    const int32_t shift = -layer->output_shift;
    const int is_fast = shift >= 1 && shift <= 23 && layer->activation_min == -128 && layer->activation_max == 127;
    const kindling_rounding rounding = kindling_rounding_of(layer->output_multiplier, is_fast ? shift - 1 : 0, layer->output_zero_point);

    for (int32_t pixel = 0; pixel < layer->pixels; pixel++) {
        if (is_fast) {
            for (int32_t channel = 0; channel < layer->channels; channel++) {
                const int32_t sum = kindling_summand_scale(&a, first[channel]) + kindling_summand_scale(&b, second[channel]);
                output[channel] = (int8_t)kindling_round(&rounding, 2 * sum);
            }
        } else {
            for (int32_t channel = 0; channel < layer->channels; channel++) {
                const int32_t sum = kindling_summand_scale(&a, first[channel]) + kindling_summand_scale(&b, second[channel]);
                output[channel] = (int8_t)kindling_round_any(
                    sum, layer->output_multiplier, shift, layer->output_zero_point, layer->activation_min, layer->activation_max);
            }
        }
        first += layer->channels;
        second += layer->second_step;
        output += layer->channels;
    }
}
