# Cross-compiles for Linux on a Cortex-A7 with NEON (STM32MP1). Tests run under qemu-arm.
# cmake -S linux -B build-linux -DCMAKE_TOOLCHAIN_FILE=arm-linux-gnueabihf.cmake && cmake --build build-linux
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-linux-gnueabihf-gcc)
set(CMAKE_C_FLAGS_INIT "-mcpu=cortex-a7 -mfpu=neon-vfpv4 -mfloat-abi=hard -mthumb")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")
set(CMAKE_C_FLAGS_RELEASE "-O2")
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm)
