# SPDX-License-Identifier: Apache-2.0
"""The checks that script/mutants removes: where each is, what it becomes, which programs must notice."""

from mutant import Mutant  # noqa: F401, for script/mutants
from mutants_of_agent import MUTANTS_OF_AGENT
from mutants_of_apache_sessions import MUTANTS_OF_APACHE_SESSIONS
from mutants_of_base import MUTANTS_OF_BASE
from mutants_of_binding import MUTANTS_OF_BINDING
from mutants_of_bound_sessions import MUTANTS_OF_BOUND_SESSIONS
from mutants_of_capi import MUTANTS_OF_CAPI
from mutants_of_cli import MUTANTS_OF_CLI
from mutants_of_cookies import MUTANTS_OF_COOKIES
from mutants_of_crypto import MUTANTS_OF_CRYPTO
from mutants_of_keys import MUTANTS_OF_KEYS
from mutants_of_logout import MUTANTS_OF_LOGOUT
from mutants_of_nginx_answers import MUTANTS_OF_NGINX_ANSWERS
from mutants_of_nginx_sessions import MUTANTS_OF_NGINX_SESSIONS
from mutants_of_revocations import MUTANTS_OF_REVOCATIONS
from mutants_of_server_revocations import MUTANTS_OF_SERVER_REVOCATIONS
from mutants_of_sessions import MUTANTS_OF_SESSIONS
from mutants_of_set_directives import MUTANTS_OF_SET_DIRECTIVES
from mutants_of_status import MUTANTS_OF_STATUS
from mutants_of_tokens import MUTANTS_OF_TOKENS

MUTANTS = (
    *MUTANTS_OF_CRYPTO,
    *MUTANTS_OF_TOKENS,
    *MUTANTS_OF_KEYS,
    *MUTANTS_OF_BASE,
    *MUTANTS_OF_CAPI,
    *MUTANTS_OF_CLI,
    *MUTANTS_OF_AGENT,
    *MUTANTS_OF_BINDING,
    *MUTANTS_OF_BOUND_SESSIONS,
    *MUTANTS_OF_COOKIES,
    *MUTANTS_OF_LOGOUT,
    *MUTANTS_OF_REVOCATIONS,
    *MUTANTS_OF_SESSIONS,
    *MUTANTS_OF_SET_DIRECTIVES,
    *MUTANTS_OF_STATUS,
    *MUTANTS_OF_NGINX_SESSIONS,
    *MUTANTS_OF_NGINX_ANSWERS,
    *MUTANTS_OF_APACHE_SESSIONS,
    *MUTANTS_OF_SERVER_REVOCATIONS,
)
