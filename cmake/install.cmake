# What `cmake --install build` puts below the prefix.
include(GNUInstallDirs)

# The servers' folders of modules, as Debian has them, and systemd's of units.
set(SEALRING_NGINX_MODULE_DIR lib/nginx/modules CACHE STRING "where nginx's modules are")
set(SEALRING_APACHE_MODULE_DIR lib/apache2/modules CACHE STRING "where Apache's modules are")
set(SEALRING_SYSTEMD_DIR lib/systemd/system CACHE STRING "where systemd's units are")
# The folders of the clients, which `cmake --install build --component clients` installs.
set(SEALRING_NODE_DIR share/nodejs CACHE STRING "where Node.js finds packages")
set(SEALRING_PHP_DIR share/php CACHE STRING "where PHP finds packages")
set(SEALRING_PYTHON_DIR lib/python3/dist-packages CACHE STRING "where Python 3 finds packages")

install(TARGETS sealring_cli sealring_shared sealring_static)
install(FILES include/sealring/binding.h include/sealring/cookies.h include/sealring/sealring.h
        include/sealring/session.h include/sealring/status.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sealring)
install(FILES docs/sealring.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES cli/completion.bash RENAME sealring
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES examples/rotation/sealring-rotate@.service examples/rotation/sealring-rotate@.timer
        DESTINATION ${SEALRING_SYSTEMD_DIR})
if(TARGET sealring_agent)
  # The group of the processes that send the agent their logouts.
  set(SEALRING_SERVER_GROUP www-data CACHE STRING "the group of the web servers' processes")
  set(SEALRING_SYSUSERS_DIR lib/sysusers.d CACHE STRING "where systemd's files of users are")
  configure_file(examples/agent/sealring-agent.socket.in sealring-agent.socket @ONLY)
  install(TARGETS sealring_agent DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES docs/sealring-agent.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES examples/agent/sealring-agent.service ${CMAKE_BINARY_DIR}/sealring-agent.socket
          DESTINATION ${SEALRING_SYSTEMD_DIR})
  install(FILES examples/agent/sysusers.conf RENAME sealring-agent.conf
          DESTINATION ${SEALRING_SYSUSERS_DIR})
  install(FILES examples/agent/agent.conf DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/sealring)
endif()
if(TARGET ngx_http_encrypted_session_module)
  install(FILES $<TARGET_FILE:ngx_http_encrypted_session_module>
          DESTINATION ${SEALRING_NGINX_MODULE_DIR})
endif()
if(TARGET mod_session_crypto)
  # Not the name of httpd's own file, which belongs to httpd's package and stays beside it.
  install(FILES $<TARGET_FILE:mod_session_crypto> RENAME mod_sealring.so
          DESTINATION ${SEALRING_APACHE_MODULE_DIR})
endif()

install(FILES clients/node/package.json DESTINATION ${SEALRING_NODE_DIR}/sealring
        COMPONENT clients EXCLUDE_FROM_ALL)
install(DIRECTORY clients/node/lib DESTINATION ${SEALRING_NODE_DIR}/sealring
        COMPONENT clients EXCLUDE_FROM_ALL)
install(FILES clients/php/autoload.php DESTINATION ${SEALRING_PHP_DIR}/Sealring
        COMPONENT clients EXCLUDE_FROM_ALL)
install(DIRECTORY clients/php/src DESTINATION ${SEALRING_PHP_DIR}/Sealring
        COMPONENT clients EXCLUDE_FROM_ALL)
install(DIRECTORY clients/python/sealring DESTINATION ${SEALRING_PYTHON_DIR}
        COMPONENT clients EXCLUDE_FROM_ALL PATTERN __pycache__ EXCLUDE)
configure_file(cmake/python-metadata.in python-metadata @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/python-metadata RENAME METADATA
        DESTINATION ${SEALRING_PYTHON_DIR}/sealring-${PROJECT_VERSION}.dist-info
        COMPONENT clients EXCLUDE_FROM_ALL)

# The prefix may change when it is installed, so sealring.pc derives it from its own place.
set(pkgconfig_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH prefix_from_pkgconfig /${pkgconfig_folder} /)
string(REGEX REPLACE "/$" "" prefix_from_pkgconfig ${prefix_from_pkgconfig})
list(TRANSFORM nss_libraries PREPEND " -l" OUTPUT_VARIABLE nss_options)
string(CONCAT NSS_LINK_OPTIONS ${nss_options})
configure_file(cmake/sealring.pc.in sealring.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/sealring.pc DESTINATION ${pkgconfig_folder})
