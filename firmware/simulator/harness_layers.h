/* SPDX-License-Identifier: Apache-2.0 */
/* Measuring builds include this before network.c and define how many layers there are; each then reports to the harness. */
#ifndef HARNESS_LAYERS_H
#define HARNESS_LAYERS_H

#include <stdint.h>

#ifndef MODEL_LAYERS
#define MODEL_LAYERS 0
#endif

#if MODEL_LAYERS > 0
void harness_after_layer(uint32_t layer);
#define KINDLING_AFTER_LAYER(step) harness_after_layer(step)
#endif

#endif
