/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From sums to int8 outputs in few instructions, with TFLite's double rounding to the bit.
 *
 * The reference rounds sum * multiplier / 2^31 to a whole number (halves upwards), divides it by 2^shift, rounds again (halves away from
 * zero), adds the zero point and clips. Here:
 *   - the first rounding is the high word of (2 * sum) * multiplier + 2^31, one instruction;
 *   - the second is floor((x + 2^(shift - 1)) / 2^shift), with x one less when it is negative: only then a half may not go upwards;
 *   - the zero point joins the addend: (2 * zero_point + 1) * 2^(shift - 1), and the division is one shift by shift - 1 and one by 1.
 * A layer whose lowest output is its zero point or more (ReLU) needs no "one less": every negative x gives at most 0, which clips to the same output.
 * Holds for |sum| < 2^30 and shifts from 1 to 23; kindling_round_any is the reference for all others.
 */
#ifndef KINDLING_ROUNDING_H
#define KINDLING_ROUNDING_H

#include "kindling_fixed_point.h"
#include "kindling_simd.h"

typedef struct {
    int32_t multiplier;
    int32_t shift;  /* one less than the whole shift */
    int32_t addend; /* half an output and the zero point */
} kindling_rounding;

/* Whether a shift to the right is in the range of the two fast forms. */
static inline int kindling_is_fast(int32_t shift)
{
    return (uint32_t)(shift - 1) < 23u;
}

/* shift is one less than the whole shift. */
static inline kindling_rounding kindling_rounding_of(int32_t multiplier, int32_t shift, int32_t zero_point)
{
    const kindling_rounding r = { multiplier, shift, (int32_t)((uint32_t)(2 * zero_point + 1) << shift) };
    return r;
}

/* For outputs clipped to [zero point, 127] or less. */
static inline int32_t kindling_round_relu(const kindling_rounding *r, int32_t twice_sum)
{
    return kindling_half_saturated(kindling_smmlar(twice_sum, r->multiplier, r->addend) >> r->shift);
}

/* For outputs clipped to [-128, 127]. */
static inline int32_t kindling_round(const kindling_rounding *r, int32_t twice_sum)
{
    const int32_t x = kindling_smmulr(twice_sum, r->multiplier);
    return kindling_half_saturated((x + (x >> 31) + r->addend) >> r->shift);
}

/* For any shift (negative: to the left) and any range of outputs. */
static inline int32_t kindling_round_any(int32_t sum, int32_t multiplier, int32_t shift, int32_t zero_point, int32_t low, int32_t high)
{
    return kindling_clamp(kindling_add_wrapping(kindling_requantize(sum, multiplier, -shift), zero_point), low, high);
}

#endif
