# SPDX-License-Identifier: Apache-2.0
if(CONFIG_@PREFIX@)
  get_filename_component(@PREFIX@_SOURCE_DIR ${CMAKE_CURRENT_LIST_DIR}/../src ABSOLUTE)
  file(GLOB @PREFIX@_SOURCES CONFIGURE_DEPENDS ${@PREFIX@_SOURCE_DIR}/*.c ${@PREFIX@_SOURCE_DIR}/kernels/*.c)
  zephyr_include_directories(${@PREFIX@_SOURCE_DIR})
  zephyr_library_named(@SYMBOL@)
  zephyr_library_sources(${@PREFIX@_SOURCES})
  zephyr_library_compile_options(@OPTIMIZATION@)
endif()
