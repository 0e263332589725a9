/* SPDX-License-Identifier: Apache-2.0 */
/* The inner loops of kindling_conv2d_s8: all whole pairs of output channels of four windows, with the fast rounding. */
#ifndef KINDLING_CONV2D_PAIRS_H
#define KINDLING_CONV2D_PAIRS_H

#include "kindling_rounding.h"

#define WINDOWS 4

/*
 * Columns are words of two taps. With the DSP extension the same word of four windows lies together, [words][windows]; with Helium and NEON the
 * words of a window do, [windows][words].
 */
#if KINDLING_MVE || KINDLING_NEON
#define WORD_STEP 1
#define WINDOW_STEP(words) (words)
#else
#define WORD_STEP WINDOWS
#define WINDOW_STEP(words) (0 * (words) + 1)
#endif

/* What four windows and all whole pairs of output channels need; the assembler code knows the order. */
typedef struct {
    const uint32_t *columns;
    const uint32_t *fours_end; /* behind the whole fours of words (DSP only) */
    const uint32_t *end;       /* behind all words */
    const int32_t *constants;
    const int8_t *shifts;
    int8_t *output;
    int32_t stride;
    int8_t *output_end;
    int32_t zero; /* twice the zero point, and 1 */
    const int16_t *weights;
    int32_t odd_tap; /* bytes of the weight that a last word of columns reads too far */
} four_windows;

#if KINDLING_MVE

/* Rounds the sums of four windows and stores them a pixel apart. */
static inline void round_and_store(int32x4_t twice_sums, int32_t multiplier, int32_t shift, int32_t zero, int8_t *output, uint32x4_t places)
{
    int32x4_t x = vrmulhq_s32(twice_sums, vdupq_n_s32(multiplier));
    x = vaddq_s32(vaddq_s32(x, vshrq_n_s32(x, 31)), vdupq_n_s32((int32_t)((uint32_t)zero << shift)));
    x = vshrq_n_s32(vshlq_r_s32(x, -shift), 1);
    x = vminq_s32(vmaxq_s32(x, vdupq_n_s32(-128)), vdupq_n_s32(127));
    vstrbq_scatter_offset_s32(output, places, x);
}

/* Eight taps, four windows and two channels take fourteen instructions. */
static void all_pairs(const four_windows *job)
{
    const int32_t words = (int32_t)(job->end - job->columns);
    const int32_t taps = 2 * words - job->odd_tap / 2;
    const int16_t *weights = job->weights;
    const int32_t *constants = job->constants;
    const int8_t *shifts = job->shifts;
    const uint32x4_t places = vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)job->stride);

    for (int8_t *output = job->output; output != job->output_end; output += 2) {
        const int16_t *x0 = (const int16_t *)(const void *)job->columns;
        const int16_t *x1 = x0 + 2 * words;
        const int16_t *x2 = x1 + 2 * words;
        const int16_t *x3 = x2 + 2 * words;
        int32_t even0 = 0, even1 = 0, even2 = 0, even3 = 0;
        int32_t both0 = 0, both1 = 0, both2 = 0, both3 = 0;
        int32x4_t even_sums, both_sums;
        int32_t left = taps;
        for (; left >= 8; left -= 8) {
            const int16x8_t both = vldrhq_s16(weights);
            const int16x8_t even = vmovlbq_s8(vreinterpretq_s8_s16(both));
            int16x8_t x = vldrhq_s16(x0);
            even0 = vmladavaq_s16(even0, x, even);
            both0 = vmladavaq_s16(both0, x, both);
            x = vldrhq_s16(x1);
            even1 = vmladavaq_s16(even1, x, even);
            both1 = vmladavaq_s16(both1, x, both);
            x = vldrhq_s16(x2);
            even2 = vmladavaq_s16(even2, x, even);
            both2 = vmladavaq_s16(both2, x, both);
            x = vldrhq_s16(x3);
            even3 = vmladavaq_s16(even3, x, even);
            both3 = vmladavaq_s16(both3, x, both);
            weights += 8;
            x0 += 8;
            x1 += 8;
            x2 += 8;
            x3 += 8;
        }
        if (left > 0) {
            const mve_pred16_t some = vctp16q((uint32_t)left);
            const int16x8_t both = vldrhq_z_s16(weights, some);
            const int16x8_t even = vmovlbq_s8(vreinterpretq_s8_s16(both));
            int16x8_t x = vldrhq_z_s16(x0, some);
            even0 = vmladavaq_s16(even0, x, even);
            both0 = vmladavaq_s16(both0, x, both);
            x = vldrhq_z_s16(x1, some);
            even1 = vmladavaq_s16(even1, x, even);
            both1 = vmladavaq_s16(both1, x, both);
            x = vldrhq_z_s16(x2, some);
            even2 = vmladavaq_s16(even2, x, even);
            both2 = vmladavaq_s16(both2, x, both);
            x = vldrhq_z_s16(x3, some);
            even3 = vmladavaq_s16(even3, x, even);
            both3 = vmladavaq_s16(both3, x, both);
            weights += left;
        }
        even_sums = vsetq_lane_s32(even0, vdupq_n_s32(even3), 0);
        even_sums = vsetq_lane_s32(even2, vsetq_lane_s32(even1, even_sums, 1), 2);
        both_sums = vsetq_lane_s32(both0, vdupq_n_s32(both3), 0);
        both_sums = vsetq_lane_s32(both2, vsetq_lane_s32(both1, both_sums, 1), 2);
        both_sums = vaddq_n_s32(vshrq_n_s32(vsubq_s32(both_sums, even_sums), 7), constants[2]);
        round_and_store(vaddq_n_s32(vaddq_s32(even_sums, even_sums), constants[0]), constants[1], shifts[0], job->zero, output, places);
        round_and_store(both_sums, constants[3], shifts[1], job->zero, output + 1, places);
        constants += 4;
        shifts += 2;
    }
}

