/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the operators of a stage in turns. */
#include "kindling_stage.h"
#include "kindling_simd.h"

#define MOST_OPERATORS 32
#define MOST_BANDS 33

typedef struct {
    const kindling_stage *stage;
    int8_t *arena;
    uint16_t made[MOST_OPERATORS]; /* rows each operator has made */
    uint16_t first[MOST_BANDS];    /* the image's row at the front of each band */
    uint16_t end[MOST_BANDS];      /* behind the last row that all operators writing a band have made */
} progress;

/* The first row of its input that an operator still reads. */
static int32_t first_needed(const kindling_staged *op, int32_t made)
{
    const int32_t row = made * op->stride_height - op->pad_top;
    return made >= op->rows ? INT32_MAX : (row < 0 ? 0 : row);
}

static void move_down(int8_t *to, const int8_t *from, uint32_t bytes)
{
    for (; bytes >= 16; bytes -= 16) {
        for (int32_t i = 0; i < 16; i += 4) {
            kindling_store_word(to + i, kindling_load_word(from + i));
        }
        to += 16;
        from += 16;
    }
    for (; bytes > 0; bytes--) {
        *to++ = *from++;
    }
}

/* Makes room for rows up to `end`. */
static void make_room(progress *p, int32_t number, int32_t end)
{
    const kindling_band *band = &p->stage->bands[number];
    const int32_t first = p->first[number];
    const int32_t room = (int32_t)band->rows;
    int32_t keep = end;
    if (end - first <= room) {
        return;
    }
    for (int32_t reader = 0; reader < p->stage->operator_count; reader++) {
        const kindling_staged *op = &p->stage->operators[reader];
        if (op->input == number || op->second == number) {
            const int32_t needed = first_needed(op, p->made[reader]);
            keep = needed < keep ? needed : keep;
        }
    }
    if (keep - first < room) {
        int8_t *const rows = p->arena + band->offset;
        move_down(rows, rows + (uint32_t)(keep - first) * band->row_bytes, (uint32_t)(room - keep + first) * band->row_bytes);
    }
    p->first[number] = (uint16_t)keep;
}

static int8_t *address(const progress *p, int32_t number, int32_t row)
{
    const kindling_band *band = &p->stage->bands[number];
    return p->arena + band->offset + (uint32_t)(row - p->first[number]) * band->row_bytes;
}

/* The next rows of an operator, if its input has what they need. */
static int next_rows(progress *p, int32_t number, kindling_rows *rows)
{
    const kindling_staged *op = &p->stage->operators[number];
    const int32_t made = p->made[number];
    const int32_t left = op->rows - made;
    const int32_t top = made * op->stride_height - op->pad_top;
    const int32_t first = top < 0 ? 0 : top;
    int32_t end;
    if (left == 0) {
        return 0;
    }
    rows->first_row = made;
    rows->rows = left < op->block ? left : op->block;
    end = top + (rows->rows - 1) * op->stride_height + op->window_height;
    end = end < op->input_height ? end : op->input_height;
    if (op->input != KINDLING_NO_BAND) {
        if (end > p->end[op->input]) {
            return 0;
        }
        rows->input = address(p, op->input, first);
    }
    if (op->second != KINDLING_NO_BAND) {
        if (end > p->end[op->second]) {
            return 0;
        }
        rows->second = address(p, op->second, first);
    }
    rows->input_rows = end < first ? 0 : end - first;
    rows->pad_top = first - top;
    if (op->output != KINDLING_NO_BAND) {
        make_room(p, op->output, made + rows->rows);
        rows->output = address(p, op->output, made);
    }
    return 1;
}

static void finish(progress *p, int32_t number, int32_t rows)
{
    const kindling_stage *stage = p->stage;
    const int32_t band = stage->operators[number].output;
    uint16_t end = UINT16_MAX;
    p->made[number] = (uint16_t)(p->made[number] + rows);
    if (band == KINDLING_NO_BAND) {
        return;
    }
    for (int32_t writer = 0; writer < stage->operator_count; writer++) {
        if (stage->operators[writer].output == band && p->made[writer] < end) {
            end = p->made[writer];
        }
    }
    p->end[band] = end;
}

void kindling_run_stage(const kindling_stage *stage, kindling_rows_function run, int8_t *arena, void *context)
{
    progress p;
    int32_t number;

    p.stage = stage;
    p.arena = arena;
    for (int32_t band = 0; band < MOST_BANDS; band++) {
        p.first[band] = 0;
        p.end[band] = UINT16_MAX;
    }
    for (number = 0; number < stage->operator_count; number++) {
        p.made[number] = 0;
        if (stage->operators[number].output != KINDLING_NO_BAND) {
            p.end[stage->operators[number].output] = 0;
        }
    }
    do {
        kindling_rows rows = { 0, 0, 0, 0, 0, 0, 0 };
        number = stage->operator_count - 1;
        while (number >= 0 && !next_rows(&p, number, &rows)) {
            number--;
        }
        if (number >= 0) {
            run(number, &rows, arena, context);
            finish(&p, number, rows.rows);
        }
    } while (number >= 0);
}
