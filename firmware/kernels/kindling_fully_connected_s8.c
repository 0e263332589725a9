/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED, int8. */
#include "kindling_fixed_point.h"
#include "kindling_kernels.h"

void kindling_fully_connected_s8(const kindling_fully_connected *layer, const int8_t *input, int8_t *output)
{
    const int32_t zero_point = layer->input_zero_point;
    const int8_t *w = layer->weights;

    for (int32_t unit = 0; unit < layer->outputs; unit++) {
        const int32_t scale = layer->per_channel ? unit : 0;
        const int8_t *x = input;
        const int8_t *const end = input + layer->inputs;
        int32_t acc = layer->bias[unit];
        while (x != end) {
            acc = kindling_multiply_accumulate(acc, *x++ - zero_point, *w++);
        }
        acc = kindling_requantize(acc, layer->multipliers[scale], layer->shifts[scale]);
        output[unit] = (int8_t)kindling_clamp(
            kindling_add_wrapping(acc, layer->output_zero_point), layer->activation_min, layer->activation_max);
    }
}
