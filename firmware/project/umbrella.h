/* SPDX-License-Identifier: Apache-2.0 */
/* The one header a program includes: the network, its settings, and (where the model allows it) frames of a camera. */
#ifndef @PREFIX@_H
#define @PREFIX@_H

#include "network.h"

#endif
