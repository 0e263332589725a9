/* SPDX-License-Identifier: Apache-2.0 */
/* MUL, int8: element by element, or one factor a channel. */
#include "kindling_kernels.h"
#include "kindling_rounding.h"

/* Few pixels a channel do not repay the preparation of its factor. */
#define FEWEST_PIXELS 4

static int8_t product(const kindling_mul *layer, int32_t x, int32_t y)
{
    const int32_t scaled = kindling_requantize((x - layer->first_zero_point) * (y - layer->second_zero_point), layer->multiplier, layer->shift);
    return (int8_t)kindling_clamp(kindling_add_wrapping(scaled, layer->output_zero_point), layer->activation_min, layer->activation_max);
}

/* One factor a channel: twice the product is x * factor + offset. */
static void by_channel(const kindling_mul *layer, const int8_t *first, const int8_t *second, int8_t *output)
{
    const kindling_rounding rounding = kindling_rounding_of(layer->multiplier, -layer->shift - 1, layer->output_zero_point);
    const int32_t channels = layer->channels;

    for (int32_t channel = 0; channel < channels; channel++) {
        const int32_t factor = 2 * (second[channel] - layer->second_zero_point);
        const int32_t offset = -layer->first_zero_point * factor;
        const int8_t *x = first + channel;
        int8_t *to = output + channel;
        for (int32_t pixel = layer->pixels; pixel > 0; pixel--) {
            *to = (int8_t)kindling_round(&rounding, *x * factor + offset);
            x += channels;
            to += channels;
        }
    }
}

void kindling_mul_s8(const kindling_mul *layer, const int8_t *first, const int8_t *second, int8_t *output)
{
    const int is_full = layer->activation_min == -128 && layer->activation_max == 127;
    if (is_full && layer->second_step == 0 && layer->shift <= -1 && layer->shift >= -23 && layer->pixels >= FEWEST_PIXELS) {
        by_channel(layer, first, second, output);
        return;
    }
    for (int32_t pixel = 0; pixel < layer->pixels; pixel++) {
        for (int32_t channel = 0; channel < layer->channels; channel++) {
            output[channel] = product(layer, first[channel], second[channel]);
        }
        first += layer->channels;
        second += layer->second_step;
        output += layer->channels;
    }
}
