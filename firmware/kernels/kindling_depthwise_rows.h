/* SPDX-License-Identifier: Apache-2.0 */
/* The inner loops of kindling_depthwise_conv2d_s8: sums of rows of outputs of one channel from rows of int16 values. */
#ifndef KINDLING_DEPTHWISE_ROWS_H
#define KINDLING_DEPTHWISE_ROWS_H

#include "kindling_simd.h"

#define MOST_ROWS 5
#define ROW_PAIRS 4

/* Pairs of neighbouring taps of each kernel row: 0 and 1, 1 and 2, then (5x5) 2 and 3, 3 and 4. */
typedef struct {
    uint32_t pairs[MOST_ROWS][ROW_PAIRS];
} tap_table;

static void fill_table(tap_table *table, const int8_t *weights, int32_t rows, int32_t columns)
{
    for (int32_t row = 0; row < rows; row++) {
        for (int32_t pair = 0; pair < columns - 1; pair++) {
            table->pairs[row][pair] = kindling_pack(weights[pair], weights[pair + 1]);
        }
        weights += columns;
    }
}

/* Rows of outputs of one channel, two at a time. A row with an odd number of outputs has one sum too many, which the next row overwrites. */
typedef struct {
    const uint32_t *values;
    int32_t *sums;
    int32_t row_words; /* from a row of values to the next */
    int32_t rows;      /* rows of outputs */
    int32_t width;     /* outputs of a row */
} sum_job;

#if KINDLING_NEON

#include "kindling_depthwise_neon.h"

#else

#if KINDLING_DSP

/* r4-r9 taps, r0-r2 the three rows of values, r3 sums; r10, r11 values, r12, lr sums. */
#define SUMS_3X3_STRIDE_1 \
    "ldrd    r10, r11, [r0], #4\n" \
    "smuad   r12, r10, r4\n" \
    "smultb  lr, r10, r4\n" \
    "smlabt  r12, r11, r5, r12\n" \
    "smlad   lr, r11, r5, lr\n" \
    "ldrd    r10, r11, [r1], #4\n" \
    "smlad   r12, r10, r6, r12\n" \
    "smlatb  lr, r10, r6, lr\n" \
    "smlabt  r12, r11, r7, r12\n" \
    "smlad   lr, r11, r7, lr\n" \
    "ldrd    r10, r11, [r2], #4\n" \
    "smlad   r12, r10, r8, r12\n" \
    "smlatb  lr, r10, r8, lr\n" \
    "smlabt  r12, r11, r9, r12\n" \
    "smlad   lr, r11, r9, lr\n" \
    "strd    r12, lr, [r3], #8\n"
#define SUMS_3X3_STRIDE_2 \
    "ldrd    r10, r11, [r0], #4\n" \
    "smuad   r12, r10, r4\n" \
    "smlabt  r12, r11, r5, r12\n" \
    "ldrd    r10, r11, [r1], #4\n" \
    "smlad   r12, r10, r6, r12\n" \
    "smlabt  r12, r11, r7, r12\n" \
    "ldrd    r10, r11, [r2], #4\n" \
    "smlad   r12, r10, r8, r12\n" \
    "smlabt  r12, r11, r9, r12\n" \
    "str     r12, [r3], #4\n"

/* r0 job, r1 taps. On the stack: end of the sums of a row, bytes from the end of a row of values to the next under a window, rows, width. */
#define ALL_ROWS(sums, stride) \
    "push    {r4-r11, lr}\n" \
    "ldr     r4, [r1]\n" \
    "ldr     r5, [r1, #4]\n" \
    "ldr     r6, [r1, #16]\n" \
    "ldr     r7, [r1, #20]\n" \
    "ldr     r8, [r1, #32]\n" \
    "ldr     r9, [r1, #36]\n" \
    "ldmia   r0, {r0, r3, r10, r11, r12}\n" \
    "lsl     r10, r10, #2\n" \
    "add     r1, r0, r10\n" \
    "add     r2, r1, r10\n" \
    "add     lr, r12, #1\n" \
    "bic     lr, lr, #1\n" /* outputs computed in a row */ \
    stride \
    "push    {r10, r11, r12, lr}\n" \
    "1:\n" \
    "ldr     r10, [sp, #8]\n" \
    "add     r10, r10, #1\n" \
    "bic     r10, r10, #1\n" \
    "add     r10, r3, r10, lsl #2\n" \
    "str     r10, [sp, #12]\n" \
    "2:\n" \
    sums \
    "ldr     r10, [sp, #12]\n" \
    "cmp     r3, r10\n" \
    "bne     2b\n" \
    "ldrd    r10, r11, [sp]\n" \
    "ldr     r12, [sp, #8]\n" \
    "add     r0, r0, r10\n" \
    "add     r1, r1, r10\n" \
    "add     r2, r2, r10\n" \
    "ands    r12, r12, #1\n" \
    "sub     r3, r3, r12, lsl #2\n" \
    "subs    r11, r11, #1\n" \
    "str     r11, [sp, #4]\n" \
    "bne     1b\n" \
    "add     sp, sp, #16\n" \
    "pop     {r4-r11, pc}\n"

