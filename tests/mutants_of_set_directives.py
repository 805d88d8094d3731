# SPDX-License-Identifier: Apache-2.0
"""The argument of set_encrypt_session and set_decrypt_session, for script/mutants."""

from mutant import Mutant

COOKIE = "nginx/cookie_variable.cc"
COOKIE_TESTS = ("tests/nginx/test_cookie_variable.py",)
SET_TESTS = ("tests/nginx/test_module_set.py",)

MUTANTS_OF_SET_DIRECTIVES = (
    Mutant("set directive: $1 is the name of a variable", "nginx/arguments.h",
           "if (text.data[1] >= '0' && text.data[1] <= '9') return false;", "",
           SET_TESTS),
    Mutant("cookie variable: no comma separates", COOKIE,
           "find(at, semicolon, ',')", "semicolon", COOKIE_TESTS),
    Mutant("cookie variable: one that the configuration defines", COOKIE,
           "if (variable.get_handler == of_nginx)", "if (of_nginx != nullptr)", COOKIE_TESTS),
)
