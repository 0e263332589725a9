# Cross-compiles for a @CORE@ (@BOARD@).
# For another core: cmake ... -DCORE_FLAGS="-mcpu=cortex-m4;-mfpu=fpv4-sp-d16;-mfloat-abi=hard;-mthumb" -DMACHINE=mps2-an386
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_SIZE arm-none-eabi-size)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
if(NOT CORE_FLAGS)
  set(CORE_FLAGS @CORE_FLAGS@)
endif()
if(NOT MACHINE)
  set(MACHINE @MACHINE@)
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CORE_FLAGS MACHINE)
add_compile_options(${CORE_FLAGS})
add_link_options(${CORE_FLAGS})
set(CMAKE_C_FLAGS_RELEASE "@OPTIMIZATION@")

# ctest and "cmake --build ... --target test" run the programs in QEMU.
set(CMAKE_CROSSCOMPILING_EMULATOR
  qemu-system-arm -M ${MACHINE} -nographic -monitor none -serial null -semihosting-config enable=on,target=native -kernel)
