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

/*
 * Sums of products for four windows and two output channels. sums[0 ... 3] are the even channel's, sums[4 ... 7] are 256 times the odd one's
 * plus the even one's, modulo 2^32.
 */
#if KINDLING_DSP

/* One word of columns a window: 2 taps x 4 windows x 2 channels in 12 instructions. */
#define STEP \
    "ldr     r0, [r2], #4\n" \
    "ldrd    r12, lr, [r1], #8\n" \
    "sxtb16  r3, r0\n" \
    "smlad   r4, r12, r3, r4\n" \
    "smlad   r8, r12, r0, r8\n" \
    "smlad   r5, lr, r3, r5\n" \
    "smlad   r9, lr, r0, r9\n" \
    "ldrd    r12, lr, [r1], #8\n" \
    "smlad   r6, r12, r3, r6\n" \
    "smlad   r10, r12, r0, r10\n" \
    "smlad   r7, lr, r3, r7\n" \
    "smlad   r11, lr, r0, r11\n"

/* Eight sums, two pointers and four operands are all the registers there are; compilers spill some of them in the loop. */
__attribute__((naked, noinline)) static void multiply(
    int32_t *sums __attribute__((unused)), const uint32_t *columns __attribute__((unused)), const int16_t *weights __attribute__((unused)),
    uint32_t words __attribute__((unused)))
{
    __asm__(
        "push    {r0, r4-r11, lr}\n"
        "add     r4, r1, r3, lsl #4\n"
        "bic     r3, r3, #3\n"
        "add     r3, r1, r3, lsl #4\n"
        "push    {r3, r4}\n" /* the ends of the whole fours and of all words */
        "cmp     r1, r3\n"
        "mov     r8, #0\n"
        "mov     r9, #0\n"
        "mov     r10, #0\n"
        "mov     r11, #0\n"
        "mov     r4, #0\n"
        "mov     r5, #0\n"
        "mov     r6, #0\n"
        "mov     r7, #0\n"
        "beq     2f\n"
        "1:\n"
        STEP STEP STEP STEP
        "ldr     r0, [sp]\n"
        "cmp     r1, r0\n"
        "bne     1b\n"
        "2:\n"
        "ldr     r0, [sp, #4]\n"
        "cmp     r1, r0\n"
        "beq     3f\n"
        STEP
        "b       2b\n"
        "3:\n"
        "ldr     r0, [sp, #8]\n"
        "stmia   r0, {r4-r11}\n"
        "add     sp, sp, #12\n"
        "pop     {r4-r11, pc}\n");
}

#else

static void multiply(int32_t *sums, const uint32_t *columns, const int16_t *weights, uint32_t words)
{
    memset(sums, 0, 2 * WINDOWS * sizeof *sums);
    for (uint32_t word = 0; word < words; word++) {
        const uint32_t both = kindling_pack(weights[0], weights[1]);
        const uint32_t even = kindling_even_bytes(both);
        for (int32_t window = 0; window < WINDOWS; window++) {
            sums[window] = kindling_smlad(columns[window], even, sums[window]);
            sums[window + WINDOWS] = kindling_smlad(columns[window], both, sums[window + WINDOWS]);
        }
        columns += WINDOWS;
        weights += 2;
    }
}

#endif

/* The same for one window. */
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

static inline int32_t twice(int32_t bias, int32_t sum)
{
    return (int32_t)(2u * ((uint32_t)bias + (uint32_t)sum));
}

/* One output channel of some windows. */
static void store(const kindling_conv2d *layer, int32_t channel, const int32_t *sums, int32_t windows, int8_t *output)
{
    const int32_t multiplier = layer->multipliers[channel];
    const int32_t shift = layer->shifts[channel];
    const int32_t zero_point = layer->output_zero_point;
    const int32_t bias = layer->bias[channel];
    const int32_t stride = layer->output.pixel_stride;
    const int32_t low = layer->activation_min;
    const int32_t high = layer->activation_max;

    if (kindling_is_fast(shift) && low == -128 && high == 127) {
        const kindling_rounding rounding = kindling_rounding_of(multiplier, shift, zero_point);
        if (zero_point == -128 && windows == WINDOWS) {
            output[0] = (int8_t)kindling_round_relu(&rounding, twice(bias, sums[0]));
            output[stride] = (int8_t)kindling_round_relu(&rounding, twice(bias, sums[1]));
            output += 2 * stride;
            output[0] = (int8_t)kindling_round_relu(&rounding, twice(bias, sums[2]));
            output[stride] = (int8_t)kindling_round_relu(&rounding, twice(bias, sums[3]));
            return;
        }
        for (int32_t window = 0; window < windows; window++) {
            *output = (int8_t)kindling_round(&rounding, twice(bias, sums[window]));
            output += stride;
        }
        return;
    }
    for (int32_t window = 0; window < windows; window++) {
        const int32_t sum = kindling_add_wrapping(bias, sums[window]);
        *output = (int8_t)kindling_round_any(sum, multiplier, shift, zero_point, low, high);
        output += stride;
    }
}