#define all_pairs_relu all_pairs
#define all_pairs_full all_pairs

#elif KINDLING_NEON

#include "kindling_conv2d_neon.h"

#elif KINDLING_DSP

/*
 * Sums of products: r4-r7 the even channel's, r8-r11 256 times the odd one's plus the even one's (modulo 2^32), r1 columns, r2 weights.
 * Two taps, four windows and two channels take 12 instructions. Eight sums, two pointers and four operands are all the registers there
 * are; compilers spill some of them in the loop.
 */
#define STEP(first, begin) \
    "ldr     r0, [r2], #4\n" \
    "ldrd    r12, lr, [r1], #8\n" \
    "sxtb16  r3, r0\n" \
    first " r4, r12, r3" begin(r4) "\n" \
    first " r8, r12, r0" begin(r8) "\n" \
    first " r5, lr, r3" begin(r5) "\n" \
    first " r9, lr, r0" begin(r9) "\n" \
    "ldrd    r12, lr, [r1], #8\n" \
    first " r6, r12, r3" begin(r6) "\n" \
    first " r10, r12, r0" begin(r10) "\n" \
    first " r7, lr, r3" begin(r7) "\n" \
    first " r11, lr, r0" begin(r11) "\n"
#define ADDED(sum) ", " #sum
#define ALONE(sum) ""
#define FIRST_STEP STEP("smuad", ALONE)
#define NEXT_STEP STEP("smlad", ADDED)

/* One sum to one output: r0 twice the bias, r1 multiplier, r2 addend, r3 shift (see kindling_rounding.h). */
#define ROUND_RELU(sum) \
    "smmlar  " #sum ", " #sum ", r1, r2\n" \
    "asr     " #sum ", " #sum ", r3\n" \
    "ssat    " #sum ", #8, " #sum ", asr #1\n"
#define ROUND_FULL(sum) \
    "smmulr  " #sum ", " #sum ", r1\n" \
    "add     " #sum ", " #sum ", " #sum ", asr #31\n" \
    "add     " #sum ", " #sum ", r2\n" \
    "asr     " #sum ", " #sum ", r3\n" \
    "ssat    " #sum ", #8, " #sum ", asr #1\n"
#define CHANNEL_CONSTANTS \
    "ldrd    r0, r1, [r12], #8\n" \
    "ldrsb   r3, [lr], #1\n" \
    "ldr     r2, [sp, #32]\n" \
    "lsl     r2, r2, r3\n"
#define EVEN(sum, round) "add     " #sum ", r0, " #sum ", lsl #1\n" round(sum)
#define ODD(sum, round) "add     " #sum ", r0, " #sum ", asr #7\n" round(sum)

