/* SPDX-License-Identifier: Apache-2.0 */
/* The fast rounding of kindling_rounding.h for four sums at a time with NEON (Cortex-A). */
#ifndef KINDLING_ROUNDING_NEON_H
#define KINDLING_ROUNDING_NEON_H

#include <arm_neon.h>
#include <stdint.h>

/*
 * Outputs, not yet clipped, of sums with the bias in them. The doubling high product is the first rounding. Shift is one less than the whole shift, zero twice
 * the zero point and 1.
 */
static inline int16x4_t kindling_round_four(int32x4_t sums, int32_t multiplier, int32_t shift, int32_t zero)
{
    int32x4_t x = vqrdmulhq_s32(sums, vdupq_n_s32(multiplier));
    x = vaddq_s32(vaddq_s32(x, vshrq_n_s32(x, 31)), vdupq_n_s32((int32_t)((uint32_t)zero << shift)));
    return vqmovn_s32(vshrq_n_s32(vshlq_s32(x, vdupq_n_s32(-shift)), 1));
}

#endif
