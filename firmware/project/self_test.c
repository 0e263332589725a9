/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the network on a built-in input and compares with what the host computed, bit by bit. Returns 0 when equal. */
#include <string.h>

#include "@SYMBOL@.h"
#include "self_test_input.h"

#ifndef KINDLING_QUIET
#include <stdio.h>
#endif

int main(void)
{
    static @OUTPUT_TYPE@ output[@PREFIX@_OUTPUT_ELEMENTS];
    int differs;

    memcpy(@SYMBOL@_input(), self_test_input, sizeof self_test_input);
    @SYMBOL@_run(@SYMBOL@_input(), output);
    differs = memcmp(output, self_test_output, sizeof self_test_output) != 0;
#ifndef KINDLING_QUIET
    printf("%s\n", differs ? "self-test FAILED: the output differs from the host's" : "self-test passed");
#endif
    return differs;
}
