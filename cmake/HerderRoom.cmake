# herder_room(NAME USES room... TEST_USES room... LIBS target...): one static library from src/NAME, plus, in the same
# folder, *_test.cpp (one GoogleTest program a room), *_fuzz.cpp (one libFuzzer program a file) and
# *_bench.cpp (one google-benchmark program a room), *_probe.cpp (one program a file, through which tests in Python reach
# the room; built with the tests, never installed). A room may use only rooms declared before it.
# A room that has no sources yet is only its headers and what it uses.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(GTest QUIET)
find_package(rapidcheck QUIET)
if(HERDER_BENCH)
  find_package(benchmark QUIET)
endif()

add_library(herder_flags INTERFACE)
target_compile_options(herder_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wcast-qual -Wimplicit-fallthrough
  -Wextra-semi -Wunreachable-code -Wno-missing-field-initializers -Wno-gnu-statement-expression
  -Wno-deprecated-declarations  # libstdc++ 12 deprecated a function that its own stable_sort calls
  -fcolor-diagnostics)
target_include_directories(herder_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(herder_flags INTERFACE Threads::Threads fmt::fmt)
set_property(GLOBAL PROPERTY HERDER_ROOMS "")

function(herder_room name)
  cmake_parse_arguments(ROOM "" "" "USES;TEST_USES;LIBS" ${ARGN})
  get_property(known GLOBAL PROPERTY HERDER_ROOMS)
  foreach(used ${ROOM_USES} ${ROOM_TEST_USES})
    if(NOT used IN_LIST known)
      message(FATAL_ERROR "room ${name} uses ${used}, which is not declared above it in src/CMakeLists.txt")
    endif()
  endforeach()
  set_property(GLOBAL APPEND PROPERTY HERDER_ROOMS ${name})

  file(GLOB_RECURSE all CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.c)
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  set(benches ${all})
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  set(probes ${all})
  list(FILTER probes INCLUDE REGEX "_probe\\.cpp$")
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench|probe)\\.cpp$|/main\\.cpp$")

  set(lib herder_${name})
  if(sources)
    add_library(${lib} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(${lib} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(${lib} ${scope} herder_flags ${ROOM_LIBS})
  foreach(used ${ROOM_USES})
    target_link_libraries(${lib} ${scope} herder_${used})
  endforeach()

  if(tests AND GTest_FOUND AND rapidcheck_FOUND)
    add_executable(${name}_tests ${tests})
    target_link_libraries(${name}_tests PRIVATE ${lib} rapidcheck GTest::gmock GTest::gtest_main)
    foreach(used ${ROOM_TEST_USES})
      target_link_libraries(${name}_tests PRIVATE herder_${used})
    endforeach()
    target_compile_definitions(${name}_tests PRIVATE HERDER_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_tests --gtest_brief=1)
    set_tests_properties(${name} PROPERTIES TIMEOUT 300)
  endif()

  foreach(file ${probes})
    get_filename_component(target ${file} NAME_WE)
    add_executable(${target} ${file})
    target_link_libraries(${target} PRIVATE ${lib})
  endforeach()

  if(HERDER_FUZZ)
    foreach(file ${fuzzers})
      get_filename_component(target ${file} NAME_WE)
      add_executable(${target} ${file})
      target_link_libraries(${target} PRIVATE ${lib})
      target_link_options(${target} PRIVATE -fsanitize=fuzzer,address,undefined)
    endforeach()
  endif()

  if(HERDER_BENCH AND benches AND benchmark_FOUND)
    add_executable(${name}_bench ${benches})
    target_link_libraries(${name}_bench PRIVATE ${lib} benchmark::benchmark benchmark::benchmark_main)
  endif()
endfunction()
