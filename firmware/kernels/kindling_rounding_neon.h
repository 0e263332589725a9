/* SPDX-License-Identifier: Apache-2.0 */
/* The fast rounding of kindling_rounding.h for four sums at a time with NEON (Cortex-A). */
#ifndef KINDLING_ROUNDING_NEON_H
#define KINDLING_ROUNDING_NEON_H

#include <arm_neon.h>
#include <stdint.h>

/*
 * Outputs, not yet clipped, of four sums of a channel. Constants are twice the bias and the multiplier, shift is one less than the whole shift, zero
 * is twice the zero point and 1. The doubling high product is the first rounding.
 */
static inline int16x4_t kindling_round_four(int32x4_t sums, int32x2_t constants, int32_t shift, int32x4_t zero)
{
    const int32x4_t left = vdupq_n_s32(shift);
    int32x4_t x = vaddq_s32(sums, vdupq_lane_s32(vshr_n_s32(constants, 1), 0));
    x = vqrdmulhq_lane_s32(x, constants, 1);
    x = vaddq_s32(vsraq_n_s32(x, x, 31), vshlq_s32(zero, left));
    return vqmovn_s32(vshrq_n_s32(vshlq_s32(x, vnegq_s32(left)), 1));
}

/* Stores eight bytes a stride apart and gives the place of the next. */
static inline int8_t *kindling_store_eight(int8_t *to, int32_t stride, int8x8_t bytes)
{
    vst1_lane_s8(to, bytes, 0);
    to += stride;
    vst1_lane_s8(to, bytes, 1);
    to += stride;
    vst1_lane_s8(to, bytes, 2);
    to += stride;
    vst1_lane_s8(to, bytes, 3);
    to += stride;
    vst1_lane_s8(to, bytes, 4);
    to += stride;
    vst1_lane_s8(to, bytes, 5);
    to += stride;
    vst1_lane_s8(to, bytes, 6);
    to += stride;
    vst1_lane_s8(to, bytes, 7);
    return to + stride;
}

#endif
