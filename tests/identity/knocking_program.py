"""A process of its own that comes in with a token again and again, until it is not let in."""

from __future__ import annotations

import sys
import time

from infra.identity.authentication import Authentication, RequestFacts
from infra.identity.credential import Unauthenticated
from infra.record.postgres import PostgresRecord


def main(dsn: str) -> None:
    record = PostgresRecord(dsn)
    entry = Authentication.of_own_tokens(record.connection)
    facts = RequestFacts(f"Bearer {sys.stdin.readline().strip()}", "127.0.0.1")
    try:
        while True:
            entry.authenticate(facts)
            sys.stdout.write("in\n")
            sys.stdout.flush()
            time.sleep(0.05)
    except Unauthenticated:
        sys.stdout.write("out\n")
    finally:
        record.close()


if __name__ == "__main__":
    main(sys.argv[1])
