/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classifies the built-in image and prints its class and score with printf: on this machine to the console, on a board or in QEMU by
 * semihosting (or wherever your project sends printf). Returns 0 when the class is the one the host found.
 */
#include <stdio.h>
#include <string.h>

#include "@SYMBOL@.h"
#include "@SYMBOL@_example.h"

/* 0 when the input is ready. */
static int fill_input(void)
{
@FILL_INPUT@
}

/* Index of the highest element; the first of equals. */
static int32_t best_of(const @OUTPUT_TYPE@ *output)
{
    int32_t best = 0;

    for (int32_t i = 1; i < @PREFIX@_OUTPUT_ELEMENTS; i++) {
        if (output[i] > output[best]) {
            best = i;
        }
    }
    return best;
}

/* printf without floats is half as large. */
static void print(int32_t best, float score)
{
    const float size = score < 0.0f ? -score : score;
    const long thousandths = (long)(1000.0f * size + 0.5f);

    printf("%s@PRINT_NUMBER@: %s%ld.%03ld\n", @CLASS_NAME@@NUMBER_ARGUMENT@, score < 0.0f ? "-" : "", thousandths / 1000, thousandths % 1000);
}

int main(void)
{
    static @OUTPUT_TYPE@ output[@PREFIX@_OUTPUT_ELEMENTS];
    int32_t best;

    if (fill_input() != 0) {
        return 2;
    }
    @SYMBOL@_run(@SYMBOL@_input(), output);
    best = best_of(output);
    print(best, @PREFIX@_SCORE(output[best]));
    return best == @PREFIX@_EXAMPLE_BEST ? 0 : 1;
}
