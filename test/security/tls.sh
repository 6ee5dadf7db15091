#!/bin/bash
# testssl.sh over TLS, its versions, ciphers, certificate, headers and known
# holes (all but its lists of single ciphers and its simulated clients, which
# are only told). Nothing above INFO may be found but DNS_CAArecord, which needs
# a public name.
#
# The service gets a certificate of an authority of our own, and HSTS, as an
# installation with a public name has them.
set -u

cd "$(dirname "$0")" || exit 1
# shellcheck source-path=SCRIPTDIR source=service.sh
. ./service.sh
tls=$DUM_STATE/tls

make_certificate()
{
    local ca=$DUM_OUT/ca
    mkdir -p "$ca" || return 1
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -days 90 -subj '/CN=Authority of a test' -keyout "$ca/key.pem" \
        -out "$ca/ca.pem" &&
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
            -subj '/CN=localhost' -keyout "$tls/key.pem" \
            -out "$ca/request.pem" &&
        openssl x509 -req -in "$ca/request.pem" -CA "$ca/ca.pem" \
            -CAkey "$ca/key.pem" -CAcreateserial -days 90 -extfile <(
                echo 'subjectAltName=DNS:localhost,IP:127.0.0.1'
                echo 'basicConstraints=critical,CA:FALSE'
                echo 'keyUsage=critical,digitalSignature'
                echo 'extendedKeyUsage=serverAuth'
                echo 'crlDistributionPoints=URI:http://127.0.0.1/none.crl'
            ) -out "$tls/cert.pem"
}

if ! make_certificate >&2 || ! service_hsts ||
    ! curl -sS --cacert "$DUM_OUT/ca/ca.pem" -o /dev/null "$DUM_URL/health"
then
    echo "the certificate of the test is not taken"
    exit 1
fi
# It asks no name server, and calls nobody but this service.
timeout 1500 testssl --quiet --color 0 --warnings off -p -s -f -P -S -h -U \
    --add-ca "$DUM_OUT/ca/ca.pem" --jsonfile "$DUM_OUT/testssl.json" \
    "$DUM_URL" </dev/null >"$DUM_OUT/testssl.txt" 2>&1
python3 - "$DUM_OUT/testssl.json" <<'END'
import json
import sys

ALLOWED = {"DNS_CAArecord"}
BAD = {"LOW", "MEDIUM", "HIGH", "CRITICAL", "FATAL"}
try:
    found = json.load(open(sys.argv[1]))
except (OSError, ValueError):
    found = []
ids = {item["id"] for item in found}
for item in found:
    if item["severity"] not in ("OK", "INFO"):
        print(item["severity"], item["id"], item["finding"], file=sys.stderr)
bad = sorted({i["id"] for i in found if i["severity"] in BAD} - ALLOWED)
# One thing of each part: a run that broke off has less.
if not {"TLS1_3", "cert_chain_of_trust", "HSTS_time", "heartbleed"} <= ids:
    print("testssl did not get to its end")
    sys.exit(1)
if bad:
    print("above INFO:", ", ".join(bad))
    sys.exit(1)
print(f"{len(found)} findings of testssl, none above INFO but",
      ", ".join(ALLOWED))
END
