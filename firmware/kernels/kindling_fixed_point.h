/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fixed-point arithmetic of TFLite's reference kernels, to the bit.
 * Sums wrap (they are done unsigned), so nothing here is undefined behaviour. Right shifts of negative
 * numbers are arithmetic, as every compiler for these targets does them.
 */
#ifndef KINDLING_FIXED_POINT_H
#define KINDLING_FIXED_POINT_H

#include <stdint.h>

/* x + y modulo 2^32. */
static inline int32_t kindling_add_wrapping(int32_t x, int32_t y)
{
    return (int32_t)((uint32_t)x + (uint32_t)y);
}

/* acc + x * w modulo 2^32; x and w have at most 9 bits. */
static inline int32_t kindling_multiply_accumulate(int32_t acc, int32_t x, int32_t w)
{
    return (int32_t)((uint32_t)acc + (uint32_t)(x * w));
}

/* High half of 2 * x * y, rounded to nearest, ties upwards. x and y are not both -2^31. */
static inline int32_t kindling_doubling_high_mul(int32_t x, int32_t y)
{
    return (int32_t)(((int64_t)x * y + ((int64_t)1 << 30)) >> 31);
}

/* x / 2^exponent, rounded to nearest, ties away from zero; exponent 0 to 31. */
static inline int32_t kindling_rounding_shift_right(int32_t x, int32_t exponent)
{
    const int32_t mask = (int32_t)(((uint32_t)1 << exponent) - 1u);
    const int32_t remainder = x & mask;
    const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
    return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/* x * multiplier * 2^(shift - 31): the multiplier is Q0.31, a positive shift wraps on overflow. */
static inline int32_t kindling_requantize(int32_t x, int32_t multiplier, int32_t shift)
{
    if (shift > 0) {
        return kindling_doubling_high_mul((int32_t)((uint32_t)x << shift), multiplier);
    }
    return kindling_rounding_shift_right(kindling_doubling_high_mul(x, multiplier), -shift);
}

/* x limited to [low, high]. */
static inline int32_t kindling_clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : (x > high ? high : x);
}

#endif
