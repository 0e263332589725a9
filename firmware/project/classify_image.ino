// SPDX-License-Identifier: Apache-2.0
// Classifies the built-in image again and again and prints class, score and milliseconds. The host's answer is "@ANSWER@".
#include <string.h>

#include <@SYMBOL@.h>
#include <@SYMBOL@_example.h>

static @OUTPUT_TYPE@ output[@PREFIX@_OUTPUT_ELEMENTS];

// 0 when the input is ready.
static int fill_input() {
@FILL_INPUT@
}

void setup() {
    Serial.begin(115200);
}

void loop() {
    if (fill_input() != 0) {
        Serial.println("no frame");
        return;
    }
    const unsigned long start = millis();
    @SYMBOL@_run(@SYMBOL@_input(), output);
    const unsigned long milliseconds = millis() - start;

    long best = 0;
    for (long i = 1; i < @PREFIX@_OUTPUT_ELEMENTS; i++) {
        if (output[i] > output[best]) {
            best = i;
        }
    }
    Serial.print(@CLASS_NAME@);
    Serial.print(" (");
    Serial.print(best);
    Serial.print("): ");
    Serial.print(@PREFIX@_SCORE(output[best]), 3);
    Serial.print(", ");
    Serial.print(milliseconds);
    Serial.println(" ms");
    delay(1000);
}
