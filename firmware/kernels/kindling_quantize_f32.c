/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE from float. Floats are read by bytes, so the input needs no alignment. */
#include <string.h>

#include "kindling_fixed_point.h"
#include "kindling_kernels.h"

/* Nearest integer, halves away from zero, for |x| < 2^20; larger values keep their sign, which is all a clamp needs. */
static int32_t nearest(float x)
{
    const float limit = 1048576.0f;
    int32_t whole;
    float rest;
    /* The negated form also sends NaN here. */
    if (!(x > -limit)) {
        return -1048576;
    }
    if (x > limit) {
        return 1048576;
    }
    whole = (int32_t)x;
    rest = x - (float)whole;
    if (rest >= 0.5f) {
        whole++;
    } else if (rest <= -0.5f) {
        whole--;
    }
    return whole;
}

void kindling_quantize_f32(const kindling_quantize *layer, const void *input, void *output)
{
    const uint8_t *from = (const uint8_t *)input;
    uint8_t *to = (uint8_t *)output;
    const int32_t low = layer->output_is_unsigned ? 0 : -128;

    for (int32_t i = 0; i < layer->count; i++) {
        float x;
        memcpy(&x, from + i * (int32_t)sizeof x, sizeof x);
        to[i] = (uint8_t)kindling_clamp(nearest(x / layer->scale) + layer->zero_point, low, low + 255);
    }
}
