# What `cmake --install build` puts below the prefix, where Debian has such things.
include(GNUInstallDirs)

install(TARGETS sealring_cli sealring_shared sealring_static)
install(FILES include/sealring/sealring.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sealring)
install(FILES docs/sealring.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
if(TARGET ngx_http_encrypted_session_module)
  install(TARGETS ngx_http_encrypted_session_module LIBRARY DESTINATION lib/nginx/modules)
endif()
if(TARGET mod_session_crypto)
  install(TARGETS mod_session_crypto LIBRARY DESTINATION lib/apache2/modules)
endif()

# The prefix may be another one when it is installed, so sealring.pc tells it from its own place.
set(pkgconfig_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH prefix_from_pkgconfig /${pkgconfig_folder} /)
string(REGEX REPLACE "/$" "" prefix_from_pkgconfig ${prefix_from_pkgconfig})
configure_file(cmake/sealring.pc.in sealring.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/sealring.pc DESTINATION ${pkgconfig_folder})
