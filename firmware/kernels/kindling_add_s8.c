/* SPDX-License-Identifier: Apache-2.0 */
/* ADD, int8: both inputs are brought to twice the larger scale with 20 extra bits, added, and rescaled. */
#include "kindling_kernels.h"
#include "kindling_rounding.h"

/* One input at the common scale. Its factor is at most one half and its value below 2^28, so twice the value fits a word. */
typedef struct {
    int32_t zero_point;
    int32_t multiplier;
    int32_t shift;
    int32_t half;     /* half a unit of the result */
    int32_t is_below; /* all bits when halves round away from zero, none when nothing is shifted out */
} summand;

static summand summand_of(int32_t zero_point, int32_t multiplier, int32_t shift)
{
    const summand s = { zero_point, multiplier, shift, (int32_t)((uint32_t)1 << shift) >> 1, shift > 0 ? -1 : 0 };
    return s;
}

static inline int32_t scaled(const summand *s, int32_t q)
{
    const int32_t x = kindling_smmulr((q - s->zero_point) * (1 << 21), s->multiplier);
    return (x + ((x >> 31) & s->is_below) + s->half) >> s->shift;
}

void kindling_add_s8(const kindling_add *layer, const int8_t *first, const int8_t *second, int8_t *output)
{
    const summand a = summand_of(layer->first_zero_point, layer->first_multiplier, -layer->first_shift);
    const summand b = summand_of(layer->second_zero_point, layer->second_multiplier, -layer->second_shift);
    const int32_t shift = -layer->output_shift;
    const int is_fast = shift >= 1 && shift <= 23 && layer->activation_min == -128 && layer->activation_max == 127;
    const kindling_rounding rounding = kindling_rounding_of(layer->output_multiplier, is_fast ? shift - 1 : 0, layer->output_zero_point);

    for (int32_t pixel = 0; pixel < layer->pixels; pixel++) {
        if (is_fast) {
            for (int32_t channel = 0; channel < layer->channels; channel++) {
                output[channel] = (int8_t)kindling_round(&rounding, 2 * (scaled(&a, first[channel]) + scaled(&b, second[channel])));
            }
        } else {
            for (int32_t channel = 0; channel < layer->channels; channel++) {
                output[channel] = (int8_t)kindling_round_any(
                    scaled(&a, first[channel]) + scaled(&b, second[channel]), layer->output_multiplier, shift, layer->output_zero_point,
                    layer->activation_min, layer->activation_max);
            }
        }
        first += layer->channels;
        second += layer->second_step;
        output += layer->channels;
    }
}
