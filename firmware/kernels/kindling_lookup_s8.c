/* SPDX-License-Identifier: Apache-2.0 */
/* Any function of one int8 value: LOGISTIC and its like. */
#include "kindling_kernels.h"

void kindling_lookup_s8(const int8_t table[256], int32_t count, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < count; i++) {
        output[i] = table[input[i] + 128];
    }
}
