/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE from 8 bits to 8 bits: another type, scale or zero point. */
#include "kindling_fixed_point.h"
#include "kindling_kernels.h"
#include "kindling_simd.h"

void kindling_rescale_8(const kindling_rescale *layer, const void *input, void *output)
{
    const uint8_t *from = (const uint8_t *)input;
    uint8_t *to = (uint8_t *)output;
    /* A signed byte is its unsigned pattern with the top bit flipped, minus 128. */
    const uint8_t input_flip = layer->input_is_unsigned ? 0u : 0x80u;
    const uint8_t output_flip = layer->output_is_unsigned ? 0u : 0x80u;
    const int32_t input_zero = layer->input_zero_point + input_flip;
    const int32_t output_zero = layer->output_zero_point + output_flip;

    if (layer->same_scale) {
        const int32_t offset = output_zero - input_zero;
        int32_t i = 0;
        if (offset == 0) {
            /* Between the two types only the top bits differ. */
            const uint32_t flip = (uint32_t)(input_flip ^ output_flip) * 0x01010101u;
            for (; i + 4 <= layer->count; i += 4) {
                kindling_store_word(to + i, kindling_load_word(from + i) ^ flip);
            }
        }
        for (; i < layer->count; i++) {
            const int32_t q = (from[i] ^ input_flip) + offset;
            to[i] = (uint8_t)(kindling_clamp(q, 0, 255) ^ output_flip);
        }
        return;
    }

    for (int32_t i = 0; i < layer->count; i++) {
        const int32_t q = kindling_requantize((from[i] ^ input_flip) - input_zero, layer->multiplier, layer->shift);
        to[i] = (uint8_t)(kindling_clamp(kindling_add_wrapping(q, output_zero), 0, 255) ^ output_flip);
    }
}
