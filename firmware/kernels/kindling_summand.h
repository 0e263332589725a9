/* SPDX-License-Identifier: Apache-2.0 */
/* What ADD and SUB have in common: an input brought to twice the larger scale with 20 extra bits. */
#ifndef KINDLING_SUMMAND_H
#define KINDLING_SUMMAND_H

#include "kindling_rounding.h"

/* One input at the common scale. Its factor is at most one half and its value below 2^28, so twice the value fits a word. */
typedef struct {
    int32_t zero_point;
    int32_t multiplier;
    int32_t shift;
    int32_t half;     /* half a unit of the result */
    int32_t is_below; /* all bits when halves round away from zero, none when nothing is shifted out */
} kindling_summand;

static inline kindling_summand kindling_summand_of(int32_t zero_point, int32_t multiplier, int32_t shift)
{
    const kindling_summand s = { zero_point, multiplier, shift, (int32_t)((uint32_t)1 << shift) >> 1, shift > 0 ? -1 : 0 };
    return s;
}

static inline int32_t kindling_summand_scale(const kindling_summand *s, int32_t q)
{
    const int32_t x = kindling_smmulr((q - s->zero_point) * (1 << 21), s->multiplier);
    return (x + ((x >> 31) & s->is_below) + s->half) >> s->shift;
}

#endif
