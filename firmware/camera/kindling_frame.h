/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a camera's frame to a network's input, to the bit as the host prepares its photos.
 *
 * A pixel of RGB565 is widened to 3 bytes by repeating its upper bits (as DMA2D does), made gray if the network is (BT.601 in integers),
 * resampled with half-pixel centres in float32, rounded half to even to a byte, put into the network's order of colours, and encoded.
 * No heap, no static RAM, no libm, less than 300 bytes of stack.
 */
#ifndef KINDLING_FRAME_H
#define KINDLING_FRAME_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One RGB565 frame: red in the upper 5 bits of a 16-bit pixel, green in 6, blue in the lower 5. */
typedef struct {
    const void *pixels; /* first byte of the uppermost row; any alignment */
    uint16_t width;     /* pixels */
    uint16_t height;    /* rows */
    int32_t stride;     /* bytes from one row to the next (negative: the frame is stored upside down); 0: 2 * width */
    uint8_t big_endian; /* 0: the low byte of a pixel comes first; 1: the high byte, as most cameras send it over SPI and 8-bit DCMI */
} kindling_frame;

/* How pixels are resampled. */
enum {
    KINDLING_RESIZE_NEAREST = 0, /* index = min(floor((i + 0.5) * in / out), in - 1) */
    KINDLING_RESIZE_BILINEAR = 1 /* half-pixel centres, edges repeated, no antialiasing */
};

/* What happens when frame and input have different ratios of width to height. */
enum {
    KINDLING_ASPECT_FIT = 0,    /* squeezed or stretched */
    KINDLING_ASPECT_CROP = 1,   /* the largest centred part of the frame with the input's ratio */
    KINDLING_ASPECT_PADDING = 2 /* the whole frame, black bars around it */
};

/* The input's channels. */
enum {
    KINDLING_COLOR_RGB = 0,
    KINDLING_COLOR_BGR = 1,
    KINDLING_COLOR_GRAYSCALE = 2
};

/* How a byte from 0 to 255 becomes an element of the input. */
enum {
    KINDLING_ENCODE_UINT8 = 0, /* as it is */
    KINDLING_ENCODE_INT8 = 1,  /* less 128 */
    KINDLING_ENCODE_TABLE = 2, /* table[channel * table_step + byte] */
    KINDLING_ENCODE_FLOAT = 3  /* scale[channel] * byte + offset[channel], float32 */
};

/* What a network wants. The generator fills one; copy it to change resize or aspect at run time. */
typedef struct {
    uint16_t width;
    uint16_t height;
    uint16_t shorter_side; /* with KINDLING_ASPECT_CROP: the frame's shorter side is brought to this length, then the centre is cut; 0: not */
    uint8_t color;         /* KINDLING_COLOR_... */
    uint8_t resize;        /* KINDLING_RESIZE_... */
    uint8_t aspect;        /* KINDLING_ASPECT_... */
    uint8_t encode;        /* KINDLING_ENCODE_... */
    uint16_t table_step;   /* 0: one table for all channels; 256: one for each */
    const uint8_t *table;  /* KINDLING_ENCODE_TABLE only */
    const float *scale;    /* KINDLING_ENCODE_FLOAT only: one value a channel */
    const float *offset;
} kindling_frame_input;

/*
 * Writes height * width * channels elements to input. The frame may not overlap the input.
 * Returns 0, or -1 and writes nothing when there are no pixels or a side is 0.
 */
int kindling_frame_convert(const kindling_frame *frame, const kindling_frame_input *format, void *input);

#ifdef __cplusplus
}
#endif

#endif
