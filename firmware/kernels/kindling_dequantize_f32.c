/* SPDX-License-Identifier: Apache-2.0 */
/* DEQUANTIZE to float. */
#include <string.h>

#include "kindling_kernels.h"

void kindling_dequantize_f32(const kindling_dequantize *layer, const void *input, void *output)
{
    const uint8_t *from = (const uint8_t *)input;
    uint8_t *to = (uint8_t *)output;
    const uint8_t flip = layer->input_is_unsigned ? 0u : 0x80u;
    const int32_t zero = layer->zero_point + flip;

    for (int32_t i = 0; i < layer->count; i++) {
        const float x = layer->scale * (float)((from[i] ^ flip) - zero);
        memcpy(to + i * (int32_t)sizeof x, &x, sizeof x);
    }
}
