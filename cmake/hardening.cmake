# The hardening of Debian's own builds (dpkg-buildflags with hardening=+all), for the library, the
# tool and both modules.
include(CheckPIESupported)
check_pie_supported()

add_compile_options(-fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$")
  add_compile_options(-fcf-protection)
endif()
add_link_options(-Wl,-z,relro,-z,now)

# Fortified functions need optimisation, and hide calls from the sanitizers, which check more.
if(NOT SEALRING_SANITIZE)
  set(optimised "$<CONFIG:Release,RelWithDebInfo,MinSizeRel>")
  add_compile_options("$<${optimised}:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=3>")
  add_compile_definitions("$<${optimised}:_GLIBCXX_ASSERTIONS>")
endif()
