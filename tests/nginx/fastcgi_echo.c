/* SPDX-License-Identifier: Apache-2.0
 * A FastCGI application that answers with the parameters it was given, one NAME=value a line. It
 * listens on the socket that is its standard input, as the FastCGI specification has it. */
#include <fcgi_stdio.h>

extern char** environ;

int main(void) {
  while (FCGI_Accept() >= 0) {
    printf("Content-Type: text/plain\r\n\r\n");
    for (char** parameter = environ; *parameter; ++parameter) printf("%s\n", *parameter);
  }
  return 0;
}
