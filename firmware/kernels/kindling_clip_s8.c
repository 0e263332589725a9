/* SPDX-License-Identifier: Apache-2.0 */
/* Clipping to a range, int8. */
#include "kindling_fixed_point.h"
#include "kindling_kernels.h"

void kindling_clip_s8(int8_t low, int8_t high, int32_t count, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < count; i++) {
        output[i] = (int8_t)kindling_clamp(input[i], low, high);
    }
}