#define ALL_PAIRS(round) \
    "push    {r4-r11, lr}\n" \
    "ldmia   r0, {r1-r11}\n" \
    "push    {r1-r11}\n" \
    "1:\n" \
    "ldr     r1, [sp]\n" \
    "ldr     r3, [sp, #4]\n" \
    "ldr     r2, [sp, #36]\n" \
    "cmp     r1, r3\n" \
    "beq     5f\n" \
    FIRST_STEP NEXT_STEP NEXT_STEP NEXT_STEP \
    "b       3f\n" \
    "2:\n" \
    NEXT_STEP NEXT_STEP NEXT_STEP NEXT_STEP \
    "3:\n" \
    "ldr     r0, [sp, #4]\n" \
    "cmp     r1, r0\n" \
    "bne     2b\n" \
    "4:\n" \
    "ldr     r0, [sp, #8]\n" \
    "cmp     r1, r0\n" \
    "beq     6f\n" \
    NEXT_STEP \
    "b       4b\n" \
    "5:\n" \
    FIRST_STEP \
    "b       4b\n" \
    "6:\n" \
    "ldr     r0, [sp, #40]\n" \
    "sub     r2, r2, r0\n" \
    "str     r2, [sp, #36]\n" \
    "sub     r8, r8, r4\n" \
    "sub     r9, r9, r5\n" \
    "sub     r10, r10, r6\n" \
    "sub     r11, r11, r7\n" \
    "ldrd    r12, lr, [sp, #12]\n" \
    CHANNEL_CONSTANTS \
    EVEN(r4, round) EVEN(r5, round) EVEN(r6, round) EVEN(r7, round) \
    CHANNEL_CONSTANTS \
    ODD(r8, round) ODD(r9, round) ODD(r10, round) ODD(r11, round) \
    "strd    r12, lr, [sp, #12]\n" \
    "ldrd    r0, r1, [sp, #20]\n" \
    "bfi     r4, r8, #8, #8\n" \
    "strh    r4, [r0]\n" \
    "bfi     r5, r9, #8, #8\n" \
    "strh    r5, [r0, r1]\n" \
    "add     r2, r0, r1, lsl #1\n" \
    "bfi     r6, r10, #8, #8\n" \
    "strh    r6, [r2]\n" \
    "bfi     r7, r11, #8, #8\n" \
    "strh    r7, [r2, r1]\n" \
    "ldr     r3, [sp, #28]\n" \
    "adds    r0, r0, #2\n" \
    "str     r0, [sp, #20]\n" \
    "cmp     r0, r3\n" \
    "bne     1b\n" \
    "add     sp, sp, #44\n" \
    "pop     {r4-r11, pc}\n"

__attribute__((naked, noinline)) static void all_pairs_relu(const four_windows *job __attribute__((unused)))
{
    __asm__(ALL_PAIRS(ROUND_RELU));
}

__attribute__((naked, noinline)) static void all_pairs_full(const four_windows *job __attribute__((unused)))
{
    __asm__(ALL_PAIRS(ROUND_FULL));
}

#else

static void all_pairs(const four_windows *job)
{
    const int16_t *weights = job->weights;
    const int32_t *constants = job->constants;
    const int8_t *shifts = job->shifts;

    for (int8_t *output = job->output; output != job->output_end; output += 2) {
        const kindling_rounding even_rounding = kindling_rounding_of(constants[1], shifts[0], job->zero >> 1);
        const kindling_rounding odd_rounding = kindling_rounding_of(constants[3], shifts[1], job->zero >> 1);
        int32_t even_sums[WINDOWS] = { 0 };
        int32_t odd_sums[WINDOWS] = { 0 };
        for (const uint32_t *column = job->columns; column != job->end; column += WINDOWS) {
            for (int32_t tap = 0; tap < 2; tap++) {
                const int32_t even = (int8_t)(weights[tap] & 0xFF);
                const int32_t odd = (weights[tap] - even) / 256;
                for (int32_t window = 0; window < WINDOWS; window++) {
                    const int32_t x = tap == 0 ? kindling_low(column[window]) : kindling_high(column[window]);
                    even_sums[window] += x * even;
                    odd_sums[window] += x * odd;
                }
            }
            weights += 2;
        }
        weights -= job->odd_tap / 2;
        for (int32_t window = 0; window < WINDOWS; window++) {
            int8_t *const to = output + window * job->stride;
            to[0] = (int8_t)kindling_round(&even_rounding, constants[0] + 2 * even_sums[window]);
            to[1] = (int8_t)kindling_round(&odd_rounding, constants[2] + 2 * odd_sums[window]);
        }
        constants += 4;
        shifts += 2;
    }
}

#define all_pairs_relu all_pairs
#define all_pairs_full all_pairs

#endif

#endif
