/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a network on every input of the file "inputs.bin" and writes for each one record to "outputs.bin": timer ticks, bytes of stack,
 * in a measuring build ticks of each layer, output. The arena is filled with rubbish before every run. With QEMU's -icount shift=0 one
 * instruction takes a nanosecond.
 */
#include "harness_model.h"
#include "harness_layers.h"

/* CMSDK timer 0 (control, value, reload), or the core's SysTick (control, reload, value; 24 bits). Both count down. */
#ifdef HARNESS_TIMER
#define TIMER ((volatile uint32_t *)HARNESS_TIMER)
#define TIMER_VALUE TIMER[1]
#define TIMER_RELOAD TIMER[2]
#define TIMER_MASK 0xFFFFFFFFu
#define TIMER_START 1u
#else
#define TIMER ((volatile uint32_t *)0xE000E010)
#define TIMER_VALUE TIMER[2]
#define TIMER_RELOAD TIMER[1]
#define TIMER_MASK 0x00FFFFFFu
#define TIMER_START 5u
#endif
#define COPROCESSOR_ACCESS (*(volatile uint32_t *)0xE000ED88)
#define STACK_PAINT 0xC5C5C5C5u

enum { SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_EXIT_EXTENDED = 0x20 };
enum { READ_BINARY = 1, WRITE_BINARY = 5 };
enum { APPLICATION_EXIT = 0x20026 };
enum { EXIT_DONE = 0, EXIT_FILE = 2, EXIT_FAULT = 3 };

extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[], stack_bottom[], stack_top[];

void reset_handler(void);
static void fault_handler(void);

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    stack_top,     (const void *)reset_handler, (const void *)fault_handler, (const void *)fault_handler,
    (const void *)fault_handler, (const void *)fault_handler, (const void *)fault_handler,
};

static uint8_t record[8 + 4 * MODEL_LAYERS + sizeof(MODEL_OUTPUT_TYPE) * MODEL_OUTPUT_ELEMENTS];
static MODEL_OUTPUT_TYPE output[MODEL_OUTPUT_ELEMENTS];

static int32_t semihosting(int32_t operation, const void *arguments)
{
    register int32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = arguments;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static void leave(uint32_t code)
{
    const uint32_t arguments[2] = { APPLICATION_EXIT, code };
    for (;;) {
        (void)semihosting(SYS_EXIT_EXTENDED, arguments);
    }
}

static void fault_handler(void)
{
    leave(EXIT_FAULT);
}

static int32_t open_file(const char *name, uint32_t length, uint32_t mode)
{
    const uint32_t arguments[3] = { (uint32_t)name, mode, length };
    return semihosting(SYS_OPEN, arguments);
}

/* Reading and writing give the number of bytes that are missing. */
static int32_t transfer(int32_t operation, int32_t file, const void *data, uint32_t bytes)
{
    const uint32_t arguments[3] = { (uint32_t)file, (uint32_t)data, bytes };
    return semihosting(operation, arguments);
}

static void put_word(uint8_t *to, uint32_t word)
{
    for (int i = 0; i < 4; i++) {
        to[i] = (uint8_t)(word >> (8 * i));
    }
}

static inline uint32_t *stack_pointer(void)
{
    uint32_t *sp;
    __asm__ volatile("mov %0, sp" : "=r"(sp));
    return sp;
}

#if MODEL_LAYERS > 0
static uint32_t layer_ticks[MODEL_LAYERS];
static uint32_t last_tick;

void harness_after_layer(uint32_t layer)
{
    const uint32_t tick = TIMER_VALUE;
    layer_ticks[layer] += (last_tick - tick) & TIMER_MASK;
    last_tick = tick;
}
#endif

/* Ticks of one run and the deepest stack below this function. */
__attribute__((noinline)) static uint32_t measure(uint32_t *stack_bytes)
{
    uint32_t *const top = stack_pointer();
    volatile uint32_t *deepest = stack_bottom;
    uint32_t before, after;

    for (volatile uint32_t *word = stack_bottom; word < top; word++) {
        *word = STACK_PAINT;
    }
    before = TIMER_VALUE;
#if MODEL_LAYERS > 0
    for (uint32_t i = 0; i < MODEL_LAYERS; i++) {
        layer_ticks[i] = 0;
    }
    last_tick = before = TIMER_VALUE;
#endif
    MODEL_RUN(MODEL_INPUT(), output);
    after = TIMER_VALUE;
    while (deepest < top && *deepest == STACK_PAINT) {
        deepest++;
    }
    *stack_bytes = (uint32_t)((const volatile uint8_t *)top - (const volatile uint8_t *)deepest);
    return (before - after) & TIMER_MASK;
}

static void run_all(void)
{
    const int32_t inputs = open_file("inputs.bin", 10, READ_BINARY);
    const int32_t outputs = open_file("outputs.bin", 11, WRITE_BINARY);
    if (inputs < 0 || outputs < 0) {
        leave(EXIT_FILE);
    }

    for (uint32_t index = 0;; index++) {
        uint32_t stack = 0;
        for (uint32_t i = 0; i < MODEL_ARENA_BYTES; i++) {
            MODEL_ARENA[i] = (int8_t)(0xA5u ^ (index * 31u) ^ (i * 7u));
        }
        if (transfer(SYS_READ, inputs, MODEL_INPUT(), sizeof(MODEL_INPUT_TYPE) * MODEL_INPUT_ELEMENTS) != 0) {
            break;
        }
        put_word(record, measure(&stack));
        put_word(record + 4, stack);
#if MODEL_LAYERS > 0
        for (uint32_t i = 0; i < MODEL_LAYERS; i++) {
            put_word(record + 8 + 4 * i, layer_ticks[i]);
        }
#endif
        for (uint32_t i = 0; i < sizeof output; i++) {
            record[8 + 4 * MODEL_LAYERS + i] = ((const uint8_t *)output)[i];
        }
        if (transfer(SYS_WRITE, outputs, record, sizeof record) != 0) {
            leave(EXIT_FILE);
        }
    }
    (void)semihosting(SYS_CLOSE, &outputs);
    leave(EXIT_DONE);
}

void reset_handler(void)
{
    const uint32_t *from = data_load;
    for (uint32_t *to = data_start; to < data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end; to++) {
        *to = 0;
    }
    COPROCESSOR_ACCESS |= 0xFu << 20;
    __asm__ volatile("dsb\n isb");
    TIMER_RELOAD = TIMER_MASK;
    TIMER_VALUE = TIMER_MASK;
    TIMER[0] = TIMER_START;
    run_all();
}
