# SPDX-License-Identifier: Apache-2.0
"""Prints what a release is made of, as SPDX 2.3.   sbom.py VERSION TARBALL

The same bytes each time: its time is SOURCE_DATE_EPOCH."""

import hashlib
import json
import os
import sys
from datetime import datetime, timezone
from pathlib import Path

# Name, licence, how sealring is related to it, and what for.
OTHERS = [
    ("OpenSSL", "Apache-2.0", "DYNAMIC_LINK", "cryptography"),
    ("NSS", "MPL-2.0", "DYNAMIC_LINK", "cryptography, where a configuration of Apache or a program asks for it"),
    ("NSPR", "MPL-2.0", "DYNAMIC_LINK", "what NSS needs"),
    ("ipsec-mb", "BSD-3-Clause", "DYNAMIC_LINK", "AES-256-GCM, where it is installed"),
    ("hiredis", "BSD-3-Clause", "DYNAMIC_LINK", "the protocol of the agent's store"),
    ("libmicrohttpd", "LGPL-2.1-or-later", "DYNAMIC_LINK", "HTTP in the agent, for OpenID providers"),
    ("CLI11", "BSD-3-Clause", "STATIC_LINK", "options of the command line; headers only"),
    ("nlohmann-json", "MIT", "STATIC_LINK", "JSON output of the command line; headers only"),
    ("nginx", "BSD-2-Clause", "DEPENDS_ON", "the server of the nginx module"),
    ("ngx_devel_kit", "BSD-3-Clause", "DEPENDS_ON", "what the nginx module needs"),
    ("httpd", "Apache-2.0", "DEPENDS_ON", "the server of the Apache module"),
    ("cryptography", "Apache-2.0 OR BSD-3-Clause", "DEPENDS_ON", "the client for Python"),
]


def package(name, licence, comment, **more):
    return {
        "SPDXID": f"SPDXRef-{name.replace('_', '-')}",
        "name": name,
        "comment": comment,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": licence,
        "licenseDeclared": licence,
        "copyrightText": "NOASSERTION",
        **more,
    }


def document(version, tarball):
    digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
    created = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), timezone.utc)
    ours = package(
        "sealring", "Apache-2.0", "encrypted, expiring, tamper-proof tokens",
        versionInfo=version,
        packageFileName=tarball.name,
        checksums=[{"algorithm": "SHA256", "checksumValue": digest}],
    )  # fmt: skip
    others = [package(name, licence, comment) for name, licence, _, comment in OTHERS]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"sealring-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/sealring-{version}-{digest}",
        "creationInfo": {
            "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: packaging/sbom.py"],
        },
        "packages": [ours, *others],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
             "relatedSpdxElement": ours["SPDXID"]},
            *({"spdxElementId": ours["SPDXID"], "relationshipType": relation,
               "relatedSpdxElement": other["SPDXID"]}
              for other, (_, _, relation, _) in zip(others, OTHERS)),
        ],
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(document(sys.argv[1], Path(sys.argv[2])), indent=2))
