/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers on two threads, for Linux: convolutions and pools whose output does not overlap their input are split by rows of outputs. Every output
 * is computed as on one thread, so the results are the same. Compile network.c with -include kindling_threads.h, and kindling_threads.c
 * with -DKINDLING_SCRATCH_BYTES=<the network's SCRATCH_BYTES> and -pthread.
 */
#ifndef KINDLING_THREADS_H
#define KINDLING_THREADS_H

#include "kernels/kindling_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One thread, or two (at the start). Not while a network runs. */
void kindling_set_threads(int32_t threads);

void kindling_conv2d_s8_by_rows(const kindling_conv2d *layer, const int8_t *input, int8_t *output, void *scratch);
void kindling_depthwise_conv2d_s8_by_rows(const kindling_depthwise_conv2d *layer, const int8_t *input, int8_t *output, void *scratch);
void kindling_conv2d_plain_s8_by_rows(const kindling_plain_conv2d *layer, const int8_t *input, int8_t *output);
void kindling_depthwise_conv2d_plain_s8_by_rows(const kindling_plain_conv2d *layer, const int8_t *input, int8_t *output);
void kindling_max_pool_s8_by_rows(const kindling_pool2d *layer, const int8_t *input, int8_t *output);
void kindling_average_pool_s8_by_rows(const kindling_pool2d *layer, const int8_t *input, int8_t *output);

#ifdef __cplusplus
}
#endif

#ifndef KINDLING_THREADS_IMPLEMENTATION
#define kindling_conv2d_s8 kindling_conv2d_s8_by_rows
#define kindling_depthwise_conv2d_s8 kindling_depthwise_conv2d_s8_by_rows
#define kindling_conv2d_plain_s8 kindling_conv2d_plain_s8_by_rows
#define kindling_depthwise_conv2d_plain_s8 kindling_depthwise_conv2d_plain_s8_by_rows
#define kindling_max_pool_s8 kindling_max_pool_s8_by_rows
#define kindling_average_pool_s8 kindling_average_pool_s8_by_rows
#endif

#endif
