/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a network under Linux on every input of the file "inputs.bin", on as many threads as the first argument says, and writes for each one record
 * to "outputs.bin": bytes of stack, output. The arena is filled with rubbish before every run. System calls of a number that Linux does not know tell
 * an instruction counter where a run begins (0) and ends (1), and in a measuring build where a layer ends (2 and its step).
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness_model.h"
#include "harness_layers.h"
#include "kindling_threads.h"

#define MARK 31281
#define STACK_PAINT 0xC5C5C5C5u
#define STACK_WORDS 16384

static MODEL_OUTPUT_TYPE output[MODEL_OUTPUT_ELEMENTS];

static void mark(long place)
{
    (void)syscall(MARK, place);
}

#if MODEL_LAYERS > 0
void harness_after_layer(uint32_t layer)
{
    mark(2 + (long)layer);
}
#endif

/* Runs the network and gives the bytes of stack it took below this function. */
__attribute__((noinline)) static uint32_t measure(void)
{
    volatile uint32_t *top;
    volatile uint32_t *deepest;
    __asm__ volatile("mov %0, sp" : "=r"(top));
    deepest = top - STACK_WORDS;
    for (volatile uint32_t *word = deepest; word < top; word++) {
        *word = STACK_PAINT;
    }
    mark(0);
    MODEL_RUN(MODEL_INPUT(), output);
    mark(1);
    while (deepest < top && *deepest == STACK_PAINT) {
        deepest++;
    }
    return (uint32_t)(top - deepest) * (uint32_t)sizeof *top;
}

int main(int argc, char **argv)
{
    FILE *const inputs = fopen("inputs.bin", "rb");
    FILE *const outputs = fopen("outputs.bin", "wb");
    if (inputs == NULL || outputs == NULL || argc < 2) {
        return 2;
    }
    kindling_set_threads(atoi(argv[1]));
    for (uint32_t index = 0;; index++) {
        uint32_t stack;
        for (uint32_t i = 0; i < MODEL_ARENA_BYTES; i++) {
            MODEL_ARENA[i] = (int8_t)(0xA5u ^ (index * 31u) ^ (i * 7u));
        }
        if (fread(MODEL_INPUT(), sizeof(MODEL_INPUT_TYPE), MODEL_INPUT_ELEMENTS, inputs) != MODEL_INPUT_ELEMENTS) {
            break;
        }
        stack = measure();
        if (fwrite(&stack, sizeof stack, 1, outputs) != 1 || fwrite(output, sizeof output, 1, outputs) != 1) {
            return 2;
        }
    }
    return fclose(outputs) != 0 ? 2 : 0;
}
