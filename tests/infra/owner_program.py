"""A program that owns a data folder's servers until its standard input ends."""

import json
import os
import sys
from pathlib import Path

from infra.home import Home
from infra.servers.owner import serving

if __name__ == "__main__":
    with serving(Home.at(Path(sys.argv[1]))) as addresses:
        told = {
            "user": os.geteuid(),
            "database_url": addresses.database_url,
            "redis_url": addresses.redis_url,
            "owner": addresses.owner,
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
