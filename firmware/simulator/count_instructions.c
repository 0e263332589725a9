/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin for qemu-arm that counts instructions: at every system call of the number MARK it prints the call's argument and the count so far.
 * Written for version 1 of the interface, whose parts it declares itself: distributions leave its header out.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#define MARK 31281

typedef uint64_t plugin_id;
typedef void (*on_translation)(plugin_id, void *block);
typedef void (*on_system_call)(plugin_id, unsigned int, int64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, on_translation);
extern void qemu_plugin_register_vcpu_tb_exec_inline(void *block, int operation, void *value, uint64_t operand);
extern void qemu_plugin_register_vcpu_syscall_cb(plugin_id, on_system_call);
extern size_t qemu_plugin_tb_n_insns(const void *block);

int qemu_plugin_version = 1;

static uint64_t executed;

static void translated(plugin_id id, void *block)
{
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(block, 0 /* add */, &executed, qemu_plugin_tb_n_insns(block));
}

static void called(
    plugin_id id, unsigned int processor, int64_t number, uint64_t argument, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8)
{
    (void)id, (void)processor, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
    if (number == MARK) {
        fprintf(stderr, "mark %" PRIu64 " %" PRIu64 "\n", argument, executed);
    }
}

int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments)
{
    (void)info, (void)count, (void)arguments;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_vcpu_syscall_cb(id, called);
    return 0;
}
