/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums of rows of outputs of one channel with NEON (Cortex-A), eight neighbours at a time. The last eight of a row overlap those before them. Of a shorter row
 * the sums too many are dropped; what they read lies in scratch still, or the row is computed one by one.
 */
#ifndef KINDLING_DEPTHWISE_NEON_H
#define KINDLING_DEPTHWISE_NEON_H

#include <arm_neon.h>

#define NEIGHBOURS 8

/* Weights of a kernel row from the table of pairs, padded to eight. */
#define ROW_WEIGHTS 8

static inline int32_t tap_weight(const tap_table *taps, int32_t row, int32_t column)
{
    return column == 0 ? kindling_low(taps->pairs[row][0]) : kindling_high(taps->pairs[row][column - 1]);
}

/* Sums so far of eight neighbours. */
typedef struct {
    int32x4_t low;
    int32x4_t high;
} eight;

#define TAP(sums, x, w, lane) \
    sums.low = vmlal_lane_s16(sums.low, vget_low_s16(x), w, lane); \
    sums.high = vmlal_lane_s16(sums.high, vget_high_s16(x), w, lane);

/* One kernel row; with strides of 2 the values of every other output lie apart after loading. */
__attribute__((always_inline)) static inline eight add_row(eight sums, const int16_t *values, int16x8_t weights, int32_t size, int32_t stride)
{
    const int16x4_t w = vget_low_s16(weights);
    if (stride == 1) {
        const int16x8_t x0 = vld1q_s16(values);
        const int16x8_t x1 = vld1q_s16(values + 1);
        const int16x8_t x2 = vld1q_s16(values + 2);
        TAP(sums, x0, w, 0)
        TAP(sums, x1, w, 1)
        TAP(sums, x2, w, 2)
        if (size == 5) {
            const int16x8_t x3 = vld1q_s16(values + 3);
            const int16x8_t x4 = vld1q_s16(values + 4);
            TAP(sums, x3, w, 3)
            TAP(sums, x4, vget_high_s16(weights), 0)
        }
    } else {
        const int16x8x2_t x01 = vld2q_s16(values);
        const int16x8x2_t x23 = vld2q_s16(values + 2);
        TAP(sums, x01.val[0], w, 0)
        TAP(sums, x01.val[1], w, 1)
        TAP(sums, x23.val[0], w, 2)
        if (size == 5) {
            const int16x8x2_t x45 = vld2q_s16(values + 4);
            TAP(sums, x23.val[1], w, 3)
            TAP(sums, x45.val[0], vget_high_s16(weights), 0)
        }
    }
    return sums;
}

__attribute__((always_inline)) static inline void eight_sums(
    const int16_t *values, int32_t row_values, const int16_t *weights, int32_t size, int32_t stride, int32_t *to)
{
    eight sums = { vdupq_n_s32(0), vdupq_n_s32(0) };
    sums = add_row(sums, values, vld1q_s16(weights), size, stride);
    sums = add_row(sums, values + row_values, vld1q_s16(weights + ROW_WEIGHTS), size, stride);
    sums = add_row(sums, values + 2 * row_values, vld1q_s16(weights + 2 * ROW_WEIGHTS), size, stride);
    if (size == 5) {
        sums = add_row(sums, values + 3 * row_values, vld1q_s16(weights + 3 * ROW_WEIGHTS), size, stride);
        sums = add_row(sums, values + 4 * row_values, vld1q_s16(weights + 4 * ROW_WEIGHTS), size, stride);
    }
    vst1q_s32(to, sums.low);
    vst1q_s32(to + 4, sums.high);
}

static inline int32_t one_sum(const int16_t *values, int32_t row_values, const int16_t *weights, int32_t size)
{
    int32_t sum = 0;
    for (int32_t row = 0; row < size; row++) {
        for (int32_t column = 0; column < size; column++) {
            sum += values[column] * weights[column];
        }
        values += row_values;
        weights += ROW_WEIGHTS;
    }
    return sum;
}

/* All rows; size and stride are constants wherever this is inlined. */
__attribute__((always_inline)) static inline void all_rows(const sum_job *job, const tap_table *taps, int32_t size, int32_t stride)
{
    const int16_t *values = (const int16_t *)(const void *)job->values;
    const int32_t row_values = 2 * job->row_words;
    int32_t *sums = job->sums;
    int16_t weights[MOST_ROWS * ROW_WEIGHTS];
    int32_t some[NEIGHBOURS];
    /* Behind the last row of values come the sums. */
    const int reads_on = NEIGHBOURS * stride + size - 1 - row_values <= 2 * job->rows * job->width;

    for (int32_t row = 0; row < size; row++) {
        for (int32_t column = 0; column < ROW_WEIGHTS; column++) {
            weights[row * ROW_WEIGHTS + column] = column < size ? (int16_t)tap_weight(taps, row, column) : 0;
        }
    }
    for (int32_t row = 0; row < job->rows; row++) {
        int32_t column = 0;
        for (; column + NEIGHBOURS <= job->width; column += NEIGHBOURS) {
            eight_sums(values + column * stride, row_values, weights, size, stride, sums + column);
        }
        if (column < job->width && job->width >= NEIGHBOURS) {
            column = job->width - NEIGHBOURS;
            eight_sums(values + column * stride, row_values, weights, size, stride, sums + column);
            column = job->width;
        }
        if (column < job->width && reads_on) {
            eight_sums(values, row_values, weights, size, stride, some);
            for (; column < job->width; column++) {
                sums[column] = some[column];
            }
        }
        for (; column < job->width; column++) {
            sums[column] = one_sum(values + column * stride, row_values, weights, size);
        }
        values += stride * row_values;
        sums += job->width;
    }
}

static void rows_3x3_stride_1(const sum_job *job, const tap_table *taps)
{
    all_rows(job, taps, 3, 1);
}

static void rows_3x3_stride_2(const sum_job *job, const tap_table *taps)
{
    all_rows(job, taps, 3, 2);
}

static void rows_5x5_stride_1(const sum_job *job, const tap_table *taps)
{
    all_rows(job, taps, 5, 1);
}

static void rows_5x5_stride_2(const sum_job *job, const tap_table *taps)
{
    all_rows(job, taps, 5, 2);
}

#endif
