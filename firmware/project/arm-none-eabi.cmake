# Cross-compiles for a Cortex-M7 with double-precision FPU (STM32H7, STM32F76x).
# For another core: cmake ... -DCORE_FLAGS="-mcpu=cortex-m4;-mfpu=fpv4-sp-d16;-mfloat-abi=hard;-mthumb"
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
if(NOT CORE_FLAGS)
  set(CORE_FLAGS -mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard -mthumb)
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CORE_FLAGS)
add_compile_options(${CORE_FLAGS})
add_link_options(${CORE_FLAGS})
set(CMAKE_C_FLAGS_RELEASE "@OPTIMIZATION@")
