/* SPDX-License-Identifier: Apache-2.0 */
/* CONCATENATION, int8: copies one input to its place. Most concatenations need no call at all: their producers write there. */
#include <string.h>

#include "kindling_kernels.h"

void kindling_concat_s8(const kindling_concat *layer, const int8_t *input, int8_t *output)
{
    for (int32_t block = 0; block < layer->blocks; block++) {
        memcpy(output, input, (size_t)layer->block_bytes);
        input += layer->block_bytes;
        output += layer->output_stride;
    }
}
