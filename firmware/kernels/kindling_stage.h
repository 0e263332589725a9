/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage: operators that run in turns, a few rows at a time, so that of the images between them only the rows still needed are kept.
 * The operator nearest to the end that has its rows runs next; nothing is computed twice.
 */
#ifndef KINDLING_STAGE_H
#define KINDLING_STAGE_H

#include "kindling_kernels.h"

#define KINDLING_NO_BAND 255

/* Rows of an image in the arena. When there is no room for the next one, the rows still needed move to the front. */
typedef struct {
    uint32_t offset;    /* of the first row in the arena */
    uint32_t row_bytes;
    uint32_t rows;      /* that there is room for; the image's height where all are kept */
} kindling_band;

typedef struct {
    uint8_t input;          /* bands; KINDLING_NO_BAND: none */
    uint8_t second;         /* of ADD and MUL of two images */
    uint8_t output;
    uint8_t block;          /* rows it makes at a time */
    uint8_t window_height;  /* rows under a window, those between its taps included */
    uint8_t stride_height;
    uint8_t pad_top;
    uint16_t input_height;
    uint16_t rows;          /* rows it makes in all */
} kindling_staged;

typedef struct {
    const kindling_band *bands;
    const kindling_staged *operators; /* each behind those whose rows it reads */
    int32_t operator_count;
} kindling_stage;

/* What an operator is to do now. */
typedef struct {
    const int8_t *input; /* the first row under the windows that is in the image */
    const int8_t *second;
    int8_t *output;
    int32_t first_row;   /* of the output */
    int32_t rows;
    int32_t input_rows;  /* from input to the last row under the windows */
    int32_t pad_top;     /* rows of the first window above input */
} kindling_rows;

/* Runs operator `number` on some rows. */
typedef void (*kindling_rows_function)(int32_t number, const kindling_rows *rows, int8_t *arena, void *context);

void kindling_run_stage(const kindling_stage *stage, kindling_rows_function run, int8_t *arena, void *context);

/* Fits the description of a whole layer to some of its rows. */
static inline void kindling_fit(kindling_image *input, kindling_image *output, kindling_window *window, const kindling_rows *rows)
{
    input->height = (uint16_t)rows->input_rows;
    output->height = (uint16_t)rows->rows;
    window->pad_top = (uint8_t)rows->pad_top;
}

#endif
