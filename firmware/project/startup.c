/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Just enough to run a program in QEMU or under a debugger: vectors, initial values, floating point, semihosting.
 * In your project, the startup file of your board takes its place.
 */
#include <stdint.h>
#include <stdlib.h>

extern uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[], stack_top[];

int main(void);
void initialise_monitor_handles(void);
void reset_handler(void);

static void fault_handler(void)
{
    _Exit(3);
}

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    stack_top,     (const void *)reset_handler, (const void *)fault_handler, (const void *)fault_handler,
    (const void *)fault_handler, (const void *)fault_handler, (const void *)fault_handler,
};

void reset_handler(void)
{
    const uint32_t *from = data_load;

    for (uint32_t *to = data_start; to < data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end; to++) {
        *to = 0;
    }
#ifdef __ARM_FP
    *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20; /* access to the floating-point registers */
    __asm__ volatile("dsb\n isb");
#endif
    initialise_monitor_handles();
    exit(main());
}

/* newlib calls both around main; C has nothing to do there. */
void _init(void);
void _fini(void);

void _init(void)
{
}

void _fini(void)
{
}
