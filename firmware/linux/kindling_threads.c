/* SPDX-License-Identifier: Apache-2.0 */
/* One worker thread that waits for the lower half of a layer while the caller computes the upper one. */
#define KINDLING_THREADS_IMPLEMENTATION
#include "kindling_threads.h"

#include <pthread.h>

#ifndef KINDLING_SCRATCH_BYTES
#error "define KINDLING_SCRATCH_BYTES: the largest scratch of a layer"
#endif

/* Fewer rows are not worth waking a thread for. */
#define FEWEST_ROWS 4

/* Some rows of a layer: a description of its own, with a kernel that takes it. */
typedef struct {
    void (*run)(const void *layer, const int8_t *input, int8_t *output, void *scratch);
    const void *layer;
    const int8_t *input;
    int8_t *output;
    void *scratch;
} part;

static uint32_t worker_scratch[KINDLING_SCRATCH_BYTES / sizeof(uint32_t) + 1];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static const part *given; /* what the worker has to do; null when it is done */
static int worker_runs;
static int32_t wanted_threads = 2;

static void *work(void *unused)
{
    (void)pthread_mutex_lock(&mutex);
    for (;;) {
        const part *job;
        while (given == 0) {
            (void)pthread_cond_wait(&changed, &mutex);
        }
        job = given;
        (void)pthread_mutex_unlock(&mutex);
        job->run(job->layer, job->input, job->output, job->scratch);
        (void)pthread_mutex_lock(&mutex);
        given = 0;
        (void)pthread_cond_signal(&changed);
    }
    return unused;
}

void kindling_set_threads(int32_t threads)
{
    wanted_threads = threads;
}

/* Whether there is a second thread; without one all is computed by the caller. */
static int has_worker(void)
{
    if (!worker_runs && wanted_threads > 1) {
        pthread_t worker;
        worker_runs = pthread_create(&worker, 0, work, 0) == 0 && pthread_detach(worker) == 0;
    }
    return worker_runs && wanted_threads > 1;
}

static void run_both(const part *upper, const part *lower)
{
    (void)pthread_mutex_lock(&mutex);
    given = lower;
    (void)pthread_cond_signal(&changed);
    (void)pthread_mutex_unlock(&mutex);
    upper->run(upper->layer, upper->input, upper->output, upper->scratch);
    (void)pthread_mutex_lock(&mutex);
    while (given != 0) {
        (void)pthread_cond_wait(&changed, &mutex);
    }
    (void)pthread_mutex_unlock(&mutex);
}

static int32_t image_bytes(const kindling_image *image)
{
    return (int32_t)image->height * image->width * image->pixel_stride;
}

/* The first row of outputs of the lower part, 0 when the layer cannot be split. */
static int32_t split_row(
    const kindling_window *window, const kindling_image *from, const kindling_image *to, const int8_t *input, const int8_t *output)
{
    const int32_t row = to->height / 2;
    const int32_t origin = row * window->stride_height - window->pad_top;
    const int apart = output + image_bytes(to) <= input || input + image_bytes(from) <= output;
    return apart && to->height >= FEWEST_ROWS && origin >= 0 && origin < from->height && has_worker() ? row : 0;
}

/* Splits a layer whose description has input, output and window. The lower part begins at an input row of its own and has no border above. */
#define BY_ROWS(type, kernel_of_part) \
    const int32_t row = split_row(&layer->window, &layer->input, &layer->output, input, output); \
    if (row > 0) { \
        const int32_t origin = row * layer->window.stride_height - layer->window.pad_top; \
        type upper_layer = *layer; \
        type lower_layer = *layer; \
        upper_layer.output.height = (uint16_t)row; \
        lower_layer.output.height = (uint16_t)(layer->output.height - row); \
        lower_layer.input.height = (uint16_t)(layer->input.height - origin); \
        lower_layer.window.pad_top = 0; \
        const part upper = { kernel_of_part, &upper_layer, input, output, scratch }; \
        const part lower = { \
            kernel_of_part, &lower_layer, input + origin * (int32_t)layer->input.width * layer->input.pixel_stride, \
            output + row * (int32_t)layer->output.width * layer->output.pixel_stride, worker_scratch \
        }; \
        run_both(&upper, &lower); \
    } else { \
        kernel_of_part(layer, input, output, scratch); \
    }

#define WITH_SCRATCH(type, kernel) \
    static void kernel##_part(const void *layer, const int8_t *input, int8_t *output, void *scratch) \
    { \
        kernel((const type *)layer, input, output, scratch); \
    } \
    void kernel##_by_rows(const type *layer, const int8_t *input, int8_t *output, void *scratch) \
    { \
        BY_ROWS(type, kernel##_part) \
    }
#define WITHOUT_SCRATCH(type, kernel) \
    static void kernel##_part(const void *layer, const int8_t *input, int8_t *output, void *scratch) \
    { \
        (void)scratch; \
        kernel((const type *)layer, input, output); \
    } \
    void kernel##_by_rows(const type *layer, const int8_t *input, int8_t *output) \
    { \
        void *const scratch = 0; \
        BY_ROWS(type, kernel##_part) \
    }

WITH_SCRATCH(kindling_conv2d, kindling_conv2d_s8)
WITH_SCRATCH(kindling_depthwise_conv2d, kindling_depthwise_conv2d_s8)
WITHOUT_SCRATCH(kindling_plain_conv2d, kindling_conv2d_plain_s8)
WITHOUT_SCRATCH(kindling_plain_conv2d, kindling_depthwise_conv2d_plain_s8)
WITHOUT_SCRATCH(kindling_pool2d, kindling_max_pool_s8)
WITHOUT_SCRATCH(kindling_pool2d, kindling_average_pool_s8)
