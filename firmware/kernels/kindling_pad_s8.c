/* SPDX-License-Identifier: Apache-2.0 */
/* PAD, int8: the border holds the zero point. */
#include <string.h>

#include "kindling_kernels.h"

static int8_t *fill(int8_t *output, int32_t bytes, int32_t value)
{
    memset(output, value, (size_t)bytes);
    return output + bytes;
}

void kindling_pad_s8(const kindling_pad *layer, const int8_t *input, int8_t *output)
{
    const int32_t channels = layer->channels;
    const int32_t row_bytes = layer->width * channels;
    const int32_t padded_row_bytes = (layer->left + layer->width + layer->right) * channels;

    output = fill(output, layer->top * padded_row_bytes, layer->zero_point);
    for (int32_t y = 0; y < layer->height; y++) {
        output = fill(output, layer->left * channels, layer->zero_point);
        memcpy(output, input, (size_t)row_bytes);
        input += row_bytes;
        output = fill(output + row_bytes, layer->right * channels, layer->zero_point);
    }
    (void)fill(output, layer->bottom * padded_row_bytes, layer->zero_point);
}