/* A row of outputs moves the pointers on by a word for each pair of outputs, or for each output. */
__attribute__((naked, noinline)) static void rows_3x3_stride_1(const sum_job *job __attribute__((unused)), const tap_table *taps __attribute__((unused)))
{
    __asm__(ALL_ROWS(SUMS_3X3_STRIDE_1, "sub     r10, r10, lr, lsl #1\n"));
}

__attribute__((naked, noinline)) static void rows_3x3_stride_2(const sum_job *job __attribute__((unused)), const tap_table *taps __attribute__((unused)))
{
    __asm__(ALL_ROWS(SUMS_3X3_STRIDE_2, "lsl     r10, r10, #1\n" "sub     r10, r10, lr, lsl #2\n"));
}

#else

static inline int32_t value_at(const uint32_t *row, int32_t x)
{
    return (x & 1) != 0 ? kindling_high(row[x >> 1]) : kindling_low(row[x >> 1]);
}

static void rows_3x3(const sum_job *job, const tap_table *taps, int32_t stride)
{
    int32_t *sum = job->sums;
    for (int32_t row = 0; row < job->rows; row++) {
        for (int32_t column = 0; column < job->width; column++) {
            const uint32_t *values = job->values + row * stride * job->row_words;
            const int32_t x = column * stride;
            *sum = 0;
            for (int32_t y = 0; y < 3; y++) {
                *sum += value_at(values, x) * kindling_low(taps->pairs[y][0]) + value_at(values, x + 1) * kindling_low(taps->pairs[y][1])
                    + value_at(values, x + 2) * kindling_high(taps->pairs[y][1]);
                values += job->row_words;
            }
            sum++;
        }
    }
}

static void rows_3x3_stride_1(const sum_job *job, const tap_table *taps)
{
    rows_3x3(job, taps, 1);
}

static void rows_3x3_stride_2(const sum_job *job, const tap_table *taps)
{
    rows_3x3(job, taps, 2);
}

#endif

static void rows_5x5_stride_1(const sum_job *job, const tap_table *taps)
{
    int32_t *sums = job->sums;
    for (int32_t row = 0; row < job->rows; row++) {
        const uint32_t *values = job->values + row * job->row_words;
        for (int32_t column = 0; column < job->width; column += 2) {
            const uint32_t *x = values++;
            const uint32_t *w = taps->pairs[0];
            int32_t left = 0;
            int32_t right = 0;
            for (int32_t y = 0; y < 5; y++) {
                left = kindling_smlad(x[0], w[0], left);
                right = kindling_smlatb(x[0], w[0], right);
                left = kindling_smlad(x[1], w[2], left);
                right = kindling_smlad(x[1], w[1], right);
                left = kindling_smlabt(x[2], w[3], left);
                right = kindling_smlad(x[2], w[3], right);
                x += job->row_words;
                w += ROW_PAIRS;
            }
            sums[0] = left;
            sums[1] = right;
            sums += 2;
        }
        sums -= job->width & 1;
    }
}

static void rows_5x5_stride_2(const sum_job *job, const tap_table *taps)
{
    int32_t *sums = job->sums;
    for (int32_t row = 0; row < job->rows; row++) {
        const uint32_t *values = job->values + 2 * row * job->row_words;
        for (int32_t column = 0; column < job->width; column++) {
            const uint32_t *x = values++;
            const uint32_t *w = taps->pairs[0];
            int32_t sum = 0;
            for (int32_t y = 0; y < 5; y++) {
                sum = kindling_smlad(x[0], w[0], sum);
                sum = kindling_smlad(x[1], w[2], sum);
                sum = kindling_smlabt(x[2], w[3], sum);
                x += job->row_words;
                w += ROW_PAIRS;
            }
            *sums++ = sum;
        }
    }
}

#endif

#endif