/* All output channels of up to four windows. */
static void all_channels(const kindling_conv2d *layer, const uint32_t *columns, int32_t taps, int32_t windows, int8_t *output)
{
    const uint32_t words = (uint32_t)(taps + 1) / 2;
    const int32_t channels = layer->output.channels;
    const int16_t *weights = layer->weight_pairs;
    int32_t sums[2 * WINDOWS] = { 0 };
    int32_t channel = 0;

    for (; channel + 1 < channels; channel += 2) {
        if (windows == WINDOWS) {
            multiply(sums, columns, weights, words);
        } else {
            for (int32_t window = 0; window < windows; window++) {
                multiply_one(sums + window, columns + window, weights, words);
            }
        }
        weights += taps;
        for (int32_t window = 0; window < WINDOWS; window++) {
            sums[window + WINDOWS] = (int32_t)((uint32_t)sums[window + WINDOWS] - (uint32_t)sums[window]) >> 8;
        }
        store(layer, channel, sums, windows, output + channel);
        store(layer, channel + 1, sums + WINDOWS, windows, output + channel + 1);
    }
    if (channel < channels) {
        for (int32_t window = 0; window < windows; window++) {
            sums[window] = multiply_last(columns + window, layer->last_weights, taps);
        }
        store(layer, channel, sums, windows, output + channel);
    }
}

/* Widens bytes into one window's columns; every four in the order 0, 2, 1, 3. */
static uint32_t *widen_fours(uint32_t *column, const int8_t *from, int32_t bytes)
{
    const int8_t *const end = from + bytes;
    while (from != end) {
        const uint32_t word = kindling_load_word(from);
        from += 4;
        column[0] = kindling_even_bytes(word);
        column[WINDOWS] = kindling_odd_bytes(word);
        column += 2 * WINDOWS;
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

/* The columns of one window, tap by tap. */
static void gather(const kindling_conv2d *layer, const int8_t *input, int32_t y, int32_t x, uint32_t *column)
{
    const kindling_window window = layer->window;
    const kindling_image image = layer->input;
    const int32_t origin_y = y * window.stride_height - window.pad_top;
    const int32_t origin_x = x * window.stride_width - window.pad_left;
    int32_t held = 0;
    int32_t holds = 0;

    for (int32_t row = 0; row < window.height; row++) {
        const int32_t image_y = origin_y + row * window.dilation_height;
        for (int32_t tap = 0; tap < window.width; tap++) {
            const int32_t image_x = origin_x + tap * window.dilation_width;
            const int is_inside = image_y >= 0 && image_y < image.height && image_x >= 0 && image_x < image.width;
            const int8_t *from = is_inside ? input + (image_y * (int32_t)image.width + image_x) * image.pixel_stride : input;
            for (int32_t channel = 0; channel < image.channels; channel++) {
                const int32_t value = is_inside ? from[channel] : layer->input_zero_point;
                if (holds) {
                    *column = kindling_pack(held, value);
                    column += WINDOWS;
                }
                held = value;
                holds = !holds;
            }
        }
    }
    if (holds) {
        *column = kindling_pack(held, 0);
    }
}

void kindling_conv2d_s8(const kindling_conv2d *layer, const int8_t *input, int8_t *output, void *scratch)
{
    uint32_t *const columns = (uint32_t *)scratch;
    const int32_t taps = (int32_t)layer->window.height * layer->window.width * layer->input.channels;
    const int32_t width = layer->output.width;
    const int32_t pixels = layer->output.height * width;
    const int is_fours = (layer->input.channels & 3) == 0;
    int32_t x = 0;
    int32_t y = 0;

    for (int32_t pixel = 0; pixel < pixels; pixel += WINDOWS) {
        const int32_t windows = pixels - pixel < WINDOWS ? pixels - pixel : WINDOWS;
        for (int32_t window = 0; window < windows; window++) {
            if (is_fours) {
                gather_fours(layer, input, y, x, columns + window);
            } else {
                gather(layer, input, y, x, columns + window);
            }
            if (++x == width) {
                x = 0;
                y++;
            }
        }
        all_channels(layer, columns, taps, windows, output);
        output += WINDOWS * layer->output.pixel_stride;
    }
}
