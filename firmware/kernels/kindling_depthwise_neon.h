/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums of rows of outputs of one channel with NEON (Cortex-A), eight neighbours at a time. The last eight of a row overlap those before them; rows
 * of fewer outputs are computed one by one.
 */
#ifndef KINDLING_DEPTHWISE_NEON_H
#define KINDLING_DEPTHWISE_NEON_H

#include <arm_neon.h>

#define NEIGHBOURS 8

static inline int32_t tap_weight(const tap_table *taps, int32_t row, int32_t column)
{
    return column == 0 ? kindling_low(taps->pairs[row][0]) : kindling_high(taps->pairs[row][column - 1]);
}

/* Values under tap `column` of eight neighbouring outputs; with strides of 2 every other one from there on. */
static inline int16x8_t neighbours(const int16_t *values, int32_t column, int32_t stride)
{
    if (stride == 1) {
        return vld1q_s16(values + column);
    }
    return vld2q_s16(values + (column & ~1)).val[column & 1];
}

__attribute__((always_inline)) static inline void eight_sums(
    const int16_t *values, int32_t row_values, const int16_t *weights, int32_t size, int32_t stride, int32_t *sums)
{
    int32x4_t low = vdupq_n_s32(0);
    int32x4_t high = low;
    for (int32_t row = 0; row < size; row++) {
        for (int32_t column = 0; column < size; column++) {
            const int16x8_t x = neighbours(values, column, stride);
            low = vmlal_n_s16(low, vget_low_s16(x), weights[column]);
            high = vmlal_n_s16(high, vget_high_s16(x), weights[column]);
        }
        values += row_values;
        weights += size;
    }
    vst1q_s32(sums, low);
    vst1q_s32(sums + 4, high);
}

static inline int32_t one_sum(const int16_t *values, int32_t row_values, const int16_t *weights, int32_t size)
{
    int32_t sum = 0;
    for (int32_t row = 0; row < size; row++) {
        for (int32_t column = 0; column < size; column++) {
            sum += values[column] * weights[column];
        }
        values += row_values;
        weights += size;
    }
    return sum;
}

/* All rows; size and stride are constants wherever this is inlined. */
__attribute__((always_inline)) static inline void all_rows(const sum_job *job, const tap_table *taps, int32_t size, int32_t stride)
{
    const int16_t *values = (const int16_t *)(const void *)job->values;
    const int32_t row_values = 2 * job->row_words;
    int32_t *sums = job->sums;
    int16_t weights[MOST_ROWS * MOST_ROWS];

    for (int32_t row = 0; row < size; row++) {
        for (int32_t column = 0; column < size; column++) {
            weights[row * size + column] = (int16_t)tap_weight(taps, row, column);
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
