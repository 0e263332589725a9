/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX, int8, in integers: exponentials come from a table, the division is three Newton steps (gemmlowp's fixed point). */
#include "kindling_fixed_point.h"
#include "kindling_kernels.h"

/* The sum of exponentials is kept as Q12.19. */
#define SUM_INTEGER_BITS 12

/* x * 2^exponent, saturated. */
static int32_t saturating_shift_left(int32_t x, int32_t exponent)
{
    const int32_t limit = (int32_t)(((uint32_t)1 << (31 - exponent)) - 1u);
    if (x > limit) {
        return INT32_MAX;
    }
    if (x < -limit) {
        return INT32_MIN;
    }
    return (int32_t)((uint32_t)x << exponent);
}

static int32_t leading_zeros(uint32_t x)
{
    int32_t count = 0;
    while (count < 32 && (x & 0x80000000u) == 0u) {
        x <<= 1;
        count++;
    }
    return count;
}

/* 1 / (1 + x) as Q0.31 for x in [0, 1) as Q0.31. */
static int32_t one_over_one_plus(int32_t x)
{
    /* Half of 1 + x, rounded; 1 is the largest Q0.31. The sum is positive. */
    const int32_t half_denominator = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
    /* Q2.29: the start 48/17 - 32/17 * d has the smallest worst-case error on [1/2, 1]. */
    int32_t estimate = 1515870810 + kindling_doubling_high_mul(half_denominator, -1010580540);
    for (int32_t step = 0; step < 3; step++) {
        const int32_t error = ((int32_t)1 << 29) - kindling_doubling_high_mul(half_denominator, estimate);
        estimate += saturating_shift_left(kindling_doubling_high_mul(estimate, error), 2);
    }
    return saturating_shift_left(estimate, 1);
}

void kindling_softmax_s8(const kindling_softmax *layer, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < layer->rows; row++) {
        int32_t largest = -128;
        for (int32_t i = 0; i < layer->length; i++) {
            largest = input[i] > largest ? input[i] : largest;
        }

        int32_t sum = 0;
        for (int32_t i = 0; i < layer->length; i++) {
            sum += kindling_rounding_shift_right(layer->exponentials[largest - input[i]], SUM_INTEGER_BITS);
        }

        const int32_t headroom = leading_zeros((uint32_t)sum);
        const int32_t fraction = (int32_t)(((uint32_t)sum << headroom) - 0x80000000u);
        const int32_t reciprocal = one_over_one_plus(fraction);
        const int32_t shift = SUM_INTEGER_BITS - headroom + 31 - 8;
        for (int32_t i = 0; i < layer->length; i++) {
            const int32_t share = kindling_doubling_high_mul(reciprocal, layer->exponentials[largest - input[i]]);
            output[i] = (int8_t)kindling_clamp(kindling_rounding_shift_right(share, shift) - 128, -128, 127);
        }
        input += layer->length;
        output += layer->length;
    }
}
