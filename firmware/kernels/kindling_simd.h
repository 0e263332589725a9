/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two int16 in one word, and the instructions of Arm's DSP extension that work on them (Cortex-M4, M7, M33, M55), each with its portable
 * meaning for other processors. The low half of a word is the value at the lower address.
 */
#ifndef KINDLING_SIMD_H
#define KINDLING_SIMD_H

#include <stdint.h>
#include <string.h>

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP && defined(__GNUC__) && !defined(__aarch64__)
#define KINDLING_DSP 1
#else
#define KINDLING_DSP 0
#endif

/* Helium, the vector extension of the Cortex-M55 and M85. */
#if KINDLING_DSP && defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 1)
#include <arm_mve.h>
#define KINDLING_MVE 1
#else
#define KINDLING_MVE 0
#endif

/* NEON, the vector extension of 32-bit Cortex-A. */
#if defined(__ARM_NEON) && !defined(__aarch64__)
#define KINDLING_NEON 1
#else
#define KINDLING_NEON 0
#endif

/* Words at any address: one load or store on every core with the DSP extension. */
static inline uint32_t kindling_load_word(const void *address)
{
    uint32_t word;
    memcpy(&word, address, sizeof word);
    return word;
}

static inline void kindling_store_word(void *address, uint32_t word)
{
    memcpy(address, &word, sizeof word);
}

static inline uint32_t kindling_load_half(const void *address)
{
    uint16_t half;
    memcpy(&half, address, sizeof half);
    return half;
}

/* low in the low half, high in the high half. */
static inline uint32_t kindling_pack(int32_t low, int32_t high)
{
    return ((uint32_t)low & 0xFFFFu) | ((uint32_t)high << 16);
}

static inline int32_t kindling_low(uint32_t pair)
{
    return (int16_t)(pair & 0xFFFFu);
}

static inline int32_t kindling_high(uint32_t pair)
{
    return (int16_t)(pair >> 16);
}

#if KINDLING_DSP

#define KINDLING_ACCUMULATE(name, mnemonic) \
    static inline int32_t name(uint32_t x, uint32_t y, int32_t sum) \
    { \
        int32_t result; \
        __asm__(mnemonic " %0, %1, %2, %3" : "=r"(result) : "r"(x), "r"(y), "r"(sum)); \
        return result; \
    }

/* Bytes 0 and 2, then 1 and 3, sign-extended. */
static inline uint32_t kindling_even_bytes(uint32_t word)
{
    uint32_t result;
    __asm__("sxtb16 %0, %1" : "=r"(result) : "r"(word));
    return result;
}

static inline uint32_t kindling_odd_bytes(uint32_t word)
{
    uint32_t result;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(result) : "r"(word));
    return result;
}

/* The low halves of x and y. */
static inline uint32_t kindling_pack_low(uint32_t x, uint32_t y)
{
    uint32_t result;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(result) : "r"(x), "r"(y));
    return result;
}

/* sums + the even (odd) bytes of word, half by half. */
static inline uint32_t kindling_add_even_bytes(uint32_t sums, uint32_t word)
{
    uint32_t result;
    __asm__("sxtab16 %0, %1, %2" : "=r"(result) : "r"(sums), "r"(word));
    return result;
}

static inline uint32_t kindling_add_odd_bytes(uint32_t sums, uint32_t word)
{
    uint32_t result;
    __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(result) : "r"(sums), "r"(word));
    return result;
}

/* The larger of each pair of signed bytes. */
static inline uint32_t kindling_max_bytes(uint32_t x, uint32_t y)
{
    uint32_t result;
    __asm__("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(result) : "r"(x), "r"(y) : "cc");
    return result;
}

/* Sums of products: both halves, low by high half, high by low half. */
KINDLING_ACCUMULATE(kindling_smlad, "smlad")
KINDLING_ACCUMULATE(kindling_smlabt, "smlabt")
KINDLING_ACCUMULATE(kindling_smlatb, "smlatb")

/* High word of x * y + 2^31 (+ sum * 2^32): a rounded product. */
static inline int32_t kindling_smmulr(int32_t x, int32_t y)
{
    int32_t result;
    __asm__("smmulr %0, %1, %2" : "=r"(result) : "r"(x), "r"(y));
    return result;
}

static inline int32_t kindling_smmlar(int32_t x, int32_t y, int32_t sum)
{
    int32_t result;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(result) : "r"(x), "r"(y), "r"(sum));
    return result;
}

/* Half of x, rounded down, limited to -128 ... 127. */
static inline int32_t kindling_half_saturated(int32_t x)
{
    int32_t result;
    __asm__("ssat %0, #8, %1, asr #1" : "=r"(result) : "r"(x) : "cc");
    return result;
}

#else

static inline uint32_t kindling_even_bytes(uint32_t word)
{
    return kindling_pack((int8_t)(word & 0xFFu), (int8_t)((word >> 16) & 0xFFu));
}

static inline uint32_t kindling_odd_bytes(uint32_t word)
{
    return kindling_even_bytes(word >> 8);
}

static inline uint32_t kindling_pack_low(uint32_t x, uint32_t y)
{
    return (x & 0xFFFFu) | (y << 16);
}

static inline uint32_t kindling_add_even_bytes(uint32_t sums, uint32_t word)
{
    const uint32_t bytes = kindling_even_bytes(word);
    return kindling_pack(kindling_low(sums) + kindling_low(bytes), kindling_high(sums) + kindling_high(bytes));
}

static inline uint32_t kindling_add_odd_bytes(uint32_t sums, uint32_t word)
{
    return kindling_add_even_bytes(sums, word >> 8);
}

static inline uint32_t kindling_max_bytes(uint32_t x, uint32_t y)
{
    uint32_t result = 0;
    for (uint32_t shift = 0; shift < 32; shift += 8) {
        const int8_t a = (int8_t)((x >> shift) & 0xFFu);
        const int8_t b = (int8_t)((y >> shift) & 0xFFu);
        result |= (uint32_t)(uint8_t)(a > b ? a : b) << shift;
    }
    return result;
}

static inline int32_t kindling_smlad(uint32_t x, uint32_t y, int32_t sum)
{
    return (int32_t)((uint32_t)sum + (uint32_t)(kindling_low(x) * kindling_low(y)) + (uint32_t)(kindling_high(x) * kindling_high(y)));
}

static inline int32_t kindling_smlabt(uint32_t x, uint32_t y, int32_t sum)
{
    return (int32_t)((uint32_t)sum + (uint32_t)(kindling_low(x) * kindling_high(y)));
}

static inline int32_t kindling_smlatb(uint32_t x, uint32_t y, int32_t sum)
{
    return (int32_t)((uint32_t)sum + (uint32_t)(kindling_high(x) * kindling_low(y)));
}

static inline int32_t kindling_smmulr(int32_t x, int32_t y)
{
    return (int32_t)(((int64_t)x * y + INT64_C(0x80000000)) >> 32);
}

static inline int32_t kindling_smmlar(int32_t x, int32_t y, int32_t sum)
{
    return (int32_t)((uint32_t)kindling_smmulr(x, y) + (uint32_t)sum);
}

static inline int32_t kindling_half_saturated(int32_t x)
{
    x >>= 1;
    return x < -128 ? -128 : (x > 127 ? 127 : x);
}

#endif

#endif
