/* SPDX-License-Identifier: Apache-2.0 */
/* The inner loops of kindling_conv2d_s8 with NEON (Cortex-A): eight taps, four windows and two channels at a time. */
#ifndef KINDLING_CONV2D_NEON_H
#define KINDLING_CONV2D_NEON_H

#include "kindling_rounding_neon.h"

/* The sums of four accumulators, one a lane. */
static inline int32x4_t kindling_sum_lanes(int32x4_t a, int32x4_t b, int32x4_t c, int32x4_t d)
{
    const int32x2_t ab = vpadd_s32(vadd_s32(vget_low_s32(a), vget_high_s32(a)), vadd_s32(vget_low_s32(b), vget_high_s32(b)));
    const int32x2_t cd = vpadd_s32(vadd_s32(vget_low_s32(c), vget_high_s32(c)), vadd_s32(vget_low_s32(d), vget_high_s32(d)));
    return vcombine_s32(ab, cd);
}

static inline int32x4_t kindling_multiply_eight(int32x4_t sum, int16x8_t x, int16x8_t w)
{
    return vmlal_s16(vmlal_s16(sum, vget_low_s16(x), vget_low_s16(w)), vget_high_s16(x), vget_high_s16(w));
}

/* Stores four pairs of bytes a stride apart. A store of one lane needs no alignment. */
static inline void kindling_store_pairs(int8_t *to, int32_t stride, int8x8_t bytes)
{
    const uint16x4_t pairs = vreinterpret_u16_s8(bytes);
    vst1_lane_u16((uint16_t *)(void *)to, pairs, 0);
    to += stride;
    vst1_lane_u16((uint16_t *)(void *)to, pairs, 1);
    to += stride;
    vst1_lane_u16((uint16_t *)(void *)to, pairs, 2);
    to += stride;
    vst1_lane_u16((uint16_t *)(void *)to, pairs, 3);
}

/* The weights of two channels, apart: the even one's are the low bytes. */
static inline int16x8_t kindling_even_weights(int16x8_t both)
{
    return vshrq_n_s16(vshlq_n_s16(both, 8), 8);
}

static inline int16x8_t kindling_odd_weights(int16x8_t both, int16x8_t even)
{
    return vshrq_n_s16(vsubq_s16(both, even), 8);
}

/* Eight taps of four windows: the weights in `both`, windows x0 to x3. */
#define EIGHT_TAPS(both) \
    { \
        const int16x8_t even = kindling_even_weights(both); \
        const int16x8_t odd = kindling_odd_weights(both, even); \
        int16x8_t x = vld1q_s16(x0); \
        even0 = kindling_multiply_eight(even0, x, even); \
        odd0 = kindling_multiply_eight(odd0, x, odd); \
        x = vld1q_s16(x1); \
        even1 = kindling_multiply_eight(even1, x, even); \
        odd1 = kindling_multiply_eight(odd1, x, odd); \
        x = vld1q_s16(x2); \
        even2 = kindling_multiply_eight(even2, x, even); \
        odd2 = kindling_multiply_eight(odd2, x, odd); \
        x = vld1q_s16(x3); \
        even3 = kindling_multiply_eight(even3, x, even); \
        odd3 = kindling_multiply_eight(odd3, x, odd); \
    }

static void all_pairs(const four_windows *job)
{
    const int32_t words = (int32_t)(job->end - job->columns);
    const int32_t taps = 2 * words - job->odd_tap / 2;
    const int32_t rest = taps & 7;
    const int16x8_t places = { 0, 1, 2, 3, 4, 5, 6, 7 };
    /* The last eight taps without those that were multiplied before. */
    const int16x8_t last = vreinterpretq_s16_u16(vcgeq_s16(places, vdupq_n_s16((int16_t)(8 - rest))));
    const int32x4_t zero = vdupq_n_s32(job->zero);
    const int16_t *weights = job->weights;
    const int32_t *constants = job->constants;
    const int8_t *shifts = job->shifts;

    for (int8_t *output = job->output; output != job->output_end; output += 2) {
        const int16_t *x0 = (const int16_t *)(const void *)job->columns;
        const int16_t *x1 = x0 + 2 * words;
        const int16_t *x2 = x1 + 2 * words;
        const int16_t *x3 = x2 + 2 * words;
        int32x4_t even0 = vdupq_n_s32(0), even1 = even0, even2 = even0, even3 = even0;
        int32x4_t odd0 = even0, odd1 = even0, odd2 = even0, odd3 = even0;
        const int32x2_t even_constants = vld1_s32(constants);
        const int32x2_t odd_constants = vld1_s32(constants + 2);
        int32x4_t even_sums, odd_sums;
        int8x8_t bytes;
        for (int32_t left = taps; left >= 8; left -= 8) {
            const int16x8_t both = vld1q_s16(weights);
            EIGHT_TAPS(both)
            weights += 8;
            x0 += 8;
            x1 += 8;
            x2 += 8;
            x3 += 8;
        }
        if (rest > 0 && taps >= 8) {
            const int16x8_t both = vandq_s16(vld1q_s16(weights + rest - 8), last);
            x0 += rest - 8;
            x1 += rest - 8;
            x2 += rest - 8;
            x3 += rest - 8;
            EIGHT_TAPS(both)
            weights += rest;
        }
        even_sums = kindling_sum_lanes(even0, even1, even2, even3);
        odd_sums = kindling_sum_lanes(odd0, odd1, odd2, odd3);
        for (int32_t left = taps; taps < 8 && left > 0; left--) {
            const int32_t even = (int8_t)(*weights & 0xFF);
            const int32_t odd = (*weights - even) / 256;
            const int32_t four[4] = { *x0++, *x1++, *x2++, *x3++ };
            const int32x4_t x = vld1q_s32(four);
            even_sums = vmlaq_n_s32(even_sums, x, even);
            odd_sums = vmlaq_n_s32(odd_sums, x, odd);
            weights++;
        }
        bytes = vqmovn_s16(vcombine_s16(
            kindling_round_four(even_sums, even_constants, shifts[0], zero), kindling_round_four(odd_sums, odd_constants, shifts[1], zero)));
        /* Pixel by pixel the even channel's output, then the odd one's. */
        bytes = vzip_s8(bytes, vext_s8(bytes, bytes, 4)).val[0];
        kindling_store_pairs(output, job->stride, bytes);
        constants += 4;
        shifts += 2;
    }
}

#define all_pairs_relu all_pairs
#define all_pairs_full all_pairs

#endif
