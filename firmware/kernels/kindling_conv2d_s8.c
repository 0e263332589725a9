/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONV_2D, int8. The values under four windows are widened to int16 once, side by side in scratch (the "columns"), taps outside the image
 * as the zero point; then every two output channels multiply them.
 *
 * Columns are words of two taps: [taps / 2][4 windows].
 */
#include "kindling_kernels.h"
#include "kindling_rounding.h"

#define WINDOWS 4

/* What four windows and all whole pairs of output channels need; the assembler code knows the order. */
typedef struct {
    const uint32_t *columns;
    const uint32_t *fours_end; /* behind the whole fours of words */
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

#if KINDLING_DSP

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

/* Sums for one window: the even channel's and, WINDOWS further, 256 times the odd one's plus the even one's modulo 2^32. */
static void multiply_one(int32_t *sums, const uint32_t *columns, const int16_t *weights, uint32_t words)
{
    int32_t even_sum = 0;
    int32_t both_sum = 0;
    for (; words > 0; words--) {
        const uint32_t both = kindling_load_word(weights);
        even_sum = kindling_smlad(*columns, kindling_even_bytes(both), even_sum);
        both_sum = kindling_smlad(*columns, both, both_sum);
        columns += WINDOWS;
        weights += 2;
    }
    sums[0] = even_sum;
    sums[WINDOWS] = both_sum;
}

static int32_t multiply_last(const uint32_t *columns, const int8_t *weights, int32_t taps)
{
    int32_t sum = 0;
    for (; taps > 1; taps -= 2) {
        sum = kindling_smlad(*columns, kindling_pack(weights[0], weights[1]), sum);
        columns += WINDOWS;
        weights += 2;
    }
    return taps > 0 ? kindling_multiply_accumulate(sum, kindling_low(*columns), weights[0]) : sum;
}

/* One output channel of some windows. */
static void store(const kindling_conv2d *layer, int32_t channel, const int32_t *sums, int32_t windows, int8_t *output)
{
    const int32_t multiplier = layer->constants[2 * channel + 1];
    const int32_t twice_bias = layer->constants[2 * channel];
    const int32_t shift = layer->shifts[channel];

    for (int32_t window = 0; window < windows; window++) {
        *output = (int8_t)kindling_round_any(
            twice_bias / 2 + sums[window], multiplier, shift + 1, layer->output_zero_point, layer->activation_min, layer->activation_max);
        output += layer->output.pixel_stride;
    }
}

/* All output channels of some windows, whatever their rounding. */
static void some_windows(const kindling_conv2d *layer, const uint32_t *columns, int32_t taps, int32_t windows, int8_t *output)
{
    const uint32_t words = (uint32_t)(taps + 1) / 2;
    const int32_t channels = layer->output.channels;
    const int16_t *weights = layer->weight_pairs;
    int32_t sums[2 * WINDOWS] = { 0 };

    for (int32_t channel = 0; channel + 1 < channels; channel += 2) {
        for (int32_t window = 0; window < windows; window++) {
            multiply_one(sums + window, columns + window, weights, words);
            sums[window + WINDOWS] = (int32_t)((uint32_t)sums[window + WINDOWS] - (uint32_t)sums[window]) >> 8;
        }
        weights += taps;
        store(layer, channel, sums, windows, output + channel);
        store(layer, channel + 1, sums + WINDOWS, windows, output + channel + 1);
    }
}

/* Clips the outputs of four windows to the range of the activation. */
static void clip(const kindling_conv2d *layer, int8_t *output)
{
    for (int32_t window = 0; window < WINDOWS; window++) {
        for (int32_t channel = 0; channel < (layer->output.channels & ~1); channel++) {
            output[channel] = (int8_t)kindling_clamp(output[channel], layer->activation_min, layer->activation_max);
        }
        output += layer->output.pixel_stride;
    }
}

/* The last of an odd number of output channels. */
static void last_channel(const kindling_conv2d *layer, const uint32_t *columns, int32_t taps, int32_t windows, int8_t *output)
{
    const int32_t channel = layer->output.channels - 1;
    int32_t sums[WINDOWS];
    for (int32_t window = 0; window < windows; window++) {
        sums[window] = multiply_last(columns + window, layer->last_weights, taps);
    }
    store(layer, channel, sums, windows, output + channel);
}

/* Widens bytes into one window's columns; every four in the order 0, 2, 1, 3. */
static uint32_t *widen_fours(uint32_t *column, const int8_t *from, int32_t bytes)
{
    const int8_t *const end = from + bytes;
    uint32_t word;
    if (bytes & 4) {
        word = kindling_load_word(from);
        from += 4;
        column[0] = kindling_even_bytes(word);
        column[WINDOWS] = kindling_odd_bytes(word);
        column += 2 * WINDOWS;
    }
    while (from != end) {
        word = kindling_load_word(from);
        column[0] = kindling_even_bytes(word);
        column[WINDOWS] = kindling_odd_bytes(word);
        word = kindling_load_word(from + 4);
        from += 8;
        column[2 * WINDOWS] = kindling_even_bytes(word);
        column[3 * WINDOWS] = kindling_odd_bytes(word);
        column += 4 * WINDOWS;
    }
    return column;
}

static uint32_t *fill_fours(uint32_t *column, uint32_t pair, int32_t bytes)
{
    for (; bytes > 0; bytes -= 2) {
        *column = pair;
        column += WINDOWS;
    }
    return column;
}

/* The columns of one window; input channels are a multiple of four. */
static void gather_fours(const kindling_conv2d *layer, const int8_t *input, int32_t y, int32_t x, uint32_t *column)
{
    const kindling_window window = layer->window;
    const kindling_image image = layer->input;
    const int32_t channels = image.channels;
    const int32_t pixel_stride = image.pixel_stride;
    const int32_t origin_y = y * window.stride_height - window.pad_top;
    const int32_t origin_x = x * window.stride_width - window.pad_left;
    const int32_t first = kindling_first_tap(origin_x, window.dilation_width);
    const int32_t end = kindling_end_tap(origin_x, window.dilation_width, window.width, image.width);
    const int32_t inside = end > first ? end - first : 0;
    const int32_t before = inside > 0 ? first : window.width;
    const int joined = window.dilation_width == 1 && pixel_stride == channels;
    const uint32_t zero = kindling_pack(layer->input_zero_point, layer->input_zero_point);

    for (int32_t row = 0; row < window.height; row++) {
        const int32_t image_y = origin_y + row * window.dilation_height;
        if (image_y < 0 || image_y >= image.height) {
            column = fill_fours(column, zero, window.width * channels);
            continue;
        }
        if (before > 0) {
            column = fill_fours(column, zero, before * channels);
        }
        if (inside > 0) {
            const int8_t *from = input + (image_y * (int32_t)image.width + origin_x + first * window.dilation_width) * pixel_stride;
            const int32_t runs = joined ? 1 : inside;
            const int32_t run_bytes = joined ? inside * channels : channels;
            for (int32_t run = 0; run < runs; run++) {
                column = widen_fours(column, from, run_bytes);
                from += window.dilation_width * pixel_stride;
            }
            column = fill_fours(column, zero, (window.width - end) * channels);
        }
    }
}

/* Columns in the order of the taps: the next value goes into half `half` of the word at column. */
typedef struct {
    uint32_t *column;
    int32_t half;
} column_end;

static inline void put(column_end *to, int32_t value)
{
    *to->column = to->half ? kindling_pack_low(*to->column, (uint32_t)value) : (uint32_t)value & 0xFFFFu;
    to->column += to->half * WINDOWS;
    to->half ^= 1;
}

static void widen(column_end *to, const int8_t *from, int32_t bytes)
{
    uint32_t *column;
    if (to->half && bytes > 0) {
        put(to, *from++);
        bytes--;
    }
    column = to->column;
    for (; bytes > 1; bytes -= 2) {
        *column = kindling_pack_low((uint32_t)from[0], (uint32_t)from[1]);
        column += WINDOWS;
        from += 2;
    }
    to->column = column;
    if (bytes > 0) {
        put(to, *from);
    }
}

static void fill(column_end *to, int32_t value, int32_t count)
{
    for (; count > 0; count--) {
        put(to, value);
    }
}

/* The columns of one window in the order of the taps. */
static void gather(const kindling_conv2d *layer, const int8_t *input, int32_t y, int32_t x, uint32_t *column)
{
    const kindling_window window = layer->window;
    const kindling_image image = layer->input;
    const int32_t channels = image.channels;
    const int32_t origin_y = y * window.stride_height - window.pad_top;
    const int32_t origin_x = x * window.stride_width - window.pad_left;
    const int32_t row_bytes = window.width * channels;
    const int32_t zero = layer->input_zero_point;
    const int is_joined = window.dilation_width == 1 && image.pixel_stride == channels && origin_x >= 0
        && origin_x + window.width <= image.width;
    column_end to = { column, 0 };

    for (int32_t row = 0; row < window.height; row++) {
        const int32_t image_y = origin_y + row * window.dilation_height;
        const int8_t *from = input + (image_y * (int32_t)image.width + origin_x) * image.pixel_stride;
        if (image_y < 0 || image_y >= image.height) {
            fill(&to, zero, row_bytes);
        } else if (is_joined) {
            widen(&to, from, row_bytes);
        } else {
            for (int32_t tap = 0; tap < window.width; tap++) {
                const int32_t image_x = origin_x + tap * window.dilation_width;
                if (image_x < 0 || image_x >= image.width) {
                    fill(&to, zero, channels);
                } else {
                    widen(&to, input + (image_y * (int32_t)image.width + image_x) * image.pixel_stride, channels);
                }
            }
        }
    }
    if (to.half) {
        put(&to, 0);
    }
}

/* The columns of the windows at some pixels in a row, which may go over the end of an image row. */
static void gather_windows(const kindling_conv2d *layer, const int8_t *input, int32_t pixel, int32_t windows, uint32_t *columns)
{
    const int32_t width = layer->output.width;
    const int32_t channels = layer->input.channels;
    int32_t y = pixel / width;
    int32_t x = pixel - y * width;

    for (int32_t window = 0; window < windows; window++) {
        if ((channels & 3) != 0) {
            gather(layer, input, y, x, columns + window);
        } else {
            gather_fours(layer, input, y, x, columns + window);
        }
        if (++x == width) {
            x = 0;
            y++;
        }
    }
}

static int is_pointwise(const kindling_conv2d *layer)
{
    const kindling_window *window = &layer->window;
    return window->height == 1 && window->width == 1 && window->stride_height == 1 && window->stride_width == 1 && window->pad_top == 0
        && window->pad_left == 0 && (layer->input.channels & 3) == 0;
}

void kindling_conv2d_s8(const kindling_conv2d *layer, const int8_t *input, int8_t *output, void *scratch)
{
    uint32_t *const columns = (uint32_t *)scratch;
    const int32_t taps = (int32_t)layer->window.height * layer->window.width * layer->input.channels;
    const int32_t words = (taps + 1) / 2;
    const int32_t pixels = (int32_t)layer->output.height * layer->output.width;
    const int32_t channels = layer->output.channels;
    const int32_t stride = layer->output.pixel_stride;
    const int pointwise = is_pointwise(layer);
    four_windows job = {
        columns, columns + (words & ~3) * WINDOWS, columns + words * WINDOWS, layer->constants, layer->shifts, output, stride, output,
        2 * layer->output_zero_point + 1, layer->weight_pairs, 2 * (taps & 1)
    };

    for (int32_t pixel = 0; pixel < pixels; pixel += WINDOWS) {
        const int32_t windows = pixels - pixel < WINDOWS ? pixels - pixel : WINDOWS;
        if (pointwise) {
            for (int32_t window = 0; window < windows; window++) {
                (void)widen_fours(columns + window, input, taps);
                input += layer->input.pixel_stride;
            }
        } else {
            gather_windows(layer, input, pixel, windows, columns);
        }
        if (windows < WINDOWS || channels < 2 || layer->rounding == KINDLING_ROUND_ANY) {
            some_windows(layer, columns, taps, windows, output);
        } else {
            job.output = output;
            job.output_end = output + (channels & ~1);
            if (layer->rounding == KINDLING_ROUND_RELU) {
                all_pairs_relu(&job);
            } else {
                all_pairs_full(&job);
            }
            if (layer->activation_min != -128 || layer->activation_max != 127) {
                clip(layer, output);
            }
        }
        if (channels & 1) {
            last_channel(layer, columns, taps, windows, output);
        }
        output += WINDOWS * stride;
    }
}
