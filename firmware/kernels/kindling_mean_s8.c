/* SPDX-License-Identifier: Apache-2.0 */
/* MEAN over all pixels (global average pooling), int8: four channels at a time in two words of 16-bit sums. */
#include "kindling_fixed_point.h"
#include "kindling_kernels.h"
#include "kindling_simd.h"

/* So many pixels cannot overflow a 16-bit sum. */
#define BLOCK 256

static int8_t output_of(const kindling_mean *layer, int32_t sum)
{
    sum = kindling_requantize(sum - layer->pixels * layer->input_zero_point, layer->multiplier, layer->shift);
    return (int8_t)kindling_clamp(kindling_add_wrapping(sum, layer->output_zero_point), -128, 127);
}

void kindling_mean_s8(const kindling_mean *layer, const int8_t *input, int8_t *output)
{
    const int32_t channels = layer->channels;
    int32_t channel = 0;

    for (; channel + 4 <= channels; channel += 4) {
        const int8_t *value = input + channel;
        int32_t sums[4] = { 0, 0, 0, 0 };
        for (int32_t left = layer->pixels; left > 0; left -= BLOCK) {
            uint32_t even = 0;
            uint32_t odd = 0;
            for (int32_t pixel = left < BLOCK ? left : BLOCK; pixel > 0; pixel--) {
                const uint32_t word = kindling_load_word(value);
                even = kindling_add_even_bytes(even, word);
                odd = kindling_add_odd_bytes(odd, word);
                value += channels;
            }
            sums[0] += kindling_low(even);
            sums[1] += kindling_low(odd);
            sums[2] += kindling_high(even);
            sums[3] += kindling_high(odd);
        }
        for (int32_t i = 0; i < 4; i++) {
            output[channel + i] = output_of(layer, sums[i]);
        }
    }

    for (; channel < channels; channel++) {
        const int8_t *value = input + channel;
        int32_t sum = 0;
        for (int32_t pixel = layer->pixels; pixel > 0; pixel--) {
            sum += *value;
            value += channels;
        }
        output[channel] = output_of(layer, sum);
    }
}
